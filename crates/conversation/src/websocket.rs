//! WebSocket frames (RFC 6455), masked or not, and the text inside them.

use crate::account::Account;
use crate::http::Step;
use crate::json;
use crate::speech::{self, Via};

/// Text of a message gathered over its frames.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frames {
    text: Vec<u8>,
    /// Bytes of a frame too long to keep that are still to come.
    skip: u64,
}

/// The head of one frame.
struct Frame {
    last: bool,
    opcode: u8,
    mask: Option<[u8; 4]>,
    head: usize,
    length: u64,
}

impl Frame {
    /// Reads a head; `Err(true)` when more bytes are needed, `Err(false)` when this is none.
    fn read(bytes: &[u8]) -> Result<Self, bool> {
        let (Some(first), Some(second)) = (bytes.first(), bytes.get(1)) else { return Err(true) };
        let opcode = first & 0x0f;
        if first & 0x70 != 0 || !matches!(opcode, 0..=2 | 8..=10) {
            return Err(false);
        }
        let (mut head, short) = (2, second & 0x7f);
        let wide = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let digits = bytes.get(head..head + wide).ok_or(true)?;
        head += wide;
        let long = digits.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let mask = if second & 0x80 != 0 { Some(bytes.get(head..head + 4).ok_or(true)?) } else { None };
        head += if mask.is_some() { 4 } else { 0 };
        let mask = mask.and_then(|mask| <[u8; 4]>::try_from(mask).ok());
        let length = if wide == 0 { u64::from(short) } else { long };
        if length > u64::from(u32::MAX) {
            return Err(false);
        }
        Ok(Self { last: first & 0x80 != 0, opcode, mask, head, length })
    }

    fn unmask(&self, payload: &[u8]) -> Vec<u8> {
        match self.mask {
            Some(mask) => payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key).collect(),
            None => payload.to_vec(),
        }
    }
}

/// Whether bytes begin a text frame with a JSON object in it; `None` when too few are there.
pub(crate) fn begins(bytes: &[u8]) -> Option<bool> {
    match bytes.first() {
        None => return None,
        Some(0x81 | 0x01) => {}
        Some(_) => return Some(false),
    }
    match Frame::read(bytes) {
        Err(more) => {
            if more {
                None
            } else {
                Some(false)
            }
        }
        Ok(frame) if frame.length < 2 => Some(false),
        Ok(frame) => {
            let start = frame.unmask(bytes.get(frame.head..)?.get(..2)?);
            Some(start.starts_with(b"{\"") || start.starts_with(b"[{") || start.starts_with(b"{ "))
        }
    }
}

impl Frames {
    /// Reads on, one frame at a time.
    pub fn step(&mut self, bytes: &[u8], full: bool, account: &mut Account) -> Step {
        if self.skip > 0 {
            let take = usize::try_from(self.skip).unwrap_or(usize::MAX).min(bytes.len());
            self.skip -= take as u64;
            return if take == 0 { Step::More } else { Step::Took(take) };
        }
        let frame = match Frame::read(bytes) {
            Ok(frame) => frame,
            Err(true) => return Step::More,
            Err(false) => return Step::Lost,
        };
        let payload = bytes.get(frame.head..).unwrap_or_default();
        let length = usize::try_from(frame.length).unwrap_or(usize::MAX);
        if payload.len() < length && !full {
            return Step::More;
        }
        let here = payload.get(..length).unwrap_or(payload);
        self.skip = frame.length - here.len() as u64;
        if matches!(frame.opcode, 0..=2) {
            self.gather(&frame, here, account);
        }
        Step::Took(frame.head + here.len())
    }

    fn gather(&mut self, frame: &Frame, payload: &[u8], account: &mut Account) {
        if frame.opcode != 0 {
            self.text.clear();
        }
        let room = crate::KEPT_BYTES.saturating_sub(self.text.len());
        self.text.extend(frame.unmask(payload).into_iter().take(room));
        if frame.last {
            let text = std::mem::take(&mut self.text);
            hear(&text, account);
        }
    }

    /// Reads what is there of a frame that was broken off.
    pub fn partial(&self, bytes: &[u8], account: &mut Account) {
        if let Ok(frame) = Frame::read(bytes)
            && frame.opcode == 1
        {
            hear(&frame.unmask(bytes.get(frame.head..).unwrap_or_default()), account);
        }
    }
}

/// Reads the messages in a text: one object, or several in lines.
fn hear(text: &[u8], account: &mut Account) {
    let mut rest = text;
    loop {
        let (value, next) = match json::cut(rest) {
            json::Cut::Whole { start, end } => (rest.get(start..end).and_then(json::whole), end),
            json::Cut::Partial(start) => (rest.get(start..).and_then(json::partial), rest.len()),
            json::Cut::Skip(count) => (None, count),
            json::Cut::Nothing => return,
        };
        for sighting in value.iter().flat_map(|value| speech::hear(value, Via::WebSocket)) {
            account.websocket = true;
            account.hear(sighting);
        }
        rest = rest.get(next..).unwrap_or_default();
    }
}
