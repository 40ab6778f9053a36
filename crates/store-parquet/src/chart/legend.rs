//! The legend: each activity with its colour, its name and its parts. It must not leave an activity out that is drawn.

use super::series::Series;
use super::svg::Svg;
use super::{Chart, palette};

/// Entries of one line.
const COLUMNS: usize = 4;
/// Width of an entry.
const WIDE: f64 = 234.0;
/// Height of a line.
const HIGH: f64 = 20.0;

/// The height of the legend.
pub fn height(series: &Series) -> f64 {
    series.activities().len().div_ceil(COLUMNS) as f64 * HIGH
}

/// Draws the legend.
pub fn draw(svg: &mut Svg, chart: &Chart<'_>, series: &Series, top: f64) {
    let words = chart.language.words();
    for (at, activity) in series.activities().into_iter().enumerate() {
        let x = 16.0 + (at % COLUMNS) as f64 * WIDE;
        let y = top + (at / COLUMNS) as f64 * HIGH;
        svg.rect("oc-swatch", &palette::fill(activity), (x, y), (22.0, 13.0));
        let part = |share: Option<f64>| share.map_or("–".to_owned(), percent);
        let watts = part(Series::share(&series.watts, activity));
        let processors = part(Series::share(&series.processors, activity));
        let name = words.activity(activity);
        svg.text("oc-label", x + 28.0, y + 11.0, "start", &format!("{name} {watts} · {processors}"));
    }
}

/// A part of a hundred, never rounded to nothing or to all.
pub fn percent(share: f64) -> String {
    match share * 100.0 {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 1.0 => "<1 %".to_owned(),
        p if p > 99.0 && p < 100.0 => ">99 %".to_owned(),
        p => format!("{p:.0} %"),
    }
}
