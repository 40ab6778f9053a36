//! Judging the recorded corpus, held-out by program family, and fitting the weights that ship.
//!
//! A family is one independent code base. No family is ever judged by weights that saw any of its recordings.

mod cases;
mod contested;
pub mod fleet;
mod metrics;
mod report;
mod training;

use crate::Outcome;
use cases::Case;
use metrics::Judgement;
use std::path::PathBuf;

/// Options of `cargo xtask evaluate`.
#[derive(clap::Args)]
pub struct Args {
    /// Write the report as Markdown to this file too
    #[arg(long)]
    report: Option<PathBuf>,
    /// Fail unless macro-F1 reaches this
    #[arg(long)]
    f1_min: Option<f64>,
    /// Fail if more recordings than this are falsely called mining
    #[arg(long)]
    false_mining_max: Option<usize>,
    /// Hold to the bars that CI holds to
    #[arg(long)]
    check: bool,
    /// Also print every recording that was judged wrongly
    #[arg(long)]
    wrong: bool,
    /// Judge the contested findings in this folder instead (`overt contest export`); they stay apart from the corpus
    #[arg(long, value_name = "FOLDER")]
    contested: Option<PathBuf>,
}

/// Options of `cargo xtask fit`.
#[derive(clap::Args)]
pub struct FitArgs {
    /// Where the weights go
    #[arg(long, default_value = "signatures/fusion.toml")]
    out: PathBuf,
}

/// What CI holds to: see `docs/evaluation.md` for the figures reached.
const CI_F1_MIN: f64 = 0.60;

/// Judges the corpus and prints the figures.
pub fn run(args: &Args) -> Outcome {
    if let Some(folder) = &args.contested {
        return contested::run(folder);
    }
    let cases = cases::load()?;
    let judged = training::held_out(&cases, true);
    let unnamed = training::held_out(&cases, false);
    let text = report::text(&cases, &judged, &unnamed);
    print!("{text}");
    if args.wrong {
        print!("{}", report::wrong(&judged));
    }
    if let Some(path) = &args.report {
        std::fs::write(path, report::markdown(&text))?;
    }
    let f1_min = args.f1_min.or(args.check.then_some(CI_F1_MIN));
    let false_max = args.false_mining_max.or(args.check.then_some(0));
    bars(&judged, f1_min, false_max)
}

fn bars(judged: &[Judgement<'_>], f1_min: Option<f64>, false_max: Option<usize>) -> Outcome {
    let f1 = metrics::macro_f1(judged);
    if let Some(least) = f1_min.filter(|least| f1 < *least) {
        return Err(format!("macro-F1 is {f1:.3}; expected at least {least}").into());
    }
    let wrong = metrics::false_mining(judged).len();
    if let Some(most) = false_max.filter(|most| wrong > *most) {
        return Err(format!("{wrong} recordings were falsely called mining; expected at most {most}").into());
    }
    Ok(())
}

/// Fits the weights on the whole corpus.
pub fn fit(args: &FitArgs) -> Outcome {
    let cases = cases::load()?;
    let all: Vec<&Case> = cases.iter().collect();
    let model = training::fit(&all, true);
    let text = format!(
        "# Weights of the fusion, natural-log units, fitted by `cargo xtask fit` on {} recordings of {} program\n\
         # families in corpus/recordings. Rows follow the order of the activities in DESIGN's list. Do not edit.\n\n{}",
        cases.len(),
        metrics::families(&cases),
        toml::to_string(&model)?
    );
    std::fs::write(&args.out, text)?;
    println!("fitted on {} recordings into {}", cases.len(), args.out.display());
    Ok(())
}
