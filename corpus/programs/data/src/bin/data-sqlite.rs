//! Inserts, joins, groups and deletes rows in SQLite, by `rusqlite`. `--size` gives the rows (20000 unless told).

use rusqlite::{Connection, params};

fn main() {
    let options = runner::Options::read();
    let rows = options.size.unwrap_or(20_000) as i64;
    options.run(|thread, shift| {
        let path = options.scratch(&format!("sqlite-{thread}"));
        let mut db = Connection::open(&path.0).expect("a file");
        db.execute_batch("pragma synchronous=off; create table visit(id integer primary key, person int, place int, note text); create index by_person on visit(person);").expect("tables");
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let work = db.transaction().expect("a transaction");
            for _ in 0..500 {
                let (person, place) = (random.next() as i64 % 1000, random.next() as i64 % 50);
                work.execute("insert into visit(person, place, note) values (?1, ?2, ?3)", params![person, place, format!("note {person}")]).expect("a row");
            }
            work.execute("delete from visit where id <= (select max(id) from visit) - ?1", params![rows]).expect("rows");
            work.commit().expect("a transaction");
            let count: i64 = db
                .query_row("select count(*) from (select place, count(*) c, sum(length(note)) from visit group by place order by c)", [], |row| row.get(0))
                .expect("a row");
            std::hint::black_box(count);
        }
    });
}
