//! The picture of a backtest: energy by old disposition on the left, by new one on the right, and what flows between them.

use rulebook::Disposition;
use rulebook::backtest::{Amount, Backtest};
use std::collections::BTreeMap;
use std::fmt::Write;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 420.0;
/// Left edge of the left bars and right edge of the right ones.
const SIDE: f64 = 220.0;
const BAR: f64 = 18.0;
const TOP: f64 = 70.0;
/// Space between two bars.
const GAP: f64 = 14.0;
/// Thinnest band that can be seen.
const HAIR: f64 = 1.0;

/// The colour of a disposition, chosen to be told apart in print and by people who see few colours (Okabe and Ito, 2008).
const fn colour(d: Disposition) -> &'static str {
    match d {
        Disposition::DataIndustry => "#009e73",
        Disposition::RegisterAndReport => "#0072b2",
        Disposition::Surcharge => "#e69f00",
        Disposition::Financial => "#cc79a7",
        Disposition::Prohibited => "#d55e00",
        Disposition::ManualReview => "#7f7f7f",
    }
}

/// What moves, as SVG that reads on light and dark ground.
pub fn moves(result: &Backtest, old: &str, new: &str) -> String {
    let by_energy = result.moves.values().any(|a| a.kwh > 0.0);
    let size = |a: &Amount| if by_energy { a.kwh } else { a.findings };
    let unit = if by_energy { "kWh" } else { "findings" };
    let total: f64 = result.moves.values().map(size).sum();
    let mut left: BTreeMap<Disposition, f64> = BTreeMap::new();
    let mut right: BTreeMap<Disposition, f64> = BTreeMap::new();
    for ((from, to), amount) in &result.moves {
        *left.entry(*from).or_default() += size(amount);
        *right.entry(*to).or_default() += size(amount);
    }
    let bars = left.len().max(right.len()).max(1) as f64;
    let scale = (HEIGHT - TOP - 40.0 - GAP * (bars - 1.0)) / total.max(f64::MIN_POSITIVE);
    let mut svg = head(result, old, new, unit);
    let (mut from_at, mut to_at) = (BTreeMap::new(), BTreeMap::new());
    column(&mut svg, &left, SIDE, scale, total, unit, &mut from_at);
    column(&mut svg, &right, WIDTH - SIDE - BAR, scale, total, unit, &mut to_at);
    for ((from, to), amount) in &result.moves {
        let thick = (size(amount) * scale).max(HAIR);
        let (Some(y0), Some(y1)) = (from_at.get_mut(from), to_at.get_mut(to)) else { continue };
        band(
            &mut svg,
            (*y0, *y1),
            thick,
            *from,
            *to,
            &format!("{from} → {to}: {} {unit}", figure(size(amount))),
        );
        *y0 += thick;
        *y1 += thick;
    }
    svg + "</svg>\n"
}

fn head(result: &Backtest, old: &str, new: &str, unit: &str) -> String {
    let days = result.days.map_or_else(String::new, |(a, b)| format!(", {a} to {b}"));
    let changed = result.changed();
    let title = escaped(&format!("What the draft would have done: {} findings{days}", result.findings));
    let below = escaped(&format!(
        "{} kWh and {} findings change disposition on {} devices; bands are {unit}",
        figure(changed.kwh),
        figure(changed.findings),
        result.devices.len()
    ));
    let (old, new, right) = (escaped(old), escaped(new), WIDTH - SIDE - BAR);
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" role="img" aria-label="{title}">
<title>{title}</title>
<desc>{below}</desc>
<style>text{{fill:#1a1a1a}}.dim{{fill:#555}}.ground{{fill:#fff}}@media (prefers-color-scheme:dark){{text{{fill:#eee}}.dim{{fill:#aaa}}.ground{{fill:#16181b}}}}</style>
<rect class="ground" width="100%" height="100%"/>
<text x="20" y="24" font-size="16" font-weight="bold">{title}</text>
<text x="20" y="44" class="dim">{below}</text>
<text x="{SIDE}" y="62" class="dim">in force: {old}</text>
<text x="{}" y="62" class="dim" text-anchor="end">draft: {new}</text>
"##,
        right + BAR
    )
}

/// Bars of one side, with labels outside of them; notes where each begins.
fn column(
    svg: &mut String,
    sums: &BTreeMap<Disposition, f64>,
    x: f64,
    scale: f64,
    total: f64,
    unit: &str,
    starts: &mut BTreeMap<Disposition, f64>,
) {
    let outside = if x < WIDTH / 2.0 { (x - 10.0, "end") } else { (x + BAR + 10.0, "start") };
    let mut y = TOP;
    for (disposition, sum) in sums {
        let height = (sum * scale).max(HAIR);
        starts.insert(*disposition, y);
        let (colour, middle) = (colour(*disposition), y + height / 2.0);
        let part = if total > 0.0 { sum / total * 100.0 } else { 0.0 };
        let _ =
            writeln!(svg, r#"<rect x="{x}" y="{y:.1}" width="{BAR}" height="{height:.1}" fill="{colour}"/>"#);
        let _ = writeln!(
            svg,
            r#"<text x="{}" y="{:.1}" text-anchor="{}">{disposition}<tspan class="dim" x="{}" dy="15">{} {unit}, {part:.1} %</tspan></text>"#,
            outside.0,
            middle,
            outside.1,
            outside.0,
            figure(*sum)
        );
        y += height.max(22.0) + GAP;
    }
}

fn band(svg: &mut String, (y0, y1): (f64, f64), thick: f64, from: Disposition, to: Disposition, label: &str) {
    let (x0, x1) = (SIDE + BAR, WIDTH - SIDE - BAR);
    let middle = (x0 + x1) / 2.0;
    let opacity = if from == to { 0.25 } else { 0.6 };
    let _ = writeln!(
        svg,
        r#"<path d="M{x0},{y0:.1} C{middle},{y0:.1} {middle},{y1:.1} {x1},{y1:.1} L{x1},{:.1} C{middle},{:.1} {middle},{:.1} {x0},{:.1} Z" fill="{}" fill-opacity="{opacity}"><title>{}</title></path>"#,
        y1 + thick,
        y1 + thick,
        y0 + thick,
        y0 + thick,
        colour(to),
        escaped(label)
    );
}

/// A figure with thin spaces between thousands.
fn figure(n: f64) -> String {
    let digits = format!("{:.0}", n.round().abs());
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            out.push('\u{2009}');
        }
        out.push(c);
    }
    out
}

fn escaped(text: &str) -> String {
    let clean = text.chars().filter(|c| !c.is_control());
    clean.fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    })
}
