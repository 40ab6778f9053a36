//! The catalogue: what each file holds, and sums by the hour, in SQLite. All of it can be told from the files again.
//! It must not be trusted over a file: an entry counts only while size and time of change are those that it saw.

use crate::error::Error;
use crate::fold::{Fold, Sums};
use crate::folder;
use crate::hours::{Cell, HOUR, Hours, Summary};
use crate::part::Part;
use crate::query::{Group, Key, Query};
use facts::Activity;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};
use std::ops::Range;
use std::path::Path;

/// The name of the catalogue's file.
pub const NAME: &str = "catalogue.sqlite";
/// Goes up when the tables change: a catalogue of another version is made anew.
const VERSION: i64 = 1;

const TABLES: &str = "
  create table file (
    id integer primary key, name text not null unique, size integer not null, changed integer not null,
    crc integer not null, first_ms integer not null, end_ms integer not null);
  create table sums (
    file integer not null references file(id) on delete cascade, hour integer not null, operator text not null,
    site text not null, activity text not null, disposition text, findings integer not null, cpu integer not null,
    energy integer, unmetered integer not null, first_ms integer not null, last_ms integer not null);
  create index sums_by_hour on sums (hour);
  create index sums_by_file on sums (file);";

/// The catalogue of a folder.
pub struct Catalogue {
    database: Connection,
}

impl Catalogue {
    /// Opens the catalogue, or makes it; one that cannot be read is thrown away.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(NAME);
        if let Ok(catalogue) = Self::try_open(&path) {
            return Ok(catalogue);
        }
        for suffix in ["", "-wal", "-shm"] {
            folder::remove(&folder.join(format!("{NAME}{suffix}")))?;
        }
        Self::try_open(&path).map_err(|e| Error::medium(format!("opening {}", path.display()), e))
    }

    fn try_open(path: &Path) -> rusqlite::Result<Self> {
        let mut database = Connection::open(path)?;
        // Names of erased rows must not stay in free pages.
        database.execute_batch(
            "pragma auto_vacuum = full; pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on;
             pragma secure_delete = on;",
        )?;
        let version: i64 = database.query_row("pragma user_version", [], |row| row.get(0))?;
        if version != VERSION {
            let change = database.transaction()?;
            change.execute_batch("drop table if exists sums; drop table if exists file;")?;
            change.execute_batch(TABLES)?;
            change.pragma_update(None, "user_version", VERSION)?;
            change.commit()?;
        }
        Ok(Self { database })
    }

    /// The times of a file that the catalogue knows as it is.
    pub fn span(&self, part: &Part) -> Result<Option<Range<i64>>, Error> {
        let found = self.database.query_row(
            "select first_ms, end_ms from file where name = ?1 and size = ?2 and changed = ?3",
            params![part.name(), part.size.cast_signed(), part.changed],
            |row| Ok(row.get(0)?..row.get(1)?),
        );
        found.optional().map_err(failed)
    }

    /// Replaces what is known of `old` files by what `new` ones hold.
    pub fn change(&mut self, old: &[&str], new: &[(&Part, &Summary)]) -> Result<(), Error> {
        self.try_change(old, new).map_err(failed)
    }

    fn try_change(&mut self, old: &[&str], new: &[(&Part, &Summary)]) -> rusqlite::Result<()> {
        let change = self.database.transaction()?;
        for name in old.iter().copied().chain(new.iter().map(|(part, _)| part.name())) {
            change.execute("delete from file where name = ?1", [name])?;
        }
        for (part, summary) in new {
            change.execute(
                "insert into file (name, size, changed, crc, first_ms, end_ms) values (?1, ?2, ?3, ?4, ?5, ?6)",
                params![part.name(), part.size.cast_signed(), part.changed, summary.crc, part.span.start, part.span.end],
            )?;
            let id = change.last_insert_rowid();
            let mut insert = change
                .prepare("insert into sums values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)")?;
            for (cell, sums) in &summary.hours {
                insert.execute(params![
                    id,
                    cell.hour,
                    cell.operator,
                    cell.site,
                    cell.activity,
                    cell.disposition,
                    signed(sums.findings),
                    signed(sums.cpu_ms),
                    sums.energy_mj.map(signed),
                    signed(sums.unmetered),
                    sums.first_ms,
                    sums.last_ms
                ])?;
            }
        }
        change.commit()
    }

    /// Names of all files that the catalogue speaks of.
    pub fn names(&self) -> Result<Vec<String>, Error> {
        let mut select = self.database.prepare("select name from file order by name").map_err(failed)?;
        let names = select.query_map([], |row| row.get(0)).map_err(failed)?;
        names.collect::<Result<_, _>>().map_err(failed)
    }

    /// What the catalogue says of a file.
    pub fn summary(&self, name: &str) -> Result<Option<Summary>, Error> {
        let select = "select id, crc from file where name = ?1";
        let found = self.database.query_row(select, [name], |row| Ok((row.get(0)?, row.get(1)?)));
        let Some((id, crc)) = found.optional().map_err(failed)? else { return Ok(None) };
        let hours = self.hours(id).map_err(failed)?;
        Ok(Some(Summary { crc, hours }))
    }

    fn hours(&self, id: i64) -> rusqlite::Result<Hours> {
        let mut select = self.database.prepare(
            "select hour, operator, site, activity, disposition, findings, 0, cpu, 0, energy, unmetered, first_ms,
             last_ms from sums where file = ?1",
        )?;
        select.query_map([id], |row| Ok((cell(row)?, sums(row)?)))?.collect()
    }

    /// Adds the sums of whole hours, as far as a question asks for them.
    pub fn fold(&self, query: &Query, hours: Range<i64>, into: &mut Fold) -> Result<(), Error> {
        let (text, values) = select(query, &hours);
        let mut select = self.database.prepare(&text).map_err(failed)?;
        let lines =
            select.query_map(params_from_iter(values), |row| Ok((cell(row)?, sums(row)?))).map_err(failed)?;
        for line in lines {
            let (cell, sums) = line.map_err(failed)?;
            let bucket = query.bucket.map(|b| b.start(cell.hour.saturating_mul(HOUR)));
            into.line(key(query.group, cell), bucket, &sums)?;
        }
        Ok(())
    }
}

/// The question in SQL. Sums are taken in two halves, so that none overflows.
fn select(query: &Query, hours: &Range<i64>) -> (String, Vec<Value>) {
    let column =
        |wanted: bool, name: &str, other: &str| if wanted { name.to_owned() } else { other.to_owned() };
    let columns = [
        column(query.bucket.is_some(), "hour", "0"),
        column(query.group == Group::Operator, "operator", "''"),
        column(query.group == Group::Site, "site", "''"),
        column(query.group == Group::Activity, "activity", "''"),
        column(query.group == Group::Disposition, "disposition", "null"),
    ];
    let mut values = vec![Value::from(hours.start), Value::from(hours.end)];
    let mut filter = "hour >= ? and hour < ?".to_owned();
    let activities: Vec<String> = query.activities.iter().map(|a| a.name().to_owned()).collect();
    for (name, wanted) in [
        ("operator", &query.operators),
        ("site", &query.sites),
        ("activity", &activities),
        ("disposition", &query.dispositions),
    ] {
        if !wanted.is_empty() {
            let places = vec!["?"; wanted.len()].join(", ");
            filter = format!("{filter} and {name} in ({places})");
            values.extend(wanted.iter().cloned().map(Value::from));
        }
    }
    let text = format!(
        "select {}, sum(findings), sum(cpu >> 30), sum(cpu & 1073741823), sum(energy >> 30),
         sum(energy & 1073741823), sum(unmetered), min(first_ms), max(last_ms)
         from sums where {filter} group by 1, 2, 3, 4, 5",
        columns.join(", ")
    );
    (text, values)
}

fn cell(row: &Row<'_>) -> rusqlite::Result<Cell> {
    Ok(Cell {
        hour: row.get(0)?,
        operator: row.get(1)?,
        site: row.get(2)?,
        activity: row.get(3)?,
        disposition: row.get(4)?,
    })
}

fn sums(row: &Row<'_>) -> rusqlite::Result<Sums> {
    let whole = |high: i64, low: i64| {
        let sum = (i128::from(high) << 30) + i128::from(low);
        u64::try_from(sum).unwrap_or(u64::MAX)
    };
    let energy: Option<i64> = row.get(9)?;
    let high: Option<i64> = row.get(8)?;
    Ok(Sums {
        statements: None,
        findings: whole(0, row.get(5)?),
        cpu_ms: whole(row.get(6)?, row.get(7)?),
        energy_mj: energy.map(|low| whole(high.unwrap_or(0), low)),
        unmetered: whole(0, row.get(10)?),
        first_ms: row.get(11)?,
        last_ms: row.get(12)?,
    })
}

fn key(group: Group, cell: Cell) -> Key {
    match group {
        Group::Activity => Key::Activity(cell.activity.parse().unwrap_or(Activity::Undetermined)),
        Group::Disposition => Key::Disposition(cell.disposition),
        Group::Site => Key::Site(cell.site),
        Group::Operator => Key::Operator(cell.operator),
        Group::None | Group::Device | Group::Workload => Key::All,
    }
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn failed(error: rusqlite::Error) -> Error {
    Error::medium(format!("the catalogue {NAME}"), error)
}
