//! Sums by the hour of one file, and whether the file is what it should be. It must not keep anything.

use crate::block::Block;
use crate::error::Error;
use crate::fold::{self, Sums};
use crate::part::Part;
use crate::table::{Packed, Table};
use crate::write::Column;
use std::collections::BTreeMap;

/// An hour in milliseconds.
pub const HOUR: i64 = 3_600_000;

/// What sums are kept by: hour since 1970, operator, site, activity, disposition.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    pub hour: i64,
    pub operator: String,
    pub site: String,
    pub activity: String,
    pub disposition: Option<String>,
}

/// Sums by the hour.
pub type Hours = BTreeMap<Cell, Sums>;

/// What the catalogue says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// CRC-32C of all its bytes.
    pub crc: u32,
    pub hours: Hours,
}

/// Reads a file for the catalogue.
pub fn summary(part: &Part) -> Result<Summary, Error> {
    let mut hours = Hours::new();
    let columns = [
        Column::Operator,
        Column::Site,
        Column::From,
        Column::Duration,
        Column::Name,
        Column::Activity,
        Column::Disposition,
        Column::Cpu,
        Column::Energy,
    ];
    for (group, rows) in part.groups()?.into_iter().enumerate() {
        add(&mut hours, &part.read(group, &columns, 0..rows)?);
    }
    Ok(Summary { crc: crc(part)?, hours })
}

/// The checksum of all bytes of a file.
pub fn crc(part: &Part) -> Result<u32, Error> {
    let mut crc = 0;
    part.bytes(|piece| crc = crc32c::crc32c_append(crc, piece))?;
    Ok(crc)
}

fn add(hours: &mut Hours, block: &Block) {
    let mut local: BTreeMap<(i64, [u32; 4]), Sums> = BTreeMap::new();
    for (row, from) in block.from.iter().enumerate() {
        let columns = [&block.operator, &block.site, &block.activity, &block.disposition];
        let codes = columns.map(|c| c.codes.get(row).copied().unwrap_or(crate::table::NONE));
        let sums = local.entry((from.div_euclid(HOUR), codes)).or_insert(Sums::NOTHING);
        sums.add(&fold::single(block, row, *from));
    }
    for ((hour, [operator, site, activity, disposition]), sums) in local {
        let cell = Cell {
            hour,
            operator: block.operator.word(operator).unwrap_or_default(),
            site: block.site.word(site).unwrap_or_default(),
            activity: block.activity.word(activity).unwrap_or_default(),
            disposition: block.disposition.word(disposition),
        };
        hours.entry(cell).or_insert(Sums::NOTHING).add(&sums);
    }
}

/// What is wrong with the rows of a file, if anything: their order, their ordinals, their bounds.
pub fn flaw(part: &Part) -> Result<Option<String>, Error> {
    let mut last: Option<Packed> = None;
    for (group, rows) in part.groups()?.into_iter().enumerate() {
        let mut table = Table::default();
        part.read(group, &Column::ALL, 0..rows)?.pack(&mut table, |_| true);
        for packed in &table.rows {
            if !part.ordinals.contains(&packed.ordinal) {
                return Ok(Some(format!(
                    "it holds ordinal {}, expected {} to {}",
                    packed.ordinal,
                    part.ordinals.start,
                    part.ordinals.end - 1
                )));
            }
            if let Err(error) = table.row(packed).check() {
                return Ok(Some(error.to_string()));
            }
            if last.is_some_and(|last| last.order(packed).is_gt()) {
                return Ok(Some(format!("the row of ordinal {} is out of order", packed.ordinal)));
            }
            last = Some(*packed);
        }
    }
    Ok(None)
}
