//! Reading a file at given places, from several threads at once. It must not keep a place of its own.

use bytes::Bytes;
use parquet::errors::{ParquetError, Result as ParquetResult};
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{BufReader, Read};
use std::os::unix::fs::FileExt;
use std::sync::Arc;

/// What is read ahead for the header of a page.
const AHEAD: usize = 256;

/// A file read at given places, so that threads may share it.
pub struct Bytewise {
    pub file: Arc<File>,
    pub size: u64,
}

/// Reading on from a place.
pub struct From {
    file: Arc<File>,
    at: u64,
}

impl Length for Bytewise {
    fn len(&self) -> u64 {
        self.size
    }
}

impl ChunkReader for Bytewise {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> ParquetResult<Self::T> {
        let file = Arc::clone(&self.file);
        Ok(BufReader::with_capacity(AHEAD, From { file, at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> ParquetResult<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.size) {
            return Err(ParquetError::EOF(format!("it ends before byte {start} + {length}")));
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        Ok(bytes.into())
    }
}

impl Read for From {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read_at(buf, self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}
