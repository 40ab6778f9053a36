//! The figures as text.

use super::cases::Case;
use super::metrics::{
    self, Judgement, cllr, confusion, f1s, false_mining, false_token, macro_f1, median, merged, wilson,
};
use facts::{Activity, TokenState};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Edges of the calibration table.
const BANDS: [f64; 7] = [0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.000_001];

/// Everything, as plain text.
pub fn text(cases: &[Case], judged: &[Judgement<'_>], unnamed: &[Judgement<'_>]) -> String {
    let mut out = String::new();
    let programs: BTreeSet<&str> = cases.iter().map(|c| c.label.program.as_str()).collect();
    let activities: BTreeSet<Activity> = cases.iter().map(|c| c.label.activity).collect();
    let _ = writeln!(
        out,
        "{} recordings of {} programs in {} families and {} activities; every family judged by weights that saw \
         none of it\n",
        cases.len(),
        programs.len(),
        metrics::families(cases),
        activities.len()
    );
    headline(&mut out, judged, unnamed);
    activities_table(&mut out, judged);
    confusion_table(&mut out, judged);
    evasions(&mut out, judged);
    calibration(&mut out, judged);
    undetermined(&mut out, judged);
    out
}

fn rate(out: &mut String, what: &str, hits: usize, n: usize) {
    let (low, high) = wilson(hits, n);
    let share = hits as f64 / n.max(1) as f64;
    let _ = writeln!(out, "{what}: {hits} of {n} = {share:.3} (95 % Wilson {low:.3} to {high:.3})");
}

fn headline(out: &mut String, judged: &[Judgement<'_>], unnamed: &[Judgement<'_>]) {
    let _ = writeln!(out, "macro-F1 at family level, training and inference as one: {:.3}", macro_f1(judged));
    let _ = writeln!(out, "the same with names of files and functions left out: {:.3}", macro_f1(unnamed));
    let recall = |out: &mut String, what: &str, of: &dyn Fn(&&Judgement<'_>) -> bool| {
        let mining: Vec<&Judgement<'_>> = judged.iter().filter(|j| j.mines()).filter(of).collect();
        let hits = mining.iter().filter(|j| j.activity == Activity::Mining).count();
        rate(out, what, hits, mining.len());
    };
    recall(out, "mining recall, unthrottled", &|j| !throttled(j));
    recall(out, "mining recall, unthrottled, with a pool or node to talk to", &|j| {
        !throttled(j) && !j.case.label.run.contains("solo")
    });
    recall(out, "mining recall, throttled to 10 % of one core", &|j| tagged(j, "throttle-10"));
    let others = judged.iter().filter(|j| !j.mines()).count();
    rate(out, "mining false positives", false_mining(judged).len(), others);
    let free = judged.iter().filter(|j| j.case.label.token_link != Some(TokenState::Seen)).count();
    rate(out, "token link seen where there is none", false_token(judged).len(), free);
    let _ = writeln!(out, "Cllr, mining against the rest: {:.3}", cllr(judged));
    let late: Vec<u64> =
        judged.iter().filter(|j| j.case.label.began_ms > 0).filter_map(|j| j.right_after_ms).collect();
    let all: Vec<u64> = judged.iter().filter_map(|j| j.right_after_ms).collect();
    let seconds = |ms: Option<u64>| ms.map_or("–".to_owned(), |ms| format!("{:.1} s", ms as f64 / 1000.0));
    let _ = writeln!(
        out,
        "time to a right verdict that stays, median: {} from the start of work ({} recordings), {} from the start \
         of looking ({})",
        seconds(median(late.clone())),
        late.len(),
        seconds(median(all.clone())),
        all.len()
    );
    let named: Vec<&Judgement<'_>> = judged.iter().filter(|j| j.case.label.algorithm.is_some()).collect();
    let right = named.iter().filter(|j| j.algorithm == j.case.label.algorithm).count();
    rate(out, "algorithm named as labelled", right, named.len());
}

fn tagged(j: &Judgement<'_>, tag: &str) -> bool {
    j.case.label.evasion.iter().any(|e| e == tag)
}

fn throttled(j: &Judgement<'_>) -> bool {
    tagged(j, "throttle-10") || tagged(j, "throttle-50")
}

fn activities_table(out: &mut String, judged: &[Judgement<'_>]) {
    let _ = writeln!(
        out,
        "\n{:<16} {:>8} {:>9} {:>7} {:>6}",
        "activity", "families", "precision", "recall", "F1"
    );
    for (activity, (precision, recall, f1)) in f1s(judged) {
        let families: BTreeSet<&str> = judged
            .iter()
            .filter(|j| merged(j.case.label.activity) == activity)
            .map(|j| j.case.label.family.as_str())
            .collect();
        let _ = writeln!(
            out,
            "{:<16} {:>8} {precision:>9.2} {recall:>7.2} {f1:>6.2}",
            name(activity),
            families.len()
        );
    }
}

fn name(activity: Activity) -> &'static str {
    if activity == Activity::Training { "ai" } else { activity.name() }
}

fn confusion_table(out: &mut String, judged: &[Judgement<'_>]) {
    let cells = confusion(judged);
    let said: BTreeSet<Activity> = cells.keys().map(|(_, s)| *s).collect();
    let labels: BTreeSet<Activity> = cells.keys().map(|(l, _)| *l).collect();
    let short = |a: Activity| name(a).chars().take(7).collect::<String>();
    let _ = write!(out, "\nconfusion in families, rows as labelled, columns as concluded\n{:<16}", "");
    said.iter().for_each(|a| {
        let _ = write!(out, "{:>8}", short(*a));
    });
    out.push('\n');
    for label in labels {
        let _ = write!(out, "{:<16}", name(label));
        for a in &said {
            match cells.get(&(label, *a)) {
                Some(n) => drop(write!(out, "{n:>8.1}")),
                None => drop(write!(out, "{:>8}", "·")),
            }
        }
        out.push('\n');
    }
}

fn evasions(out: &mut String, judged: &[Judgement<'_>]) {
    let mut tags: BTreeMap<&str, (usize, usize, usize, usize)> = BTreeMap::new();
    for j in judged {
        let plain = j.case.label.evasion.is_empty().then_some("none");
        for tag in plain.into_iter().chain(j.case.label.evasion.iter().map(String::as_str)) {
            let row = tags.entry(tag).or_default();
            row.1 += 1;
            row.0 += usize::from(merged(j.activity) == merged(j.case.label.activity));
            row.3 += usize::from(j.mines());
            row.2 += usize::from(j.mines() && j.activity == Activity::Mining);
        }
    }
    let _ = writeln!(out, "\nby evasion      right of all    mining found");
    for (tag, (right, all, found, mining)) in tags {
        let _ = writeln!(out, "{tag:<14} {right:>6} of {all:<5} {found:>6} of {mining}");
    }
}

fn calibration(out: &mut String, judged: &[Judgement<'_>]) {
    let _ = writeln!(
        out,
        "\ncalibration of the probability of mining\n{:<16} {:>6} {:>14}",
        "said", "cases", "were mining"
    );
    for (from, to) in BANDS.iter().zip(BANDS.iter().skip(1)) {
        let band: Vec<&Judgement<'_>> = judged.iter().filter(|j| (*from..*to).contains(&j.mining)).collect();
        let mining = band.iter().filter(|j| j.mines()).count();
        let share = mining as f64 / band.len().max(1) as f64;
        let _ = writeln!(
            out,
            "{:<16} {:>6} {:>14.3}",
            format!("{from:.2} to {:.2}", to.min(1.0)),
            band.len(),
            share
        );
    }
}

fn undetermined(out: &mut String, judged: &[Judgement<'_>]) {
    let open: Vec<String> = judged
        .iter()
        .filter(|j| j.activity == Activity::Undetermined)
        .map(|j| format!("{}--{}", j.case.label.program, j.case.label.run))
        .collect();
    let _ = writeln!(out, "\nundetermined: {} of {}\n{}", open.len(), judged.len(), open.join(", "));
}

/// Every recording that was judged wrongly, one line each.
pub fn wrong(judged: &[Judgement<'_>]) -> String {
    let mut out = String::from("\njudged wrongly\n");
    for j in judged.iter().filter(|j| merged(j.activity) != merged(j.case.label.activity)) {
        let label = &j.case.label;
        let _ = writeln!(
            out,
            "{:<44} is {:<15} said {:<15} p {:.2} mining {:.2}",
            format!("{}--{}", label.program, label.run),
            label.activity.name(),
            j.activity.name(),
            j.probability,
            j.mining
        );
    }
    out
}

/// The same as Markdown, with what it does badly first.
pub fn markdown(text: &str) -> String {
    format!(
        "# Evaluation\n\nMade by `cargo xtask evaluate --report docs/evaluation.md` from `corpus/recordings`; \
         labels and provenance of every recording stand in `corpus/recordings.toml`, how to make them again in \
         `corpus/README.md`.\n\n## What it does badly\n\n\
         - Programs without telling names (own small programs, stripped): the row \"names left out\" is the honest \
         figure for them. Storage proving, zero-knowledge proving and validation share their arithmetic, and few \
         families of each are recorded.\n\
         - Miners of generic hashes with nobody to talk to (`solo`): they stay undetermined or look like password \
         recovery, because nothing physical tells the two apart. RandomX does not need the conversation.\n\
         - Programs run by an interpreter or a runtime (Python, Node) whose own code is hot look general.\n\
         - While the network is too loud to be read in full, only unknown connections that busy processes opened are \
         listened to; what a process hears from connections that it serves is missed then.\n\
         - Recordings were made on one virtual machine with x86-64; AArch64 code is tested on encodings only.\n\n\
         ## Figures\n\n```text\n{text}```\n"
    )
}
