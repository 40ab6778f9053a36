//! Colours and patterns: each activity keeps its own in every picture. Neighbours differ in hue, in lightness or in pattern,
//! so that they stay apart in colour-blind vision and on a printer without colour. It must not depend on the data.
//!
//! Hues: Okabe and Ito, "Color Universal Design" (2008); Paul Tol, "Colour Schemes" (2021), muted.

use super::svg::Svg;
use facts::Activity;

/// What is drawn over the colour.
enum Over {
    Nothing,
    Up,
    Down,
    Dots,
    Level,
    Upright,
    Cross,
}

const fn look(activity: Activity) -> (&'static str, Over) {
    match activity {
        Activity::Mining => ("#d55e00", Over::Nothing),
        Activity::Validation => ("#e69f00", Over::Up),
        Activity::StorageProving => ("#f0e442", Over::Dots),
        Activity::Training => ("#0072b2", Over::Nothing),
        Activity::Inference => ("#56b4e9", Over::Down),
        Activity::HashSearch => ("#cc79a7", Over::Nothing),
        Activity::ZkProving => ("#882255", Over::Level),
        Activity::Scientific => ("#009e73", Over::Nothing),
        Activity::Media => ("#44aa99", Over::Dots),
        Activity::Compression => ("#117733", Over::Cross),
        Activity::Cryptography => ("#5b4bb5", Over::Upright),
        Activity::Build => ("#999933", Over::Down),
        Activity::Data => ("#aa4499", Over::Dots),
        Activity::Edge => ("#ddcc77", Over::Level),
        Activity::General => ("#7f7f7f", Over::Nothing),
        Activity::Idle => ("#c3c8ce", Over::Dots),
        Activity::Undetermined => ("#a9a9a9", Over::Cross),
    }
}

/// What an activity is filled with.
pub fn fill(activity: Activity) -> String {
    match look(activity) {
        (colour, Over::Nothing) => colour.to_owned(),
        _ => format!("url(#oc-{})", activity.name()),
    }
}

/// Writes the patterns of activities. They are the same in every picture, so that several may stand on one page.
pub fn patterns(svg: &mut Svg, activities: &[Activity]) {
    svg.raw("<defs>\n");
    for activity in activities {
        let (colour, over) = look(*activity);
        let (path, drawn) = match over {
            Over::Nothing => continue,
            Over::Up => ("M-2 2L2-2M0 8L8 0M6 10L10 6", true),
            Over::Down => ("M-2 6L2 10M0 0L8 8M6-2L10 2", true),
            Over::Level => ("M0 4H8", true),
            Over::Upright => ("M4 0V8", true),
            Over::Cross => ("M0 0L8 8M8 0L0 8", true),
            Over::Dots => ("M2 1a1.3 1.3 0 1 0 .01 0zM6 5a1.3 1.3 0 1 0 .01 0z", false),
        };
        let ink = if bright(colour) { "#000000" } else { "#ffffff" };
        let how = if drawn {
            format!("fill=\"none\" stroke=\"{ink}\" stroke-width=\"1.2\" stroke-opacity=\".55\"")
        } else {
            format!("fill=\"{ink}\" fill-opacity=\".55\"")
        };
        let name = activity.name();
        svg.raw(&format!(
            "<pattern id=\"oc-{name}\" width=\"8\" height=\"8\" patternUnits=\"userSpaceOnUse\">\
             <rect width=\"8\" height=\"8\" fill=\"{colour}\"/><path d=\"{path}\" {how}/></pattern>\n"
        ));
    }
    svg.raw("</defs>\n");
}

/// Whether black stands out more on a colour than white: by its relative luminance, roughly.
fn bright(colour: &str) -> bool {
    let part = |at: usize| colour.get(at..at + 2).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let [red, green, blue] = [1, 3, 5].map(|at| part(at).unwrap_or(0));
    red * 299 + green * 587 + blue * 114 > 128_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_activities_look_alike() {
        let looks: std::collections::BTreeSet<_> = Activity::ALL.iter().map(|a| look(*a).0).collect();
        assert_eq!(looks.len(), Activity::ALL.len());
    }
}
