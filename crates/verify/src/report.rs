//! What was checked, a line each, and what no check of this kind can show.

use std::fmt;
use tlog::Evaluation;

/// What these checks do not prove, whatever they find.
pub const LIMITS: [&str; 4] = [
    "that the device saw everything: its coverage says what it could not see",
    "that the device's own clock was right: only the times of admission and of the witnesses are others'",
    "that the key was only ever in the device: a stolen key signs as well, until it is revoked",
    "that what the statement makes of the evidence is true: the evidence is on the device, under its digest",
];

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// It holds.
    Holds,
    /// It does not hold.
    Fails,
    /// It could not be checked with what was given.
    Open,
}

/// One step of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How it ended.
    pub mark: Mark,
    /// What was checked and found, in one line.
    pub text: String,
}

/// All steps of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The steps in order.
    pub steps: Vec<Step>,
}

impl Report {
    /// Whether every step that was made holds, and at least one was.
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.steps.is_empty() && !self.steps.iter().any(|s| s.mark == Mark::Fails)
    }

    /// Whether something was left open.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.steps.iter().any(|s| s.mark == Mark::Open)
    }

    /// Adds what holds.
    pub fn holds_that(&mut self, text: impl fmt::Display) {
        self.steps.push(Step { mark: Mark::Holds, text: text.to_string() });
    }

    /// Adds what does not hold.
    pub fn fails(&mut self, text: impl fmt::Display) {
        self.steps.push(Step { mark: Mark::Fails, text: text.to_string() });
    }

    /// Adds what was not asked or could not be answered.
    pub fn open(&mut self, text: impl fmt::Display) {
        self.steps.push(Step { mark: Mark::Open, text: text.to_string() });
    }

    /// The steps by which a policy judged a checkpoint; they stand or fall as a whole.
    pub(crate) fn judged(&mut self, evaluation: &Evaluation) {
        for step in evaluation.steps() {
            // A witness that did not sign is no failure where the quorum is met by others.
            let mark = match (step.ok, evaluation.accepted()) {
                (true, _) => Mark::Holds,
                (false, true) => Mark::Open,
                (false, false) => Mark::Fails,
            };
            self.steps.push(Step { mark, text: step.text.clone() });
        }
        if !evaluation.accepted() && evaluation.steps().iter().all(|s| s.ok) {
            self.fails("the policy does not accept the checkpoint");
        }
    }
}
