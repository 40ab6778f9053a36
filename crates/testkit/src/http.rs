//! The little of HTTP/1.1 that a miner's node RPC needs: one request with a body of stated length, one response.

use crate::framing::{MAX_MESSAGE, Malformed, Step};

/// The body of the first whole request in `bytes`, and how many bytes it took.
pub(crate) fn request(bytes: &[u8]) -> Result<(Step, usize), Malformed> {
    let Some(head) = head(bytes)? else { return Ok((Step::Wait, 0)) };
    let length = header(&head, "content-length").and_then(|v| v.parse::<usize>().ok()).unwrap_or(0);
    if length > MAX_MESSAGE {
        return Err(Malformed::TooLong);
    }
    let end = head.len() + length;
    Ok(match bytes.get(head.len()..end) {
        Some(body) => (Step::Message(String::from_utf8_lossy(body).into_owned()), end),
        None => (Step::Wait, 0),
    })
}

/// Request line and headers with the blank line behind them, once they are whole.
pub(crate) fn head(bytes: &[u8]) -> Result<Option<String>, Malformed> {
    if !bytes.first().is_none_or(u8::is_ascii_uppercase) {
        return Err(Malformed::NotHttp);
    }
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n");
    Ok(end.and_then(|end| bytes.get(..end + 4)).map(|head| String::from_utf8_lossy(head).into_owned()))
}

/// One header's value.
pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(n, _)| n.eq_ignore_ascii_case(name))
        .map(|(_, v)| v.trim())
}

/// A JSON response that keeps the connection open.
pub(crate) fn response(body: &str) -> Vec<u8> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: keep-alive";
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_has_not_arrived_yet_is_waited_for() {
        let whole = b"POST / HTTP/1.1\r\nHost: x\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(request(&whole[..whole.len() - 1]), Ok((Step::Wait, 0)));
        assert_eq!(request(whole), Ok((Step::Message("{}".into()), whole.len())));
    }

    #[test]
    fn bytes_that_are_not_http_are_given_up_at_once() {
        assert_eq!(request(b"\x16\x03\x01"), Err(Malformed::NotHttp));
    }
}
