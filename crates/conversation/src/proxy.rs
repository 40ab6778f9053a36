//! SOCKS 5 (RFC 1928) without a password, at either side: what follows it is the conversation.

/// How many bytes of SOCKS stand at the start: none, or `None` when more bytes are needed to tell.
pub(crate) fn socks(bytes: &[u8]) -> Option<usize> {
    match (bytes.first()?, bytes.get(1)) {
        (5, None) => None,
        (5, Some(0)) => message(bytes, 2),
        (5, Some(count @ 1..=4)) => {
            let offers = bytes.iter().skip(2).take(usize::from(*count));
            if offers.clone().any(|offer| *offer > 2) {
                Some(0)
            } else {
                message(bytes, 2 + usize::from(*count))
            }
        }
        _ => Some(0),
    }
}

/// A request or an answer at an offset: version, command or status, a zero, and an address with its port.
fn message(bytes: &[u8], at: usize) -> Option<usize> {
    let fits =
        |index: usize, allowed: fn(u8) -> bool| bytes.get(at + index).is_none_or(|byte| allowed(*byte));
    if !fits(0, |b| b == 5)
        || !fits(1, |b| b <= 8)
        || !fits(2, |b| b == 0)
        || !fits(3, |b| matches!(b, 1 | 3 | 4))
    {
        return Some(0);
    }
    let address = match bytes.get(at + 3)? {
        1 => 4,
        4 => 16,
        _ => 1 + usize::from(*bytes.get(at + 4)?),
    };
    let end = at + 4 + address + 2;
    (bytes.len() >= end).then_some(end)
}
