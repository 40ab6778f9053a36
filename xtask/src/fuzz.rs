//! Feeds mutated bytes to every reader of foreign input for a short time, on stable Rust.
//!
//! In a process of its own, so that a reader which overflows its stack or runs out of memory ends that process and
//! not the task. The long run, guided by coverage, is `cargo +nightly fuzz run NAME`.

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// How long each reader is fed, seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Only these readers
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// Where the mutations begin
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Feed these kept inputs to the readers named by --only, and nothing else
    #[arg(long, value_name = "FILE")]
    again: Vec<String>,
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let mut command = crate::cargo();
    // By binary rather than by package, and with the features of CI: see .cargo/config.toml.
    command.args(["run", "--quiet", "--bin", "fuzz-targets", "--features", "overt/documents", "--"]);
    command.args([format!("--seconds={}", args.seconds), format!("--seed={}", args.seed)]);
    command.args(args.only.iter().map(|name| format!("--only={name}")));
    command.args(args.again.iter().map(|file| format!("--again={file}")));
    let status = command.status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("a reader did not survive its input ({status})").into())
    }
}
