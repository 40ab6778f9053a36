//! What the rulebook of a place makes of findings: one disposition for each plausible reading, never silently for the top one.

use crate::Failure;
use crate::cli::PlaceArgs;
use crate::rules::{answer, declared, place, today};
use crate::table::{DIM, HEAD, PLAIN, printable};
use facts::{Activity, Finding, Reading};
use jiff::civil::Date;
use rulebook::readings::{Weighed, token_fact, weigh};
use rulebook::{Case, Judge, Rulebook};
use serde::Serialize;
use std::collections::BTreeMap;

/// A rulebook, a day, and what was declared of operator and site.
pub struct Place {
    rulebook: Rulebook,
    code: String,
    date: Option<Date>,
    operator: Option<String>,
    facts: BTreeMap<String, rulebook::Value>,
}

/// The dispositions of one finding.
#[derive(Clone, Debug, Serialize)]
pub struct Judged {
    /// The workload.
    pub workload: String,
    /// Its processes.
    pub pids: Vec<u32>,
    /// Dispositions with their probabilities, likeliest first; none for idle work.
    pub dispositions: Vec<Weighed>,
}

/// The part of `--json` that judges.
#[derive(Debug, Serialize)]
pub struct Judgements<'a> {
    place: &'a str,
    date: Date,
    rulebook: &'a str,
    digest: &'a str,
    workloads: Vec<Judged>,
    disclaimer: &'static str,
}

impl Place {
    /// The place that was asked for; none without `--place`: then nothing is judged.
    pub fn of(args: &PlaceArgs) -> Result<Option<Self>, Failure> {
        let Some(code) = &args.place else { return Ok(None) };
        let rulebook = place::rulebook(code, args.rulebook.as_deref())?;
        if let Some(operator) = &args.operator {
            rulebook.vocabulary().operator(operator).map_err(|e| Failure::Usage(e.to_string()))?;
        }
        let facts = args
            .facts
            .as_ref()
            .map(|path| declared::read(path, rulebook.vocabulary()))
            .transpose()?
            .unwrap_or_default();
        let (date, operator) = (args.date, args.operator.clone());
        Ok(Some(Self { rulebook, code: code.clone(), date, operator, facts }))
    }

    /// The day that is judged: the one asked for, or today at the place.
    fn day(&self) -> Date {
        self.date.unwrap_or_else(|| today(&self.rulebook.time_zone))
    }

    fn case(&self, finding: &Finding, activity: Activity) -> Case {
        let mut case = Case::new(&self.code, self.day(), activity.name());
        case.operator.clone_from(&self.operator);
        case.facts.clone_from(&self.facts);
        // What is seen of the token link stands over what was declared.
        if let Some(value) = token_fact(finding.token_link.state) {
            case.facts.insert("work.token_link".to_owned(), value);
        }
        case
    }

    /// The dispositions of findings, in their order.
    pub fn judge(&self, findings: &[Finding]) -> Result<Vec<Judged>, Failure> {
        let mut judge = Judge::new(&self.rulebook);
        let one = |finding: &Finding| {
            let case = self.case(finding, Activity::General);
            let dispositions =
                weigh(&mut judge, &case, &readings(finding)).map_err(|e| Failure::Usage(e.to_string()))?;
            Ok(Judged { workload: finding.name.clone(), pids: finding.pids.clone(), dispositions })
        };
        findings.iter().map(one).collect()
    }

    /// The part of `--json` that judges.
    pub fn document(&self, findings: &[Finding]) -> Result<Judgements<'_>, Failure> {
        Ok(Judgements {
            place: &self.code,
            date: self.day(),
            rulebook: &self.rulebook.jurisdiction,
            digest: &self.rulebook.digest,
            workloads: self.judge(findings)?,
            disclaimer: rulebook::DISCLAIMER,
        })
    }

    /// Under the table: by which rulebook was judged, and the quiet line.
    pub fn footer(&self) -> String {
        let name = self
            .rulebook
            .place(&self.code)
            .and_then(|p| self.rulebook.places.get(p))
            .map_or("", |p| p.name.as_str());
        let short: String = self.rulebook.digest.chars().take(12).collect();
        let day = self.day();
        format!(
            "{DIM}Judged for {name} on {day} by rulebook {} {short}…. {}{PLAIN}\n",
            self.rulebook.jurisdiction,
            rulebook::DISCLAIMER
        )
    }

    /// Every plausible reading of one finding with everything that led to its disposition.
    pub fn explain(&self, finding: &Finding) -> Result<String, Failure> {
        let mut judge = Judge::new(&self.rulebook);
        let mut out =
            format!("\n{HEAD}What the rules of {} make of it on {}{PLAIN}\n", self.code, self.day());
        let readings = readings(finding);
        let plausible = readings.iter().filter(|r| r.probability >= rulebook::readings::PLAUSIBLE);
        for reading in plausible.filter(|r| !matches!(r.activity, Activity::Idle | Activity::Undetermined)) {
            let case = self.case(finding, reading.activity);
            let judgement = judge.explain(&case).map_err(|e| Failure::Usage(e.to_string()))?;
            out += &format!(
                "\nRead as {} ({:.1} %): {}",
                reading.activity,
                reading.probability * 100.0,
                answer::body(&judgement)
            );
        }
        Ok(out + "\n" + &self.footer())
    }
}

/// The readings of a finding; documents from before there were any have the leading one only.
fn readings(finding: &Finding) -> Vec<Reading> {
    if finding.readings.is_empty() {
        return vec![Reading { activity: finding.activity, probability: finding.probability }];
    }
    finding.readings.clone()
}

/// The dispositions in a cell: the likeliest with its probability where it is not the only one, then the others.
pub fn cell(judged: &Judged) -> String {
    match judged.dispositions.as_slice() {
        [] => "–".to_owned(),
        [only] => only.disposition.to_string(),
        several => {
            let parts = several.iter().map(|w| format!("{} {:.0} %", w.disposition, w.probability * 100.0));
            printable(&parts.collect::<Vec<_>>().join(", "))
        }
    }
}
