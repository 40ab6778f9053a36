//! What a capture holds: its conversations, and what was passed over.

use core::net::SocketAddr;
use facts::{Recognised, Transport};

/// How much memory a capture may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Conversations told apart; packets of further ones are counted as skipped.
    pub flows: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { flows: 20_000 }
    }
}

/// One conversation of a capture.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Transport.
    pub transport: Transport,
    /// Who opened it (a guess from order and content where the opening was not seen).
    pub client: SocketAddr,
    /// Who was called.
    pub server: SocketAddr,
    /// Whether the opening (TCP SYN) is in the capture.
    pub opening_seen: bool,
    /// Packets of both directions.
    pub packets: u64,
    /// Payload bytes from client to server, retransmissions included.
    pub bytes_to_server: u64,
    /// Payload bytes from server to client, retransmissions included.
    pub bytes_to_client: u64,
    /// Time of the first packet, nanoseconds since 1970 by the capturing machine's clock.
    pub first_ns: u64,
    /// Time of the last packet, nanoseconds since 1970 by the capturing machine's clock.
    pub last_ns: u64,
    /// What it speaks.
    pub recognised: Option<Recognised>,
    /// Number in the file of the packet that decided, counted from 1.
    pub decided_packet: Option<u64>,
}

/// Why packets were passed over, and how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The reason, in words for a person.
    pub reason: String,
    /// Packets passed over for this reason.
    pub count: u64,
}

/// What a capture holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Capture {
    /// Conversations in order of first packet.
    pub flows: Vec<Flow>,
    /// Packets in the file.
    pub packets: u64,
    /// What was passed over.
    pub skipped: Vec<Skipped>,
    /// Whether the file ends in the middle of a packet or is damaged from some point on.
    pub truncated: bool,
}

/// Why a capture could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The input starts like no capture format.
    #[error(
        "not a packet capture: starts with {found}, expected pcap (d4 c3 b2 a1, a1 b2 c3 d4, 4d 3c b2 a1, a1 b2 3c 4d) or pcapng (0a 0d 0d 0a)"
    )]
    NotACapture {
        /// The first bytes, in hexadecimal, or `nothing`.
        found: String,
    },
    /// Reading failed.
    #[error("cannot read the capture: {0}")]
    Read(#[source] std::io::Error),
}

impl CaptureError {
    /// Names the first bytes that were found.
    pub(crate) fn not_a_capture(start: &[u8]) -> Self {
        let digits: Vec<String> = start.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        let found = if digits.is_empty() { "nothing".to_owned() } else { digits.join(" ") };
        Self::NotACapture { found }
    }
}
