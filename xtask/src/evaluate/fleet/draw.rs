//! A fleet: which recording plays which device, what it declares, and what is planted.
//!
//! Drawn by a seed from one half of the families. Must not look at what identification makes of a recording.

use super::plant::Plant;
use super::replay::{Replays, Script, statement};
use super::{Corpus, Half, register, works};
use crate::evaluate::cases::Case;
use discrepancy::Said;
use facts::{Activity, TokenState};
use registration::Register;
use statement::{DeviceId, Digest, Name};
use std::collections::BTreeSet;
use std::error::Error;
use testkit::Random;

/// Devices of a fleet.
pub(super) const DEVICES: usize = 100;
/// Begin of the watch: Monday 2026-03-02, 08:00 UTC.
pub(super) const FROM_MS: u64 = 1_772_438_400_000;
/// Minutes of the watch, one statement each.
pub(super) const MINUTES: u64 = 180;
/// Devices of one site.
const SITE: usize = 25;
/// Declared nominal power and what is drawn, watts.
const NOMINAL: u64 = 400;

/// One device: what plays, what is declared.
#[derive(Clone, Debug)]
pub(super) struct Device {
    pub id: DeviceId,
    pub name: Name,
    pub site: Name,
    pub script: Script,
    pub plant: Option<Plant>,
    pub activity: Activity,
    pub algorithm: Option<String>,
    pub token: bool,
    pub schedule: Option<&'static str>,
    pub guest: Option<Activity>,
    /// What plays, in words.
    pub plays: String,
}

/// All devices.
pub(super) struct Plan {
    pub devices: Vec<Device>,
}

/// A fleet with what it registered and what it said.
pub(super) struct Fleet {
    pub devices: Vec<Device>,
    pub register: Register,
    pub said: Vec<Said>,
}

struct Drawing<'a> {
    corpus: &'a Corpus<'a>,
    half: Half,
    random: Random,
    /// Families that already play, so that honest devices are of as many as there are.
    used: BTreeSet<&'a str>,
}

impl Plan {
    /// Draws one: ten planted first, the rest honest.
    pub fn draw(corpus: &Corpus<'_>, half: Half, seed: u64) -> Result<Self, Box<dyn Error>> {
        let mut drawing = Drawing { corpus, half, random: Random(seed), used: BTreeSet::new() };
        let mut devices = Vec::new();
        for at in 0..DEVICES {
            let plant = Plant::ALL.get(at).copied();
            devices.push(drawing.device(at, plant)?);
        }
        Ok(Self { devices })
    }
}

impl<'a> Drawing<'a> {
    /// A recording of this half that fits; of a family that does not play yet, while there is one.
    fn pick(&mut self, fits: impl Fn(&Case) -> bool) -> Result<usize, Box<dyn Error>> {
        let corpus = self.corpus;
        let of_half = |c: &Case| self.half == Half::Both || corpus.half(&c.label.family) == self.half;
        let all: Vec<usize> = (0..corpus.cases.len())
            .filter(|at| corpus.cases.get(*at).is_some_and(|c| of_half(c) && fits(c)))
            .collect();
        let family = |at: &usize| corpus.cases.get(*at).map_or("", |c| c.label.family.as_str());
        let fresh: BTreeSet<&str> = all.iter().map(family).filter(|f| !self.used.contains(f)).collect();
        let among: Vec<&str> = if fresh.is_empty() {
            all.iter().map(family).collect::<BTreeSet<_>>().into_iter().collect()
        } else {
            fresh.into_iter().collect()
        };
        let chosen = *among.get(self.below(among.len())).ok_or("no recording fits what is to be planted")?;
        let own: Vec<usize> = all.into_iter().filter(|at| family(at) == chosen).collect();
        self.used.insert(chosen);
        own.get(self.below(own.len())).copied().ok_or_else(|| "a family without recordings".into())
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.random.below(n as u64)).unwrap_or(0)
    }

    fn device(&mut self, at: usize, plant: Option<Plant>) -> Result<Device, Box<dyn Error>> {
        let busy = |c: &Case| works(c.label.activity);
        let earns =
            |c: &Case| c.label.activity == Activity::Mining && c.label.token_link == Some(TokenState::Seen);
        let full = |c: &Case| !c.label.evasion.iter().any(|e| e.starts_with("throttle"));
        let honest = |c: &Case| busy(c) && c.label.activity != Activity::Mining;
        let script = match plant {
            Some(Plant::HiddenMiner) => {
                Script::Beside(self.pick(honest)?, self.pick(|c| earns(c) && full(c))?)
            }
            Some(Plant::ForeignComponent) => {
                Script::Inside(self.pick(honest)?, self.pick(|c| earns(c) && full(c))?)
            }
            Some(Plant::WrongAlgorithm | Plant::UndeclaredToken) => {
                Script::Plain(self.pick(|c| earns(c) && full(c))?)
            }
            Some(Plant::NeverSeen) => Script::Plain(self.pick(|c| c.label.activity == Activity::Idle)?),
            Some(Plant::MixedLoad) => {
                let host = self.pick(|c| honest(c) && full(c))?;
                let of = self.corpus.label(host)?.activity;
                let other = |c: &Case| honest(c) && full(c) && merged(c.label.activity) != merged(of);
                Script::Beside(host, self.pick(other)?)
            }
            Some(_) => Script::Plain(self.pick(|c| honest(c) && full(c))?),
            None => Script::Plain(self.pick(|_| true)?),
        };
        self.declare(at, plant, script)
    }

    /// What the device declares: what its recording is labelled as, but for what is planted.
    fn declare(&mut self, at: usize, plant: Option<Plant>, script: Script) -> Result<Device, Box<dyn Error>> {
        let (host, guest) = match script {
            Script::Plain(a) | Script::Blind(a) => (a, None),
            Script::Beside(a, b) | Script::Inside(a, b) => (a, Some(b)),
        };
        let label = self.corpus.label(host)?;
        let guest = guest.map(|at| self.corpus.label(at)).transpose()?;
        let plays = guest.map_or_else(|| label.file.clone(), |g| format!("{} + {}", label.file, g.file));
        let mut device = Device {
            id: device_id(at),
            name: format!("node-{at:03}").parse()?,
            site: format!("hall-{}", at / SITE).parse()?,
            script,
            plant,
            activity: label.activity,
            algorithm: label.algorithm.clone(),
            token: label.token_link == Some(TokenState::Seen),
            schedule: None,
            guest: guest.map(|g| g.activity),
            plays: plays.replace(".json.gz", ""),
        };
        match plant {
            Some(Plant::WrongAlgorithm) => {
                device.algorithm = self.other_algorithm(device.algorithm.as_deref())
            }
            Some(Plant::UndeclaredToken) => device.token = false,
            Some(Plant::NeverSeen) => device.activity = Activity::Training,
            Some(Plant::OutOfHours) => device.schedule = Some("Mo-Su 20:00-06:00"),
            _ => {}
        }
        Ok(device)
    }

    fn other_algorithm(&mut self, own: Option<&str>) -> Option<String> {
        let mining = self.corpus.cases.iter().filter(|c| c.label.activity == Activity::Mining);
        let names: BTreeSet<&str> = mining.filter_map(|c| c.label.algorithm.as_deref()).collect();
        let others: Vec<&str> = names.into_iter().filter(|name| Some(*name) != own).collect();
        others.get(self.below(others.len())).map(|name| (*name).to_owned())
    }
}

fn merged(activity: Activity) -> Activity {
    crate::evaluate::metrics::merged(activity)
}

fn device_id(at: usize) -> DeviceId {
    let digest = Digest::of(at.to_string().as_bytes());
    let mut id = [0; 16];
    id.iter_mut().zip(digest.0).for_each(|(to, from)| *to = from);
    DeviceId(id)
}

impl Fleet {
    /// Plays all devices for the time of the watch.
    pub fn build(plan: &Plan, replays: &mut Replays<'_>) -> Result<Self, Box<dyn Error>> {
        let (mut said, mut ordinal) = (Vec::new(), 0);
        for (at, device) in plan.devices.iter().enumerate() {
            let looks = replays.looks(device.script)?;
            let blind = match (device.plant, device.script) {
                (Some(Plant::LostCoverage), Script::Plain(at)) => Some(replays.looks(Script::Blind(at))?),
                _ => None,
            };
            let watts =
                if device.plant == Some(Plant::OverPower) { NOMINAL * 13 / 10 } else { NOMINAL * 3 / 4 };
            let minutes = if device.plant == Some(Plant::SilentDevice) { 60 } else { MINUTES };
            for minute in 0..minutes {
                let looks = blind.as_ref().filter(|_| minute >= MINUTES / 2).unwrap_or(&looks);
                let wobble = (minute * 7 + at as u64) % 40;
                let from_ms = FROM_MS + minute * 60_000;
                let made = statement(device.id, looks, minute, from_ms, watts - 20 + wobble);
                said.push(Said::of(&made, device.site.clone(), ordinal, |_| None));
                ordinal += 1;
            }
        }
        Ok(Self { devices: plan.devices.clone(), register: register::of(&plan.devices, NOMINAL)?, said })
    }
}
