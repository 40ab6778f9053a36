//! `overt due` and `overt file`: which filings fall due, and one of them filled, checked by a person and handed in.
//!
//! Must not fill in anything itself: what is not registered, observed or typed stays a gap.

mod due;
mod given;
pub mod inputs;

pub use due::{Args as DueArgs, run as due};

use crate::Failure;
use crate::registry::ask::{Ask, AskArgs};
use crate::registry::failed;
use crate::table::{BAD, DIM, HEAD, PLAIN, printable};
use ::filing::{Checked, Filing, Inputs, Period, fill};
use inputs::Gathered;
use serde_json::{Value, json};
use statement::Name;
use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Options of `overt file`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Every field says where it is from: a registration, statements of devices, a formula, or a person. What nobody\n\
                  knows stays a gap that says why it is asked and what to do. Nothing is handed in without --submit and the name\n\
                  of who checked it; handing in again for the same period amends, with --why.\n\n\
                  Examples:\n  overt file ru.miner-report --operator acme --site hall --period 2026-10\n  \
                  overt file eu.eed.report --operator acme --site hall --period 2026 --set energy.water_in=1200 --by 'A. Person' --out eed\n  \
                  overt file ru.miner-report --operator acme --site hall --period 2026-10 --checked-by 'A. Person' --submit\n\n\
                  Signed by a person's own key:\n  \
                  overt file ru.miner-report --operator acme --site hall --period 2026-10 --out october\n  \
                  ssh-keygen -Y sign -n overt.filing -f ~/.ssh/id_ed25519 october/filing.json\n  \
                  overt file ru.miner-report --operator acme --site hall --period 2026-10 --document october/filing.json \\\n    \
                  --signature october/filing.json.sig --checked-by 'A. Person' --submit"
)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// The obligation; `overt due` lists those that apply
    pub obligation: String,
    /// Whose filing
    #[arg(long, value_parser = crate::register::name)]
    pub operator: Name,
    /// For which site
    #[arg(long, value_parser = crate::register::name)]
    pub site: Name,
    /// What it covers: 2026, 2026-Q3, 2026-10, 2026-10-05 or 2026-10-01/2026-10-31
    #[arg(long, value_name = "PERIOD")]
    pub period: String,
    /// A value that a person knows
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = given::pair, requires = "by")]
    pub set: Vec<(String, String)>,
    /// Who says so
    #[arg(long, value_name = "PERSON")]
    pub by: Option<String>,
    /// Readings of meters and counts: CSV with the columns subject, field, from, to, value, meter, by
    #[arg(long, value_name = "FILE")]
    pub readings: Option<PathBuf>,
    /// Write the filing as JSON, HTML, CSV, in the regime's own shape and, where built in, as PDF into this folder
    #[arg(long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Who checked it, as the person signs
    #[arg(long, value_name = "PERSON")]
    pub checked_by: Option<String>,
    /// Hand it in: it becomes an entry of the log
    #[arg(long, requires = "checked_by")]
    pub submit: bool,
    /// The filing as it was checked, instead of filling it anew: filing.json of --out
    #[arg(long, value_name = "FILE", conflicts_with_all = ["set", "readings", "out"])]
    pub document: Option<PathBuf>,
    /// The person's signature of that file, by `ssh-keygen -Y sign -n overt.filing`
    #[arg(long, value_name = "FILE", requires_all = ["document", "submit"])]
    pub signature: Option<PathBuf>,
    /// Why it amends what was handed in before
    #[arg(long, value_name = "REASON", default_value = "")]
    pub why: String,
    /// Print JSON, schema overt.filing/1
    #[arg(long)]
    pub json: bool,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let ask = args.ask.open()?;
    let gathered = Gathered::of_site(&ask, &args.operator, &args.site)?;
    let rulebook = &gathered.rulebook;
    let obligation = rulebook.obligations.iter().find(|o| o.id == args.obligation).ok_or_else(|| {
        let all: Vec<&str> = rulebook.obligations.iter().map(|o| o.id.as_str()).collect();
        Failure::Usage(format!(
            "no obligation '{}'; there are {}",
            printable(&args.obligation),
            all.join(" ")
        ))
    })?;
    let refused = |e: ::filing::FillError| Failure::Usage(printable(&e.to_string()));
    let period = Period::read(&args.period, rulebook, obligation).map_err(refused)?;
    let filing = match &args.document {
        Some(path) => given::document(path, args, period)?,
        None => filled(&ask, args, &gathered, period)?,
    };
    if let Some(folder) = &args.out {
        let checked =
            Checked { by: args.checked_by.clone().unwrap_or_default(), version: None, why: args.why.clone() };
        store(folder, &filing, &checked)?;
    }
    let mut out = anstream::stdout();
    if args.json {
        write!(out, "{}", filing.to_json())?;
    } else {
        write!(out, "{}", text(&filing))?;
    }
    if args.submit {
        return submit(&ask, args, &gathered, &filing);
    }
    if !args.json {
        writeln!(out, "{DIM}Not handed in. Next: check it, then --checked-by NAME --submit{PLAIN}")?;
    }
    Ok(())
}

fn filled(ask: &Ask, args: &Args, gathered: &Gathered, period: Period) -> Result<Filing, Failure> {
    let observed = gathered.observed(ask, period.from, period.to)?;
    let readings = args.readings.as_deref().map(given::readings).transpose()?.unwrap_or_default();
    fill(
        &Inputs {
            register: &gathered.register,
            rulebook: &gathered.rulebook,
            operator: &args.operator,
            site: Some(&args.site),
            observed: &observed,
            readings: &readings,
            typed: &given::typed(&args.set, args.by.as_deref()),
            known: &gathered.known,
            earlier: &earlier(ask, args)?,
            today: gathered.today(),
        },
        &args.obligation,
        period,
    )
    .map_err(|e| Failure::Usage(printable(&e.to_string())))
}

/// What was filed before for the same obligation: a claim is held against it.
fn earlier(ask: &Ask, args: &Args) -> Result<Vec<Filing>, Failure> {
    let path = format!("/api/v1/filings?operator={}&obligation={}", args.operator, args.obligation);
    let listed: Vec<Value> = ask.document(&path)?;
    let mut all = Vec::new();
    for ordinal in listed.iter().filter_map(|f| f.get("ordinal").and_then(Value::as_u64)) {
        // One that was erased says nothing any more.
        if let Some(bytes) = ask.get_unless(404, &format!("/api/v1/filings/{ordinal}"))? {
            all.extend(std::str::from_utf8(&bytes).ok().and_then(|text| Filing::from_json(text).ok()));
        }
    }
    Ok(all)
}

fn submit(ask: &Ask, args: &Args, gathered: &Gathered, filing: &Filing) -> Result<(), Failure> {
    let wish = json!({
        "obligation": args.obligation, "operator": args.operator.as_str(), "site": args.site.as_str(),
        "from": filing.from.to_string(), "to": filing.to.to_string(),
        "rulebook": registry::rulebook_digest(&gathered.rulebook).to_string(),
        "checked_by": args.checked_by, "why": args.why, "document": filing.to_json(),
        "signature": args.signature.as_deref().map(given::signature).transpose()?,
    });
    let answer = ask.send("POST", "/api/v1/filings", &wish)?;
    let answer: Value = serde_json::from_slice(&answer).map_err(|e| failed("the answer", e))?;
    Ok(writeln!(
        anstream::stderr(),
        "Handed in as version {}, entry {} of the registry. It is not sent to any authority: that stays with you.",
        answer.get("version").and_then(Value::as_u64).unwrap_or_default(),
        answer.get("ordinal").and_then(Value::as_u64).unwrap_or_default(),
    )?)
}

fn store(folder: &Path, filing: &Filing, checked: &Checked) -> Result<(), Failure> {
    let wrong = |e: std::io::Error| failed(format!("cannot write {}", folder.display()), e);
    std::fs::create_dir_all(folder).map_err(wrong)?;
    let mut files = vec![
        ("filing.json".to_owned(), filing.to_json()),
        ("filing.html".to_owned(), ::filing::html(filing)),
    ];
    files.extend(::filing::tables(filing).into_iter().map(|(name, text)| (format!("{name}.csv"), text)));
    files.extend(::filing::own_shape(filing).into_iter().map(|(name, text)| (format!("own-{name}"), text)));
    for (name, content) in files {
        std::fs::write(folder.join(name), content).map_err(wrong)?;
    }
    if documents::AVAILABLE {
        let pdf = ::filing::pdf(filing, checked).map_err(|e| failed("filing.pdf", e))?;
        std::fs::write(folder.join("filing.pdf"), pdf).map_err(wrong)?;
    }
    Ok(())
}

/// The filing as a person reads it in a terminal.
fn text(filing: &Filing) -> String {
    let mut out =
        format!("{HEAD}{}{PLAIN}\n{} to {}\n\n", printable(&filing.form.title), filing.from, filing.to);
    for field in &filing.fields {
        let value = field.cell.value.as_deref().map_or_else(|| format!("{BAD}gap{PLAIN}"), printable);
        let _ =
            writeln!(out, "  {}: {value} {}", printable(&field.column.label), printable(&field.column.unit));
        let _ = writeln!(out, "    {DIM}{}{PLAIN}", printable(&::filing::source(&field.cell.source)));
    }
    for table in &filing.tables {
        let _ = writeln!(out, "  {}: {} lines", printable(&table.title), table.rows.len());
    }
    for gap in &filing.gaps {
        let _ = writeln!(out, "{BAD}gap{PLAIN} {}: {}", printable(&gap.field), printable(&gap.todo));
    }
    for note in &filing.notes {
        let _ = writeln!(out, "note {}", printable(note));
    }
    out
}
