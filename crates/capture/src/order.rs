//! The bytes of one TCP direction in order: repeats dropped, early segments kept for a while, losses told.

/// Segments kept that came before their turn.
const MAX_EARLY: usize = 32;

/// Bytes kept of them.
const MAX_EARLY_BYTES: usize = 64 * 1024;

/// What comes next in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// These bytes, from the packet of this number.
    Bytes(Vec<u8>, u64),
    /// Bytes that the capture does not hold.
    Gap,
}

/// A segment that came early.
#[derive(Debug)]
struct Early {
    sequence: u32,
    length: usize,
    bytes: Vec<u8>,
    packet: u64,
}

/// One direction of a TCP connection.
#[derive(Debug, Default)]
pub(crate) struct Order {
    next: Option<u32>,
    early: Vec<Early>,
}

/// How far `a` is after `b` on the circle of sequence numbers; negative when before.
fn distance(a: u32, b: u32) -> i64 {
    i64::from(i32::from_ne_bytes(a.wrapping_sub(b).to_ne_bytes()))
}

impl Order {
    /// The connection opens with this sequence number.
    pub fn open(&mut self, sequence: u32) {
        self.next = Some(sequence.wrapping_add(1));
        self.early.clear();
    }

    /// Bytes held back.
    pub fn held(&self) -> usize {
        self.early.iter().map(|early| early.bytes.len()).sum()
    }

    /// Takes a segment: `length` bytes on the wire, of which `bytes` were captured.
    pub fn take(&mut self, sequence: u32, bytes: &[u8], length: usize, packet: u64) -> Vec<Next> {
        if length == 0 {
            return Vec::new();
        }
        let next = *self.next.get_or_insert(sequence);
        let mut out = Vec::new();
        if distance(sequence, next) > 0 {
            self.early.push(Early { sequence, length, bytes: bytes.to_vec(), packet });
            if self.early.len() > MAX_EARLY || self.held() > MAX_EARLY_BYTES {
                self.skip(&mut out);
            }
        } else {
            self.pass(sequence, bytes, length, packet, &mut out);
        }
        self.catch_up(&mut out);
        out
    }

    /// Nothing more will come: what is held back follows, with the losses before it.
    pub fn finish(&mut self) -> Vec<Next> {
        let mut out = Vec::new();
        while !self.early.is_empty() {
            self.skip(&mut out);
            self.catch_up(&mut out);
        }
        out
    }

    /// Passes on what is new of a segment that begins at or before the next byte.
    fn pass(&mut self, sequence: u32, bytes: &[u8], length: usize, packet: u64, out: &mut Vec<Next>) {
        let old = usize::try_from(-distance(sequence, self.next.unwrap_or(sequence))).unwrap_or(0);
        if old >= length {
            return;
        }
        let fresh = bytes.get(old..).unwrap_or_default();
        if !fresh.is_empty() {
            out.push(Next::Bytes(fresh.to_vec(), packet));
        }
        if bytes.len() < length {
            out.push(Next::Gap);
        }
        self.next = Some(sequence.wrapping_add(u32::try_from(length).unwrap_or(u32::MAX)));
    }

    /// Passes on early segments whose turn has come.
    fn catch_up(&mut self, out: &mut Vec<Next>) {
        while let Some(next) = self.next
            && let Some(at) = self.early.iter().position(|early| distance(early.sequence, next) <= 0)
        {
            let early = self.early.swap_remove(at);
            self.pass(early.sequence, &early.bytes, early.length, early.packet, out);
        }
    }

    /// Gives up what is missing before the nearest early segment.
    fn skip(&mut self, out: &mut Vec<Next>) {
        let next = self.next.unwrap_or(0);
        if let Some(nearest) =
            self.early.iter().map(|early| early.sequence).min_by_key(|at| distance(*at, next))
        {
            self.next = Some(nearest);
            out.push(Next::Gap);
        }
    }
}
