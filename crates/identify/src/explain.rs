//! Everything that led to a finding, for whoever wants to check or to contest it.

use crate::component::Component;
use crate::evidence;
use crate::judge::Verdict;
use crate::ledger::{Known, Ledger};
use crate::observation::Workload;
use code::{Class, Line};
use facts::{Activity, Arch, EvidenceKind, Finding, ProcessKey, TokenState};
use signatures::Book;

/// Loops shown for one part.
const SHOWN_LOOPS: usize = 3;
/// Instructions shown of one loop.
const SHOWN_LINES: usize = 28;

/// One hot place with its instructions.
#[derive(Clone, Debug)]
pub struct HotLoop {
    /// The program it belongs to, and its process.
    pub program: String,
    /// Process number.
    pub pid: u32,
    /// First address.
    pub start: u64,
    /// First address after it.
    pub end: u64,
    /// Share of the part's decoded samples that fell into it, 0 to 1.
    pub share: f64,
    /// The nearest symbol, where there is one.
    pub symbol: Option<String>,
    /// Its first instructions; `true` marks a telling one.
    pub lines: Vec<(Line, bool)>,
    /// Instructions that are not shown.
    pub more: usize,
}

/// Everything that led to a finding.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The finding.
    pub finding: Finding,
    /// The processes of the workload: number, parent, program.
    pub tree: Vec<(u32, u32, String)>,
    /// Hot places, hottest first.
    pub loops: Vec<HotLoop>,
    /// Constants that hot code uses: name, what it is, source, where.
    pub constants: Vec<(String, String, String, u64)>,
    /// Data, memory and threads, one sentence each.
    pub figures: Vec<String>,
    /// Recognised conversations.
    pub conversations: Vec<String>,
    /// The strongest activities with their probabilities, for each part: program, activity, probability.
    pub rivals: Vec<(String, Activity, f64)>,
    /// Why nothing was concluded although something led.
    pub withheld: Vec<String>,
    /// One paragraph to read aloud.
    pub paragraph: String,
}

pub(crate) fn explain(ledger: &Ledger, arch: Arch, finding: Finding, workload: &Workload) -> Explanation {
    let parts = &workload.parts;
    let figures = |part: &Component, verdict: &Verdict| {
        [EvidenceKind::DataRate, EvidenceKind::Memory, EvidenceKind::Threads]
            .into_iter()
            .filter_map(|kind| Some(format!("{}: {}", part.program, evidence::words(kind, part, verdict)?)))
            .collect::<Vec<_>>()
    };
    Explanation {
        tree: tree(ledger, workload),
        loops: parts.iter().flat_map(|(part, _)| loops(ledger, arch, part)).collect(),
        constants: parts.iter().flat_map(|(part, _)| constants(ledger, part)).collect(),
        figures: parts.iter().flat_map(|(part, verdict)| figures(part, verdict)).collect(),
        conversations: parts
            .iter()
            .flat_map(|(part, _)| part.conversations.iter().filter_map(evidence::conversation))
            .collect(),
        rivals: parts.iter().flat_map(|(part, verdict)| rivals(part, verdict)).collect(),
        withheld: parts
            .iter()
            .filter_map(|(part, verdict)| Some(format!("{}: {}", part.program, verdict.withheld?)))
            .collect(),
        paragraph: paragraph(&finding),
        finding,
    }
}

fn tree(ledger: &Ledger, workload: &Workload) -> Vec<(u32, u32, String)> {
    let row = |key: &ProcessKey| {
        let known = ledger.known.get(key)?;
        let parent = known.process.as_ref().map_or(0, |p| p.parent);
        Some((key.pid, parent, known.program().to_owned()))
    };
    workload.group.members.iter().filter_map(row).collect()
}

fn loops(ledger: &Ledger, arch: Arch, part: &Component) -> Vec<HotLoop> {
    let total = part.hot.decoded.max(1) as f64;
    part.hot
        .loops
        .iter()
        .take(SHOWN_LOOPS)
        .filter_map(|(key, hot)| {
            let known = ledger.known.get(key)?;
            let bytes = bytes_at(known, hot.start, hot.end)?;
            let lines = code::listing(arch, hot.start, bytes, SHOWN_LINES);
            let symbol = known.symbols.range(hot.start..hot.end).next().map(|(_, name)| name.clone());
            Some(HotLoop {
                program: part.program.clone(),
                pid: key.pid,
                start: hot.start,
                end: hot.end,
                share: hot.samples as f64 / total,
                symbol,
                more: hot.instructions.len().saturating_sub(lines.len()),
                lines: lines
                    .into_iter()
                    .map(|line| (telling(line.class), line))
                    .map(|(t, l)| (l, t))
                    .collect(),
            })
        })
        .collect()
}

fn bytes_at(known: &Known, start: u64, end: u64) -> Option<&[u8]> {
    let (address, bytes) = known.code.range(..=start).next_back()?;
    let from = usize::try_from(start.checked_sub(*address)?).ok()?;
    let to = usize::try_from(end.checked_sub(*address)?).ok()?.min(bytes.len());
    bytes.get(from..to).filter(|b| !b.is_empty())
}

/// Instructions that an expert would point at.
fn telling(class: Class) -> bool {
    !matches!(
        class,
        Class::Move
            | Class::Branch
            | Class::Compare
            | Class::Call
            | Class::Address
            | Class::Add
            | Class::VectorMove
            | Class::ConditionalMove
            | Class::System
            | Class::Pause
            | Class::Other
    )
}

fn constants(ledger: &Ledger, part: &Component) -> Vec<(String, String, String, u64)> {
    let book = Book::shipped();
    let used = part.members.iter().filter_map(|key| ledger.known.get(key)).flat_map(|known| &known.constants);
    let mut rows: Vec<(String, String, String, u64)> = used
        .filter_map(|(name, at)| {
            let constant = book.constant(name)?;
            Some((name.clone(), constant.what.clone(), constant.source.clone(), *at))
        })
        .collect();
    rows.sort();
    rows.dedup_by(|a, b| a.0 == b.0);
    rows
}

fn rivals(part: &Component, verdict: &Verdict) -> Vec<(String, Activity, f64)> {
    let three = verdict.ranked().into_iter().take(3);
    three.map(|(activity, p)| (part.program.clone(), activity, p)).collect()
}

/// The finding in one paragraph: who, what, how sure, what carries it, what speaks against it, the token.
fn paragraph(finding: &Finding) -> String {
    let strongest: Vec<&str> = finding
        .evidence
        .iter()
        .filter(|e| e.supports == finding.activity && e.weight.log10() > 0.0)
        .take(2)
        .map(|e| e.saw.as_str())
        .collect();
    let against = finding.evidence.iter().find(|e| e.against.contains(&finding.activity));
    let algorithm = finding.algorithm.as_ref().map(|a| format!(" ({a})")).unwrap_or_default();
    let mut text = format!(
        "The workload {}, run by {}, used {:.2} cores. ",
        finding.name,
        if finding.user.is_empty() { "an unknown user" } else { &finding.user },
        finding.cpu_share
    );
    if finding.activity == Activity::Undetermined {
        text += "The evidence does not decide what it does. ";
    } else {
        text += &format!(
            "What it executes is {}{algorithm}, with a probability of {:.1} %; the evidence for it is {}. ",
            finding.activity,
            finding.probability * 100.0,
            finding.strength
        );
    }
    if !strongest.is_empty() {
        text += &format!("This rests mainly on the following: {}. ", strongest.join("; and "));
    }
    if let Some(item) = against {
        text += &format!("Against it speaks: {}. ", item.saw);
    }
    if finding.mixture.len() > 1 {
        let parts: Vec<String> =
            finding.mixture.iter().map(|s| format!("{} {:.0} %", s.activity, s.share * 100.0)).collect();
        text += &format!("It is a mixture: {}. ", parts.join(", "));
    }
    text += &match finding.token_link.state {
        TokenState::Seen => format!("A link to a token was seen: {}.", finding.token_link.why.join("; ")),
        TokenState::NotSeen => format!("No link to a token was seen: {}.", finding.token_link.why.join("; ")),
        TokenState::NotObservable => {
            format!("Whether it earns a token could not be observed: {}.", finding.token_link.why.join("; "))
        }
    };
    text
}
