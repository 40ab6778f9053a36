//! What the full screen shows, and what keys do to it.

use super::history::History;
use crate::disposition::{self, Judged};
use facts::{Finding, Looked};
use identify::Explanation;
use ratatui::crossterm::event::{KeyCode, KeyModifiers};

/// The columns a person can sort by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Busiest first.
    #[default]
    Cores,
    /// By activity, then busiest.
    Activity,
    /// By name.
    Name,
    /// By probability, surest first.
    Probability,
}

impl Order {
    /// The next one, for one key that cycles.
    pub const fn next(self) -> Self {
        match self {
            Self::Cores => Self::Activity,
            Self::Activity => Self::Name,
            Self::Name => Self::Probability,
            Self::Probability => Self::Cores,
        }
    }

    /// Its name on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cores => "cores",
            Self::Activity => "activity",
            Self::Name => "name",
            Self::Probability => "probability",
        }
    }
}

/// What a key asks of the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reaction {
    /// End.
    Quit,
    /// Draw again.
    Redraw,
    /// Nothing.
    Ignore,
}

/// Everything on the screen.
#[derive(Debug, Default)]
pub struct State {
    /// The latest findings, in the chosen order.
    pub looked: Option<Looked>,
    /// What the rulebook of a place makes of the findings; none where no place was asked for.
    pub judged: Option<Vec<Judged>>,
    /// What the rules make of the explained finding.
    pub rules: String,
    /// Whether the findings have settled.
    pub settled: bool,
    /// Processor use over time.
    pub history: History,
    /// The chosen order.
    pub order: Order,
    /// The chosen row.
    pub selected: usize,
    /// Whether the explanation is open, its text, and how far it is scrolled.
    pub explaining: bool,
    pub explanation: Option<Explanation>,
    pub scroll: u16,
    /// Whether the keys are listed.
    pub help: bool,
}

impl State {
    /// Takes in new findings and keeps the chosen workload chosen.
    pub fn update(&mut self, looked: Looked, settled: bool) {
        let chosen = self.chosen().map(identity);
        self.history.update(&looked);
        self.looked = Some(looked);
        self.settled = settled;
        self.sort();
        if let Some(chosen) = chosen {
            let here = self.workloads().iter().position(|w| identity(w) == chosen);
            self.selected = here.unwrap_or(self.selected);
        }
        self.selected = self.selected.min(self.workloads().len().saturating_sub(1));
    }

    /// The findings in order.
    pub fn workloads(&self) -> &[Finding] {
        self.looked.as_ref().map_or(&[], |l| &l.workloads)
    }

    /// The chosen finding.
    pub fn chosen(&self) -> Option<&Finding> {
        self.workloads().get(self.selected)
    }

    /// The disposition of a finding, where findings are judged.
    pub fn disposition(&self, finding: &Finding) -> Option<String> {
        let judged = self.judged.as_ref()?;
        let same = |j: &&Judged| j.workload == finding.name && j.pids == finding.pids;
        Some(judged.iter().find(same).map(disposition::cell).unwrap_or_default())
    }

    /// Fetches the explanation of the chosen workload while it is open.
    pub fn explain(&mut self, explain: impl FnOnce(&str) -> Option<Explanation>) {
        if self.explaining {
            let pid = self.chosen().and_then(|f| f.pids.first()).map(u32::to_string);
            self.explanation = pid.and_then(|pid| explain(&pid)).or(self.explanation.take());
        }
    }

    fn sort(&mut self) {
        let order = self.order;
        let Some(looked) = &mut self.looked else { return };
        looked.workloads.sort_by(|a, b| {
            let busiest = b.cpu_share.total_cmp(&a.cpu_share);
            match order {
                Order::Cores => busiest,
                Order::Activity => a.activity.cmp(&b.activity).then(busiest),
                Order::Name => a.name.cmp(&b.name).then(busiest),
                Order::Probability => b.probability.total_cmp(&a.probability).then(busiest),
            }
        });
    }

    /// Reacts to a key.
    pub fn press(&mut self, key: KeyCode, modifiers: KeyModifiers) -> Reaction {
        let last = self.workloads().len().saturating_sub(1);
        match key {
            KeyCode::Char('c') if modifiers.contains(KeyModifiers::CONTROL) => return Reaction::Quit,
            KeyCode::Char('q') if !self.explaining && !self.help => return Reaction::Quit,
            KeyCode::Esc | KeyCode::Char('q') => {
                self.explaining = false;
                self.help = false;
            }
            KeyCode::Char('?' | 'h') => self.help = !self.help,
            KeyCode::Char('s') if !self.explaining => {
                self.order = self.order.next();
                self.sort();
            }
            KeyCode::Enter | KeyCode::Char('e') if self.chosen().is_some() => {
                self.explaining = !self.explaining;
                self.explanation = None;
                self.scroll = 0;
            }
            KeyCode::Down | KeyCode::Char('j') if self.explaining => {
                self.scroll = self.scroll.saturating_add(1)
            }
            KeyCode::Up | KeyCode::Char('k') if self.explaining => {
                self.scroll = self.scroll.saturating_sub(1)
            }
            KeyCode::PageDown if self.explaining => self.scroll = self.scroll.saturating_add(15),
            KeyCode::PageUp if self.explaining => self.scroll = self.scroll.saturating_sub(15),
            KeyCode::Down | KeyCode::Char('j') => self.selected = (self.selected + 1).min(last),
            KeyCode::Up | KeyCode::Char('k') => self.selected = self.selected.saturating_sub(1),
            KeyCode::Home => self.selected = 0,
            KeyCode::End => self.selected = last,
            _ => return Reaction::Ignore,
        }
        Reaction::Redraw
    }
}

fn identity(finding: &Finding) -> (String, u32) {
    (finding.name.clone(), finding.pids.iter().min().copied().unwrap_or(0))
}
