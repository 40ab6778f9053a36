//! The system calls and the shared memory of `perf_event_open(2)`; the only unsafe code of the sampler.
//!
//! A ring is copied out whole between tail and head, so that wrapped records need no care elsewhere and no
//! reference into memory that the kernel writes is ever formed.
#![allow(unsafe_code)]

use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// What to count or sample; a subset of `struct perf_event_attr`.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    /// Hardware cycles instead of the software clock.
    pub hardware: bool,
    /// Only side-band records, no samples.
    pub silent: bool,
    /// Nanoseconds between samples of the clock; samples a second for hardware cycles.
    pub period: u64,
    /// Leave out what runs in the kernel.
    pub exclude_kernel: bool,
    /// Follow threads and children started later.
    pub inherit: bool,
    /// Ask for start, exec, end and executable mappings of tasks.
    pub side_band: bool,
}

/// `PERF_ATTR_SIZE_VER5`: every kernel since 4.1 accepts it.
const ATTR_SIZE: usize = 112;
const TYPE_HARDWARE: u32 = 0;
const TYPE_SOFTWARE: u32 = 1;
const CONFIG_CPU_CLOCK: u64 = 0;
const CONFIG_DUMMY: u64 = 9;
/// `IP | TID | TIME`.
const SAMPLE_TYPE: u64 = 1 | 2 | 4;
const CLOCK_BOOTTIME: u32 = 7;
const FLAG_FD_CLOEXEC: u64 = 8;
/// `_IOW('$', 4, u64)` and `_IO('$', 5)` of the kernel's header.
const IOC_PERIOD: u64 = 0x4008_2404;
const IOC_SET_OUTPUT: u64 = 0x2405;

impl Request {
    fn attr(self) -> [u64; ATTR_SIZE / 8] {
        let bit = |on: bool, at: u32| u64::from(on) << at;
        let flags = bit(self.inherit, 1)
            | bit(self.exclude_kernel, 5)
            | bit(true, 7)
            | bit(self.side_band, 8)
            | bit(self.side_band, 9)
            | bit(self.hardware, 10)
            | bit(self.side_band, 13)
            | bit(true, 18)
            | bit(self.side_band, 23)
            | bit(self.side_band, 24)
            | bit(!self.hardware, 25);
        let kind = if self.hardware && !self.silent { TYPE_HARDWARE } else { TYPE_SOFTWARE };
        let config = if self.silent { CONFIG_DUMMY } else { CONFIG_CPU_CLOCK };
        let mut attr = [0; ATTR_SIZE / 8];
        let head = [pair(kind, ATTR_SIZE as u32), config, self.period, SAMPLE_TYPE, 0, flags];
        for (slot, value) in attr.iter_mut().zip(head) {
            *slot = value;
        }
        // Byte 88: sample_stack_user u32, clockid u32. The boot clock is that of `/proc/PID/stat`.
        if let (Some(slot), false) = (attr.get_mut(11), self.hardware) {
            *slot = pair(0, CLOCK_BOOTTIME);
        }
        attr
    }

    /// Opens it for `pid` (−1: every process) on `cpu`.
    pub fn open(self, pid: i32, cpu: u32) -> io::Result<Event> {
        let attr = self.attr();
        // SAFETY: `attr` is ATTR_SIZE bytes that live through the call, and says so in its size field.
        let fd = unsafe {
            libc::syscall(
                libc::SYS_perf_event_open,
                attr.as_ptr(),
                pid,
                libc::c_int::try_from(cpu).unwrap_or(libc::c_int::MAX),
                -1,
                FLAG_FD_CLOEXEC,
            )
        };
        let fd = i32::try_from(fd).unwrap_or(-1);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel just gave this descriptor to us, nobody else owns it.
        Ok(Event { fd: unsafe { OwnedFd::from_raw_fd(fd) } })
    }
}

/// Two 32-bit fields as they lie in memory.
fn pair(first: u32, second: u32) -> u64 {
    let ([a, b, c, d], [e, f, g, h]) = (first.to_ne_bytes(), second.to_ne_bytes());
    u64::from_ne_bytes([a, b, c, d, e, f, g, h])
}

/// An open event.
#[derive(Debug)]
pub struct Event {
    fd: OwnedFd,
}

impl Event {
    /// Sets another period (or frequency, as it was opened).
    pub fn set_period(&self, period: u64) -> io::Result<()> {
        // SAFETY: IOC_PERIOD reads one u64 from the pointer, which lives through the call.
        let result = unsafe { libc::ioctl(self.fd.as_raw_fd(), IOC_PERIOD as _, &raw const period) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Lets its records go to the ring of `other`, which must be on the same processor.
    pub fn redirect(&self, other: &Event) -> io::Result<()> {
        // SAFETY: IOC_SET_OUTPUT takes a descriptor by value and touches no memory of ours.
        let result = unsafe { libc::ioctl(self.fd.as_raw_fd(), IOC_SET_OUTPUT as _, other.fd.as_raw_fd()) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Maps its ring of `bytes` of data, a power of two.
    pub fn ring(&self, bytes: usize) -> io::Result<Ring> {
        // SAFETY: sysconf reads a constant of the system.
        let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096);
        let length = page + bytes.max(page);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at an address of the kernel's choice; the result is checked.
        let base = unsafe {
            libc::mmap(ptr::null_mut(), length, protection, libc::MAP_SHARED, self.fd.as_raw_fd(), 0)
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `base` is a perf mapping of `length` bytes that this ring owns from now on.
        Ok(unsafe { Ring::over(base.cast(), length, true) })
    }
}

/// Offsets in `struct perf_event_mmap_page`.
const DATA_HEAD: usize = 1024;
const DATA_TAIL: usize = 1032;
const DATA_OFFSET: usize = 1040;
const DATA_SIZE: usize = 1048;

/// The memory in which the kernel writes records.
#[derive(Debug)]
pub struct Ring {
    base: *mut u8,
    length: usize,
    offset: usize,
    size: u64,
    mapped: bool,
}

impl Ring {
    /// A ring over memory laid out as the kernel does.
    ///
    /// # Safety
    /// `base` must point to `length` bytes, 8-aligned, at least 1,056, that live as long as the ring; with
    /// `mapped` they must be a mapping that the ring may unmap.
    unsafe fn over(base: *mut u8, length: usize, mapped: bool) -> Self {
        // SAFETY: both lie within the first page of the mapping and are written before mmap returns.
        let (offset, size) =
            unsafe { (base.add(DATA_OFFSET).cast::<u64>().read(), base.add(DATA_SIZE).cast::<u64>().read()) };
        let offset = usize::try_from(offset).unwrap_or(length);
        // A size that does not fit would let reads leave the mapping; such a ring stays empty.
        let fits = usize::try_from(size).is_ok_and(|s| offset.checked_add(s).is_some_and(|e| e <= length));
        Self { base, length, offset, size: if fits { size } else { 0 }, mapped }
    }

    fn counter(&self, at: usize) -> &AtomicU64 {
        // SAFETY: `at` is one of the two counters in the first page, 8-aligned, alive as long as `self`, and
        // shared with the kernel, which also treats it as an atomic.
        unsafe { AtomicU64::from_ptr(self.base.add(at).cast()) }
    }

    /// Moves every complete record to the end of `out` and gives the room back to the kernel.
    pub fn drain(&self, out: &mut Vec<u8>) {
        let head = self.counter(DATA_HEAD).load(Ordering::Acquire);
        let tail = self.counter(DATA_TAIL).load(Ordering::Relaxed);
        let waiting = head.wrapping_sub(tail);
        if waiting > 0 && waiting <= self.size {
            let begin = tail % self.size;
            let first = waiting.min(self.size - begin);
            self.copy(begin, first, out);
            self.copy(0, waiting - first, out);
        }
        if waiting > 0 {
            self.counter(DATA_TAIL).store(head, Ordering::Release);
        }
    }

    fn copy(&self, from: u64, length: u64, out: &mut Vec<u8>) {
        let (Ok(from), Ok(length)) = (usize::try_from(from), usize::try_from(length)) else { return };
        out.reserve(length);
        // SAFETY: from + length <= size, and offset + size <= length of the mapping (checked in `over`), so
        // the source is ours to read; the kernel does not write between tail and head. `out` has room for
        // `length` more bytes, all of which are written before its length grows.
        unsafe {
            let end = out.as_mut_ptr().add(out.len());
            ptr::copy_nonoverlapping(self.base.add(self.offset + from), end, length);
            out.set_len(out.len() + length);
        }
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        if self.mapped {
            // SAFETY: the mapping was made in `Event::ring` with this base and length, and is not used again.
            unsafe { libc::munmap(self.base.cast(), self.length) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring of 64 bytes behind a page of 2,048.
    fn fabricated(memory: &mut [u64], head: u64, tail: u64, size: u64) -> Ring {
        memory[DATA_HEAD / 8] = head;
        memory[DATA_TAIL / 8] = tail;
        memory[DATA_OFFSET / 8] = 2048;
        memory[DATA_SIZE / 8] = size;
        // SAFETY: the slice outlives the ring in these tests and is long enough.
        unsafe { Ring::over(memory.as_mut_ptr().cast(), memory.len() * 8, false) }
    }

    #[test]
    fn records_that_wrap_come_out_in_one_piece() {
        let mut memory = vec![0u64; (2048 + 64) / 8];
        for (at, word) in memory[256..].iter_mut().enumerate() {
            *word = at as u64;
        }
        let ring = fabricated(&mut memory, 64 * 3 + 16, 64 * 2 + 48, 64);
        let mut out = Vec::new();
        ring.drain(&mut out);
        let words: Vec<u64> = out.chunks(8).map(|c| u64::from_ne_bytes(c.try_into().unwrap())).collect();
        assert_eq!(words, [6, 7, 0, 1]);
        out.clear();
        ring.drain(&mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn a_head_or_size_out_of_bounds_reads_nothing() {
        let mut memory = vec![0u64; (2048 + 64) / 8];
        let mut out = Vec::new();
        fabricated(&mut memory, 1 << 40, 0, 64).drain(&mut out);
        fabricated(&mut memory, 32, 0, 1 << 40).drain(&mut out);
        assert!(out.is_empty());
    }

    #[test]
    fn a_counter_that_overflows_still_drains() {
        let mut memory = vec![1u64; (2048 + 64) / 8];
        let ring = fabricated(&mut memory, 8, u64::MAX - 7, 64);
        let mut out = Vec::new();
        ring.drain(&mut out);
        assert_eq!(out.len(), 16);
    }
}
