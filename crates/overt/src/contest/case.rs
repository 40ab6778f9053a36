//! The document of a case, made of a matter and the statements it is about.
//!
//! Must not ask a registry or write a file.

use crate::Failure;
use facts::{Activity, Share};
use serde::Deserialize;
use statement::{Digest, Finding, Outcome, Statement};
use std::collections::{BTreeMap, BTreeSet};
use wire::case::{Again, Answer, Case, Contested, Found, Item, Label, Made, SCHEMA, Said, Source};

/// A matter as the registry shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Matter {
    id: String,
    pub device: String,
    workload: Option<String>,
    pub first: u64,
    pub last: u64,
    grounds: String,
    pub material: BTreeMap<String, String>,
    by: String,
    at_ms: u64,
    ordinal: u64,
    answers: Vec<Reply>,
}

#[derive(Clone, Debug, Deserialize)]
struct Reply {
    outcome: String,
    reasons: String,
    for_evaluation: bool,
    by: String,
    at_ms: u64,
    ordinal: u64,
}

/// What goes into the folder.
#[derive(Default)]
pub struct Pieces {
    /// By path.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The statements, by number.
    pub statements: Vec<Statement>,
    /// The paths of recordings.
    pub recordings: Vec<String>,
}

impl Pieces {
    /// Adds a file.
    pub fn add(&mut self, path: &str, bytes: Vec<u8>) {
        self.files.insert(path.to_owned(), bytes);
    }
}

impl Reply {
    fn said(&self) -> Said {
        Said { by: self.by.clone(), at_ms: self.at_ms, ordinal: self.ordinal }
    }
}

impl Matter {
    /// The answer that closed it.
    fn closing(&self) -> Option<(&Reply, Outcome)> {
        let last = self.answers.last()?;
        let outcome = Outcome::named(&last.outcome)?;
        (outcome.closes() && outcome != Outcome::Withdrawn).then_some((last, outcome))
    }

    /// Refuses a matter that is open or withdrawn, or whose operator did not agree.
    pub fn exportable(&self) -> Result<(), Failure> {
        let id = &self.id;
        let Some((reply, _)) = self.closing() else {
            return Err(Failure::Usage(format!("'{id}' has no outcome; only an answered matter is a case")));
        };
        if !reply.for_evaluation {
            return Err(Failure::Usage(format!(
                "'{id}': no agreement of the operator is recorded, so it is not exported; an answer records it with --for-evaluation"
            )));
        }
        Ok(())
    }

    /// The workload: the matter's, the caller's, or the only one.
    pub fn workload_of(&self, said: Option<&str>, pieces: &Pieces) -> Result<String, Failure> {
        let all: BTreeMap<String, &str> = (pieces.statements.iter().flat_map(|s| &s.findings))
            .map(|f| (f.workload.to_string(), f.name.as_str()))
            .collect();
        let named = self.workload.as_deref().or(said);
        let only = || all.keys().next().filter(|_| all.len() == 1).map(String::as_str);
        match named.or_else(only) {
            Some(id) if all.contains_key(id) => Ok(id.to_owned()),
            Some(id) => {
                Err(Failure::Usage(format!("the workload '{}' is not in the statements", id.escape_debug())))
            }
            None => {
                let list: Vec<String> = all
                    .iter()
                    .map(|(id, name)| format!("{id} ({})", crate::table::printable(name)))
                    .collect();
                Err(Failure::Usage(format!("which workload? Say one with --workload: {}", list.join(", "))))
            }
        }
    }
}

/// The document.
pub fn case(
    matter: &Matter,
    (first, last): (u64, u64),
    workload: &str,
    is: Option<Activity>,
    pieces: &Pieces,
    origin: String,
) -> Result<Case, Failure> {
    let Some((reply, outcome)) = matter.closing() else {
        return Err(Failure::Usage(format!("'{}' has no outcome", matter.id)));
    };
    let found: Vec<Found> = pieces.statements.iter().filter_map(|s| found(s, workload)).collect();
    let answers = matter.answers.iter().map(|r| Answer {
        said: r.said(),
        outcome: r.outcome.clone(),
        reasons: r.reasons.clone(),
    });
    Ok(Case {
        schema: SCHEMA.to_owned(),
        id: matter.id.clone(),
        device: matter.device.clone(),
        workload: workload.to_owned(),
        first,
        last,
        agreed: reply.said(),
        contested: Contested {
            said: Said { by: matter.by.clone(), at_ms: matter.at_ms, ordinal: matter.ordinal },
            grounds: matter.grounds.clone(),
            material: matter.material.clone(),
        },
        answers: answers.collect(),
        label: label(outcome, concluded(&found), is)?,
        found,
        again: again(&pieces.recordings),
        files: pieces
            .files
            .iter()
            .map(|(path, bytes)| (path.clone(), Digest::of(bytes).to_string()))
            .collect(),
        made: Made { by: env!("CARGO_PKG_VERSION").to_owned(), origin, at_ms: server::service::now_ms() },
    })
}

/// What was concluded in most statements; the first of the list of activities where two are even.
fn concluded(found: &[Found]) -> Activity {
    let mut counts: BTreeMap<Activity, usize> = BTreeMap::new();
    for first in found.iter().filter_map(|f| f.readings.first()) {
        *counts.entry(first.activity).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    counts.into_iter().find(|(_, n)| *n == most).map_or(Activity::Undetermined, |(activity, _)| activity)
}

fn label(outcome: Outcome, was: Activity, is: Option<Activity>) -> Result<Label, Failure> {
    if outcome == Outcome::Upheld && is.is_some_and(|is| is != was) {
        let why = format!("the finding '{}' was upheld; --is cannot say otherwise", was.name());
        return Err(Failure::Usage(why));
    }
    let (is, is_by) = match outcome {
        Outcome::Upheld => (Some(was), Some(Source::Outcome)),
        _ => (is, is.map(|_| Source::Exporter)),
    };
    // Where the same activity is said to be right, something else of the finding was wrong.
    let is_not = (outcome == Outcome::Overturned && is != Some(was)).then_some(was);
    Ok(Label { outcome: outcome.word().to_owned(), was, is_not, is, is_by })
}

fn again(recordings: &[String]) -> Again {
    let note = match recordings.len() {
        0 => "It holds findings only and no recording, so that today's identification cannot be asked about it.".to_owned(),
        1 => "It holds a recording, which today's identification can be asked about.".to_owned(),
        n => format!("It holds {n} recordings, which today's identification can be asked about."),
    };
    let recordings: BTreeSet<String> = recordings.iter().cloned().collect();
    Again { recordings: recordings.into_iter().collect(), note }
}

fn found(statement: &Statement, workload: &str) -> Option<Found> {
    let finding = statement.findings.iter().find(|f| f.workload.to_string() == workload)?;
    let part = |permille: u16| f64::from(permille) / 1000.0;
    Some(Found {
        sequence: statement.sequence,
        from_ms: statement.from_ms,
        duration_ms: statement.duration_ms,
        name: finding.name.clone(),
        readings: (finding.readings.iter())
            .map(|r| facts::Reading { activity: r.activity, probability: part(r.permille) })
            .collect(),
        mixture: (finding.mixture.iter())
            .map(|c| Share {
                activity: c.activity,
                share: part(c.share_permille),
                probability: part(c.permille),
            })
            .collect(),
        algorithm: finding.algorithm.clone(),
        token_link: finding.token,
        evidence: items(finding),
        detail: statement.detail.map(|d| d.to_string()),
        agent: statement.agent.clone(),
    })
}

fn items(finding: &Finding) -> Vec<Item> {
    let item = |e: &statement::Evidence| Item {
        kind: e.kind,
        supports: e.supports,
        weight: f64::from(e.millibans) / 1000.0,
    };
    finding.evidence.iter().map(item).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn an_outcome_says_what_a_workload_is_not_and_only_an_upheld_one_what_it_is() {
        let overturned = label(Outcome::Overturned, Activity::Mining, None).unwrap();
        assert_eq!((overturned.is_not, overturned.is), (Some(Activity::Mining), None));
        let told = label(Outcome::Overturned, Activity::Mining, Some(Activity::Scientific)).unwrap();
        assert_eq!((told.is, told.is_by), (Some(Activity::Scientific), Some(Source::Exporter)));
        let partly = label(Outcome::PartlyOverturned, Activity::Mining, None).unwrap();
        assert_eq!((partly.is_not, partly.is), (None, None));
        let upheld = label(Outcome::Upheld, Activity::Mining, None).unwrap();
        assert_eq!((upheld.is, upheld.is_by), (Some(Activity::Mining), Some(Source::Outcome)));
        assert!(label(Outcome::Upheld, Activity::Mining, Some(Activity::Media)).is_err());
    }
}
