//! Fleets as tables: one line a device, the first line names the columns.
//!
//! Read as a stream, with bounds on rows and on the length of a row; a table that is too long is refused at the first row
//! beyond the bound.

use crate::decoded::{Decoded, looks_like};
use crate::field::{as_cell, cell};
use crate::mistake::{Fault, Mistakes};
use crate::reading::{AHEAD_YEARS, Once, Reading, UNTIL_YEARS, name};
use crate::wish::{Said, Wish, Wishes};
use csv::{ByteRecord, ErrorKind};
use rulebook::Field;
use statement::Kind;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::io::{Cursor, Read};
use std::rc::Rc;

/// Most rows of one table: three times the largest fleet that was measured, and about 300 MB of memory.
pub const MAX_ROWS: u64 = 300_000;
/// Most bytes of one row.
pub const MAX_ROW: usize = 1 << 20;
/// Most columns.
const MAX_COLUMNS: usize = 256;
/// Columns that are no fields.
const PLAIN: [&str; 5] = ["id", "site", "from", "until", "device"];

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Column<'v> {
    Id,
    Site,
    From,
    Until,
    Device,
    Field(&'v Field),
    /// A column of an inventory that is not taken over.
    Ignored,
}

/// What a name in the first line means; none where it is left out.
pub(crate) type Naming<'a, 'v> = &'a mut dyn FnMut(&str) -> Result<Column<'v>, Fault>;

/// Reads a table of devices.
///
/// # Errors
///
/// Up to [`crate::MAX_MISTAKES`] mistakes with their lines; nothing is read in part.
pub fn fleet(source: impl Read, reading: &Reading<'_>) -> Result<Wishes, Mistakes> {
    table(source, reading, &mut |text| column(reading, text), &|id| id.to_owned())
}

/// What a column of a fleet's table means.
pub(crate) fn column<'v>(reading: &Reading<'v>, text: &str) -> Result<Column<'v>, Fault> {
    Ok(match text {
        "id" => Column::Id,
        "site" => Column::Site,
        "from" => Column::From,
        "until" => Column::Until,
        "device" => Column::Device,
        other => Column::Field(reading.dictionary.known(other, &PLAIN)?),
    })
}

/// Reads a table whose columns are named by `naming` and whose ids are formed by `form`.
pub(crate) fn table(
    source: impl Read,
    reading: &Reading<'_>,
    naming: Naming<'_, '_>,
    form: &dyn Fn(&str) -> String,
) -> Result<Wishes, Mistakes> {
    let left = Rc::new(Cell::new(MAX_ROW));
    let mut rows = Rows::open(Decoded::new(source, Rc::clone(&left)), left)?;
    let mut mistakes = Mistakes::default();
    let Some(columns) = rows.head(naming, &mut mistakes) else { return mistakes.or(Wishes::default()) };
    let (mut once, mut wishes) = (Once::default(), Wishes::default());
    let mut count = 0;
    while !mistakes.full() && rows.next(&mut mistakes) {
        count += 1;
        if count > MAX_ROWS {
            mistakes.stop(rows.line, Fault::Rows { most: MAX_ROWS });
            break;
        }
        if rows.record.len() != columns.len() {
            let (found, expected) = (rows.record.len(), columns.len());
            mistakes.add(rows.line, Fault::Width { found, expected });
            continue;
        }
        if let Some(wish) = row(&rows, &columns, reading, form, &mut mistakes) {
            once.check(&wish, &mut mistakes);
            wishes.subjects.push(wish);
        }
    }
    mistakes.or(wishes)
}

/// The rows of a table, one at a time.
struct Rows<R> {
    csv: csv::Reader<std::io::Chain<Cursor<Vec<u8>>, R>>,
    record: ByteRecord,
    line: u64,
    left: Rc<Cell<usize>>,
}

impl<R: Read> Rows<R> {
    /// Finds out what separates the columns and gets ready to read.
    fn open(mut source: R, left: Rc<Cell<usize>>) -> Result<Self, Mistakes> {
        let mut start = vec![0; 8 << 10];
        let mut filled = 0;
        while let Some(free) = start.get_mut(filled..).filter(|free| !free.is_empty()) {
            match source.read(free) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) => {
                    let mut mistakes = Mistakes::default();
                    mistakes.stop(0, Fault::Source { why: error.to_string() });
                    return Err(mistakes);
                }
            }
        }
        start.truncate(filled);
        let head = start.split(|b| *b == b'\n').next().unwrap_or_default();
        let count = |mark: u8| head.iter().filter(|b| **b == mark).count();
        let delimiter = [b';', b'\t'].into_iter().find(|mark| count(*mark) > count(b',')).unwrap_or(b',');
        let csv = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Cursor::new(start).chain(source));
        Ok(Self { csv, record: ByteRecord::new(), line: 0, left })
    }

    /// Reads one row that is not empty; false at the end, or where nothing can be read any more.
    fn next(&mut self, mistakes: &mut Mistakes) -> bool {
        loop {
            self.left.set(MAX_ROW);
            let next = self.csv.position().line();
            match self.csv.read_byte_record(&mut self.record) {
                Ok(false) => return false,
                Ok(true) => {}
                Err(error) => {
                    mistakes.stop(next, self.fault(error));
                    return false;
                }
            }
            self.line = self.record.position().map_or(next, csv::Position::line);
            let bytes = self.record.as_slice();
            if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) {
                mistakes.stop(self.line, looks_like(bytes));
                return false;
            }
            if self.record.iter().any(|cell| !cell.trim_ascii().is_empty()) {
                return true;
            }
        }
    }

    fn fault(&self, error: csv::Error) -> Fault {
        match error.into_kind() {
            ErrorKind::Io(_) if self.left.get() == 0 => Fault::Endless { most: MAX_ROW },
            ErrorKind::Io(error) => Fault::Source { why: error.to_string() },
            other => Fault::Form { message: format!("no table: {other:?}") },
        }
    }

    /// The columns that the first row names; none where it cannot be used.
    fn head<'v>(&mut self, naming: Naming<'_, 'v>, mistakes: &mut Mistakes) -> Option<Vec<Column<'v>>> {
        if !self.next(mistakes) {
            if !mistakes.cut {
                mistakes.add(1, Fault::NoColumn { name: "id" });
            }
            return None;
        }
        if self.record.len() > MAX_COLUMNS {
            let fault = Fault::Width { found: self.record.len(), expected: MAX_COLUMNS };
            mistakes.stop(self.line, fault);
            return None;
        }
        let mut columns = Vec::with_capacity(self.record.len());
        let mut seen = BTreeSet::new();
        for at in 0..self.record.len() {
            let text = self.text(at).trim().to_lowercase();
            match naming(&text) {
                Ok(column) => {
                    if let Some(name) = column.name()
                        && !seen.insert(name.to_owned())
                    {
                        mistakes.add(self.line, Fault::Column { name: name.to_owned() });
                    }
                    columns.push(column);
                }
                Err(fault) => mistakes.add(self.line, fault),
            }
        }
        if !seen.contains("id") && mistakes.list.is_empty() {
            mistakes.add(self.line, Fault::NoColumn { name: "id" });
        }
        mistakes.list.is_empty().then_some(columns)
    }

    fn text(&self, at: usize) -> &str {
        // `next` has seen that the row is UTF-8; a cut between cells is a cut between characters or reads as nothing.
        self.record.get(at).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default()
    }
}

impl Column<'_> {
    const fn name(&self) -> Option<&str> {
        Some(match self {
            Self::Id => "id",
            Self::Site => "site",
            Self::From => "from",
            Self::Until => "until",
            Self::Device => "device",
            Self::Field(field) => field.name.as_str(),
            Self::Ignored => return None,
        })
    }
}

/// The wish of one row; none where a fault stands in the way.
fn row<R: Read>(
    rows: &Rows<R>,
    columns: &[Column<'_>],
    reading: &Reading<'_>,
    form: &dyn Fn(&str) -> String,
    mistakes: &mut Mistakes,
) -> Option<Wish> {
    let known = mistakes.list.len();
    let (mut id, mut site, mut from) = (None, reading.site.clone(), None);
    let (mut until, mut device) = (Said::Unsaid, Said::Unsaid);
    let mut fields = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let Some(called) = column.name() else { continue };
        let outcome = cell(called, rows.text(at)).and_then(|text| {
            match column {
                Column::Id => id = Some(name("id", &form(text))?),
                Column::Site if text.is_empty() => {}
                Column::Site => site = Some(name("site", text)?),
                Column::From if text.is_empty() => {}
                Column::From => from = Some(reading.day("from", text, AHEAD_YEARS)?),
                Column::Until if text.is_empty() => until = Said::Nothing,
                Column::Until => until = Said::Is(reading.day("until", text, UNTIL_YEARS)?),
                Column::Device if text.is_empty() => device = Said::Nothing,
                Column::Device => device = Said::Is(enrolled(text)?),
                Column::Field(field) => {
                    fields.push((field.name.clone(), reading.dictionary.read(field, text)?));
                }
                Column::Ignored => {}
            }
            Ok(())
        });
        outcome.unwrap_or_else(|fault| mistakes.add(rows.line, fault));
    }
    if site.is_none() {
        mistakes.add(rows.line, Fault::Nowhere { what: "site" });
    }
    fields.sort_unstable();
    let (line, kind) = (rows.line, Kind::Device);
    (mistakes.list.len() == known).then_some(())?;
    Some(Wish { line, kind, id: id?, within: site, from, until, device, fields })
}

/// The id of an enrolled device.
pub(crate) fn enrolled(text: &str) -> Result<statement::DeviceId, Fault> {
    let expected = "the 32 hexadecimal digits of an enrolled device; `overt admin devices` lists them";
    text.parse().map_err(|_| Fault::value("device", text, expected))
}

/// Devices as a table that [`fleet`] reads back, and that no spreadsheet calculates. Other subjects are left out.
#[must_use]
pub fn fleet_text(wishes: &[Wish]) -> String {
    let devices = || wishes.iter().filter(|w| w.kind == Kind::Device);
    let names: BTreeSet<&str> = devices().flat_map(|w| w.fields.iter().map(|(n, _)| n.as_str())).collect();
    let said = |any: &dyn Fn(&Wish) -> bool| devices().any(any);
    let (until, device) = (said(&|w| w.until != Said::Unsaid), said(&|w| w.device != Said::Unsaid));
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut head = vec!["id", "site", "from"];
    head.extend(until.then_some("until"));
    head.extend(device.then_some("device"));
    head.extend(&names);
    // Writing to memory does not fail.
    let _ = out.write_record(&head);
    for wish in devices() {
        let mut cells = vec![
            wish.id.to_string(),
            wish.within.as_ref().map(ToString::to_string).unwrap_or_default(),
            wish.from.map(|d| d.to_string()).unwrap_or_default(),
        ];
        cells.extend(until.then(|| wish.until.value().map(ToString::to_string).unwrap_or_default()));
        cells.extend(device.then(|| wish.device.value().map(ToString::to_string).unwrap_or_default()));
        let value = |name: &&str| wish.fields.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v.as_str());
        cells.extend(names.iter().map(|name| as_cell(value(name))));
        let _ = out.write_record(&cells);
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}
