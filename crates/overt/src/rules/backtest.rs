//! `overt rules backtest`.

use super::{picture, place, refused, source};
use crate::Failure;
use crate::table::{DIM, HEAD, PLAIN, printable, width};
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use rulebook::Rulebook;
use rulebook::backtest::{Amount, Backtest, Backtesting, Move};
use serde_json::json;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use wire::history::{self, Defaults};

/// Owners and devices shown, unless all are asked for.
const SHOWN: usize = 20;

/// Options of `overt rules backtest`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "HISTORY holds one JSON object for each finding (schemas/overt.history-1.schema.json), plain or gzip;\nanswers of `overt look --json` are read too and need --place.\n\nExample:\n  overt rules backtest --rulebook ./draft --against CN history.jsonl.gz --picture moves.svg"
)]
pub struct Args {
    /// The draft: folder of a rulebook, or the code of a shipped one
    #[arg(long, value_name = "DRAFT")]
    rulebook: String,
    /// The rulebook in force, by folder or code; otherwise the shipped one of the draft's jurisdiction
    #[arg(long, value_name = "RULEBOOK")]
    against: Option<String>,
    /// Recorded findings; `-` reads standard input
    history: PathBuf,
    /// Place of findings that name none
    #[arg(long, value_name = "CODE")]
    place: Option<String>,
    /// Write a picture of what moves, as SVG
    #[arg(long, value_name = "FILE.svg")]
    picture: Option<PathBuf>,
    /// Show every owner and device that changes
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    common: super::Common,
}

/// Runs the draft over history.
pub fn run(args: &Args) -> Result<(), Failure> {
    let draft = source::usable(&args.rulebook)?;
    let old = match &args.against {
        Some(name) => source::usable(name)?,
        None => place::rulebook(&draft.jurisdiction, None).map_err(|_| {
            Failure::Usage(format!(
                "no shipped rulebook for {}; name the one in force with --against",
                draft.jurisdiction
            ))
        })?,
    };
    if old.vocabulary() != draft.vocabulary() {
        return Err(Failure::Usage(
            "the two rulebooks have different vocabularies; backtest them under one".to_owned(),
        ));
    }
    let mut running = Backtesting::new(&old, &draft);
    let count = each(&args.history, args.place.as_deref(), &old, |record, _| running.add(record))?;
    let result = running.finish();
    if count == 0 {
        return Err(refused(&args.history, "no finding in it"));
    }
    // The picture is written before the table is printed: a table without the picture asked for would be half an answer.
    if let Some(path) = &args.picture {
        let svg = picture::moves(&result, &old.name, &draft.name);
        std::fs::write(path, svg).map_err(|e| refused(path, format!("cannot write the picture: {e}")))?;
    }
    let text = if args.common.json { as_json(&result, args) } else { as_text(&result, &old, &draft, args) };
    Ok(write!(anstream::stdout(), "{text}")?)
}

/// Reads history, plain or gzip, with a progress bar on a terminal.
pub fn each(
    path: &Path,
    place: Option<&str>,
    rulebook: &Rulebook,
    with: impl FnMut(&rulebook::backtest::Record, f64),
) -> Result<u64, Failure> {
    let zone = jiff::tz::TimeZone::get(&rulebook.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let defaults = Defaults { place: place.map(str::to_owned), zone };
    let (bar, input) = open(path)?;
    let count = history::read(input, rulebook.vocabulary(), &defaults, with);
    bar.finish_and_clear();
    count.map_err(|e| refused(path, format!("{e}; nothing was counted")))
}

fn open(path: &Path) -> Result<(ProgressBar, Box<dyn BufRead>), Failure> {
    let (size, raw): (u64, Box<dyn Read>) = if path.as_os_str() == "-" {
        (0, Box::new(std::io::stdin()))
    } else {
        let file = File::open(path).map_err(|e| refused(path, format!("cannot open the history: {e}")))?;
        (file.metadata().map_or(0, |m| m.len()), Box::new(file))
    };
    let bar = if std::io::stderr().is_terminal() && size > 0 {
        ProgressBar::new(size)
    } else {
        ProgressBar::hidden()
    };
    if let Ok(style) =
        ProgressStyle::with_template("judging history [{bar:30}] {bytes} of {total_bytes}, {eta} left")
    {
        bar.set_style(style.progress_chars("=> "));
    }
    let mut input = BufReader::with_capacity(1 << 16, bar.wrap_read(raw));
    let gzip = input.fill_buf().map_err(|e| refused(path, e))?.starts_with(&[0x1f, 0x8b]);
    let input: Box<dyn BufRead> = if gzip {
        Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(input)))
    } else {
        Box::new(input)
    };
    Ok((bar, input))
}

fn as_text(result: &Backtest, old: &Rulebook, new: &Rulebook, args: &Args) -> String {
    let days = result.days.map_or_else(String::new, |(a, b)| format!(", {a} to {b}"));
    let mut out =
        format!("{HEAD}{} findings{days}: {} → {}{PLAIN}\n", result.findings, origin(old), origin(new));
    let changed = result.changed();
    out += &format!(
        "{:.0} findings and {:.0} kWh change disposition, on {} devices.\n\n",
        changed.findings,
        changed.kwh,
        result.devices.len()
    );
    let rows = result.moves.iter().map(|(pair, amount)| {
        let (from, to) = (pair.0.name().to_owned(), pair.1.name().to_owned());
        vec![
            from,
            to,
            if pair.0 == pair.1 { "" } else { "changes" }.to_owned(),
            format!("{:.0}", amount.findings),
            format!("{:.0}", amount.kwh),
        ]
    });
    out += &table(&["OLD", "NEW", "", "FINDINGS", "KWH"], rows, 3);
    let largest = result.largest();
    if !largest.is_empty() {
        let shown = if args.all { largest.len() } else { SHOWN.min(largest.len()) };
        let rows = largest.iter().take(shown).flat_map(|((owner, device), moves)| {
            moves.iter().map(move |((from, to), a)| {
                vec![
                    printable(owner),
                    printable(device),
                    from.to_string(),
                    to.to_string(),
                    format!("{:.0}", a.findings),
                    format!("{:.0}", a.kwh),
                ]
            })
        });
        out += &format!("\n{}", table(&["OWNER", "DEVICE", "OLD", "NEW", "FINDINGS", "KWH"], rows, 4));
        if shown < largest.len() {
            out += &format!("{DIM}and {} more devices; --all shows them{PLAIN}\n", largest.len() - shown);
        }
    }
    for (reason, n) in &result.refused {
        out += &format!("\n{DIM}{n} findings were not judged: {}{PLAIN}\n", printable(reason));
    }
    if let Some(path) = &args.picture {
        out += &format!("\nThe picture is in {}.\n", path.display());
    }
    out + &format!(
        "\n{DIM}Uncertain findings count with their probabilities. {}{PLAIN}\n",
        rulebook::DISCLAIMER
    )
}

fn origin(rulebook: &Rulebook) -> String {
    let short: String = rulebook.digest.chars().take(8).collect();
    format!("{} {short}", rulebook.jurisdiction)
}

/// A plain table; columns from `right` on are numbers.
pub fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>, right: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width());
    table.set_header(head.iter().enumerate().map(|(i, h)| aligned(Cell::new(h), i >= right)));
    for row in rows {
        table.add_row(row.iter().enumerate().map(|(i, cell)| aligned(Cell::new(cell), i >= right)));
    }
    let text = table.trim_fmt();
    let (head, rows) = text.split_once('\n').unwrap_or((&text, ""));
    format!("{HEAD}{}{PLAIN}\n{rows}\n", head.trim_end())
}

fn aligned(cell: Cell, right: bool) -> Cell {
    if right { cell.set_alignment(CellAlignment::Right) } else { cell }
}

fn as_json(result: &Backtest, args: &Args) -> String {
    let moves = |moves: &BTreeMap<Move, Amount>| -> Vec<_> {
        moves
            .iter()
            .map(|((old, new), a)| json!({"old": old, "new": new, "findings": a.findings, "kwh": a.kwh}))
            .collect()
    };
    let devices: Vec<_> = result
        .largest()
        .into_iter()
        .map(|((owner, device), m)| json!({"owner": owner, "device": device, "moves": moves(m)}))
        .collect();
    let months: Vec<_> = result
        .months
        .iter()
        .map(|((y, m), all)| json!({"month": format!("{y:04}-{m:02}"), "moves": moves(all)}))
        .collect();
    format!(
        "{:#}\n",
        json!({
            "schema": "overt.rules-backtest/1", "draft": args.rulebook, "findings": result.findings,
            "from": result.days.map(|d| d.0), "until": result.days.map(|d| d.1), "moves": moves(&result.moves),
            "changed": result.changed(), "devices": devices, "months": months, "refused": result.refused,
            "disclaimer": rulebook::DISCLAIMER,
        })
    )
}
