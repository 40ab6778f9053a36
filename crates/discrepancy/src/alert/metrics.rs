//! Open alerts as OpenMetrics text, for a scraper.
//!
//! Names from machines are not labels: only sites and kinds are, so that the number of series is bounded.

use crate::alert::state::State;
use std::collections::BTreeMap;
use std::fmt::Write;

/// The lines, without the end mark, so that others can follow.
#[must_use]
pub fn open_metrics(state: &State) -> String {
    let mut out = String::from(
        "# TYPE overt_alerts gauge\n# HELP overt_alerts Open alerts by site and kind of difference.\n",
    );
    let mut sums: BTreeMap<(&str, &str), (u64, u64, f64)> = BTreeMap::new();
    for alert in state.open() {
        let sum = sums.entry((&alert.signal.site, &alert.signal.kind)).or_default();
        sum.0 += 1;
        sum.1 += u64::from(alert.acknowledged.is_some());
        sum.2 = sum.2.max(alert.signal.size);
    }
    let labels =
        |(site, kind): (&str, &str)| format!("{{site=\"{}\",kind=\"{}\"}}", escaped(site), escaped(kind));
    for (key, sum) in &sums {
        let _ = writeln!(out, "overt_alerts{} {}", labels(*key), sum.0);
    }
    out.push_str("# TYPE overt_alerts_acknowledged gauge\n# HELP overt_alerts_acknowledged Those that somebody acknowledged.\n");
    for (key, sum) in &sums {
        let _ = writeln!(out, "overt_alerts_acknowledged{} {}", labels(*key), sum.1);
    }
    out.push_str("# TYPE overt_alert_size_hours gauge\n# UNIT overt_alert_size_hours hours\n# HELP overt_alert_size_hours The largest, in hours times share of the device.\n");
    for (key, sum) in &sums {
        let _ = writeln!(out, "overt_alert_size_hours{} {}", labels(*key), sum.2);
    }
    out
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
