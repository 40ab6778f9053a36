//! `overt status`: in ten lines what is running, what was seen in the last hour, what is waiting, what is wrong.

use super::ask::AskArgs;
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use serde_json::Value;
use std::io::Write;

/// Options of `overt status`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Activities that are named; the rest is counted.
const NAMED: usize = 5;

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let status: Value = ask.document("/api/v1/status")?;
    let now = i64::try_from(server::service::now_ms()).unwrap_or(i64::MAX);
    let seen: Value =
        ask.document(&format!("/api/v1/history?group=activity&from_ms={}&to_ms={now}", now - 3_600_000))?;
    let mut out = anstream::stdout();
    if args.json {
        let both = serde_json::json!({ "schema": "overt.status/1", "registry": status, "last_hour": seen });
        writeln!(out, "{both:#}")?;
        return Ok(());
    }
    write!(out, "{}", text(&status, &seen, now))?;
    Ok(())
}

fn text(status: &Value, seen: &Value, now: i64) -> String {
    let number = |name: &str| status.get(name).and_then(Value::as_u64).unwrap_or(0);
    let word = |name: &str| printable(status.get(name).and_then(Value::as_str).unwrap_or("–"));
    let ago = |name: &str| match status.get(name).and_then(Value::as_i64) {
        Some(ms) => format!("{} s ago", (now - ms).max(0) / 1_000),
        None => "not since the start".to_owned(),
    };
    let mut out = format!(
        "{HEAD}Log{PLAIN}        {} with {} leaves over {} entries\n",
        word("origin"),
        number("leaves"),
        number("published")
    );
    out += &format!(
        "{HEAD}Published{PLAIN}  {}; {} entries wait to be sealed\n",
        ago("published_ms"),
        number("waiting")
    );
    out += &format!("{HEAD}Devices{PLAIN}    {}\n", number("devices"));
    let refused: Vec<String> = status
        .get("refused")
        .and_then(Value::as_object)
        .map(|map| map.iter().map(|(reason, n)| format!("{n} {}", printable(reason))).collect())
        .unwrap_or_default();
    let refused = if refused.is_empty() {
        "none refused".to_owned()
    } else {
        format!("refused: {}", refused.join(", "))
    };
    out += &format!(
        "{HEAD}Statements{PLAIN} {} since the start, {} came again, {refused}\n",
        number("accepted"),
        number("duplicates")
    );
    out += &format!("{HEAD}Last hour{PLAIN}  {}\n", activities(seen));
    let witnesses = status.get("witnesses").and_then(Value::as_object).filter(|map| !map.is_empty());
    let line = match witnesses {
        None => format!(
            "none: anybody who trusts the log's key alone can verify; `overt witness` runs one{PLAIN}"
        ),
        Some(map) => {
            let one = |(name, text): (&String, &Value)| {
                format!("{} {}", printable(name), printable(text.as_str().unwrap_or_default()))
            };
            map.iter().map(one).collect::<Vec<_>>().join("; ")
        }
    };
    out += &format!("{HEAD}Witnesses{PLAIN}  {DIM}{line}{PLAIN}\n");
    out += &match status.get("trouble").and_then(Value::as_str) {
        Some(trouble) => format!("{BAD}Wrong{PLAIN}      {}\n", printable(trouble)),
        None if status.get("unwitnessed_ms").is_some_and(Value::is_number) => format!(
            "{BAD}Wrong{PLAIN}      too few witnesses have signed: nothing is published since {}\n",
            ago("unwitnessed_ms")
        ),
        None => format!("{HEAD}Wrong{PLAIN}      nothing\n"),
    };
    out
}

/// What was seen, most processor time first.
fn activities(seen: &Value) -> String {
    let mut all: Vec<(u64, &str)> = seen
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|line| Some((line.get("cpu_ms")?.as_u64()?, line.get("activity")?.as_str()?)))
        .collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let sum: u64 = all.iter().map(|(cpu, _)| cpu).sum();
    if all.is_empty() {
        return "nothing was stated".to_owned();
    }
    let named =
        all.iter().take(NAMED).map(|(cpu, name)| format!("{} {} %", printable(name), cpu * 100 / sum.max(1)));
    let rest = all.len().saturating_sub(NAMED);
    let more = (rest > 0).then(|| format!("{rest} more"));
    named.chain(more).collect::<Vec<_>>().join(", ")
}
