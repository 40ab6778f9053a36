//! `overt register new`: one subject by questions, each with why it is asked.

use super::apply;
use super::base;
use super::dry;
use crate::Failure;
use crate::registry::ask::{Ask, AskArgs};
use crate::rules::place;
use crate::table::{DIM, HEAD, PLAIN, printable};
use registration::{Dictionary, Home, OperatorWish, Reading, Said, SiteWish, Wish, Wishes, home};
use rulebook::{Field, Rulebook};
use statement::{Kind, Name};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// Longest answer, bytes.
const MAX_ANSWER: u64 = 8 << 10;
/// Times that one question is asked again.
const ATTEMPTS: usize = 5;

/// Options of `overt register new`.
#[derive(Clone, Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// operator, site, device or workload
    #[arg(value_parser = super::kind)]
    pub kind: Kind,
    /// Place whose rulebook says which fields are asked of an operator, for instance CN-SC
    #[arg(long, value_name = "CODE")]
    pub place: Option<String>,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        let help = "write a file instead and give it to `overt register FILE`";
        return Err(Failure::Usage(format!("questions need a terminal; {help}")));
    }
    let ask = args.ask.open()?;
    let reading = Reading::new(rulebook::shipped_vocabulary(), crate::rules::today("UTC"));
    let wishes = questions(&ask, args, &reading)?;
    let prepared = apply::prepare(&ask, &wishes, Path::new("the answers"))?;
    dry::show(&prepared, true, false)?;
    if prepared.is_empty() || !confirmed("Register this?")? {
        writeln!(anstream::stderr(), "Nothing was registered.")?;
        return Ok(());
    }
    apply::apply(&ask, &prepared, false)
}

/// Asks yes or no; anything but yes is no.
pub fn confirmed(question: &str) -> Result<bool, Failure> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(matches!(answer.to_lowercase().as_str(), "y" | "yes"))
}

/// One answer; an ended input is an empty one.
fn line(question: &str) -> Result<String, Failure> {
    let mut out = anstream::stderr();
    write!(out, "{question}")?;
    out.flush()?;
    let mut answer = String::new();
    let mut input = std::io::Read::take(std::io::stdin().lock(), MAX_ANSWER);
    std::io::BufRead::read_line(&mut input, &mut answer)?;
    Ok(answer.trim().to_owned())
}

/// Asks until the answer can be read.
fn asked<T>(question: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<T, Failure> {
    for _ in 0..ATTEMPTS {
        match read(&line(question)?) {
            Ok(value) => return Ok(value),
            Err(why) => writeln!(anstream::stderr(), "  {}", printable(&why))?,
        }
    }
    Err(Failure::Usage("no answer that can be read; nothing was registered".to_owned()))
}

fn name(question: &str) -> Result<Name, Failure> {
    asked(question, super::name)
}

fn questions(ask: &Ask, args: &Args, reading: &Reading<'_>) -> Result<Wishes, Failure> {
    let mut wishes = Wishes::default();
    let id = name(&format!("Name of the {} here (a-z 0-9 . _ -): ", args.kind.word()))?;
    let mut code = args.place.clone();
    let within = match args.kind {
        Kind::Operator => {
            let title = asked("Name for people: ", |t| {
                if t.is_empty() { Err("needed".into()) } else { Ok(t.to_owned()) }
            })?;
            let kinds: Vec<&str> = reading.vocabulary.operators().iter().map(|o| o.name.as_str()).collect();
            let kind = asked(&format!("Kind ({}; empty if not known): ", kinds.join(", ")), |text| {
                if text.is_empty() {
                    return Ok(None);
                }
                reading.vocabulary.operator(text).map(|()| Some(text.to_owned())).map_err(|e| e.to_string())
            })?;
            wishes.operators.push(OperatorWish { line: 0, id: id.clone(), title, kind });
            None
        }
        Kind::Site => {
            let operator = name("Operator: ")?;
            let found = asked("Place, for instance CN-SC: ", |text| {
                place::rulebook(text, None).map(|_| text.to_owned()).map_err(|e| e.to_string())
            })?;
            let (id, operator) = (id.clone(), operator);
            wishes.sites.push(SiteWish {
                line: 0,
                id,
                operator: operator.clone(),
                place: found.clone(),
                facts: None,
            });
            code = Some(found);
            Some(operator)
        }
        Kind::Device | Kind::Workload => {
            let site = name("Site: ")?;
            code = base::site(ask, &site)?.map(|s| s.place).or(code);
            Some(site)
        }
    };
    let rulebook = code.map(|code| place::rulebook(&code, None)).transpose()?;
    let fields = fields(args.kind, rulebook.as_ref(), &reading.dictionary)?;
    let (from, until, device) = (None, Said::Unsaid, Said::Unsaid);
    wishes.subjects.push(Wish { line: 0, kind: args.kind, id, within, from, until, device, fields });
    Ok(wishes)
}

/// Fields that the rulebook asks for of such a subject, then those that everybody wants to know.
fn fields(
    kind: Kind,
    rulebook: Option<&Rulebook>,
    dictionary: &Dictionary<'_>,
) -> Result<Vec<(String, String)>, Failure> {
    writeln!(
        anstream::stderr(),
        "{DIM}An empty answer leaves a field out; {} separates several.{PLAIN}",
        registration::LIST
    )?;
    let mut fields = Vec::new();
    for (field, why) in asked_for(kind, rulebook) {
        let unit = if field.unit.is_empty() { String::new() } else { format!(", {}", field.unit) };
        writeln!(anstream::stderr(), "{HEAD}{}{PLAIN} ({}){unit}  {DIM}{why}{PLAIN}", field.label, field.zh)?;
        let value = asked(&format!("{}: ", field.name), |text| {
            dictionary.read(field, text).map_err(|e| e.to_string())
        })?;
        if !value.is_empty() {
            fields.push((field.name.clone(), value));
        }
    }
    fields.sort_unstable();
    Ok(fields)
}

/// Fields that are asked without a rulebook: what tells the subject apart.
const ALWAYS: [&str; 10] = [
    "party.legal_name",
    "party.reg_no",
    "site.address",
    "site.grid_account_no",
    "device.manufacturer",
    "device.model",
    "device.serial",
    "work.activity",
    "work.algorithm",
    "work.token_reward",
];

fn asked_for(kind: Kind, rulebook: Option<&Rulebook>) -> Vec<(&'static Field, String)> {
    let vocabulary = rulebook::shipped_vocabulary();
    let wanted = |field: &&Field| home(&field.name) == Some(Home::Of(kind));
    let why = |field: &Field| {
        let asks =
            rulebook.into_iter().flat_map(|r| &r.obligations).filter(|o| o.fields.contains(&field.name));
        let titles: Vec<&str> = asks.map(|o| o.title.as_str()).collect();
        match titles.as_slice() {
            [] => ALWAYS.contains(&field.name.as_str()).then(|| "tells it apart from others".to_owned()),
            [one] => Some(format!("for: {one}")),
            [one, more @ ..] => Some(format!("for: {one}, and {} more", more.len())),
        }
    };
    vocabulary.fields().iter().filter(wanted).filter_map(|field| Some((field, why(field)?))).collect()
}
