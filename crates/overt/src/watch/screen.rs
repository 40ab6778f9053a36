//! The full screen: a table with sparklines, one explanation, a line of keys. Works at 80 by 24.

use super::history::blocks;
use super::state::State;
use crate::{explain, table};
use anstream::adapter::strip_str;
use facts::{Activity, Finding, State as Seen, TokenState};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Paragraph, Row, Table, TableState, Wrap};

/// Below this nothing useful fits.
const MIN: (u16, u16) = (60, 8);
/// Columns of a sparkline.
const SPARK: usize = 12;

/// Columns from which token link and disposition stand beside each other.
const WIDE: u16 = 118;

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, state: &mut State) {
    let area = frame.area();
    if area.width < MIN.0 || area.height < MIN.1 {
        let text = format!("overt needs {} columns and {} lines", MIN.0, MIN.1);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: true }), area);
        return;
    }
    let [head, body, foot] =
        Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
    frame.render_widget(header(state), head);
    if state.help {
        frame.render_widget(Paragraph::new(HELP).block(Block::bordered().title(" keys ")), body);
    } else if state.explaining {
        explanation(frame, state, body);
    } else {
        workloads(frame, state, body);
    }
    frame.render_widget(Line::styled(footer(state), Style::new().add_modifier(Modifier::DIM)), foot);
}

const HELP: &str = "\
Up, Down, j, k    choose a workload
Enter, e          everything that led to its finding
s                 sort by cores, activity, name, probability
Esc               back
q, Ctrl-C         end";

fn header(state: &State) -> Line<'static> {
    let Some(looked) = &state.looked else {
        return Line::from("overt watch: looking …");
    };
    let busy: f64 = looked.workloads.iter().map(|w| w.cpu_share).sum();
    let pace = if state.settled { "settled" } else { "deciding" };
    let text = format!(
        "overt watch  {busy:.2} of {} cores busy, {} workloads, last {:.0} s, {pace}, by {}",
        looked.machine.cpus,
        looked.workloads.len(),
        looked.interval_s,
        state.order.name()
    );
    Line::styled(text, Style::new().add_modifier(Modifier::BOLD))
}

fn footer(state: &State) -> String {
    if state.explaining {
        return "Up/Down scroll  Esc back".to_owned();
    }
    let blind: Vec<&str> = state
        .looked
        .iter()
        .flat_map(|l| &l.coverage)
        .filter(|c| c.state != Seen::Full)
        .map(|c| c.sensor.name())
        .collect();
    let coverage =
        if blind.is_empty() { String::new() } else { format!("  not fully seen: {}", blind.join(" ")) };
    let advice = if state.judged.is_some() { format!("  {}", rulebook::DISCLAIMER) } else { String::new() };
    format!("Enter explain  s sort  ? keys  q end{coverage}{advice}")
}

fn workloads(frame: &mut Frame<'_>, state: &State, area: Rect) {
    let full = state.looked.as_ref().map_or(100, |l| u64::from(l.machine.cpus) * 100);
    let judged = state.judged.is_some();
    // At 80 columns there is room for the disposition or for the token link, which the explanation has too.
    let linked = !judged || area.width >= WIDE;
    let rows = state.workloads().iter().map(|finding| {
        let spark = blocks(state.history.of(finding, SPARK), full);
        let mut cells = vec![
            table::printable(&finding.name),
            format!("{:.2}", finding.cpu_share),
            spark,
            table::activity(finding),
            table::probability(finding),
        ];
        cells.extend(linked.then(|| finding.token_link.state.name().to_owned()));
        cells.extend(state.disposition(finding));
        Row::new(cells).style(colour(finding))
    });
    let mut columns = vec![
        ("WORKLOAD", Constraint::Min(14)),
        ("CORES", Constraint::Length(5)),
        ("USE", Constraint::Length(if judged && !linked { SPARK as u16 / 2 } else { SPARK as u16 })),
        ("ACTIVITY", Constraint::Length(if judged && !linked { 20 } else { 24 })),
        ("PROB", Constraint::Length(7)),
    ];
    columns.extend(linked.then_some(("TOKEN LINK", Constraint::Length(14))));
    columns.extend(judged.then_some(("DISPOSITION", Constraint::Length(if linked { 40 } else { 22 }))));
    let widths = columns.iter().map(|(_, width)| *width);
    let header =
        Row::new(columns.iter().map(|(name, _)| *name)).style(Style::new().add_modifier(Modifier::BOLD));
    let chosen = Style::new().add_modifier(Modifier::REVERSED);
    let table = Table::new(rows, widths).header(header).row_highlight_style(chosen);
    let mut selection = TableState::default().with_selected(Some(state.selected));
    frame.render_stateful_widget(table, area, &mut selection);
    if state.looked.is_some() && state.workloads().is_empty() {
        let below = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        frame.render_widget(Paragraph::new("Nothing is busy."), below);
    }
}

fn explanation(frame: &mut Frame<'_>, state: &mut State, area: Rect) {
    let text = match &state.explanation {
        Some(e) => strip_str(&(explain::text(e) + &state.rules)).to_string(),
        None => "looking …".to_owned(),
    };
    let lines = u16::try_from(text.lines().count()).unwrap_or(u16::MAX);
    state.scroll = state.scroll.min(lines.saturating_sub(area.height / 2));
    let paragraph = Paragraph::new(Text::raw(text)).wrap(Wrap { trim: false }).scroll((state.scroll, 0));
    frame.render_widget(paragraph, area);
}

fn colour(finding: &Finding) -> Style {
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    match (finding.activity, finding.token_link.state) {
        _ if no_colour => Style::new(),
        (Activity::Mining, _) | (_, TokenState::Seen) => Style::new().fg(Color::Yellow),
        (Activity::Undetermined, _) => Style::new().add_modifier(Modifier::DIM),
        _ => Style::new(),
    }
}
