//! A bad network in a program: a proxy before a registry that delays and cuts connections, loses requests and answers, and
//! delivers requests twice or late.
//!
//! It stands in for the packet faults of `tc netem` where a kernel has none: TCP would hide most of those anyhow, and what it
//! cannot hide is what this does. [`Proxy::tunnel`] sees bytes only, so that TLS goes through; [`Proxy::post`] reads HTTP/1.1
//! requests in clear. Must not change a byte of what it delivers.

mod post;
mod tunnel;

use crate::random::Random;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Longest time that a side may say nothing.
const SILENCE: Duration = Duration::from_secs(30);

/// What was done to connections and requests.
#[derive(Debug, Default)]
pub struct Done {
    /// Connections or requests that went through as they were.
    pub well: AtomicU64,
    /// Connections cut in the middle, or requests that were not delivered.
    pub cut: AtomicU64,
    /// Requests that were delivered and whose answers were not.
    pub unanswered: AtomicU64,
    /// Requests that were delivered twice at once.
    pub twice: AtomicU64,
    /// Requests that were delivered a second time, after later ones.
    pub late: AtomicU64,
}

/// What the threads of a proxy share.
struct Shared {
    to: SocketAddr,
    done: Done,
    calm: AtomicBool,
    late: std::sync::Mutex<Vec<Vec<u8>>>,
}

/// A proxy; its threads end with the program.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Proxy {
    /// A proxy that passes on bytes, late and not always to the end.
    ///
    /// # Errors
    ///
    /// If no port is to be had.
    pub fn tunnel(to: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::start(to, seed, tunnel::connection)
    }

    /// A proxy that passes on requests in clear: lost, unanswered, twice, late.
    ///
    /// # Errors
    ///
    /// If no port is to be had.
    pub fn post(to: SocketAddr, seed: u64) -> io::Result<Self> {
        Self::start(to, seed, post::connection)
    }

    fn start(to: SocketAddr, seed: u64, serve: fn(TcpStream, &Arc<Shared>, Random)) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            to,
            done: Done::default(),
            calm: AtomicBool::new(false),
            late: std::sync::Mutex::default(),
        });
        let theirs = shared.clone();
        std::thread::Builder::new().name("proxy".to_owned()).spawn(move || {
            let mut random = Random(seed);
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, random) = (theirs.clone(), Random(random.next()));
                std::thread::spawn(move || serve(stream, &shared, random));
            }
        })?;
        Ok(Self { address, shared })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on everything goes through.
    pub fn calm(&self) {
        self.shared.calm.store(true, Ordering::SeqCst);
    }

    /// What was done so far.
    #[must_use]
    pub fn done(&self) -> &Done {
        &self.shared.done
    }
}

impl Shared {
    fn is_calm(&self) -> bool {
        self.calm.load(Ordering::SeqCst)
    }

    fn connect(&self) -> io::Result<TcpStream> {
        let stream = TcpStream::connect_timeout(&self.to, SILENCE)?;
        stream.set_read_timeout(Some(SILENCE))?;
        Ok(stream)
    }
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
