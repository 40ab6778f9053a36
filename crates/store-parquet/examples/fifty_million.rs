//! Measures the history: generates N million rows into a folder (`fifty_million FOLDER N`), prints the bytes a row and the
//! times of two questions, cold and warm. A folder that holds a history already is asked as it is. The data are seeded and uneven: devices a minute apart with drifting clocks, one
//! or two findings each, noisy processor time and energy, arrivals out of order, some devices without a meter.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use facts::{Activity, TokenState};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use std::path::Path;
use std::time::{Duration, Instant};
use store_parquet::{Facts, Group, Query, Row, Workload};

const DEVICES: usize = 100_000;
const MINUTE: i64 = 60_000;
const BEGIN: i64 = 1_780_000_000_000;
/// Statements of one frame.
const FRAME: usize = 4096;

struct Device {
    id: [u8; 16],
    operator: String,
    site: String,
    next: i64,
    sequence: u64,
    cores: u64,
    watts: Option<u64>,
    work: Vec<Work>,
}

struct Work {
    workload: Workload,
    activity: Activity,
    algorithm: Option<&'static str>,
    disposition: &'static str,
    load: u64,
}

const KINDS: [(Activity, Option<&str>, &str); 10] = [
    (Activity::Training, Some("gemm"), "data-industry"),
    (Activity::Inference, Some("gemm"), "data-industry"),
    (Activity::Mining, Some("randomx"), "prohibited"),
    (Activity::Validation, Some("bls12-381"), "register-and-report"),
    (Activity::StorageProving, Some("poseidon"), "register-and-report"),
    (Activity::Edge, None, "data-industry"),
    (Activity::Build, None, "data-industry"),
    (Activity::Data, None, "data-industry"),
    (Activity::General, None, "data-industry"),
    (Activity::Undetermined, None, "manual-review"),
];

fn below(random: &mut ChaCha8Rng, most: u64) -> u64 {
    random.next_u64() % most.max(1)
}

fn device(random: &mut ChaCha8Rng) -> Device {
    let mut id = [0; 16];
    random.fill_bytes(&mut id);
    let operator = below(random, 60);
    let works = 1 + below(random, 2);
    let work = |random: &mut ChaCha8Rng| {
        let (activity, algorithm, disposition) = KINDS[below(random, 10) as usize];
        let mut id = [0; 8];
        random.fill_bytes(&mut id);
        let name = format!("{}-{}.service", activity.name(), below(random, 400));
        let load = 50 + below(random, 900);
        Work { workload: Workload { id, name }, activity, algorithm, disposition, load }
    };
    let work = (0..works).map(|_| work(random)).collect();
    Device {
        id,
        site: format!("site-{:02}-{}", operator, below(random, 8)),
        operator: format!("operator-{operator:02}"),
        next: BEGIN + below(random, MINUTE as u64).cast_signed(),
        sequence: below(random, 500_000),
        cores: 4 << below(random, 5),
        watts: (below(random, 10) > 2).then(|| 60 + below(random, 900)),
        work,
    }
}

fn statement(random: &mut ChaCha8Rng, device: &mut Device, ordinal: u64, rows: &mut Vec<Row>) {
    let duration = MINUTE + below(random, 3).cast_signed();
    let from = device.next;
    device.next += duration;
    device.sequence += 1;
    let idle = below(random, 50) == 0;
    for work in device.work.iter().take(if idle { 0 } else { 2 }) {
        let load = work.load + below(random, 50);
        let cpu = device.cores * 60 * load + below(random, 5000);
        let energy = device.watts.map(|w| w * 60 * load + below(random, 200_000));
        rows.push(Row {
            ordinal,
            device: device.id,
            sequence: device.sequence,
            operator: device.operator.clone(),
            site: device.site.clone(),
            from_ms: from,
            duration_ms: duration as u32,
            workload: Some(work.workload.clone()),
            activity: work.activity,
            share: if below(random, 5) == 0 { 800 + below(random, 200) as u16 } else { 1000 },
            probability: 1000 - below(random, 60) as u16,
            algorithm: work.algorithm.map(str::to_owned),
            token: if work.activity == Activity::Mining { TokenState::Seen } else { TokenState::NotSeen },
            disposition: Some(work.disposition.to_owned()),
            cpu_ms: cpu,
            energy_mj: energy,
        });
    }
    if idle {
        rows.push(quiet(device, ordinal, from, duration));
    }
}

fn quiet(device: &Device, ordinal: u64, from: i64, duration: i64) -> Row {
    Row {
        ordinal,
        device: device.id,
        sequence: device.sequence,
        operator: device.operator.clone(),
        site: device.site.clone(),
        from_ms: from,
        duration_ms: duration as u32,
        workload: None,
        activity: Activity::Idle,
        share: 1000,
        probability: 1000,
        algorithm: None,
        token: TokenState::NotObservable,
        disposition: None,
        cpu_ms: 0,
        energy_mj: device.watts.map(|w| w * 6000),
    }
}

/// The devices, in the order in which their statements arrive, give or take the network.
fn fleet(random: &mut ChaCha8Rng) -> Vec<Device> {
    let mut devices: Vec<Device> = (0..DEVICES).map(|_| device(random)).collect();
    devices.sort_by_key(|d| d.next);
    devices
}

/// Fills the history.
fn generate(facts: &Facts, rows: usize) {
    let mut random = ChaCha8Rng::seed_from_u64(4);
    let mut devices = fleet(&mut random);
    let (mut made, mut ordinal, mut spent) = (0, 0, Duration::ZERO);
    let mut frame = Vec::new();
    'all: loop {
        for at in 0..DEVICES {
            let near = (at + below(&mut random, 200) as usize).min(DEVICES - 1);
            devices.swap(at, near);
            statement(&mut random, &mut devices[at], ordinal, &mut frame);
            ordinal += 1;
            if ordinal.is_multiple_of(FRAME as u64) {
                made += frame.len();
                let begin = Instant::now();
                facts.append(&frame, ordinal).unwrap();
                spent += begin.elapsed();
                frame.clear();
            }
            if made >= rows {
                break 'all;
            }
        }
    }
    let begin = Instant::now();
    facts.flush().unwrap();
    spent += begin.elapsed();
    println!("{made} rows taken in, {:.0} rows/s", made as f64 / spent.as_secs_f64());
}

/// Prints what each column takes.
fn columns(folder: &Path, rows: f64) {
    use parquet::file::reader::FileReader;
    let mut sizes = std::collections::BTreeMap::new();
    let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    for path in names.filter(|p| p.extension().is_some_and(|e| e == "parquet")) {
        let file = std::fs::File::open(path).unwrap();
        let reader = parquet::file::serialized_reader::SerializedFileReader::new(file).unwrap();
        for column in reader.metadata().row_groups().iter().flat_map(|group| group.columns()) {
            *sizes.entry(column.column_path().string()).or_insert(0) += column.compressed_size();
        }
    }
    let size = |(name, size): (&String, &i64)| format!("{name} {:.2}", *size as f64 / rows);
    println!("bytes a row by column: {}", sizes.iter().map(size).collect::<Vec<_>>().join(", "));
}

fn bytes(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().metadata().unwrap().len()).sum()
}

fn ask(folder: &Path, name: &str, query: &Query, bar: f64) {
    let facts = Facts::open(folder).unwrap();
    for state in ["cold", "warm", "warm"] {
        let begin = Instant::now();
        let lines = facts.query(query).unwrap();
        let ms = begin.elapsed().as_secs_f64() * 1e3;
        let findings: u64 = lines.iter().map(|l| l.sums.findings).sum();
        println!(
            "{name}, {state}: {ms:.1} ms, {} lines, {findings} findings; {:.2} of the bar",
            lines.len(),
            ms / bar
        );
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().expect("a folder");
    let millions: f64 = arguments.next().expect("millions of rows").parse().expect("a number");
    let folder = Path::new(&folder);
    let facts = Facts::open(folder).unwrap();
    let rows = millions * 1e6;
    if facts.next_ordinal() == 0 {
        generate(&facts, rows as usize);
    }
    let everything = Query { to_ms: i64::MAX, ..Query::default() };
    let to_ms = facts.query(&everything).unwrap()[0].sums.last_ms;
    let device = fleet(&mut ChaCha8Rng::seed_from_u64(4))[12_345].id;
    println!("{:.2} bytes a row before files are merged", bytes(folder) as f64 / rows);
    columns(folder, rows);
    let begin = Instant::now();
    while facts.merge().unwrap() {}
    println!("merged in {:.1} s", begin.elapsed().as_secs_f64());
    drop(facts);
    columns(folder, rows);
    let size = bytes(folder) as f64 / rows;
    println!("{size:.2} bytes a row; {:.2} of the bar", size / 12.0);
    let all = Query { from_ms: BEGIN, to_ms, ..Query::default() };
    let device = Query { devices: vec![device], group: Group::Workload, ..all.clone() };
    ask(folder, "one device by workload", &device, 200.0);
    let activity = Query { group: Group::Activity, ..all.clone() };
    ask(folder, "all by activity", &activity, 2000.0);
    let partly = Query { from_ms: BEGIN + 7 * MINUTE, to_ms: to_ms - 7 * MINUTE, ..activity.clone() };
    ask(folder, "all by activity, hours cut", &partly, 2000.0);
    let counted = Query { statements: true, ..activity };
    ask(folder, "all by activity with statements, every row looked at", &counted, 2000.0);
}
