//! Differences as JSON, for consoles, webhooks and files.
//!
//! Must not leave out coverage or contests: a difference without them is worth nothing.

use crate::chinese;
use crate::difference::{Contest, Difference};
use serde_json::{Value, json};

impl Difference {
    /// The difference as JSON: schema `overt.difference/1`.
    #[must_use]
    pub fn json(&self) -> Value {
        let s = &self.subject;
        json!({
            "schema": "overt.difference/1",
            "key": self.key(),
            "kind": self.kind.word(),
            "kind_zh": chinese::kind(self.kind),
            "site": s.site.to_string(),
            "device": s.device.map(|d| d.to_string()),
            "name": s.name.as_ref().map(ToString::to_string),
            "workload": s.workload.as_ref().map(|(id, name)| json!({"id": id.to_string(), "name": name})),
            "from_ms": self.from_ms,
            "to_ms": self.to_ms,
            "activity": self.activity.map(facts::Activity::name),
            "declared": self.declared,
            "seen": self.seen,
            "share": self.magnitude.share,
            "hours": self.magnitude.hours,
            "kwh": self.magnitude.kwh,
            "weight": self.weight.map(facts::Weight::log10),
            "strength": self.strength().map(facts::Strength::words),
            "evidence": self.evidence(),
            "coverage": self.covered(),
            "prohibited": self.prohibited,
            "contests": self.contests.iter().map(contest).collect::<Vec<_>>(),
            "sentence": {"en": self.sentence.en, "zh": self.sentence.zh},
            "settles": {"en": self.settles.en, "zh": self.settles.zh},
        })
    }

    fn evidence(&self) -> Value {
        let item = |i: &crate::difference::Item| json!({"kind": i.kind.name(), "millibans": i.millibans, "statements": i.statements});
        json!({
            "statements": self.cited.statements,
            "ordinals": self.cited.ordinals,
            "sequences": self.sequences.map(|(first, last)| [first, last]),
            "items": self.cited.items.iter().map(item).collect::<Vec<_>>(),
            "tree": self.cited.tree,
        })
    }

    fn covered(&self) -> Value {
        let c = &self.coverage;
        let blind = |(sensor, why): &(facts::Sensor, String)| json!({"sensor": sensor.name(), "why": why});
        json!({
            "sensors": c.sensors,
            "of": c.of,
            "time": c.time,
            "missing": c.missing,
            "blind": c.blind.iter().map(blind).collect::<Vec<_>>(),
        })
    }
}

fn contest(contest: &Contest) -> Value {
    json!({"id": contest.id.to_string(), "state": contest.outcome.map_or("open", statement::Outcome::word)})
}
