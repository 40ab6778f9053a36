//! What was seen, in words with figures, and how much each kind of evidence weighs.

use crate::component::Component;
use crate::features::{Features, Group, randomx_shape};
use crate::fusion::{CLASSES, Model};
use crate::judge::Verdict;
use code::Class;
use facts::{Activity, Conversation, Endpoint, Evidence, Weight};

/// Evidence that weighs less than this, log10, is not listed.
const LISTED: f64 = 0.02;
/// Classes, constants and names mentioned in one sentence.
const MENTIONED: usize = 4;

const GROUPS: [Group; 7] = [
    Group::Conversation,
    Group::HotCode,
    Group::Constants,
    Group::DataRate,
    Group::Memory,
    Group::Threads,
    Group::Symbols,
];

/// One piece of evidence for each kind that says something, strongest first.
pub(crate) fn weigh(part: &Component, verdict: &Verdict, model: &Model) -> Vec<Evidence> {
    let bearings = by_class(&verdict.features, model);
    let mut all: Vec<Evidence> = GROUPS
        .into_iter()
        .filter_map(|group| {
            let saw = words(group, part, verdict)?;
            let (supports, weight, against) = bearing(group, verdict, &bearings);
            let ignored = group == Group::Symbols && verdict.names_contradict;
            let weight = if ignored { Weight::new(0.0) } else { weight };
            (ignored || weight.log10().abs() >= LISTED).then_some(Evidence {
                kind: group,
                saw,
                supports,
                weight,
                against,
            })
        })
        .collect();
    all.sort_by(|a, b| b.weight.log10().total_cmp(&a.weight.log10()).then(a.kind.cmp(&b.kind)));
    all
}

/// What every feature adds to every class, by the kind of evidence it belongs to: log10 units.
fn by_class(features: &Features, model: &Model) -> Vec<(Activity, Vec<(Group, f64)>)> {
    let group = |index: usize| features.0.get(index).map(|feature| feature.group);
    let grouped = |all: Vec<(usize, f64)>| {
        all.into_iter().filter_map(|(index, weight)| Some((group(index)?, weight))).collect()
    };
    let all = model.contributions(features).into_iter();
    all.map(|(class, weights)| (class, grouped(weights))).collect()
}

/// For which activity a kind of evidence speaks, how much, and against which it speaks most. It is weighed for the
/// lead: what speaks against the lead is listed for its strongest rival.
fn bearing(
    group: Group,
    verdict: &Verdict,
    bearings: &[(Activity, Vec<(Group, f64)>)],
) -> (Activity, Weight, Vec<Activity>) {
    let lead = verdict.lead;
    let sum = |all: &[(Group, f64)]| all.iter().filter(|(g, _)| *g == group).map(|(_, w)| w).sum();
    let sums: Vec<(Activity, f64)> = bearings.iter().map(|(class, all)| (*class, sum(all))).collect();
    let of = |class: Activity| sums.iter().find(|(c, _)| *c == class).map_or(0.0, |(_, w)| *w);
    if of(lead) >= 0.0 {
        let mut rivals: Vec<(Activity, f64)> = CLASSES
            .into_iter()
            .zip(&verdict.probabilities)
            .filter(|(class, _)| *class != lead && of(*class) < 0.0)
            .map(|(class, p)| (class, of(class) * p.max(1e-3)))
            .collect();
        rivals.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let against = rivals.into_iter().take(2).map(|(class, _)| class).collect();
        return (lead, Weight::new(of(lead)), against);
    }
    let rival = sums.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(Activity::Undetermined, |(c, _)| *c);
    (rival, Weight::new(-of(lead)), vec![lead])
}

/// What was seen of one kind, or nothing where there is nothing to say.
pub(crate) fn words(group: Group, part: &Component, verdict: &Verdict) -> Option<String> {
    match group {
        Group::HotCode => hot_code(part),
        Group::Constants => constants(part),
        Group::DataRate => Some(data(part)),
        Group::Memory => Some(memory(part)),
        Group::Threads => Some(threads(part)),
        Group::Conversation => conversations(part),
        Group::Symbols => names(part, verdict.names_contradict),
        Group::Accelerator | Group::Energy => None,
    }
}

fn percent(share: f64) -> String {
    if share > 0.0 && share < 0.01 { "<1 %".to_owned() } else { format!("{:.0} %", share * 100.0) }
}

fn hot_code(part: &Component) -> Option<String> {
    if part.hot.decoded == 0 {
        return None;
    }
    let mut classes: Vec<(f64, &str)> = Class::ALL
        .into_iter()
        .filter(|c| !matches!(c, Class::Move | Class::Branch | Class::Compare | Class::Call | Class::Address))
        .map(|class| (part.class(class), class.name()))
        .filter(|(share, _)| *share >= 0.005)
        .collect();
    classes.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mix: Vec<String> = classes
        .iter()
        .take(MENTIONED + 2)
        .map(|(share, name)| format!("{name} {}", percent(*share)))
        .collect();
    let mut text = format!("{} hot instructions sampled: {}", part.hot.decoded, mix.join(", "));
    if part.hot.anonymous > 0.05 {
        text += &format!("; {} in code generated at run time", percent(part.hot.anonymous));
    }
    if part.class(Class::RoundingMode) > 0.0 {
        text += "; it changes the rounding mode";
    }
    text += &format!("; {:.0} addresses hold half of it", part.hot.addresses50.max(1.0));
    Some(text)
}

fn constants(part: &Component) -> Option<String> {
    let mut used: Vec<(&String, &f64)> = part.constants.iter().collect();
    used.sort_by(|a, b| b.1.total_cmp(a.1).then(a.0.cmp(b.0)));
    let named: Vec<String> = used
        .iter()
        .take(MENTIONED)
        .map(|(name, share)| format!("{name} ({} of samples beside it)", percent(**share)))
        .collect();
    (!named.is_empty()).then(|| format!("hot code uses {}", named.join(", ")))
}

/// Bytes in the unit people read.
pub(crate) fn bytes(n: f64) -> String {
    const UNITS: [(&str, f64); 4] = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("B", 1.0)];
    let (unit, size) = UNITS.into_iter().find(|(_, size)| n >= *size).unwrap_or(("B", 1.0));
    let value = n / size;
    if value < 10.0 && size > 1.0 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
}

fn data(part: &Component) -> String {
    let per = |n: u64| bytes(n as f64 / part.seconds.max(0.01));
    let t = &part.totals;
    let network = if t.sent + t.received > 0 {
        format!(", sends {} and receives {}", per(t.sent), per(t.received))
    } else {
        String::new()
    };
    format!("reads {} and writes {}{network} per second of processor time", per(t.read), per(t.written))
}

fn memory(part: &Component) -> String {
    let t = &part.totals;
    let mut text = format!("{} resident", bytes(t.resident as f64));
    if t.largest > 0 {
        text += &format!(", largest private mapping {}", bytes(t.largest as f64));
    }
    if randomx_shape(t.largest) {
        text += " (the size of a RandomX data set or cache)";
    }
    if t.huge > 0 {
        text += &format!(", {} in huge pages", bytes(t.huge as f64));
    }
    text
}

fn threads(part: &Component) -> String {
    let t = &part.totals;
    let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    let threads = count(t.threads.max(t.processes), "thread", "threads");
    let processes = count(t.processes, "process", "processes");
    format!(
        "{:.2} cores busy, {threads} in {processes}, {:.0} waits a second",
        part.cpu_share(),
        t.waits as f64 / part.window_s
    )
}

fn conversations(part: &Component) -> Option<String> {
    let mut told: Vec<String> = part.conversations.iter().filter_map(conversation).collect();
    told.dedup();
    if told.is_empty() && part.conversations.is_empty() {
        return None;
    }
    let more = part.conversations.len().saturating_sub(MENTIONED.min(told.len()));
    told.truncate(MENTIONED);
    if more > 0 {
        told.push(format!("{more} other connection{}", if more == 1 { "" } else { "s" }));
    }
    Some(told.join("; "))
}

/// One recognised conversation in words.
pub(crate) fn conversation(c: &Conversation) -> Option<String> {
    let seen = c.recognised.as_ref()?;
    let side = if c.endpoint == Endpoint::Server { "serves" } else { "speaks" };
    let chain = seen.chain.as_ref().map(|chain| format!(" for {chain}")).unwrap_or_default();
    let methods =
        if seen.methods.is_empty() { String::new() } else { format!(": {}", seen.methods.join(", ")) };
    let dialect = if seen.dialect.is_empty() { String::new() } else { format!(" ({})", seen.dialect) };
    Some(format!("{side} {}{dialect}{chain} with {}{methods}", seen.protocol.name(), c.remote))
}

fn names(part: &Component, contradicted: bool) -> Option<String> {
    let top = |shares: &std::collections::BTreeMap<String, f64>| {
        let mut all: Vec<(&String, &f64)> = shares.iter().collect();
        all.sort_by(|a, b| b.1.total_cmp(a.1).then(a.0.cmp(b.0)));
        all.iter().take(2).map(|(n, s)| format!("{n} ({})", percent(**s))).collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("program {}; hot in {}", part.program, top(&part.images));
    if !part.symbols.is_empty() {
        text += &format!("; functions {}", top(&part.symbols));
    }
    if contradicted {
        text += "; what runs contradicts the names, which therefore count for nothing";
    }
    (!part.images.is_empty()).then_some(text)
}
