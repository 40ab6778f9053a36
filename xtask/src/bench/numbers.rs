//! Medians with their intervals, and text to compress.

use std::fmt;

/// A median and the interval that holds the true one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// The median.
    pub median: f64,
    /// Upper end.
    pub high: f64,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.4} ({:.4} to {:.4})", self.median, self.low, self.high)
    }
}

/// The median, between the order statistics that hold the true median with at least 95 % confidence.
///
/// With fewer than six values no such pair exists; then it is the extremes.
pub fn median_interval(mut values: Vec<f64>) -> Interval {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    let at = |index: usize| values.get(index).copied().unwrap_or(f64::NAN);
    let median = match count % 2 {
        1 => at(count / 2),
        _ => f64::midpoint(at((count / 2).saturating_sub(1)), at(count / 2)),
    };
    let cut = cut(count);
    Interval { low: at(cut), median, high: at(count.saturating_sub(1 + cut)) }
}

/// How many values may be left out at each end: the largest k with P(B(n, ½) ≤ k − 1) ≤ 2.5 %.
fn cut(count: usize) -> usize {
    let (mut term, mut below, mut cut) = (0.5_f64.powi(i32::try_from(count).unwrap_or(i32::MAX)), 0.0, 0);
    while cut < count / 2 {
        below += term;
        if below > 0.025 {
            break;
        }
        cut += 1;
        term *= (count - cut + 1) as f64 / cut as f64;
    }
    // `cut` values lie below the interval's lower end only if the one at index `cut - 1` may be its end.
    cut.saturating_sub(1)
}

/// Words to make text of.
const WORDS: [&str; 16] = [
    "power ",
    "meter ",
    "evidence ",
    "of ",
    "the ",
    "what ",
    "works ",
    "here ",
    "and ",
    "when ",
    "it ",
    "began ",
    "site ",
    "device ",
    "is ",
    "seen ",
];

/// Text that compresses like prose; the same on every machine.
pub fn prose(length: usize) -> Vec<u8> {
    let (mut text, mut state) = (Vec::with_capacity(length + 16), 0x2545_f491_4f6c_dd1d_u64);
    while text.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let word = WORDS.get(usize::try_from(state >> 60).unwrap_or(0)).copied().unwrap_or_default();
        text.extend_from_slice(word.as_bytes());
        if state & 7 == 0 {
            text.extend_from_slice(format!("{:x} ", state & 0xffff).as_bytes());
        }
    }
    text.truncate(length);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_pairs_are_bounded_by_their_extremes() {
        let interval = median_interval(vec![6.0, 1.0, 2.0, 5.0, 3.0, 4.0]);
        assert_eq!(interval, Interval { low: 1.0, median: 3.5, high: 6.0 });
    }

    #[test]
    fn more_pairs_narrow_the_interval_as_the_tables_of_the_sign_test_say() {
        // Known ranks (counted from 1) of the 95 % interval: n = 8: 1 and 8; n = 9: 2 and 8; n = 12: 3 and 10.
        for (count, low, high) in [(8, 1.0, 8.0), (9, 2.0, 8.0), (12, 3.0, 10.0)] {
            let values: Vec<f64> = (1..=count).map(f64::from).collect();
            let interval = median_interval(values);
            assert_eq!((interval.low, interval.high), (low, high), "n = {count}");
        }
    }

    #[test]
    fn the_text_is_the_same_each_time_and_of_the_length_asked_for() {
        assert_eq!(prose(5000), prose(5000));
        assert_eq!(prose(5000).len(), 5000);
    }
}
