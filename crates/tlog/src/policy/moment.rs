//! Seconds since 1970 as a date that a person reads.
//!
//! Must not read a clock or know a time zone.

/// Last second of the year 9999.
const LAST: u64 = 253_402_300_799;

/// The moment in UTC, such as `2023-03-20T12:25:47Z`; seconds as they are beyond the year 9999.
pub(super) fn of(seconds: u64) -> String {
    if seconds > LAST {
        return format!("{seconds} seconds after 1970");
    }
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // The civil calendar in eras of 400 years, counted from 1 March of the year 0, as leap days then end a year.
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = 400 * era + year + next;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn known_moments_are_told() {
        let known = [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_679_315_147, "2023-03-20T12:25:47Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            (253_402_300_800, "253402300800 seconds after 1970"),
        ];
        for (seconds, text) in known {
            assert_eq!(of(seconds), text);
        }
    }
}
