//! Devices that say nothing, and sites where most say nothing at the same time.
//!
//! Statements wait on the device until they are received: a gap is filled later if only the way was cut. Must not say why a
//! device is silent.

use crate::thresholds::Thresholds;
use statement::{DeviceId, Name};

/// A time without statements of a device that ought to speak.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub site: Name,
    pub device: DeviceId,
    pub from_ms: u64,
    pub to_ms: u64,
    /// Whether nothing came after it.
    pub open: bool,
    /// Numbers missing in the chain over it: statements that were made and have not come.
    pub missing: u64,
    /// The ordinals before and after it.
    pub ordinals: Vec<u64>,
    /// The numbers before and after it.
    pub sequences: (u64, u64),
}

/// Silence of a site: the time that most gaps share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outage {
    pub site: Name,
    pub from_ms: u64,
    pub to_ms: u64,
    pub devices: usize,
    pub of: usize,
    pub open: bool,
    /// Whether most devices of the other sites were silent then too.
    pub everywhere: bool,
    pub ordinals: Vec<u64>,
}

/// Parts the gaps of all devices into outages of sites and gaps of single devices. `sizes` says how many devices of each
/// site ought to speak.
pub(crate) fn part(gaps: Vec<Gap>, sizes: &[(Name, usize)], t: &Thresholds) -> (Vec<Outage>, Vec<Gap>) {
    let (mut outages, mut single): (Vec<Outage>, Vec<Gap>) = (Vec::new(), Vec::new());
    for (site, size) in sizes {
        let mut own: Vec<Gap> = gaps.iter().filter(|g| g.site == *site).cloned().collect();
        own.sort_by_key(|g| (g.from_ms, g.to_ms, g.device));
        while let Some(shared) = shared(&own, *size, t) {
            let (together, rest): (Vec<Gap>, Vec<Gap>) =
                own.iter().cloned().partition(|g| overlaps(g, shared));
            if together.len() < t.site_silent_least.max(1) {
                break;
            }
            own = rest;
            outages.push(outage(site, *size, shared, &together));
        }
        single.extend(own);
    }
    mark_everywhere(&mut outages, sizes);
    (outages, single)
}

/// The time at which most devices are silent together, if they are enough: the largest crowd of gaps.
fn shared(gaps: &[Gap], size: usize, t: &Thresholds) -> Option<(u64, u64)> {
    let crowd = |at: u64| gaps.iter().filter(move |g| g.from_ms <= at && at < g.to_ms);
    let (at, most) = gaps.iter().map(|g| (g.from_ms, crowd(g.from_ms).count())).max_by_key(|(_, n)| *n)?;
    let enough = most >= t.site_silent_least && most as f64 >= t.site_silent * size as f64;
    // The middle one of the begins and ends, so that one device that was silent before does not stretch it.
    let middle = |mut all: Vec<u64>| {
        all.sort_unstable();
        all.get(all.len() / 2).copied().unwrap_or(at)
    };
    let from = middle(crowd(at).map(|g| g.from_ms).collect());
    let to = middle(crowd(at).map(|g| g.to_ms).collect());
    (enough && from < to).then_some((from, to))
}

/// Whether at least four fifths of a gap lie in the shared time: a device that was silent for long before stays its own.
fn overlaps(gap: &Gap, (from, to): (u64, u64)) -> bool {
    let both = gap.to_ms.min(to).saturating_sub(gap.from_ms.max(from));
    both > 0 && both * 5 >= (gap.to_ms - gap.from_ms) * 4 || (gap.from_ms == from && gap.to_ms == to)
}

fn outage(site: &Name, of: usize, (from_ms, to_ms): (u64, u64), together: &[Gap]) -> Outage {
    let open = together.iter().filter(|g| g.open).count() * 2 > together.len();
    let ordinals = together.iter().flat_map(|g| g.ordinals.iter().copied());
    let mut ordinals: Vec<u64> = ordinals.take(crate::difference::MAX_ORDINALS).collect();
    ordinals.sort_unstable();
    let devices = together.len();
    Outage { site: site.clone(), from_ms, to_ms, devices, of, open, everywhere: false, ordinals }
}

fn mark_everywhere(outages: &mut [Outage], sizes: &[(Name, usize)]) {
    let all = outages.to_vec();
    for o in outages {
        let same = |p: &&Outage| p.from_ms < o.to_ms && o.from_ms < p.to_ms;
        let sites = all.iter().filter(same).map(|p| &p.site).collect::<std::collections::BTreeSet<_>>().len();
        o.everywhere = sites >= 2 && sites * 2 > sizes.len();
    }
}
