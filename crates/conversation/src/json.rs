//! JSON messages cut out of a stream of bytes, whole or broken off.

use serde_json::Value;

/// Where the next message stands in the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    /// A whole object or array from `start` to before `end`.
    Whole { start: usize, end: usize },
    /// The first bytes up to this count hold no message.
    Skip(usize),
    /// A message has begun at this offset and is not complete.
    Partial(usize),
    /// Nothing is there.
    Nothing,
}

/// Finds the next object or array that begins a line or follows another one.
pub(crate) fn cut(bytes: &[u8]) -> Cut {
    let blank = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | 0)).count();
    match bytes.get(blank) {
        None if blank == 0 => Cut::Nothing,
        None => Cut::Skip(blank),
        Some(b'{' | b'[') => measure(bytes, blank),
        Some(_) => match bytes.iter().skip(blank).position(|byte| *byte == b'\n') {
            Some(length) => Cut::Skip(blank + length + 1),
            None => Cut::Partial(blank),
        },
    }
}

/// Measures the object or array at `start`. A raw line end inside a string means that bytes were lost.
fn measure(bytes: &[u8], start: usize) -> Cut {
    let mut depth = 0_usize;
    let mut walk = Walk::default();
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        match walk.see(*byte) {
            Seen::Open => depth += 1,
            Seen::Close if depth <= 1 => return Cut::Whole { start, end: at + 1 },
            Seen::Close => depth -= 1,
            Seen::Broken => return Cut::Skip(at + 1),
            Seen::Other => {}
        }
    }
    Cut::Partial(start)
}

/// What one byte means for the structure.
#[derive(PartialEq, Eq)]
enum Seen {
    Open,
    Close,
    Broken,
    Other,
}

/// Whether the walk is inside a string, and after a backslash.
#[derive(Default)]
struct Walk {
    quoted: bool,
    escaped: bool,
}

impl Walk {
    fn see(&mut self, byte: u8) -> Seen {
        if self.quoted {
            match byte {
                b'\n' => return Seen::Broken,
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.quoted = false,
                _ => {}
            }
            return Seen::Other;
        }
        match byte {
            b'"' => self.quoted = true,
            b'{' | b'[' => return Seen::Open,
            b'}' | b']' => return Seen::Close,
            _ => {}
        }
        Seen::Other
    }
}

/// Reads a whole message.
pub(crate) fn whole(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

/// Reads what is there of a message that was broken off: the values that are complete.
pub(crate) fn partial(bytes: &[u8]) -> Option<Value> {
    let mut closers = Vec::new();
    let mut safe = 0;
    let mut walk = Walk::default();
    let mut valued = false;
    for (at, byte) in bytes.iter().enumerate() {
        let was_quoted = walk.quoted;
        match walk.see(*byte) {
            Seen::Open => {
                closers.push(if *byte == b'{' { b'}' } else { b']' });
                (safe, valued) = (at + 1, *byte == b'[');
            }
            Seen::Close => {
                closers.pop()?;
                (safe, valued) = (at + 1, false);
            }
            Seen::Broken => break,
            Seen::Other if was_quoted && !walk.quoted && valued => safe = at + 1,
            Seen::Other if !was_quoted && *byte == b':' => valued = true,
            Seen::Other if !was_quoted && *byte == b',' => {
                (safe, valued) = (at, closers.last() == Some(&b']'));
            }
            Seen::Other => {}
        }
    }
    let mut text = bytes.get(..safe)?.to_vec();
    text.extend(closers.iter().rev());
    whole(&text)
}
