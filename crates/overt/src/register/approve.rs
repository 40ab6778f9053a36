//! `overt register approve`: a second person's word for a version.

use crate::Failure;
use crate::registry::ask::AskArgs;
use serde_json::json;
use statement::{Kind, Name};
use std::io::Write;

/// Options of `overt register approve`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "The token has to be another person's than the one that registered the version.")]
pub struct Args {
    #[command(flatten)]
    pub ask: AskArgs,
    /// operator, site, device or workload
    #[arg(value_parser = super::kind)]
    pub kind: Kind,
    /// Its name
    #[arg(value_parser = super::name)]
    pub id: Name,
    /// The version
    pub version: u32,
    /// Refuse it: the version before it stays in force
    #[arg(long)]
    pub refuse: bool,
    /// What is to be said to it
    #[arg(long, default_value = "")]
    pub note: String,
}

/// Runs it.
pub fn run(args: &Args) -> Result<(), Failure> {
    let path = format!("/api/v1/registrations/{}/{}/{}/approval", args.kind.word(), args.id, args.version);
    args.ask.open()?.send("POST", &path, &json!({ "approved": !args.refuse, "note": args.note }))?;
    let word = if args.refuse { "Refused" } else { "Approved" };
    writeln!(anstream::stdout(), "{word} version {} of {} {}.", args.version, args.kind.word(), args.id)?;
    Ok(())
}
