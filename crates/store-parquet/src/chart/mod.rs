//! The history as a picture: power and compute by activity over time, as one SVG that stands alone. It must not run
//! scripts, load anything, or show time that nobody saw: where no statement covers a step there is a gap.

mod areas;
mod legend;
mod palette;
mod series;
mod svg;
mod ticks;
mod words;

use crate::query::{Answer, Bucket};
use areas::Panel;
use jiff::tz::TimeZone;
use series::Series;
use svg::Svg;

pub use words::Language;

/// Width of the picture.
const WIDTH: f64 = 960.0;
/// Left edge of the areas: the labels of the values stand before it.
const LEFT: f64 = 64.0;
/// Right edge of the areas.
const RIGHT: f64 = 940.0;
/// Height of one panel's areas.
const TALL: f64 = 190.0;
/// Room above a panel's areas, for its name.
const ABOVE: f64 = 34.0;
/// Room below a panel's areas, for the labels of time.
const BELOW: f64 = 26.0;
/// Where the first panel begins.
const TOP: f64 = 52.0;
/// Most steps of time in one picture.
pub const MAX_STEPS: i64 = 2_000;

/// What to draw.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// Title, as the caller has it; one in the language if there is none.
    pub title: Option<&'a str>,
    /// Language of the labels.
    pub language: Language,
    /// Time zone of the labels.
    pub zone: TimeZone,
    /// Beginning, in Unix milliseconds.
    pub from_ms: i64,
    /// End, in Unix milliseconds, not included.
    pub to_ms: i64,
    /// Steps of time, those of the question: as many as [`MAX_STEPS`], no shorter than the interval of statements.
    pub bucket: Bucket,
    /// The answer to a question by activity with these steps.
    pub answers: &'a [Answer],
}

/// Steps of time that suit a picture of this length: 1, 5 or 15 minutes, 1 or 6 hours, or days, at most about 250.
#[must_use]
pub const fn step_ms(length_ms: i64) -> i64 {
    const MINUTE: i64 = 60_000;
    let steps = [MINUTE, 5 * MINUTE, 15 * MINUTE, 60 * MINUTE, 360 * MINUTE];
    let mut at = 0;
    while at < steps.len() {
        #[expect(clippy::indexing_slicing, reason = "bounded by the loop")]
        if length_ms <= 250 * steps[at] {
            return steps[at];
        }
        at += 1;
    }
    1440 * MINUTE
}

/// Draws stacked areas of power and of compute by activity.
#[must_use]
pub fn areas(chart: &Chart<'_>) -> String {
    let series = Series::of(chart);
    let words = chart.language.words();
    let legend_top = TOP + 2.0 * (ABOVE + TALL + BELOW) + 14.0;
    let height = legend_top + legend::height(&series) + 30.0;
    let title = chart.title.unwrap_or(words.title);
    let mut svg = Svg::new(WIDTH, height, title, &words::describe(chart, &series));
    palette::patterns(&mut svg, &series.activities());
    svg.text("oc-title", 16.0, 28.0, "start", title);
    let power = Panel {
        name: words.power,
        unit: "W",
        values: &series.watts,
        nothing: words.no_energy,
        top: TOP + ABOVE,
    };
    power.draw(&mut svg, chart, &series);
    let compute = Panel {
        name: words.compute,
        unit: "",
        values: &series.processors,
        nothing: words.no_compute,
        top: TOP + 2.0 * ABOVE + TALL + BELOW,
    };
    compute.draw(&mut svg, chart, &series);
    legend::draw(&mut svg, chart, &series, legend_top);
    svg.text("oc-note", 16.0, height - 12.0, "start", &words::note(chart, &series));
    svg.finish()
}
