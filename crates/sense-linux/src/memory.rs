//! Bytes of another process, through `/proc/PID/mem`, or of the file behind them when it is gone.
//!
//! Reading there neither stops nor marks the process. Each look checks who the process is before and leaves no
//! trace after.

use crate::elf;
use crate::procfs::maps::Mapping;
use object::LittleEndian;
use object::elf::ProgramHeader64;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

/// The memory of one process, opened when first needed.
#[derive(Debug)]
pub struct Memory {
    pid: u32,
    file: Option<io::Result<File>>,
    /// The file last read in place of memory: where its code begins, and its parts.
    image: Option<(u64, File, Vec<ProgramHeader64<LittleEndian>>)>,
}

impl Memory {
    /// The memory of `pid`, not opened yet.
    pub fn new(pid: u32) -> Self {
        Self { pid, file: None, image: None }
    }

    /// Whose.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether the kernel refused to open it for lack of rights.
    pub fn refused(&self) -> bool {
        matches!(&self.file, Some(Err(error)) if error.kind() == io::ErrorKind::PermissionDenied)
    }

    /// Whether there is no such process any more.
    pub fn gone(&self) -> bool {
        matches!(&self.file, Some(Err(error)) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Fills `buffer` from `address` on; gives how many bytes could be read.
    pub fn read(&mut self, address: u64, buffer: &mut [u8]) -> Option<usize> {
        let pid = self.pid;
        let file = self.file.get_or_insert_with(|| File::open(format!("/proc/{pid}/mem")));
        file.as_ref().ok()?.read_at(buffer, address).ok().filter(|n| *n > 0)
    }

    /// Executable bytes: from memory, else from the file that is mapped there.
    pub fn code(&mut self, address: u64, length: usize, mapping: &Mapping) -> Option<Vec<u8>> {
        let mut bytes = vec![0; length];
        let read = match self.read(address, &mut bytes) {
            Some(n) => n,
            None if mapping.is_file() && !mapping.writable => {
                let file = elf::open_mapped(self.pid, mapping)?;
                file.read_at(&mut bytes, address - mapping.start + mapping.offset).ok()?
            }
            None => return None,
        };
        bytes.truncate(read);
        (read > 0).then_some(bytes)
    }

    /// Fills `buffer` with what the file behind the code mapping `code` holds for `address`.
    pub fn read_file(&mut self, code: &Mapping, address: u64, buffer: &mut [u8]) -> Option<usize> {
        if self.image.as_ref().is_none_or(|(start, ..)| *start != code.start) {
            let file = elf::open_mapped(self.pid, code)?;
            let parts = elf::programs(&file);
            self.image = Some((code.start, file, parts));
        }
        let (_, file, parts) = self.image.as_ref()?;
        elf::read_data(file, parts, code, address, buffer)
    }
}
