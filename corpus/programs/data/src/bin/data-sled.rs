//! Reads, writes and scans keys in `sled`.

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let path = options.scratch(&format!("sled-{thread}"));
        let db = sled::Config::new().path(&path.0).flush_every_ms(Some(1000)).open().expect("a folder");
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            for _ in 0..200 {
                let key = (random.next() % 100_000).to_be_bytes();
                db.insert(key, &random.next().to_le_bytes().repeat(8)[..]).expect("a row");
                std::hint::black_box(db.get((random.next() % 100_000).to_be_bytes()).expect("a read"));
            }
            std::hint::black_box(
                db.range((random.next() % 90_000).to_be_bytes()..).take(500).flatten().count(),
            );
        }
    });
}
