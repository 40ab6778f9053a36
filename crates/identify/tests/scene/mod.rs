//! A small machine made of a few processes, to state promises over.

use facts::{
    Arch, Conversation, Coverage, Direction, Endpoint, Finding, Hit, Image, ImageKind, Machine, Privilege,
    Process, ProcessKey, Protocol, Recognised, Sensor, Slice, State, Transport, Usage,
};
use identify::{Model, Observation};

/// A machine under observation for four seconds; tests add what runs on it.
#[derive(Default)]
pub struct Scene {
    /// What the sensors read.
    pub slice: Slice,
    ended: Vec<(ProcessKey, u64)>,
    weights: Option<String>,
}

const fn key(pid: u32) -> ProcessKey {
    ProcessKey { pid, start: pid as u64 }
}

impl Scene {
    pub fn process(mut self, pid: u32, parent: u32, program: &str, user_ms: u64) -> Self {
        self.slice.processes.push(Process {
            key: key(pid),
            parent,
            group: parent,
            session: 1,
            name: program.to_owned(),
            exe: Some(format!("/usr/bin/{program}")),
            uid: 1000,
            user: Some("alice".into()),
            cgroup: "/".into(),
            arguments: None,
        });
        self.slice.usage.push(usage(pid, user_ms));
        self.slice.hits.push(Hit {
            process: key(pid),
            address: 0x1000,
            count: u32::try_from(user_ms / 10).unwrap(),
        });
        self
    }

    pub fn cgroup(mut self, path: &str) -> Self {
        self.slice.processes.last_mut().unwrap().cgroup = path.to_owned();
        self
    }

    pub fn ended_after(mut self, ms: u64) -> Self {
        let last = self.slice.processes.last().unwrap().key;
        self.ended.push((last, ms));
        self
    }

    /// x86-64 code that the process executes, with the sampled address at its begin.
    pub fn code(mut self, pid: u32, bytes: &[u8]) -> Self {
        let kind = ImageKind::File { path: "/usr/bin/x".into(), build_id: None };
        let image = Image { process: key(pid), start: 0x1000, end: 0x9000, offset: 0, writable: false, kind };
        self.slice.images.push(image);
        self.slice.code.push(facts::Code { process: key(pid), address: 0x1000, bytes: bytes.to_vec() });
        self
    }

    pub fn talks(mut self, pid: u32, protocol: Protocol, endpoint: Endpoint) -> Self {
        let recognised = Recognised {
            protocol,
            dialect: String::new(),
            chain: Some("monero".into()),
            algorithm: None,
            methods: vec![],
            host: None,
            agent: None,
            decided_by: Direction::ToServer,
            decided_at: 1,
            submitted: true,
        };
        self.slice.conversations.push(Conversation {
            process: key(pid),
            transport: Transport::Tcp,
            endpoint,
            local: "127.0.0.1:40000".parse().unwrap(),
            remote: "127.0.0.1:3333".parse().unwrap(),
            sent: 100,
            received: 100,
            recognised: Some(recognised),
        });
        self
    }

    pub fn coverage(mut self, state: State) -> Self {
        let line = Coverage { sensor: Sensor::Conversation, state, why: "no permission".into() };
        self.slice.coverage.push(line);
        self
    }

    /// Judges by these weights instead.
    pub fn judged_by(mut self, weights: &str) -> Self {
        self.weights = Some(weights.to_owned());
        self
    }

    pub fn observe(self) -> Observation {
        let machine = Machine {
            arch: Arch::X86_64,
            kernel: "6.1".into(),
            cpus: 2,
            memory: 1 << 34,
            privilege: Privilege::Machine,
        };
        let Self { mut slice, ended, weights } = self;
        let model = Model::parse(&weights.unwrap_or_else(plain)).unwrap();
        let mut observation = Observation::new(machine).judged_by(model);
        slice.hit_us = 10_000;
        slice.to_ms = 2_000;
        observation.absorb(&slice);
        let ended: Vec<ProcessKey> = ended.into_iter().map(|(key, _)| key).collect();
        observation.absorb(&Slice {
            from_ms: 2_000,
            to_ms: 4_000,
            hit_us: 10_000,
            ended,
            ..Slice::default()
        });
        observation
    }

    pub fn findings(self) -> Vec<Finding> {
        self.observe().looked().workloads
    }
}

pub fn usage(pid: u32, user_ms: u64) -> Usage {
    Usage {
        process: key(pid),
        user_ms,
        system_ms: 0,
        read: 0,
        written: 0,
        disk_read: 0,
        disk_written: 0,
        calls: 0,
        faults: 0,
        waits: 0,
        preempted: 0,
        resident: 1 << 20,
        huge: None,
        largest: None,
        threads: 1,
        hot_threads: 1,
    }
}

/// Weights under which asking for work means mining and xor means cryptography: tests are about the rules
/// around the weights, not about the weights that ship.
fn plain() -> String {
    weights(&[("class:xor", &[(10, 9.0)])], &[])
}

/// Weights of the given features, and scores before any evidence, each by the place of the activity.
pub fn weights(spread: &[(&str, &[(usize, f64)])], prior: &[(usize, f64)]) -> String {
    let row = |entries: &[(usize, f64)]| {
        let mut row = [0.0; 15];
        entries.iter().for_each(|(at, weight)| row[*at] = *weight);
        format!("{row:?}")
    };
    let spread: String =
        spread.iter().map(|(name, entries)| format!("{name:?} = {}\n", row(entries))).collect();
    let pointed = "\"talk:asks-for-work\" = 9.0\n\"talk:follows-chain\" = 6.0\n\"name:program\" = 4.0\n";
    format!("prior = {}\n[spread]\n{spread}[pointed]\n{pointed}", row(prior))
}

/// `xor eax, ebx; xor ecx, edx; jmp` back to the first: a loop that only mixes.
pub const XOR_LOOP: [u8; 6] = [0x31, 0xd8, 0x31, 0xd1, 0xeb, 0xfa];
