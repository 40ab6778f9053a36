//! Of what a field is registered, and which fields are no registration at all but figures of a period.
//!
//! A form asks for both in one list. What is true of a machine stands in its registration; what it used in March comes from
//! history when a report is filled in, and is not asked of people beforehand.

use statement::Kind;

/// Where the value of a field is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// In the registration of such a subject.
    Of(Kind),
    /// In no registration: it is worked out for each period, or attached to one filing.
    Period,
}

/// Groups of the dictionary.
const GROUPS: [(&str, Home); 13] = [
    ("party", Home::Of(Kind::Operator)),
    ("licence", Home::Of(Kind::Operator)),
    ("site", Home::Of(Kind::Site)),
    ("project", Home::Of(Kind::Site)),
    ("device", Home::Of(Kind::Device)),
    ("work", Home::Of(Kind::Workload)),
    ("model", Home::Of(Kind::Workload)),
    ("contract", Home::Of(Kind::Workload)),
    ("energy", Home::Period),
    ("ict", Home::Period),
    ("kpi", Home::Period),
    ("co2", Home::Period),
    ("token", Home::Period),
];

/// Fields that are kept elsewhere than their group.
const APART: [(&str, Home); 14] = [
    ("energy.tariff", Home::Of(Kind::Site)),
    ("energy.source", Home::Of(Kind::Site)),
    ("energy.supplier", Home::Of(Kind::Site)),
    ("energy.meter", Home::Of(Kind::Site)),
    ("energy.meter_by_activity", Home::Of(Kind::Site)),
    ("work.share_of_energy", Home::Of(Kind::Site)),
    ("site.peak_actual_prev", Home::Period),
    ("site.consumption_prev", Home::Period),
    ("device.energy", Home::Period),
    ("work.amount", Home::Period),
    ("work.hours", Home::Period),
    ("work.flop", Home::Period),
    ("work.stop", Home::Period),
    ("model.energy", Home::Period),
];

/// Where the value of a field is kept; none for a group that the dictionary does not have.
#[must_use]
pub fn home(field: &str) -> Option<Home> {
    let apart = APART.iter().find(|(name, _)| *name == field);
    let group = || GROUPS.iter().find(|(group, _)| field.split('.').next() == Some(group));
    apart.or_else(group).map(|(_, home)| *home)
}
