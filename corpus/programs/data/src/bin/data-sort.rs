//! Sorts records on disk in runs and merges them, as a database does for a large `order by`. `--size` gives the records
//! (400000 unless told).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{BufReader, BufWriter, Read, Write};

const RUNS: usize = 8;

fn main() {
    let options = runner::Options::read();
    let records = options.size.unwrap_or(400_000);
    options.run(|thread, shift| {
        let files: Vec<_> = (0..RUNS).map(|run| options.scratch(&format!("run-{thread}-{run}"))).collect();
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            for file in &files {
                let mut run: Vec<[u8; 16]> = vec![[0; 16]; records / RUNS];
                run.iter_mut().for_each(|record| random.fill(record));
                run.sort_unstable();
                let mut out = BufWriter::new(std::fs::File::create(&file.0).expect("a file"));
                run.iter().for_each(|record| out.write_all(record).expect("space"));
            }
            let mut readers: Vec<_> = files
                .iter()
                .map(|file| BufReader::new(std::fs::File::open(&file.0).expect("the file")))
                .collect();
            let mut next = |run: usize| {
                let mut record = [0; 16];
                readers[run].read_exact(&mut record).ok().map(|()| Reverse((record, run)))
            };
            let mut heap: BinaryHeap<_> = (0..RUNS).filter_map(&mut next).collect();
            let mut count = 0;
            while let Some(Reverse((_, run))) = heap.pop() {
                heap.extend(next(run));
                count += 1;
                if count % 4096 == 0 && !shift.goes_on() {
                    return;
                }
            }
        }
    });
}
