//! Everything that led to one finding, as text.

use crate::table::{self, DIM, HEAD, PLAIN, printable};
use anstyle::{AnsiColor, Style};
use facts::Weight;
use identify::{Explanation, HotLoop};

const MARK: Style = AnsiColor::Cyan.on_default();

/// The explanation as text, sections in the order of the chain of evidence.
pub fn text(e: &Explanation) -> String {
    let mut out = format!(
        "{HEAD}{} — {}{PLAIN}  probability {:.1} %, evidence {} ({:+.1}), token link {}\n",
        printable(&e.finding.name),
        table::activity(&e.finding),
        e.finding.probability * 100.0,
        e.finding.strength,
        e.finding.weight.log10(),
        e.finding.token_link.state.name()
    );
    section(&mut out, "Processes", e.tree.iter().map(tree_line));
    e.loops.iter().enumerate().for_each(|(i, hot)| out += &loop_text(i, hot));
    section(&mut out, "Constants that hot code uses", e.constants.iter().map(constant_line));
    section(&mut out, "Data, memory, threads", e.figures.iter().cloned());
    section(&mut out, "Conversations", e.conversations.iter().cloned());
    section(&mut out, "Weight of evidence (log10)", e.finding.evidence.iter().map(evidence_line));
    section(
        &mut out,
        "Most probable activities",
        e.rivals.iter().map(|(program, activity, p)| format!("{program}: {activity} {:.1} %", p * 100.0)),
    );
    section(&mut out, "Withheld", e.withheld.iter().cloned());
    section(&mut out, "Token link", e.finding.token_link.why.iter().cloned());
    out + &format!("\n{HEAD}In words{PLAIN}\n{}\n", printable(&e.paragraph))
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let mut lines = lines.peekable();
    if lines.peek().is_some() {
        *out += &format!("\n{HEAD}{title}{PLAIN}\n");
        lines.for_each(|line| *out += &format!("  {}\n", printable(&line)));
    }
}

fn tree_line((pid, parent, program): &(u32, u32, String)) -> String {
    format!("{pid:>8}  {program}  (parent {parent})")
}

fn constant_line((name, what, source, at): &(String, String, String, u64)) -> String {
    format!("{name}: {what} [{source}], used at {at:#x}")
}

fn evidence_line(e: &facts::Evidence) -> String {
    let against: Vec<&str> = e.against.iter().map(|a| a.name()).collect();
    let against =
        if against.is_empty() { String::new() } else { format!(", against {}", against.join(", ")) };
    let words = Weight::new(e.weight.log10()).strength().words();
    format!("{:+.2} for {}{against} ({words}) — {}: {}", e.weight.log10(), e.supports, e.kind.name(), e.saw)
}

fn loop_text(index: usize, hot: &HotLoop) -> String {
    let symbol = hot.symbol.as_ref().map(|s| format!(" in {}", printable(s))).unwrap_or_default();
    let mut out = format!(
        "\n{HEAD}Hot code {} — {} (pid {}), {:#x}–{:#x}{symbol}, {:.0} % of samples{PLAIN}\n",
        index + 1,
        printable(&hot.program),
        hot.pid,
        hot.start,
        hot.end,
        hot.share * 100.0
    );
    for (line, telling) in &hot.lines {
        let bytes: String = line.bytes.iter().map(|b| format!("{b:02x}")).collect();
        let row = format!("{:>12x} {bytes:<18} {:<32} {}", line.address, line.text, line.class.name());
        out += &if *telling { format!("{MARK}* {row}{PLAIN}\n") } else { format!("  {row}\n") };
    }
    if hot.more > 0 {
        out += &format!("{DIM}  … {} more instructions{PLAIN}\n", hot.more);
    }
    out
}
