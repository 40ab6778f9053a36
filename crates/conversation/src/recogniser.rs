//! One conversation: two directions of bytes, and the best account of what they speak.

use facts::{Direction, Recognised, Transport};

/// Bytes kept of one direction while a message is incomplete.
pub const KEPT_BYTES: usize = 16 * 1024;

/// Bytes read of one direction before the recogniser gives up learning.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// Segments read of both directions together before the recogniser gives up learning.
pub const MAX_SEGMENTS: u32 = 4096;

/// Recognises what one conversation speaks.
#[derive(Clone, Debug)]
pub struct Recogniser {
    transport: Transport,
    shown: Option<Recognised>,
}

impl Recogniser {
    /// A recogniser that has seen nothing yet.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { transport, shown: None }
    }

    /// Reads the next bytes of one direction: a TCP segment's payload in order, or one UDP datagram.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8]) {
        let _ = (direction, bytes, self.transport);
    }

    /// Says that bytes of one direction are missing between what was fed and what follows.
    pub fn gap(&mut self, direction: Direction) {
        let _ = direction;
    }

    /// What the conversation speaks, as far as it is known now.
    #[must_use]
    pub fn recognised(&self) -> Option<&Recognised> {
        self.shown.as_ref()
    }

    /// Whether nothing more can be learnt by feeding more.
    #[must_use]
    pub fn finished(&self) -> bool {
        false
    }
}
