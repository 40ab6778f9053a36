//! The sensors on real work of our own. What the kernel of the machine forbids is skipped, with the reason.

use facts::{Privilege, ProcessKey, Sensor, Slice, State};
use sense_linux::{Options, Sensors};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const OPTIONS: Options = Options { arguments: false, rate: 1_000, capture: false };

/// Ends the child with the test, whatever comes.
struct Work(Child);

impl Work {
    fn shell(script: &str) -> std::io::Result<Self> {
        let quiet = || Stdio::null();
        Command::new("sh").args(["-c", script]).stdout(quiet()).stderr(quiet()).spawn().map(Self)
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn sampling(slice: &Slice) -> bool {
    let blind = |l: &&facts::Coverage| l.sensor == Sensor::HotCode && l.state == State::None;
    let line = slice.coverage.iter().find(blind);
    if let Some(line) = line {
        eprintln!("skipped: {}", line.why);
    }
    line.is_none()
}

/// Slices until `found` or eight seconds have passed: this machine may be busy with much else.
fn watch(sensors: &mut Sensors, mut found: impl FnMut(&Slice) -> bool) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(8) {
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(40));
            sensors.drain();
        }
        let slice = sensors.slice();
        if !sampling(&slice) || found(&slice) {
            return true;
        }
    }
    false
}

#[test]
fn a_busy_loop_is_seen_with_its_code_image_and_processor_time() {
    let work = Work::shell("while :; do :; done").unwrap();
    let mut sensors = Sensors::open(OPTIONS).unwrap();
    let (mut code, mut image, mut used, mut key) = (false, false, 0, None::<ProcessKey>);
    let seen = watch(&mut sensors, |slice| {
        let mine = |p: &ProcessKey| p.pid == work.0.id();
        key = key.or(slice.processes.iter().map(|p| p.key).find(mine));
        code |= slice.code.iter().any(|c| mine(&c.process) && c.bytes.len() >= 1_024);
        image |= slice.images.iter().any(|i| mine(&i.process));
        used += slice.usage.iter().filter(|u| mine(&u.process)).map(|u| u.user_ms + u.system_ms).sum::<u64>();
        key.is_some() && code && image && used >= 50
    });
    assert!(seen, "process {key:?}, code {code}, image {image}, {used} ms");
}

#[test]
fn short_processes_keep_their_name_and_the_one_who_starts_them() {
    let mut sensors = Sensors::open(OPTIONS).unwrap();
    if sensors.machine().privilege != Privilege::Machine {
        eprintln!("skipped: short processes are seen only with machine-wide sampling");
        return;
    }
    let work = Work::shell("while :; do sha256sum /bin/sh; done").unwrap();
    let seen = watch(&mut sensors, |slice| {
        slice.processes.iter().any(|p| {
            p.name == "sha256sum" && p.parent == work.0.id() && slice.hits.iter().any(|h| h.process == p.key)
        })
    });
    assert!(seen, "no short process was sampled");
}

#[test]
fn every_hit_and_usage_belongs_to_a_process_that_was_handed_out() {
    let _work = Work::shell("while :; do /bin/true; done").unwrap();
    let mut sensors = Sensors::open(OPTIONS).unwrap();
    let mut known: Vec<ProcessKey> = Vec::new();
    let mut last = 0;
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(250));
        let slice = sensors.slice();
        known.extend(slice.processes.iter().map(|p| p.key));
        for key in slice.hits.iter().map(|h| h.process).chain(slice.usage.iter().map(|u| u.process)) {
            assert!(known.contains(&key), "{key:?} was never handed out");
        }
        assert_eq!(slice.from_ms, last, "slices follow without a gap");
        last = slice.to_ms;
    }
}

#[test]
fn arguments_are_recorded_only_when_asked_for() {
    for arguments in [false, true] {
        let work = Work::shell("secret=1; while :; do :; done").unwrap();
        let mut sensors = Sensors::open(Options { arguments, ..OPTIONS }).unwrap();
        let mut recorded = None;
        watch(&mut sensors, |slice| {
            let mine = slice.processes.iter().find(|p| p.key.pid == work.0.id());
            recorded = recorded.take().or(mine.map(|p| p.arguments.is_some()));
            recorded.is_some()
        });
        assert_ne!(recorded, Some(!arguments));
    }
}
