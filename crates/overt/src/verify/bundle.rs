//! A bundle: one thread reads and follows the chains, the others check signatures.

use super::signatures::Threads;
use super::{Args, answer, cannot, trust};
use crate::Failure;
use crate::table::printable;
use ::dossier::SignatureChecks;
use ::verify::{Reader, Report, Summary};
use serde::Serialize;
use statement::BUNDLE_MAGIC;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Bytes that a head of a piece may have.
const HEAD: usize = 5;

/// What the bundle holds, for a script.
#[derive(Serialize)]
struct Held {
    batches: u64,
    statements: u64,
    records: u64,
    hashes: u64,
    devices: u64,
    missing: u64,
    from_ms: Option<u64>,
    until_ms: Option<u64>,
    energy_mj: u64,
}

/// Whether a file begins like a bundle.
pub fn is_one(begin: &[u8]) -> bool {
    begin.windows(BUNDLE_MAGIC.len()).any(|window| window == BUNDLE_MAGIC.as_bytes())
}

/// Runs it.
pub fn run(args: &Args, path: &Path) -> Result<(), Failure> {
    let policy = trust::policy(args, path.parent())?;
    let keys = trust::keys(args)?;
    let file = File::open(path).map_err(|e| cannot(path, &e))?;
    let mut pieces = Pieces { source: BufReader::with_capacity(1 << 20, file), piece: 0, at: 0 };
    let wrong =
        |e: String| Failure::Usage(format!("{}: {}", printable(&path.display().to_string()), printable(&e)));
    let first = pieces.next().map_err(wrong)?.ok_or_else(|| wrong("is empty".to_owned()))?;
    let reader = Reader::new(&first, &policy, keys).map_err(|e| wrong(e.to_string()))?;
    let (report, summary) = check(reader, pieces).map_err(wrong)?;
    let about = text(&summary);
    let held = Held {
        batches: summary.batches,
        statements: summary.statements,
        records: summary.records,
        hashes: summary.hashes,
        devices: summary.devices,
        missing: summary.missing,
        from_ms: summary.from_ms,
        until_ms: summary.until_ms,
        energy_mj: summary.energy_mj,
    };
    answer(args, &report, Some(&held), &about)
}

/// Reads all pieces; signatures are checked by as many threads as there are processors.
fn check(mut reader: Reader, mut pieces: Pieces) -> Result<(Report, Summary), String> {
    let mut threads = Threads::start();
    while let Some(piece) = pieces.next()? {
        threads.take(reader.sheaf(&piece).map_err(|e| e.to_string())?);
    }
    reader.forged(&threads.end());
    Ok(reader.finish())
}

/// The pieces of a file.
struct Pieces {
    source: BufReader<File>,
    piece: u64,
    at: u64,
}

impl Pieces {
    fn next(&mut self) -> Result<Option<Vec<u8>>, String> {
        let mut head = Vec::with_capacity(HEAD);
        let length = loop {
            if let Some((_, length)) =
                ::verify::pieces(&head, self.piece, self.at).map_err(|e| e.to_string())?
            {
                break length;
            }
            let mut byte = [0];
            if self.source.read(&mut byte).map_err(|e| e.to_string())? == 0 {
                return if head.is_empty() { Ok(None) } else { Err(self.cut()) };
            }
            head.extend(byte);
        };
        let mut piece = Vec::new();
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        (&mut self.source).take(wanted).read_to_end(&mut piece).map_err(|e| e.to_string())?;
        if piece.len() != length {
            return Err(self.cut());
        }
        self.piece += 1;
        self.at += wanted + head.len() as u64;
        Ok(Some(piece))
    }

    fn cut(&self) -> String {
        format!("the file is cut off in piece {} at byte {}", self.piece, self.at)
    }
}

fn text(summary: &Summary) -> String {
    let moment = |ms: Option<u64>| {
        let ms = ms.and_then(|ms| i64::try_from(ms).ok());
        let stamp = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
        stamp.map_or_else(|| "–".to_owned(), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
    };
    let mut out = format!(
        "\n{} statements of {} devices from {} to {}, and {} records, in {} batches.\n",
        summary.statements,
        summary.devices,
        moment(summary.from_ms),
        moment(summary.until_ms),
        summary.records,
        summary.batches
    );
    if summary.energy_mj > 0 {
        out += &format!("They state {:.3} kWh.\n", summary.energy_mj as f64 / 3.6e9);
    }
    out
}
