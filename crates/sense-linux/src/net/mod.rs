//! Who talks to whom: socket tables, the first bytes of conversations, and whose they are.

pub mod capture;
pub mod filter;
pub mod header;
pub mod packet;
pub mod sockets;
pub mod tables;
pub mod talks;

use facts::Transport;
use std::net::{IpAddr, SocketAddr};

/// Transport and both ends, the lower address first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// Transport.
    pub transport: Transport,
    /// Lower end.
    pub low: SocketAddr,
    /// Higher end.
    pub high: SocketAddr,
}

impl Pair {
    /// The pair of two ends, in either order.
    pub fn new(transport: Transport, one: SocketAddr, other: SocketAddr) -> Self {
        let (one, other) = (plain(one), plain(other));
        Self { transport, low: one.min(other), high: one.max(other) }
    }
}

/// An address without what does not identify it: IPv4 inside IPv6, scope and flow.
pub fn plain(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4),
        v4 => v4,
    };
    SocketAddr::new(ip, address.port())
}
