//! Holding a checkpoint against a policy: who signed, whether that is enough, and a line for each step.
//!
//! Must not stop at the first failure: whoever reads the lines wants all of them.

use super::{Group, Member, Party, Policy, moment, readable};
use crate::checkpoint::SignedCheckpoint;
use crate::key::{Standing, VerifierKey};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Whether it speaks for the checkpoint. A policy may be met although some steps do not.
    pub ok: bool,
    /// What was found, for a person to read.
    pub text: String,
}

/// A witness whose cosignature was checked and fits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// Its name in the policy.
    pub name: String,
    /// When it says it saw the checkpoint, in seconds since 1970-01-01T00:00:00Z. It may lie in the future: who has a
    /// clock may mind.
    pub time: u64,
}

/// What a policy says of a checkpoint.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    pub(crate) refused: bool,
    pub(crate) steps: Vec<Step>,
    witnesses: Vec<Witnessed>,
}

impl Evaluation {
    /// Whether all that the policy asks for was found, and no signature of a known key was bad.
    #[must_use]
    pub fn accepted(&self) -> bool {
        !self.refused
    }

    /// The steps, in the order of the policy.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// Witnesses that cosigned.
    #[must_use]
    pub fn witnesses(&self) -> &[Witnessed] {
        &self.witnesses
    }

    pub(crate) fn step(&mut self, ok: bool, text: String) {
        self.steps.push(Step { ok, text });
    }

    /// A step without which the checkpoint is not accepted.
    pub(crate) fn need(&mut self, ok: bool, text: String) {
        self.refused |= !ok;
        self.step(ok, text);
    }
}

impl Policy {
    /// Holds a checkpoint against the policy. `known` are keys of logs that are believed besides those of the policy.
    ///
    /// A log's key counts only for the origin that is its name. A bad signature of any key of the policy refuses the
    /// whole checkpoint (signed-note, "Signatures").
    pub fn evaluate(&self, checkpoint: &SignedCheckpoint, known: &[VerifierKey]) -> Evaluation {
        let mut evaluation = Evaluation { refused: false, steps: Vec::new(), witnesses: Vec::new() };
        let logs = self.logs.iter().map(Party::key).chain(known);
        logs_signed(&mut evaluation, checkpoint, logs);
        let witnesses: Vec<bool> =
            self.witnesses.iter().map(|witness| cosigned(&mut evaluation, checkpoint, witness)).collect();
        let mut groups = Vec::new();
        for group in &self.groups {
            let met = self.group_met(&mut evaluation, group, &witnesses, &groups);
            groups.push(met);
        }
        match self.quorum {
            None => evaluation.step(true, "the policy asks for no witness".to_owned()),
            Some(member) => {
                let met = is_met(member, &witnesses, &groups);
                let is = if met { "is met" } else { "is not met" };
                evaluation.need(met, format!("the quorum {} {is}", self.name_of(member)));
            }
        }
        evaluation
    }

    fn group_met(
        &self,
        evaluation: &mut Evaluation,
        group: &Group,
        witnesses: &[bool],
        groups: &[bool],
    ) -> bool {
        let (met, missing): (Vec<Member>, Vec<Member>) =
            group.members.iter().partition(|member| is_met(**member, witnesses, groups));
        let (name, of) = (readable(&group.name), group.members.len());
        let enough = met.len() >= group.needed;
        let mut text = format!("group {name}: {} of {of} witnessed, {} needed", met.len(), group.needed);
        if !enough {
            let missing: Vec<String> = missing.into_iter().map(|member| self.name_of(member)).collect();
            text.push_str(&format!("; missing: {}", missing.join(", ")));
        }
        evaluation.step(enough, text);
        enough
    }

    fn name_of(&self, member: Member) -> String {
        let name = match member {
            Member::Witness(at) => self.witnesses.get(at).map(|witness| witness.name.as_slice()),
            Member::Group(at) => self.groups.get(at).map(|group| group.name.as_slice()),
        };
        readable(name.unwrap_or_default())
    }
}

fn is_met(member: Member, witnesses: &[bool], groups: &[bool]) -> bool {
    let met = match member {
        Member::Witness(at) => witnesses.get(at),
        Member::Group(at) => groups.get(at),
    };
    met.copied().unwrap_or(false)
}

fn logs_signed<'k>(
    evaluation: &mut Evaluation,
    checkpoint: &SignedCheckpoint,
    logs: impl Iterator<Item = &'k VerifierKey>,
) {
    let origin = &checkpoint.checkpoint().origin;
    let (mut known, mut signed) = (false, false);
    for key in logs.filter(|key| key.name() == origin) {
        known = true;
        match checkpoint.note().standing(key) {
            Some(Standing::Signed) => signed = true,
            Some(Standing::Unchecked) => evaluation
                .step(false, format!("the ML-DSA-44 signature of the log {origin:?} cannot be checked here")),
            Some(_) => {
                evaluation
                    .need(false, format!("a signature of the log {origin:?} does not fit the checkpoint"));
            }
            None => {}
        }
    }
    let text = match (known, signed) {
        (false, _) => format!("the checkpoint is of {origin:?}, which is none of the logs that are believed"),
        (true, false) => format!("the checkpoint has no good signature of its log {origin:?}"),
        (true, true) => format!("the log {origin:?} signed {} leaves", checkpoint.checkpoint().size),
    };
    evaluation.need(known && signed, text);
}

fn cosigned(evaluation: &mut Evaluation, checkpoint: &SignedCheckpoint, witness: &Party) -> bool {
    let name = witness.name();
    match checkpoint.note().standing(&witness.key) {
        Some(Standing::Cosigned(time)) => {
            evaluation.step(true, format!("witness {name} cosigned at {}", moment::of(time)));
            evaluation.witnesses.push(Witnessed { name, time });
            return true;
        }
        Some(Standing::Unchecked) => evaluation.step(
            false,
            format!("witness {name}: an ML-DSA-44 cosignature, which cannot be checked here, does not count"),
        ),
        Some(_) => {
            evaluation.need(false, format!("witness {name}: its cosignature does not fit the checkpoint"));
        }
        None => evaluation.step(false, format!("witness {name} did not cosign")),
    }
    false
}
