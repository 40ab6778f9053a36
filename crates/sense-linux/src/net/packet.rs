//! The raw socket on which first bytes of conversations arrive; the only unsafe code of the network part.
#![allow(unsafe_code)]

use super::filter::{self, Instruction, Ports, SNAP};
use std::io;
use std::mem::size_of;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::ptr;

/// Kernel buffer, bytes.
const BUFFER: libc::c_int = 1 << 20;

/// An open `AF_PACKET` socket.
#[derive(Debug)]
pub struct Socket {
    fd: OwnedFd,
    bytes: Vec<u8>,
}

impl Socket {
    /// Opens it on every interface of this network namespace, with the filter in place before the first packet.
    pub fn open(ports: &Ports) -> io::Result<Self> {
        let kind = libc::SOCK_DGRAM | libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC;
        // SAFETY: no memory is passed; protocol 0 receives nothing until it is bound.
        let fd = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the kernel just gave this descriptor to us, nobody else owns it.
        let fd = unsafe { OwnedFd::from_raw_fd(fd) };
        let socket = Self { fd, bytes: vec![0; SNAP as usize] };
        socket.set(libc::SO_RCVBUF, &BUFFER)?;
        socket.pass(ports)?;
        socket.bind()?;
        Ok(socket)
    }

    fn set<T>(&self, option: libc::c_int, value: &T) -> io::Result<()> {
        let length = libc::socklen_t::try_from(size_of::<T>()).unwrap_or(0);
        // SAFETY: `value` lives through the call and `length` is its size.
        let result = unsafe {
            libc::setsockopt(
                self.fd.as_raw_fd(),
                libc::SOL_SOCKET,
                option,
                ptr::from_ref(value).cast(),
                length,
            )
        };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Replaces the filter by one that passes these ports.
    pub fn pass(&self, ports: &Ports) -> io::Result<()> {
        let program = filter::program(ports);
        let length = u16::try_from(program.len()).unwrap_or(0);
        let pointer: *const Instruction = program.as_ptr();
        // The kernel copies the program and does not write to it.
        let attached = libc::sock_fprog { len: length, filter: pointer.cast_mut().cast() };
        self.set(libc::SO_ATTACH_FILTER, &attached)
    }

    fn bind(&self) -> io::Result<()> {
        // SAFETY: all fields of sockaddr_ll are integers, for which zero is a value.
        let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        address.sll_family = u16::try_from(libc::AF_PACKET).unwrap_or(0);
        address.sll_protocol = u16::try_from(libc::ETH_P_ALL).unwrap_or(0).to_be();
        let length = libc::socklen_t::try_from(size_of::<libc::sockaddr_ll>()).unwrap_or(0);
        // SAFETY: `address` lives through the call and `length` is its size.
        let result = unsafe { libc::bind(self.fd.as_raw_fd(), ptr::from_ref(&address).cast(), length) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// Packets that found the kernel's buffer full since the last call.
    pub fn dropped(&self) -> u32 {
        let mut counts = libc::tpacket_stats { tp_packets: 0, tp_drops: 0 };
        let mut length = libc::socklen_t::try_from(size_of::<libc::tpacket_stats>()).unwrap_or(0);
        // SAFETY: `counts` and `length` live through the call, and `length` is the size of `counts`.
        let result = unsafe {
            libc::getsockopt(
                self.fd.as_raw_fd(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                ptr::from_mut(&mut counts).cast(),
                &raw mut length,
            )
        };
        if result < 0 { 0 } else { counts.tp_drops }
    }

    /// The next packet from its IP header on, cut to what the filter hands over; `None` when none waits.
    pub fn next(&mut self) -> Option<&[u8]> {
        // SAFETY: the buffer lives through the call and its length is given.
        let read = unsafe {
            libc::recv(
                self.fd.as_raw_fd(),
                self.bytes.as_mut_ptr().cast(),
                self.bytes.len(),
                libc::MSG_DONTWAIT,
            )
        };
        self.bytes.get(..usize::try_from(read).ok()?)
    }
}
