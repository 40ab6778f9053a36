//! Packet captures in, recognised conversations out.
//!
//! Reads pcap and pcapng from whatever `Read` it is given, in bounded memory. It must open no file, keep no payload
//! and resolve no name; what a conversation speaks is decided by the `conversation` crate from content alone.

mod file;
mod flow;
mod order;
mod packet;
mod table;

pub use flow::{Capture, CaptureError, Flow, Limits, Skipped};

use std::io::Read;

/// Reads a capture to its end and recognises its conversations.
///
/// # Errors
///
/// [`CaptureError::NotACapture`] when the input starts like no capture format, [`CaptureError::Read`] when reading
/// fails. A capture that ends early is no error: what was read is returned with `truncated` set.
pub fn read<R: Read>(input: R, limits: Limits) -> Result<Capture, CaptureError> {
    let mut table = table::Table::new(limits);
    let mut packets = 0_u64;
    let end = file::packets(input, |packet| {
        packets += 1;
        match packet::read(packet.link, packet.bytes) {
            Ok(segment) => table.take(&segment, packets, packet.time_ns),
            Err(reason) => table.skip(reason),
        }
    })?;
    let (flows, skipped) = table.finish();
    Ok(Capture { flows, packets, skipped, truncated: end == file::End::Broken })
}

/// Reads arbitrary bytes as a capture, with few conversations; for fuzzing.
pub fn read_arbitrary(bytes: &[u8]) -> Option<Capture> {
    read(bytes, Limits { flows: 64 }).ok()
}
