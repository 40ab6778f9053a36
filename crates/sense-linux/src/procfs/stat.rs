//! `/proc/PID/stat`.

/// What overt uses of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Short name; the process chooses it, brackets and blanks included.
    pub name: String,
    /// Parent process number.
    pub parent: u32,
    /// Process group.
    pub group: u32,
    /// Session.
    pub session: u32,
    /// Page faults without I/O.
    pub faults: u64,
    /// Processor time in user mode, clock ticks.
    pub user: u64,
    /// Processor time in the kernel, clock ticks.
    pub system: u64,
    /// Threads.
    pub threads: u32,
    /// Start, clock ticks since boot.
    pub start: u64,
}

/// Reads the line; the name ends at the *last* closing bracket, because a name may hold brackets.
pub fn parse(text: &[u8]) -> Option<Stat> {
    let open = text.iter().position(|b| *b == b'(')?;
    let close = text.iter().rposition(|b| *b == b')')?;
    let name = text.get(open + 1..close)?;
    let rest = std::str::from_utf8(text.get(close + 1..)?).ok()?;
    // Field 3 (state) is the first after the name.
    let fields: Vec<&str> = rest.split_ascii_whitespace().take(22).collect();
    let at = |number: usize| fields.get(number - 3).copied();
    // Process group and session may be -1 or 0 for kernel threads seen from a namespace.
    let small = |number: usize| at(number).map(|f| f.parse::<u32>().unwrap_or(0));
    Some(Stat {
        name: String::from_utf8_lossy(name).into_owned(),
        parent: small(4)?,
        group: small(5)?,
        session: small(6)?,
        faults: at(10)?.parse().ok()?,
        user: at(14)?.parse().ok()?,
        system: at(15)?.parse().ok()?,
        threads: small(20)?,
        start: at(22)?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TAIL: &str =
        "R 1 2 3 0 -1 4194304 55 0 0 0 700 80 0 0 20 0 9 0 12345 1000 20 18446744073709551615 1";

    #[test]
    fn a_name_with_brackets_and_blanks_does_not_shift_the_fields() {
        let line = format!("42 (evil) R 1 (x) {TAIL}\n");
        let stat = parse(line.as_bytes()).unwrap();
        assert_eq!(stat.name, "evil) R 1 (x");
        assert_eq!((stat.parent, stat.group, stat.session), (1, 2, 3));
        assert_eq!((stat.user, stat.system, stat.faults), (700, 80, 55));
        assert_eq!((stat.threads, stat.start), (9, 12345));
    }

    #[test]
    fn a_cut_line_is_no_stat() {
        assert_eq!(parse(b"42 (sh) R 1 2 3"), None);
        assert_eq!(parse(b"42 )sh("), None);
        assert_eq!(parse(b""), None);
    }

    proptest! {
        #[test]
        fn any_name_reads_back(name in "[^\0]{0,20}") {
            let line = format!("42 ({name}) {TAIL}\n");
            let stat = parse(line.as_bytes()).unwrap();
            prop_assert_eq!(stat.name, name);
            prop_assert_eq!(stat.start, 12345);
        }

        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Some(stat) = parse(&bytes) {
                prop_assert!(bytes.contains(&b'('), "{stat:?} out of nothing");
            }
        }
    }
}
