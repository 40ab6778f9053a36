//! `overt history`: what devices did over time, as a table, CSV, JSON, Parquet or a chart.

use super::ask::{Ask, AskArgs};
use super::failed;
use crate::Failure;
use crate::table::printable;
use comfy_table::{Table, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// Options of `overt history`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  overt history\n  overt history --by device --last 30d\n  overt history --activity mining --rows\n  \
                  overt history --last 7d --svg week.svg\n  overt history --by site --csv > sites.csv"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// What a line stands for: device, workload, activity, disposition, site, operator
    #[arg(long, value_name = "KIND", default_value = "activity", value_parser = ["device", "workload", "activity", "disposition", "site", "operator", "none"])]
    pub by: String,
    /// Show single findings, newest first, at most 10,000
    #[arg(long)]
    pub rows: bool,
    /// The span until now, for instance 1h, 7d, 30d
    #[arg(long, value_name = "DURATION", default_value = "1day", value_parser = humantime::parse_duration, conflicts_with_all = ["from", "to"])]
    pub last: Duration,
    /// Begin, for instance 2026-11-01 or 2026-11-01T12:00:00Z
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub from: Option<i64>,
    /// End
    #[arg(long, value_name = "TIME", value_parser = moment, requires = "from")]
    pub to: Option<i64>,
    /// Only this device
    #[arg(long)]
    pub device: Option<String>,
    /// Only this site
    #[arg(long)]
    pub site: Option<String>,
    /// Only workloads whose name holds this
    #[arg(long)]
    pub workload: Option<String>,
    /// Only this activity
    #[arg(long)]
    pub activity: Option<String>,
    /// Only this disposition
    #[arg(long)]
    pub disposition: Option<String>,
    /// One line for each step of time too, for instance 1h
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    pub step: Option<Duration>,
    /// Print JSON
    #[arg(long, conflicts_with_all = ["csv", "parquet", "svg"])]
    pub json: bool,
    /// Print CSV
    #[arg(long, conflicts_with_all = ["parquet", "svg"])]
    pub csv: bool,
    /// Write a Parquet file
    #[arg(long, value_name = "FILE", conflicts_with = "svg")]
    pub parquet: Option<PathBuf>,
    /// Write an area chart of power and compute by activity
    #[arg(long, value_name = "FILE")]
    pub svg: Option<PathBuf>,
}

fn moment(text: &str) -> Result<i64, String> {
    if let Ok(stamp) = text.parse::<Timestamp>() {
        return Ok(stamp.as_millisecond());
    }
    let day: jiff::civil::Date = text
        .parse()
        .map_err(|_| "expected a day (2026-11-01) or a moment (2026-11-01T12:00:00Z)".to_owned())?;
    let zoned = day.to_zoned(TimeZone::system()).map_err(|e| e.to_string())?;
    Ok(zoned.timestamp().as_millisecond())
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let mut out = anstream::stdout();
    if let Some((path, format)) =
        args.svg.as_ref().map(|p| (p, "svg")).or(args.parquet.as_ref().map(|p| (p, "parquet")))
    {
        let bytes = ask.get(&question(args, format))?;
        std::fs::write(path, bytes).map_err(|e| failed(path.display(), e))?;
        writeln!(anstream::stderr(), "{} is written", path.display())?;
        return Ok(());
    }
    if args.json || args.csv {
        out.write_all(&ask.get(&question(args, if args.csv { "csv" } else { "json" }))?)?;
        return Ok(());
    }
    table(&ask, args, &mut out)
}

fn question(args: &Args, format: &str) -> String {
    let now = i64::try_from(server::service::now_ms()).unwrap_or(i64::MAX);
    let to = args.to.unwrap_or(now);
    let last = i64::try_from(args.last.as_millis()).unwrap_or(i64::MAX);
    let from = args.from.unwrap_or_else(|| to.saturating_sub(last).max(0));
    let group = if args.rows { "rows" } else { args.by.as_str() };
    let mut question = format!("/api/v1/history?group={group}&from_ms={from}&to_ms={to}&format={format}");
    let filters = [
        ("device", &args.device),
        ("site", &args.site),
        ("workload", &args.workload),
        ("activity", &args.activity),
        ("disposition", &args.disposition),
    ];
    for (name, value) in filters {
        if let Some(value) = value {
            question += &format!("&{name}={}", escaped(value));
        }
    }
    if let Some(step) = args.step {
        question += &format!("&step_s={}", step.as_secs().max(1));
    }
    question
}

/// Percent-encoding (RFC 3986, section 2.1) of all but unreserved characters.
fn escaped(text: &str) -> String {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    text.bytes()
        .map(|b| if unreserved(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn table(ask: &Ask, args: &Args, out: &mut impl Write) -> Result<(), Failure> {
    let lines: Vec<Value> = ask.document(&question(args, "json"))?;
    if lines.is_empty() {
        if let Some(device) = &args.device {
            // Nothing was stated by it, or there is none: the second is a mistake.
            let known = ask.get(&format!("/api/v1/devices/{}", escaped(device)));
            known.map_err(|e| failed(format!("--device {device}"), e))?;
        }
        writeln!(out, "Nothing was stated in this span.")?;
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    if args.rows {
        table.set_header(["time", "device", "workload", "activity", "%", "disposition", "cpu", "energy"]);
        table.add_rows(lines.iter().map(row));
    } else {
        let time = if args.step.is_some() { "time" } else { "first" };
        table.set_header([args.by.as_str(), time, "last", "findings", "cpu", "energy"]);
        table.add_rows(lines.iter().map(|line| sums(line, &args.by)));
    }
    writeln!(out, "{table}")?;
    Ok(())
}

fn row(line: &Value) -> [String; 8] {
    let text = |name: &str| printable(line.get(name).and_then(Value::as_str).unwrap_or("–"));
    let name = line.get("workload").and_then(|w| w.get("name")).and_then(Value::as_str).unwrap_or("–");
    let permille = line.get("probability").and_then(Value::as_u64).unwrap_or(0);
    [
        time(line, "from_ms"),
        text("device").chars().take(12).collect(),
        printable(name),
        text("activity"),
        format!("{}", permille / 10),
        text("disposition"),
        cpu(line),
        energy(line),
    ]
}

fn sums(line: &Value, by: &str) -> [String; 6] {
    let key = printable(line.get(by).and_then(Value::as_str).unwrap_or("all"));
    let begin = if line.get("bucket_ms").is_some() { "bucket_ms" } else { "first_ms" };
    let findings = line.get("findings").and_then(Value::as_u64).unwrap_or(0);
    [key, time(line, begin), time(line, "last_ms"), findings.to_string(), cpu(line), energy(line)]
}

fn time(line: &Value, name: &str) -> String {
    let stamp = line.get(name).and_then(Value::as_i64).and_then(|ms| Timestamp::from_millisecond(ms).ok());
    stamp.map_or_else(
        || "–".to_owned(),
        |t| t.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

fn cpu(line: &Value) -> String {
    let ms = line.get("cpu_ms").and_then(Value::as_f64).unwrap_or(0.0);
    if ms >= 3_600_000.0 { format!("{:.1} h", ms / 3_600_000.0) } else { format!("{:.1} s", ms / 1_000.0) }
}

fn energy(line: &Value) -> String {
    match line.get("energy_mj").and_then(Value::as_f64) {
        Some(mj) if mj > 0.0 => format!("{:.3} kWh", mj / 3.6e9),
        _ => "not metered".to_owned(),
    }
}
