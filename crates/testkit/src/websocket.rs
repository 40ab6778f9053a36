//! The server's half of WebSocket (RFC 6455): handshake, masked frames in, plain frames out. No extensions, no
//! continuation frames.

use crate::framing::{MAX_MESSAGE, Malformed, Step};
use crate::http;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// From RFC 6455, section 1.3.
const ACCEPT_SUFFIX: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The answer to an upgrade request, and how many bytes that request took.
pub(crate) fn handshake(bytes: &[u8]) -> Result<(Step, usize), Malformed> {
    let Some(head) = http::head(bytes)? else { return Ok((Step::Wait, 0)) };
    let key = http::header(&head, "sec-websocket-key").ok_or(Malformed::NotHttp)?;
    let accept = STANDARD.encode(Sha1::digest(format!("{key}{ACCEPT_SUFFIX}")));
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    Ok((Step::Send(answer.into_bytes()), head.len()))
}

/// The first whole frame, and how many bytes it took.
pub(crate) fn frame(bytes: &[u8]) -> Result<(Step, usize), Malformed> {
    let &[first, second, ..] = bytes else { return Ok((Step::Wait, 0)) };
    if second & 0x80 == 0 {
        return Err(Malformed::BadFrame);
    }
    let Some((length, start)) = length(second & 0x7f, bytes)? else { return Ok((Step::Wait, 0)) };
    let (Some(mask), Some(payload)) = (bytes.get(start..start + 4), bytes.get(start + 4..start + 4 + length))
    else {
        return Ok((Step::Wait, 0));
    };
    let plain: Vec<u8> = payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m).collect();
    let step = match first & 0x0f {
        1 | 2 => Step::Message(String::from_utf8_lossy(&plain).into_owned()),
        8 => Step::Close,
        9 => Step::Send(encode(10, &plain)),
        10 => Step::Send(Vec::new()),
        _ => return Err(Malformed::BadFrame),
    };
    Ok((step, start + 4 + length))
}

/// Payload length and where the mask begins.
fn length(short: u8, bytes: &[u8]) -> Result<Option<(usize, usize)>, Malformed> {
    let long = match (short, bytes.get(2..4)) {
        (127, _) => return Err(Malformed::TooLong),
        (126, None) => return Ok(None),
        (126, Some(two)) => two.iter().fold(0_usize, |n, &b| (n << 8) | usize::from(b)),
        (n, _) => return Ok(Some((usize::from(n), 2))),
    };
    if long > MAX_MESSAGE { Err(Malformed::TooLong) } else { Ok(Some((long, 4))) }
}

/// A text frame as a server sends it.
pub(crate) fn text_frame(text: &str) -> Vec<u8> {
    encode(1, text.as_bytes())
}

fn encode(kind: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | kind];
    match u8::try_from(payload.len()) {
        Ok(short) if short < 126 => frame.push(short),
        _ => {
            frame.push(126);
            frame.extend_from_slice(&(payload.len().min(usize::from(u16::MAX)) as u16).to_be_bytes());
        }
    }
    frame.extend_from_slice(payload);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_handshake_of_the_standard_gets_the_answer_of_the_standard() {
        let ask =
            "GET / HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        let (Step::Send(answer), used) = handshake(ask.as_bytes()).unwrap() else { panic!("no answer") };
        assert_eq!(used, ask.len());
        assert!(String::from_utf8(answer).unwrap().contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
    }

    #[test]
    fn a_masked_frame_is_unmasked_and_an_unmasked_one_refused() {
        let hello = [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58];
        assert_eq!(frame(&hello), Ok((Step::Message("Hello".into()), 11)));
        assert_eq!(frame(&hello[..8]), Ok((Step::Wait, 0)));
        assert_eq!(frame(&[0x81, 0x05, b'H']), Err(Malformed::BadFrame));
    }

    #[test]
    fn a_frame_longer_than_the_bound_is_given_up() {
        assert_eq!(frame(&[0x81, 0xff, 0, 0, 0, 0, 0xff]), Err(Malformed::TooLong));
    }
}
