//! Reads, writes and ranges over keys in `redb`.

use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};

const TABLE: TableDefinition<u64, &[u8]> = TableDefinition::new("values");

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let path = options.scratch(&format!("redb-{thread}"));
        let db = Database::create(&path.0).expect("a file");
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let mut write = db.begin_write().expect("a transaction");
            let _ = write.set_durability(redb::Durability::None);
            {
                let mut table = write.open_table(TABLE).expect("a table");
                for _ in 0..500 {
                    table
                        .insert(random.next() % 100_000, &random.next().to_le_bytes().repeat(12)[..])
                        .expect("a row");
                }
            }
            write.commit().expect("a transaction");
            let read = db.begin_read().expect("a transaction");
            let table = read.open_table(TABLE).expect("a table");
            let from = random.next() % 90_000;
            let sum: usize = table
                .range(from..from + 2000)
                .expect("a range")
                .flatten()
                .map(|(_, v)| v.value().len())
                .sum();
            std::hint::black_box(sum);
        }
    });
}
