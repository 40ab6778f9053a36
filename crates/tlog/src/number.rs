//! Decimal numbers as the C2SP texts write them: ASCII digits, no leading zero unless the number is 0.
//!
//! Must not accept what `u64::from_str` accepts beyond that, such as a plus sign.

/// The number of a text; none if it is written otherwise or does not fit.
pub(crate) fn decimal(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain || (text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn a_number_has_one_way_to_be_written() {
        assert_eq!(decimal("0"), Some(0));
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for other in ["", "+1", "-1", "00", "01", " 1", "1 ", "1_0", "0x1", "18446744073709551616", "١"] {
            assert_eq!(decimal(other), None, "{other:?}");
        }
    }
}
