//! A component as numbers between about 0 and 1, each with a name and the kind of evidence it belongs to.
//!
//! Every feature is a physical reading or a match in a book; none is a name of a pool, port or file hash. Most
//! bear on every activity with a weight of their own. A *pointed* feature bears on one activity only.

use crate::algorithm;
use crate::component::Component;
use crate::judge;
use code::Class;
use facts::{Activity, Endpoint, EvidenceKind, Protocol};
use signatures::{Book, NameKind};
use std::collections::BTreeMap;

/// The kind of evidence a feature belongs to.
pub type Group = EvidenceKind;

/// One number about a component.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Its name, the key of its weights in the model.
    pub name: String,
    /// The kind of evidence.
    pub group: Group,
    /// Its value, about 0 to 1.
    pub value: f64,
    /// The one activity it bears on, or none when it bears on all.
    pub toward: Option<Activity>,
}

/// All features of one component whose value is not zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features(pub Vec<Feature>);

/// Bytes per processor second that count as "works on data in full": 100 MB/s.
const FULL_RATE_LOG10: f64 = 8.0;

/// Fitting computations that count.
const FITTING: usize = 3;

impl Features {
    pub(crate) fn put(&mut self, group: Group, name: impl Into<String>, value: f64) {
        if value.is_finite() && value != 0.0 {
            self.0.push(Feature { name: name.into(), group, value, toward: None });
        }
    }

    fn point(&mut self, group: Group, name: &str, toward: Activity, value: f64) {
        if value > 0.0 {
            self.0.push(Feature { name: name.to_owned(), group, value, toward: Some(toward) });
        }
    }

    /// The features of a component.
    pub(crate) fn of(part: &Component) -> Self {
        let mut all = Self::default();
        all.hot_code(part);
        all.data(part);
        all.memory(part);
        all.threads(part);
        all.products(part);
        all.constants(part);
        all.conversations(part);
        all.names(part);
        all
    }

    /// The value of a feature that bears on all activities; 0 when absent.
    #[must_use]
    pub fn value(&self, name: &str) -> f64 {
        self.0.iter().find(|f| f.name == name).map_or(0.0, |f| f.value)
    }

    fn hot_code(&mut self, part: &Component) {
        let hot = &part.hot;
        if hot.decoded == 0 {
            return self.put(Group::HotCode, "code:unseen", 1.0);
        }
        for class in Class::ALL {
            // The square root lifts rare but telling instructions (one AES in a hundred) above the noise.
            self.put(Group::HotCode, format!("class:{}", class.name()), part.class(class).sqrt());
        }
        let user = hot.samples as f64;
        for (name, value) in [
            ("code:arithmetic", hot.arithmetic),
            ("code:in-loop", hot.in_loop),
            ("code:loop-length", (1.0 + hot.loop_length).log2() / 12.0),
            ("code:addresses-half", (1.0 + hot.addresses50).log2() / 10.0),
            ("code:pages", (1.0 + hot.pages90).log2() / 8.0),
            ("code:loads", hot.loads),
            ("code:stores", hot.stores),
            ("code:single", hot.single.sqrt()),
            ("code:double", hot.double.sqrt()),
            ("code:half", hot.half.sqrt()),
            ("code:width", hot.width / 512.0),
            ("code:anonymous", hot.anonymous),
            ("code:writable", hot.writable),
            ("code:kernel", hot.kernel as f64 / (user + hot.kernel as f64).max(1.0)),
        ] {
            self.put(Group::HotCode, name, value);
        }
    }

    fn data(&mut self, part: &Component) {
        let totals = &part.totals;
        for (name, bytes) in [
            ("data:read", totals.read),
            ("data:written", totals.written),
            ("data:disk-read", totals.disk_read),
            ("data:disk-written", totals.disk_written),
            ("data:sent", totals.sent),
            ("data:received", totals.received),
        ] {
            self.put(Group::DataRate, name, rate(bytes, part.seconds));
        }
        self.put(
            Group::DataRate,
            "data:calls",
            (1.0 + totals.calls as f64 / part.seconds.max(0.01)).log10() / 6.0,
        );
        let system = totals.system_ms as f64 / (totals.user_ms + totals.system_ms).max(1) as f64;
        self.put(Group::DataRate, "data:system-time", system);
    }

    fn memory(&mut self, part: &Component) {
        let totals = &part.totals;
        let megabytes = |bytes: u64| (1.0 + bytes as f64 / 1e6).log10() / 4.0;
        self.put(Group::Memory, "memory:resident", megabytes(totals.resident));
        self.put(Group::Memory, "memory:largest", megabytes(totals.largest));
        self.put(Group::Memory, "memory:huge", megabytes(totals.huge));
        self.put(
            Group::Memory,
            "memory:faults",
            (1.0 + totals.faults as f64 / part.seconds.max(0.01)).log10() / 6.0,
        );
        let full = algorithm::randomx(part) && algorithm::full_data_set(part);
        self.point(Group::Memory, "known:randomx-data-set", Activity::Mining, f64::from(full));
        // A miner may make do with the cache too, at a tenth of the speed; then its pool gives it away.
        let light = algorithm::randomx(part) && !full && !judge::gives_work(part);
        self.point(Group::Memory, "known:randomx-cache", Activity::Validation, f64::from(light));
        self.put(Group::Memory, "memory:randomx-shape", f64::from(randomx_shape(totals.largest)));
    }

    fn threads(&mut self, part: &Component) {
        let totals = &part.totals;
        let per_second = |n: u64| (1.0 + n as f64 / part.window_s).log10() / 5.0;
        self.put(Group::Threads, "threads:count", (1.0 + totals.threads as f64).log2() / 8.0);
        self.put(Group::Threads, "threads:hot", (1.0 + totals.hot_threads as f64).log2() / 5.0);
        self.put(Group::Threads, "threads:use", (part.cpu_share() / f64::from(part.cpus.max(1))).min(1.0));
        self.put(Group::Threads, "threads:waits", per_second(totals.waits));
        self.put(Group::Threads, "threads:preempted", per_second(totals.preempted));
        self.put(Group::Threads, "threads:processes", (totals.processes as f64).log2() / 8.0);
        self.put(Group::Threads, "threads:started", per_second(totals.started));
    }

    fn constants(&mut self, part: &Component) {
        let book = Book::shipped();
        let mut primitives: BTreeMap<&str, f64> = BTreeMap::new();
        for (name, share) in &part.constants {
            let Some(constant) = book.constant(name) else { continue };
            let value = (0.25 + 0.75 * share.sqrt()) * constant.specific;
            let best = primitives.entry(constant.primitive.as_str()).or_default();
            *best = best.max(value);
        }
        for (primitive, value) in primitives {
            self.put(Group::Constants, format!("uses:{primitive}"), value);
        }
        self.fitting(part);
    }

    /// What the best fitting computations are used for. Proof of work counts only where it is the usual use.
    fn fitting(&mut self, part: &Component) {
        let mut uses: BTreeMap<Activity, f64> = BTreeMap::new();
        for (algorithm, score) in algorithm::candidates(part).into_iter().take(FITTING) {
            for (rank, activity) in algorithm.activities.iter().enumerate() {
                if rank == 0 || *activity != Activity::Mining {
                    let best = uses.entry(*activity).or_default();
                    *best = best.max(score / (1.0 + rank as f64));
                }
            }
        }
        for (activity, value) in uses {
            self.point(Group::Constants, "fits:algorithm", activity, value);
        }
    }

    fn conversations(&mut self, part: &Component) {
        let spoken = || part.conversations.iter().filter_map(|c| Some((c, c.recognised.as_ref()?)));
        let any = |test: &dyn Fn(Protocol, Endpoint) -> bool| {
            f64::from(u8::from(spoken().any(|(c, r)| test(r.protocol, c.endpoint))))
        };
        let g = Group::Conversation;
        self.point(
            g,
            "talk:asks-for-work",
            Activity::Mining,
            any(&|p, e| p.gives_work() && e != Endpoint::Server),
        );
        self.point(g, "talk:follows-chain", Activity::Validation, any(&|p, _| p.follows_chain()));
        let web = |p, e| matches!(p, Protocol::Http | Protocol::Tls) && e == Endpoint::Server;
        self.point(g, "talk:serves-web", Activity::Edge, any(&web));
        let store = |p, e| matches!(p, Protocol::Postgres | Protocol::Redis) && e == Endpoint::Server;
        self.point(g, "talk:serves-data", Activity::Data, any(&store));
        self.put(g, "talk:connections", (1.0 + part.conversations.len() as f64).log2() / 8.0);
    }

    fn names(&mut self, part: &Component) {
        let book = Book::shipped();
        let mut images: BTreeMap<Activity, f64> = BTreeMap::new();
        let mut symbols: BTreeMap<Activity, f64> = BTreeMap::new();
        for (kind, shares, sums) in
            [(NameKind::Image, &part.images, &mut images), (NameKind::Symbol, &part.symbols, &mut symbols)]
        {
            for (name, share) in shares {
                for (activity, strength) in
                    book.hint(kind, name).map(|h| h.activities.as_slice()).unwrap_or(&[])
                {
                    *sums.entry(*activity).or_default() += presence(*share) * strength;
                }
            }
        }
        for (activity, value) in images {
            self.point(Group::Symbols, "name:image", activity, value.min(1.0));
        }
        for (activity, value) in symbols {
            self.point(Group::Symbols, "name:symbol", activity, value.min(1.0));
        }
        let mut programs: BTreeMap<Activity, f64> = BTreeMap::new();
        for hint in part.names.iter().filter_map(|name| book.hint(NameKind::Program, name)) {
            for (activity, strength) in &hint.activities {
                let best = programs.entry(*activity).or_default();
                *best = best.max(*strength);
            }
        }
        for (activity, value) in programs {
            self.point(Group::Symbols, "name:program", activity, value);
        }
    }
}

/// How much a name counts for its share of the samples: a library that is there at all says something, even
/// where most of the time passes in what it calls.
fn presence(share: f64) -> f64 {
    share.powf(0.4)
}

/// Size of the RandomX data set: 2,080 MiB and a little more (RandomX specification 1.2, section 7.1).
pub(crate) const RANDOMX_DATA_SET: u64 = 2_080 << 20;

/// Bytes per processor second on a scale of powers of ten, 0 for none and 1 for 100 MB/s.
pub(crate) fn rate(bytes: u64, seconds: f64) -> f64 {
    ((1.0 + bytes as f64 / seconds.max(0.01)).log10() / FULL_RATE_LOG10).min(1.2)
}

/// A RandomX data set is 2,080 MiB, its light cache 256 MiB (RandomX specification 1.2, tables 1.1 and 7.1).
pub(crate) fn randomx_shape(largest: u64) -> bool {
    const MIB: u64 = 1 << 20;
    // The kernel merges neighbouring mappings: the cache and scratchpads may stand in one with the data set.
    (2079 * MIB..2700 * MIB).contains(&largest) || (255 * MIB..262 * MIB).contains(&largest)
}
