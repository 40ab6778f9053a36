//! Where one message ends and the next begins: lines, WebSocket frames or HTTP requests. Bounded: whoever sends a
//! longer message than [`MAX_MESSAGE`] is hung up on.

use crate::{Dialect, http, websocket};
use serde_json::Value;

/// Longest message taken, in bytes.
pub const MAX_MESSAGE: usize = 64 * 1024;

/// Why a connection is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// No end of message within the bound.
    #[error("message longer than {MAX_MESSAGE} bytes; expected an end before that")]
    TooLong,
    /// Not HTTP where HTTP was expected.
    #[error("first bytes are no HTTP request; expected a request line and headers")]
    NotHttp,
    /// A frame that a client must not send.
    #[error("websocket frame without mask or of an unknown kind; expected a masked text frame")]
    BadFrame,
}

/// What came of the bytes received so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// More bytes are needed.
    Wait,
    /// One whole message.
    Message(String),
    /// Bytes to send back that are no message: a handshake, a pong.
    Send(Vec<u8>),
    /// The other side said goodbye.
    Close,
}

/// Collects bytes and cuts them into messages.
#[derive(Clone, Debug)]
pub struct Framing {
    kind: Kind,
    pending: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Lines,
    Handshake,
    Frames,
    Http,
}

impl Framing {
    /// The framing that a dialect uses.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let kind = match dialect {
            Dialect::WebSocket => Kind::Handshake,
            Dialect::Getwork | Dialect::BlockTemplate => Kind::Http,
            _ => Kind::Lines,
        };
        Self { kind, pending: Vec::new() }
    }

    /// Takes bytes as they arrive.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole message, if there is one. Call again until it says [`Step::Wait`].
    ///
    /// # Errors
    ///
    /// [`Malformed`] when the bytes can no longer become a message; the connection should be closed.
    pub fn next_step(&mut self) -> Result<Step, Malformed> {
        let (step, used) = match self.kind {
            Kind::Lines => line(&self.pending),
            Kind::Handshake => websocket::handshake(&self.pending)?,
            Kind::Frames => websocket::frame(&self.pending)?,
            Kind::Http => http::request(&self.pending)?,
        };
        if self.kind == Kind::Handshake && step != Step::Wait {
            self.kind = Kind::Frames;
        }
        if step == Step::Wait && self.pending.len() > MAX_MESSAGE {
            return Err(Malformed::TooLong);
        }
        self.pending.drain(..used.min(self.pending.len()));
        Ok(step)
    }

    /// A message as it goes on the wire.
    #[must_use]
    pub fn wrap(&self, message: &Value) -> Vec<u8> {
        let text = message.to_string();
        match self.kind {
            Kind::Lines => format!("{text}\n").into_bytes(),
            Kind::Handshake | Kind::Frames => websocket::text_frame(&text),
            Kind::Http => http::response(&text),
        }
    }
}

fn line(bytes: &[u8]) -> (Step, usize) {
    match bytes.iter().position(|&b| b == b'\n') {
        Some(end) => {
            let text = bytes.get(..end).unwrap_or_default();
            (Step::Message(String::from_utf8_lossy(text).trim().to_owned()), end + 1)
        }
        None => (Step::Wait, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_split_over_two_segments_is_one_message() {
        let mut framing = Framing::of(Dialect::Monero);
        framing.feed(b"{\"id\"");
        assert_eq!(framing.next_step(), Ok(Step::Wait));
        framing.feed(b":1}\n{}\n");
        assert_eq!(framing.next_step(), Ok(Step::Message("{\"id\":1}".into())));
        assert_eq!(framing.next_step(), Ok(Step::Message("{}".into())));
        assert_eq!(framing.next_step(), Ok(Step::Wait));
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut framing = Framing::of(Dialect::Bitcoin);
        framing.feed(&vec![b'x'; MAX_MESSAGE + 1]);
        assert_eq!(framing.next_step(), Err(Malformed::TooLong));
    }
}
