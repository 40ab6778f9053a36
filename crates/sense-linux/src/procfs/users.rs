//! `/etc/passwd`: user numbers to names.

use std::collections::HashMap;
use std::io::Read as _;

/// Largest part of the file that is read, bytes.
const LIMIT: u64 = 1024 * 1024;
/// Most users that are kept.
const USERS: usize = 16_384;

/// Names by user number; empty when the file is unreadable.
pub fn read(path: &str) -> HashMap<u32, String> {
    let mut text = Vec::new();
    if let Ok(file) = std::fs::File::open(path) {
        let _ = file.take(LIMIT).read_to_end(&mut text);
    }
    parse(&text)
}

/// Reads `name:password:uid:…` lines; the first name of a number holds.
pub fn parse(text: &[u8]) -> HashMap<u32, String> {
    let mut users = HashMap::new();
    for line in text.split(|b| *b == b'\n').take(USERS) {
        let mut fields = line.split(|b| *b == b':');
        let (Some(name), Some(uid)) = (fields.next(), fields.nth(1)) else { continue };
        if let Some(uid) = std::str::from_utf8(uid).ok().and_then(|uid| uid.parse().ok()) {
            users.entry(uid).or_insert_with(|| String::from_utf8_lossy(name).into_owned());
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_holds() {
        let users = parse(b"root:x:0:0::/:\ntoor:x:0:0::/:\nbroken\nbad:x:minus:1\nann:x:1000:1000\n");
        assert_eq!(users.get(&0).map(String::as_str), Some("root"));
        assert_eq!(users.get(&1000).map(String::as_str), Some("ann"));
        assert_eq!(users.len(), 2);
    }
}
