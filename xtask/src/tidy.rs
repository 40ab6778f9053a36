//! To be filled.

/// Options.
#[derive(clap::Args)]
pub struct Args {}

/// Run it.
pub fn run(_: &Args) -> crate::Outcome {
    Err("not built yet".into())
}
