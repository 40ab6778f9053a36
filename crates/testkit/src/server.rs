//! The listening side: one thread accepts, one thread serves each connection. Binds to loopback and nothing else.

use crate::{Dialect, Framing, Session, Step};
use serde_json::Value;
use std::io::{ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Time between two jobs.
pub const JOB_INTERVAL: Duration = Duration::from_secs(3);
/// Connections served at once; further ones are closed.
pub const MAX_CONNECTIONS: usize = 64;
/// How long a thread waits before it looks whether it should end.
const TURN: Duration = Duration::from_millis(50);
/// A miner that takes no bytes for this long is hung up on.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Default)]
struct Shared {
    stop: AtomicBool,
    accepted: AtomicU64,
    connections: AtomicUsize,
}

/// A pool or node on loopback. Stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on `127.0.0.1:port`; port 0 takes any free one.
    ///
    /// # Errors
    ///
    /// When the port is taken or the system refuses to listen.
    pub fn start(dialect: Dialect, port: u16) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let for_thread = Arc::clone(&shared);
        let acceptor = std::thread::Builder::new()
            .name("accept".into())
            .spawn(move || accept(&listener, dialect, &for_thread))?;
        Ok(Self { address, shared, acceptor: Some(acceptor) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Shares and blocks handed in so far, over all connections.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.shared.accepted.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, dialect: Dialect, shared: &Arc<Shared>) {
    let mut serving: Vec<JoinHandle<()>> = Vec::new();
    while !shared.stop.load(Ordering::Relaxed) {
        let Ok((stream, _)) = listener.accept() else {
            serving.retain(|thread| !thread.is_finished());
            std::thread::sleep(TURN);
            continue;
        };
        if shared.connections.load(Ordering::Relaxed) >= MAX_CONNECTIONS {
            continue;
        }
        shared.connections.fetch_add(1, Ordering::Relaxed);
        let for_thread = Arc::clone(shared);
        let thread = std::thread::Builder::new().name("serve".into()).spawn(move || {
            let _ = serve(stream, dialect, &for_thread);
            for_thread.connections.fetch_sub(1, Ordering::Relaxed);
        });
        match thread {
            Ok(thread) => serving.push(thread),
            Err(_) => drop(shared.connections.fetch_sub(1, Ordering::Relaxed)),
        }
    }
    for thread in serving {
        let _ = thread.join();
    }
}

fn serve(mut stream: TcpStream, dialect: Dialect, shared: &Shared) -> Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TURN))?;
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let (mut session, mut framing) = (Session::new(dialect), Framing::of(dialect));
    let (mut last_job, mut chunk) = (Instant::now(), [0_u8; 4096]);
    while !shared.stop.load(Ordering::Relaxed) {
        match stream.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(n) => framing.feed(chunk.get(..n).unwrap_or_default()),
            Err(e) if matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(e) => return Err(e),
        }
        if !converse(&mut stream, &mut framing, &mut session, shared)? {
            return Ok(());
        }
        if last_job.elapsed() >= JOB_INTERVAL {
            send(&mut stream, &framing, &session.next_job(last_job.elapsed().as_secs_f64()))?;
            last_job = Instant::now();
        }
    }
    Ok(())
}

/// Answers every whole message; false once the conversation is over.
fn converse(
    stream: &mut TcpStream,
    framing: &mut Framing,
    session: &mut Session,
    shared: &Shared,
) -> Result<bool> {
    loop {
        match framing.next_step() {
            Ok(Step::Wait) => return Ok(true),
            Ok(Step::Send(bytes)) => stream.write_all(&bytes)?,
            Ok(Step::Close) | Err(_) => return Ok(false),
            Ok(Step::Message(message)) => {
                let before = session.accepted;
                let says = session.answer(&message);
                shared.accepted.fetch_add(session.accepted - before, Ordering::Relaxed);
                send(stream, framing, &says)?;
            }
        }
    }
}

fn send(stream: &mut TcpStream, framing: &Framing, messages: &[Value]) -> Result<()> {
    messages.iter().try_for_each(|message| stream.write_all(&framing.wrap(message)))
}
