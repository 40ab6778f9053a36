//! `/proc/PID/cgroup`.

/// The most specific path: the one with the most parts; version 2 wins a tie. `/` where there is none.
pub fn parse(text: &[u8]) -> String {
    let mut best: (usize, bool, &[u8]) = (0, false, b"/");
    for line in text.split(|b| *b == b'\n') {
        let mut parts = line.splitn(3, |b| *b == b':');
        let (Some(hierarchy), Some(_), Some(path)) = (parts.next(), parts.next(), parts.next()) else {
            continue;
        };
        let depth = path.split(|b| *b == b'/').filter(|part| !part.is_empty()).count();
        let candidate = (depth, hierarchy == b"0", path);
        if !path.is_empty() && (candidate.0, candidate.1) > (best.0, best.1) {
            best = candidate;
        }
    }
    String::from_utf8_lossy(best.2).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_deepest_path_names_the_unit() {
        assert_eq!(parse(b"0::/system.slice/ssh.service\n"), "/system.slice/ssh.service");
        let mixed = b"12:cpu:/docker/abc\n1:name=systemd:/docker/abc/init\n0::/\n";
        assert_eq!(parse(mixed), "/docker/abc/init");
        assert_eq!(parse(b"4:cpu:/a/b\n0::/c/d\n"), "/c/d");
        assert_eq!(parse(b""), "/");
        assert_eq!(parse(b"0::\n"), "/");
    }

    proptest! {
        #[test]
        fn any_bytes_give_a_path(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(!parse(&bytes).is_empty());
        }
    }
}
