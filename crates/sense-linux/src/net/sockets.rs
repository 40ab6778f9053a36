//! Which process holds which end of which connection.

use super::tables::{self, ESTABLISHED, LISTENING, UNCONNECTED};
use super::{Pair, plain};
use crate::procfs::Reader;
use facts::{ProcessKey, Transport};
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::net::SocketAddr;

/// Most descriptors of one process that are looked at.
const DESCRIPTORS: usize = 1_024;
/// Most processes whose descriptors are looked at in one refresh.
const PROCESSES: usize = 512;
/// Most network namespaces that are read in one refresh.
const NAMESPACES: usize = 8;
/// Most bytes of one table that are read.
const TABLE: usize = 1024 * 1024;
/// A read that gives less than this was the last: the kernel fills a page, 4 KiB or more, with whole lines of less
/// than 256 bytes. To ask again for the end of the table would make it walk all connections a second time.
const LAST: usize = 4096 - 256;
/// Most connections kept.
const KEPT: usize = 8_192;
/// Shortest time between two refreshes, microseconds, and how many times its own cost to wait.
///
/// The kernel walks its whole hash table of connections for each table, milliseconds on a large machine, however
/// few connections there are; so the tables are read only when some process holds other sockets than before.
const WAIT: (u64, u64) = (1_000_000, 1_000);

/// One end of a connection in the hands of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Whose.
    pub process: ProcessKey,
    /// Its end.
    pub local: SocketAddr,
    /// The other end.
    pub remote: SocketAddr,
}

/// What is known of sockets.
#[derive(Debug, Default)]
pub struct Sockets {
    held: HashMap<Pair, Vec<Held>>,
    listeners: HashMap<(Transport, u16), ProcessKey>,
    visited: HashMap<(Transport, SocketAddr), ProcessKey>,
    /// Ports on which someone waits.
    pub listening: HashSet<u16>,
    /// Sockets held at the last refresh; the tables tell nothing new while these stay the same.
    inodes: HashMap<u64, ProcessKey>,
    /// Earliest time of the next refresh, microseconds.
    next: u64,
    /// Whether descriptors of some process could not be listed.
    pub refused: bool,
    /// Whether a bound was reached.
    pub cut: bool,
}

impl Sockets {
    /// Whether a refresh is due at `now` microseconds.
    pub fn due(&self, now: u64) -> bool {
        now >= self.next
    }

    /// Reads the tables anew for `processes`, the busiest first.
    pub fn refresh(&mut self, processes: &[ProcessKey], reader: &mut Reader, now: u64) {
        let begin = std::time::Instant::now();
        let mut inodes: HashMap<u64, ProcessKey> = HashMap::new();
        let mut namespaces: HashMap<String, u32> = HashMap::new();
        self.cut |= processes.len() > PROCESSES;
        // The observer's own namespace tells of listeners even when nobody is busy.
        namespaces.insert(namespace(reader, std::process::id()), std::process::id());
        for process in processes.iter().take(PROCESSES) {
            if self.sockets_of(*process, &mut inodes) && namespaces.len() < NAMESPACES {
                namespaces.entry(namespace(reader, process.pid)).or_insert(process.pid);
            }
        }
        if inodes == self.inodes {
            self.next = now.saturating_add(WAIT.0);
            return;
        }
        self.held.clear();
        for pid in namespaces.into_values() {
            for (name, transport) in [
                ("tcp", Transport::Tcp),
                ("tcp6", Transport::Tcp),
                ("udp", Transport::Udp),
                ("udp6", Transport::Udp),
            ] {
                if let Ok(text) = reader.open(pid, &format!("net/{name}")).and_then(read) {
                    self.cut |= text.len() >= TABLE;
                    self.take(&text, transport, &inodes);
                }
            }
        }
        self.inodes = inodes;
        let cost = u64::try_from(begin.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.next = now.saturating_add(cost.saturating_mul(WAIT.1).max(WAIT.0));
    }

    /// Notes the inodes of a process's sockets; gives whether it holds any.
    fn sockets_of(&mut self, process: ProcessKey, inodes: &mut HashMap<u64, ProcessKey>) -> bool {
        let entries = match std::fs::read_dir(format!("/proc/{}/fd", process.pid)) {
            Ok(entries) => entries,
            Err(error) => {
                self.refused |= error.kind() == std::io::ErrorKind::PermissionDenied;
                return false;
            }
        };
        let before = inodes.len();
        for (count, entry) in entries.flatten().enumerate() {
            if count >= DESCRIPTORS {
                self.cut = true;
                break;
            }
            let target = std::fs::read_link(entry.path()).unwrap_or_default();
            if let Some(inode) = socket_inode(target.to_str()) {
                inodes.insert(inode, process);
            }
        }
        inodes.len() > before
    }

    fn take(&mut self, text: &[u8], transport: Transport, inodes: &HashMap<u64, ProcessKey>) {
        for line in tables::parse(text) {
            let waits = if transport == Transport::Tcp { LISTENING } else { UNCONNECTED };
            let owner = inodes.get(&line.inode).copied();
            if line.state == waits {
                self.listening.insert(line.local.port());
                if let Some(owner) = owner {
                    self.listeners.insert((transport, line.local.port()), owner);
                }
            } else if let (ESTABLISHED, Some(process)) = (line.state, owner) {
                if self.held.len() >= KEPT {
                    self.cut = true;
                    break;
                }
                let held = Held { process, local: line.local, remote: line.remote };
                self.held.entry(Pair::new(transport, line.local, line.remote)).or_default().push(held);
                if !self.listening.contains(&line.local.port()) && self.visited.len() < KEPT {
                    self.visited.insert((transport, line.remote), process);
                }
            }
        }
    }

    /// Every known connection.
    pub fn iter(&self) -> impl Iterator<Item = (&Pair, &Held)> {
        self.held.iter().flat_map(|(pair, held)| held.iter().map(move |h| (pair, h)))
    }

    /// Whose ends a conversation has: by the exact connection, else by who listens there and who has been there
    /// before, because short connections are gone before the tables are read.
    pub fn holders(&self, pair: &Pair, client: SocketAddr, server: SocketAddr) -> Vec<Held> {
        if let Some(held) = self.held.get(pair) {
            return held.clone();
        }
        let (client, server) = (plain(client), plain(server));
        let serving = self.listeners.get(&(pair.transport, server.port()));
        let visiting = self.visited.get(&(pair.transport, server));
        let serving = serving.map(|p| Held { process: *p, local: server, remote: client });
        let visiting = visiting.map(|p| Held { process: *p, local: client, remote: server });
        serving.into_iter().chain(visiting).collect()
    }

    /// Forgets a process that ended.
    pub fn forget(&mut self, process: ProcessKey) {
        self.listeners.retain(|_, p| *p != process);
        self.visited.retain(|_, p| *p != process);
    }
}

/// Reads a table, as far as its bound allows, without asking for its end.
fn read(mut table: File) -> io::Result<Vec<u8>> {
    let (mut text, mut page) = (Vec::new(), vec![0; 16 * 1024]);
    while text.len() < TABLE {
        let count = table.read(&mut page)?;
        text.extend_from_slice(page.get(..count).unwrap_or_default());
        if count < LAST {
            break;
        }
    }
    Ok(text)
}

fn namespace(reader: &mut Reader, pid: u32) -> String {
    reader.link(pid, "ns/net").map(|p| p.to_string_lossy().into_owned()).unwrap_or_default()
}

/// The inode in `socket:[123]`.
fn socket_inode(target: Option<&str>) -> Option<u64> {
    target?.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn both_ends_of_an_own_connection_are_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (_server, _) = listener.accept().unwrap();
        let key = ProcessKey { pid: std::process::id(), start: 1 };
        let mut sockets = Sockets::default();
        sockets.refresh(&[key], &mut Reader::new("/proc"), 0);
        let (from, to) = (client.local_addr().unwrap(), client.peer_addr().unwrap());
        let pair = Pair::new(Transport::Tcp, from, to);
        assert!(sockets.holders(&pair, from, to).len() >= 2);
        assert!(sockets.listening.contains(&to.port()));
        drop(client);
        let later: SocketAddr = "127.0.0.1:9".parse().unwrap();
        let gone = sockets.holders(&Pair::new(Transport::Tcp, later, to), later, to);
        assert!(gone.iter().any(|h| h.local == to && h.process == key), "{gone:?}");
    }

    #[test]
    fn a_table_of_several_pages_is_read_to_its_last_line() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let clients: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(to).unwrap()).collect();
        let text = read(File::open("/proc/self/net/tcp").unwrap()).unwrap();
        let found: HashSet<SocketAddr> = tables::parse(&text).map(|line| line.local).collect();
        assert!(clients.iter().all(|c| found.contains(&c.local_addr().unwrap())), "{} lines", found.len());
    }

    #[test]
    fn no_table_is_read_while_no_process_holds_a_socket() {
        let mut sockets = Sockets::default();
        let _listener = TcpListener::bind("127.0.0.1:0").unwrap();
        sockets.refresh(&[], &mut Reader::new("/proc"), 0);
        assert!(sockets.listening.is_empty() && !sockets.due(1), "{:?}", sockets.listening);
    }

    #[test]
    fn only_sockets_are_sockets() {
        assert_eq!(socket_inode(Some("socket:[77]")), Some(77));
        assert_eq!(socket_inode(Some("pipe:[77]")), None);
        assert_eq!(socket_inode(Some("/tmp/socket:[77]")), None);
        assert_eq!(socket_inode(None), None);
    }
}
