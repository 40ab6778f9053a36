//! Findings as text for a person.

use crate::Failure;
use crate::disposition::{Place, cell};
use anstyle::{AnsiColor, Reset, Style};
use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, Table, Width, presets};
use facts::{Activity, Coverage, Finding, Looked, Privilege, State, TokenState};
use std::io::IsTerminal;

/// Style of what went wrong.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Style of headings.
pub const HEAD: Style = Style::new().bold();
/// Style of what matters less.
pub const DIM: Style = Style::new().dimmed();
/// End of any style.
pub const PLAIN: Reset = Reset;

/// Columns when the answer goes to no terminal.
const DEFAULT_WIDTH: u16 = 160;
/// Process numbers shown of one workload.
const SHOWN_PIDS: usize = 3;

/// Width of the terminal, columns.
pub fn width() -> u16 {
    if !std::io::stdout().is_terminal() {
        return DEFAULT_WIDTH;
    }
    ratatui::crossterm::terminal::size().map_or(DEFAULT_WIDTH, |(columns, _)| columns.max(60))
}

/// The column of dispositions, with the line under the table.
pub struct Column {
    cells: Vec<String>,
    footer: String,
}

impl Column {
    /// The dispositions of findings at a place.
    pub fn new(place: &Place, findings: &[Finding]) -> Result<Self, Failure> {
        Ok(Self { cells: place.judge(findings)?.iter().map(cell).collect(), footer: place.footer() })
    }

    /// The cell of the finding at this position.
    pub fn cell(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", String::as_str)
    }
}

/// The whole answer of one look; with a column of dispositions where findings are judged.
pub fn looked(looked: &Looked, width: u16, column: Option<&Column>) -> String {
    let mut text = String::new();
    if looked.workloads.is_empty() {
        text += &match looked.machine.privilege {
            Privilege::Machine => format!("Nothing was busy during {:.1} s.\n", looked.interval_s),
            Privilege::Own => format!(
                "None of your own processes was busy during {:.1} s; root would see all of them.\n",
                looked.interval_s
            ),
        };
    } else {
        text += &rows(&looked.workloads, width, column);
        text += &mixtures(&looked.workloads);
    }
    text += &coverage(&looked.coverage);
    text + column.map_or("", |c| c.footer.as_str())
}

fn rows(workloads: &[Finding], width: u16, column: Option<&Column>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    let mut head = vec!["WORKLOAD", "UNIT", "USER", "CORES", "ACTIVITY", "PROB", "EVIDENCE", "TOKEN LINK"];
    head.extend(column.map(|_| "DISPOSITION"));
    table.set_header(head);
    for (index, finding) in workloads.iter().enumerate() {
        let mut row = vec![
            Cell::new(format!("{} {}", printable(&finding.name), pids(&finding.pids))),
            Cell::new(finding.unit.name()),
            Cell::new(printable(&finding.user)),
            Cell::new(format!("{:.2}", finding.cpu_share)).set_alignment(CellAlignment::Right),
            Cell::new(activity(finding)),
            Cell::new(probability(finding)).set_alignment(CellAlignment::Right),
            Cell::new(&finding.strength),
            Cell::new(finding.token_link.state.name()),
        ];
        row.extend(column.map(|c| Cell::new(c.cell(index))));
        table.add_row(row);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_constraint(ColumnConstraint::UpperBoundary(Width::Percentage(40)));
    }
    let text = table.trim_fmt();
    let (head, lines) = text.split_once('\n').unwrap_or((&text, ""));
    let mut out = format!("{HEAD}{}{PLAIN}\n", head.trim_end());
    // Where a cell wraps, lines are no longer rows, and nothing is coloured.
    let whole = lines.lines().count() == workloads.len();
    for (index, line) in lines.lines().map(str::trim_end).enumerate() {
        match workloads.get(index).filter(|_| whole) {
            Some(finding) => out += &format!("{}{line}{PLAIN}\n", style(finding)),
            None => out += &format!("{line}\n"),
        }
    }
    out
}

/// The colour of a row: what deserves a second look first.
pub fn style(finding: &Finding) -> Style {
    match (finding.activity, finding.token_link.state) {
        (Activity::Mining, _) | (_, TokenState::Seen) => AnsiColor::Yellow.on_default(),
        (Activity::Undetermined, _) => DIM,
        _ => Style::new(),
    }
}

/// The activity with the named computation.
pub fn activity(finding: &Finding) -> String {
    match &finding.algorithm {
        Some(algorithm) => format!("{} · {}", finding.activity, printable(algorithm)),
        None => finding.activity.to_string(),
    }
}

/// The probability of what was concluded; where nothing was, there is none to show.
pub fn probability(finding: &Finding) -> String {
    match finding.activity {
        Activity::Undetermined => "–".to_owned(),
        _ => format!("{:.1} %", finding.probability * 100.0),
    }
}

fn pids(pids: &[u32]) -> String {
    let shown: Vec<String> = pids.iter().take(SHOWN_PIDS).map(u32::to_string).collect();
    let more = pids.len().saturating_sub(SHOWN_PIDS);
    let more = if more > 0 { format!(" +{more}") } else { String::new() };
    format!("({}{more})", shown.join(" "))
}

fn mixtures(workloads: &[Finding]) -> String {
    let mut text = String::new();
    for finding in workloads.iter().filter(|f| f.mixture.len() > 1) {
        let parts: Vec<String> = finding
            .mixture
            .iter()
            .map(|s| format!("{} {:.0} % of its time", s.activity, s.share * 100.0))
            .collect();
        text += &format!("  {} is a mixture: {}\n", printable(&finding.name), parts.join(", "));
    }
    text
}

fn coverage(lines: &[Coverage]) -> String {
    let full: Vec<&str> = lines.iter().filter(|c| c.state == State::Full).map(|c| c.sensor.name()).collect();
    let seen = if full.is_empty() { "nothing in full".to_owned() } else { full.join(", ") };
    let mut text = format!("{DIM}Coverage: saw {seen}.{PLAIN}\n");
    for line in lines.iter().filter(|c| c.state != State::Full) {
        let how = if line.state == State::Partial { "in part" } else { "not seen" };
        text += &format!("{DIM}  {} {how}: {}{PLAIN}\n", line.sensor.name(), printable(&line.why));
    }
    text
}

/// Names come from the programs themselves: control characters in them must not reach the terminal.
pub fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The same for text of several lines.
pub fn printable_lines(text: &str) -> String {
    text.lines().map(printable).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_send_escape_sequences_to_the_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\n"), "a\u{fffd}[31mb\u{fffd}");
    }

    #[test]
    fn many_processes_are_counted_rather_than_listed() {
        assert_eq!(pids(&[7]), "(7)");
        assert_eq!(pids(&[1, 2, 3, 4, 5]), "(1 2 3 +2)");
    }
}
