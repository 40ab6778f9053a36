//! The recording of an observation: gzip over one JSON document, so that `zcat FILE | jq` shows all of it.
//!
//! Holds executable bytes around hot addresses, counts and connection metadata; never data pages, file
//! content, environment, or argument values unless they were asked for.

use facts::{Machine, Slice};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};

/// The only version this build reads and writes.
pub const SCHEMA: &str = "overt-recording/1";

/// Refuse recordings that unpack to more than this: an hour of a busy machine stays far below it.
pub const MAX_UNPACKED: u64 = 512 << 20;

/// Refuse recordings with more slices than this: a day at two slices a second.
pub const MAX_SLICES: usize = 200_000;

/// Everything that the sensors handed out during one observation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recording {
    /// [`SCHEMA`].
    pub schema: String,
    /// When the observation began, RFC 3339, UTC.
    pub started: String,
    /// The machine.
    pub machine: Machine,
    /// The slices, oldest first.
    pub slices: Vec<Slice>,
}

/// Why a recording was refused.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The bytes could not be read or unpacked.
    #[error("the recording cannot be read: {0}; expected a gzip file made by `overt look --record`")]
    Read(#[from] std::io::Error),
    /// It unpacks to too much.
    #[error("the recording unpacks to more than {MAX_UNPACKED} bytes; expected at most that")]
    TooLarge,
    /// It is no recording.
    #[error("the recording is malformed: {0}; expected one JSON document of schema {SCHEMA}")]
    Malformed(#[from] serde_json::Error),
    /// Another version.
    #[error("the recording has schema '{found}'; expected '{SCHEMA}'")]
    Schema {
        /// What it says.
        found: String,
    },
    /// The slices do not follow each other.
    #[error(
        "slice {index} runs from {from_ms} ms to {to_ms} ms; expected slices in order of time, at most {MAX_SLICES}"
    )]
    Order {
        /// Which slice, counted from 0.
        index: usize,
        /// Its begin.
        from_ms: u64,
        /// Its end.
        to_ms: u64,
    },
}

impl Recording {
    /// A recording of this version.
    #[must_use]
    pub fn new(started: String, machine: Machine, slices: Vec<Slice>) -> Self {
        Self { schema: SCHEMA.to_owned(), started, machine, slices }
    }
}

/// Reads a recording to its end.
///
/// # Errors
///
/// Refuses what is truncated, too large, malformed, of another version or out of order.
pub fn read(input: impl Read) -> Result<Recording, RecordingError> {
    let mut unpacked = Vec::new();
    GzDecoder::new(input).take(MAX_UNPACKED + 1).read_to_end(&mut unpacked)?;
    if unpacked.len() as u64 > MAX_UNPACKED {
        return Err(RecordingError::TooLarge);
    }
    #[derive(Deserialize)]
    struct Head {
        schema: String,
    }
    let head: Head = serde_json::from_slice(&unpacked)?;
    if head.schema != SCHEMA {
        return Err(RecordingError::Schema { found: head.schema.chars().take(80).collect() });
    }
    let recording: Recording = serde_json::from_slice(&unpacked)?;
    in_order(&recording.slices)?;
    Ok(recording)
}

fn in_order(slices: &[Slice]) -> Result<(), RecordingError> {
    let mut end = 0;
    for (index, slice) in slices.iter().enumerate() {
        if slice.from_ms < end || slice.to_ms < slice.from_ms || index >= MAX_SLICES {
            return Err(RecordingError::Order { index, from_ms: slice.from_ms, to_ms: slice.to_ms });
        }
        end = slice.to_ms;
    }
    Ok(())
}

/// Writes a recording. The same recording gives the same bytes.
///
/// # Errors
///
/// Those of the writer.
pub fn write(output: impl Write, recording: &Recording) -> std::io::Result<()> {
    let mut packer = GzEncoder::new(output, Compression::best());
    serde_json::to_writer(&mut packer, recording)?;
    packer.finish()?.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::{Arch, Code, Privilege, ProcessKey};

    fn sample() -> Recording {
        let key = ProcessKey { pid: 7, start: 99 };
        let code = Code { process: key, address: 0x1000, bytes: vec![0x0f, 0xa2, 0xff] };
        let slice = Slice { from_ms: 0, to_ms: 500, code: vec![code], ..Slice::default() };
        let machine = Machine {
            arch: Arch::X86_64,
            kernel: "6.1".into(),
            cpus: 2,
            memory: 1 << 30,
            privilege: Privilege::Machine,
        };
        Recording::new("2026-01-01T00:00:00Z".into(), machine, vec![slice])
    }

    fn packed(recording: &Recording) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, recording).unwrap();
        bytes
    }

    #[test]
    fn a_recording_reads_back_as_it_was_written() {
        assert_eq!(read(&*packed(&sample())).unwrap(), sample());
        assert_eq!(packed(&sample()), packed(&sample()));
    }

    #[test]
    fn every_truncation_is_refused() {
        let whole = packed(&sample());
        for length in 0..whole.len() {
            assert!(read(&whole[..length]).is_err(), "accepted {length} of {} bytes", whole.len());
        }
    }

    #[test]
    fn another_version_is_named_in_the_error() {
        let recording = Recording { schema: "overt-recording/9".into(), ..sample() };
        let error = read(&*packed(&recording)).unwrap_err().to_string();
        assert!(error.contains("overt-recording/9") && error.contains(SCHEMA), "{error}");
    }

    #[test]
    fn slices_out_of_order_are_refused() {
        let mut recording = sample();
        recording.slices.push(Slice { from_ms: 400, to_ms: 900, ..Slice::default() });
        assert!(matches!(read(&*packed(&recording)), Err(RecordingError::Order { index: 1, .. })));
    }
}
