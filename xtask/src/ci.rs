//! All that CI runs, in order, the tests last.
//!
//! One profile and one target folder, so that nothing is built twice. Stops at the first stage that fails and says
//! what to do about it.

use std::process::Command;
use std::time::{Duration, Instant};

/// The programs that are recorded live and must be judged right: mining and not mining ones.
const LIVE: &[&str] = &["monerod-mining", "monerod-idle", "coreutils-sums", "xz", "x264", "gcc"];

/// What CI builds beside the default: filings and dossiers as PDF. The same in every stage, so that nothing is built twice.
const DOCUMENTS: &str = "overt/documents";

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// Leave out these stages
    #[arg(long, value_name = "STAGE", value_parser = known)]
    skip: Vec<String>,
    /// Run only these stages
    #[arg(long, value_name = "STAGE", value_parser = known)]
    only: Vec<String>,
    /// List the stages and end
    #[arg(long)]
    list: bool,
}

/// One stage.
struct Stage {
    name: &'static str,
    /// Whether it is another task of this program, not of cargo.
    task: bool,
    /// Arguments to either.
    arguments: &'static [&'static str],
    /// What to do when it fails.
    help: &'static str,
}

/// The stages in order.
const STAGES: &[Stage] = &[
    Stage {
        name: "format",
        task: false,
        arguments: &["fmt", "--all", "--check"],
        help: "run `cargo fmt --all`",
    },
    Stage { name: "tidy", task: true, arguments: &["tidy"], help: "each problem above says what to do" },
    Stage {
        name: "lints",
        task: false,
        arguments: &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--features",
            DOCUMENTS,
            "--",
            "-D",
            "warnings",
        ],
        help: "mend what clippy names; do not allow it",
    },
    Stage {
        name: "documentation",
        task: false,
        arguments: &["doc", "--workspace", "--no-deps", "--features", DOCUMENTS],
        help: "mend the documentation that rustdoc names",
    },
    Stage {
        name: "build",
        task: false,
        arguments: &["build", "--workspace", "--features", DOCUMENTS],
        help: "mend what the compiler names",
    },
    Stage {
        name: "kills",
        task: true,
        arguments: &["kill", "--rounds", "20"],
        help: "run it again with the seed above: `cargo xtask kill --seed N`",
    },
    Stage {
        name: "network",
        task: true,
        arguments: &["network", "--seconds", "5", "--or-skip"],
        help: "run it again: `cargo xtask network`, with root",
    },
    Stage {
        name: "disk",
        task: true,
        arguments: &["disk", "--or-skip"],
        help: "run it again: `cargo xtask disk`, with root",
    },
    Stage {
        name: "fuzz",
        task: true,
        arguments: &["fuzz", "--seconds", "5"],
        help: "feed the kept input again: `cargo xtask fuzz --only NAME --again FILE`",
    },
    Stage {
        name: "evaluation",
        task: true,
        arguments: &["evaluate", "--check"],
        help: "see which bar is missed; run `cargo xtask evaluate` for all of it",
    },
    Stage {
        name: "declared",
        task: true,
        arguments: &["declared", "--found-min", "9", "--false-max", "2"],
        help: "run `cargo xtask declared --fleets 20`, and see which kind of difference became worse",
    },
    Stage {
        name: "declared-shipped",
        task: true,
        arguments: &["declared", "--shipped", "--found-min", "10", "--false-max", "0"],
        help: "what ships has seen these programs: something broke",
    },
    Stage {
        name: "live",
        task: true,
        arguments: &["corpus", "record", "--verify", "--first", "--seconds", "5"],
        help: "see the finding above; run `overt look --explain NAME` beside the program",
    },
    Stage {
        name: "tests",
        task: false,
        arguments: &["nextest", "run", "--workspace", "--features", DOCUMENTS],
        help: "mend the test that is named, or what it tests",
    },
];

fn known(name: &str) -> Result<String, String> {
    let names: Vec<&str> = STAGES.iter().map(|s| s.name).collect();
    if names.contains(&name) {
        Ok(name.to_owned())
    } else {
        Err(format!("expected one of {}", names.join(", ")))
    }
}

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let begin = Instant::now();
    for stage in STAGES.iter().filter(|stage| wanted(stage, args)) {
        if args.list {
            let task = if stage.task { "xtask " } else { "" };
            println!("{:14} cargo {task}{}", stage.name, arguments(stage).join(" "));
            continue;
        }
        println!("==> {} (after {})", stage.name, clock(begin.elapsed()));
        let begin = Instant::now();
        let status = command(stage)?.status()?;
        if !status.success() {
            return Err(format!("stage '{}' failed ({status}): {}", stage.name, stage.help).into());
        }
        // The tests end with their own summary, and nothing is printed after it.
        if stage.name != "tests" {
            println!("    {} took {}", stage.name, clock(begin.elapsed()));
        }
    }
    Ok(())
}

fn wanted(stage: &Stage, args: &Args) -> bool {
    let named = |names: &[String]| names.iter().any(|name| name == stage.name);
    (args.only.is_empty() || named(&args.only)) && !named(&args.skip)
}

fn command(stage: &Stage) -> std::io::Result<Command> {
    let mut command = if stage.task { Command::new(own_program()?) } else { crate::cargo() };
    command.args(arguments(stage));
    if stage.name == "documentation" {
        command.env("RUSTDOCFLAGS", "-D warnings");
    }
    Ok(command)
}

/// This program. The build stage may have put a newer one in its place; the kernel then marks the old as deleted.
pub fn own_program() -> std::io::Result<std::path::PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.to_string_lossy();
    Ok(path.strip_suffix(" (deleted)").map_or_else(|| own.clone(), std::path::PathBuf::from))
}

fn arguments(stage: &Stage) -> Vec<&'static str> {
    match stage.name {
        "tests" if !has_nextest() => vec!["test", "--workspace", "--features", DOCUMENTS],
        "live" => {
            stage.arguments.iter().copied().chain(LIVE.iter().flat_map(|name| ["--only", *name])).collect()
        }
        _ => stage.arguments.to_vec(),
    }
}

fn has_nextest() -> bool {
    let found = crate::cargo().args(["nextest", "--version"]).output();
    found.is_ok_and(|output| output.status.success())
}

fn clock(time: Duration) -> String {
    format!("{} min {:02} s", time.as_secs() / 60, time.as_secs() % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(skip: &[&str], only: &[&str]) -> Vec<&'static str> {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        let args = Args { skip: owned(skip), only: owned(only), list: false };
        STAGES.iter().filter(|stage| wanted(stage, &args)).map(|stage| stage.name).collect()
    }

    #[test]
    fn the_tests_run_last() {
        assert_eq!(names(&[], &[]).last(), Some(&"tests"));
    }

    #[test]
    fn stages_are_chosen_and_left_out_by_name() {
        assert_eq!(names(&["tests"], &["tests", "format"]), ["format"]);
        assert!(known("live").is_ok() && known("alive").is_err());
    }

    #[test]
    fn a_live_check_holds_mining_and_its_like_that_does_not_mine() {
        assert!(LIVE.len() >= 6);
        assert!(LIVE.contains(&"monerod-mining") && LIVE.contains(&"monerod-idle"));
    }

    #[test]
    fn elapsed_time_is_told_in_minutes_and_seconds() {
        assert_eq!(clock(Duration::from_secs(125)), "2 min 05 s");
    }
}
