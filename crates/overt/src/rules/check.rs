//! `overt rules check` and `overt rules test`.

use super::source;
use crate::Failure;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use rulebook::{Diagnostic, Severity, run_cases};
use serde_json::json;
use std::io::Write;

/// Options of `overt rules check`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 no error, 2 an error. Warnings and notes do not count, except with --strict."
)]
pub struct Args {
    /// Folder of a rulebook, or the code of a shipped one
    rulebook: String,
    /// Count warnings as errors
    #[arg(long)]
    strict: bool,
    /// Leave out notes
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    common: super::Common,
}

/// Options of `overt rules test`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 all as expected and every provision decided both ways, 2 otherwise.")]
pub struct TestArgs {
    /// Folder of a rulebook, or the code of a shipped one
    rulebook: String,
    #[command(flatten)]
    common: super::Common,
}

/// Looks for what is wrong.
pub fn run(args: &Args) -> Result<(), Failure> {
    let read = source::read(&args.rulebook)?;
    let mut noticed = read.noticed;
    noticed.extend(read.rulebook.iter().flat_map(rulebook::check::check));
    noticed.sort_by(|a, b| (a.severity, &a.file, a.line).cmp(&(b.severity, &b.file, b.line)));
    if args.quiet {
        noticed.retain(|d| d.severity != Severity::Note);
    }
    let text = if args.common.json {
        format!(
            "{:#}\n",
            json!({"schema": "overt.rulebook-check/1", "rulebook": read.origin, "noticed": noticed})
        )
    } else {
        noticed.iter().map(|d| line(d, &read.source)).collect::<String>() + &summary(&read.origin, &noticed)
    };
    write!(anstream::stdout(), "{text}")?;
    let worst = if args.strict { Severity::Warning } else { Severity::Error };
    if noticed.iter().any(|d| d.severity <= worst) { Err(Failure::Said) } else { Ok(()) }
}

/// A diagnostic with the line of text that it means.
fn line(d: &Diagnostic, source: &rulebook::Source) -> String {
    let style = if d.severity == Severity::Error { BAD } else { HEAD };
    let mut out = format!("{style}{}[{}]{PLAIN} {}\n", d.severity.name(), d.rule, printable(&d.message));
    out += &format!("  {DIM}--> {}:{}{PLAIN}\n", d.file, d.line);
    let text = source.file(&d.file).and_then(|t| t.lines().nth(d.line.checked_sub(1)?));
    if let Some(text) = text {
        out += &format!("  {DIM}{:>4} |{PLAIN} {}\n", d.line, printable(text.trim_end()));
    }
    if !d.help.is_empty() {
        out += &format!("  help: {}\n", printable(&d.help));
    }
    out + "\n"
}

fn summary(origin: &str, noticed: &[Diagnostic]) -> String {
    let count = |severity| noticed.iter().filter(|d| d.severity == severity).count();
    let (errors, warnings, notes) = (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    format!("{origin}: {errors} errors, {warnings} warnings, {notes} notes\n")
}

/// Runs the golden cases.
pub fn test(args: &TestArgs) -> Result<(), Failure> {
    let read = source::read(&args.rulebook)?;
    let Some(rulebook) = &read.rulebook else {
        let first = read.noticed.first().map(ToString::to_string).unwrap_or_default();
        return Err(Failure::Usage(format!(
            "{} cannot be used: {first}; `overt rules check` says more",
            read.origin
        )));
    };
    let report = run_cases(&read.source, rulebook);
    let failed: Vec<_> = report.outcomes.iter().filter(|o| !o.differs.is_empty()).collect();
    let text = if args.common.json {
        let failed: Vec<_> = failed
            .iter()
            .map(|o| json!({"file": o.file, "line": o.line, "case": o.name, "differs": o.differs}))
            .collect();
        format!(
            "{:#}\n",
            json!({"schema": "overt.rulebook-test/1", "rulebook": read.origin, "cases": report.outcomes.len(), "failed": failed,
                "never_applied": report.never_applied, "never_refused": report.never_refused})
        )
    } else {
        let mut out = String::new();
        for outcome in &failed {
            out += &format!(
                "{BAD}differs{PLAIN} {}:{} {}\n",
                outcome.file,
                outcome.line,
                printable(&outcome.name)
            );
            outcome.differs.iter().for_each(|d| out += &format!("  {}\n", printable(d)));
        }
        for (what, ids) in
            [("shown to apply", &report.never_applied), ("shown not to apply", &report.never_refused)]
        {
            ids.iter().for_each(|id| out += &format!("no case in which '{id}' is {what}\n"));
        }
        let passed = report.outcomes.len() - failed.len();
        out + &format!("{}: {passed} of {} cases as expected\n", read.origin, report.outcomes.len())
    };
    write!(anstream::stdout(), "{text}")?;
    if report.passed() && report.complete() { Ok(()) } else { Err(Failure::Said) }
}
