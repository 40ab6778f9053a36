//! A contested finding as it is shown.

use registry::Matter;
use serde::Serialize;
use statement::Outcome;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A contested finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatterRecord {
    /// Its name.
    pub id: String,
    /// The device.
    pub device: String,
    /// The workload; all of the device's where none.
    pub workload: Option<String>,
    /// The first statement by its number.
    pub first: u64,
    /// The last statement by its number.
    pub last: u64,
    /// `open`, `overdue`, or the outcome that closed it.
    pub state: String,
    /// By when an answer is due, milliseconds since 1970.
    pub due_ms: u64,
    /// What is said against it; empty for those who may not read statements.
    pub grounds: String,
    /// Material by name, each with its SHA-256.
    pub material: BTreeMap<String, String>,
    /// Who contested.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The ordinal of its record in the log.
    pub ordinal: u64,
    /// Answers, oldest first.
    pub answers: Vec<AnswerRecord>,
}

/// One answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerRecord {
    /// The outcome.
    pub outcome: &'static str,
    /// The reasons.
    pub reasons: String,
    /// Whether the case serves to make identification better.
    pub for_evaluation: bool,
    /// Who answered.
    pub by: String,
    /// When, milliseconds since 1970.
    pub at_ms: u64,
    /// The ordinal of its record in the log.
    pub ordinal: u64,
}

/// `open`, `overdue`, or the outcome that closed it.
pub(super) fn state(matter: &Matter) -> String {
    let last = matter.answers.last().map(|reply| reply.answered.outcome).filter(|o| o.closes());
    let due = matter.contested.due_ms < crate::service::now_ms();
    last.map_or(if due { "overdue" } else { "open" }, Outcome::word).to_owned()
}

/// A matter for those who may read it whole, or without what was said.
pub(super) fn record(matter: &Matter, whole: bool) -> MatterRecord {
    let c = &matter.contested;
    let said = |text: &str| if whole { text.to_owned() } else { String::new() };
    MatterRecord {
        id: c.id.to_string(),
        device: c.device.to_string(),
        workload: c.workload.map(|w| w.to_string()),
        first: c.first,
        last: c.last,
        state: state(matter),
        due_ms: c.due_ms,
        grounds: said(&c.grounds),
        material: c.material.iter().map(|(name, digest)| (name.clone(), digest.to_string())).collect(),
        by: matter.by.clone(),
        at_ms: matter.at_ms,
        ordinal: matter.ordinal,
        answers: (matter.answers.iter())
            .map(|reply| AnswerRecord {
                outcome: reply.answered.outcome.word(),
                reasons: said(&reply.answered.reasons),
                for_evaluation: reply.answered.for_evaluation,
                by: reply.by.clone(),
                at_ms: reply.at_ms,
                ordinal: reply.ordinal,
            })
            .collect(),
    }
}
