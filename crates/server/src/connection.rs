//! One connection: its TLS handshake, its limits, its requests, its end.

use crate::caller::Peer;
use crate::paced::Paced;
use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use rustls::ServerConfig;
use sha2::{Digest, Sha256};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;

/// What one connection may take, and how many there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address.
    pub connections_per_address: usize,
    /// Bytes of a request's line and headers.
    pub header_bytes: usize,
    /// Headers of a request.
    pub headers: usize,
    /// How long a handshake may take.
    pub handshake: Duration,
    /// How long the headers of the next request may take, silence before them included: idle connections end so.
    pub next_headers: Duration,
    /// How long a write may get nowhere.
    pub stalled_write: Duration,
    /// How long requests under way may go on after the end was called.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 4096,
            connections_per_address: 512,
            header_bytes: 16 << 10,
            headers: 64,
            handshake: Duration::from_secs(10),
            next_headers: Duration::from_secs(30),
            stalled_write: Duration::from_secs(30),
            shutdown: Duration::from_secs(10),
        }
    }
}

/// What all connections of a listener share.
#[derive(Clone)]
pub struct Serving {
    /// Answers requests.
    pub router: Router,
    /// How to encrypt; none for plain text.
    pub tls: Option<Arc<ServerConfig>>,
    /// What it may take.
    pub limits: Limits,
    /// Turns true when the end is called.
    pub ending: watch::Receiver<bool>,
}

/// Serves one connection to its end; why it was not served, if it was not.
pub async fn serve(serving: Serving, stream: TcpStream, address: SocketAddr) -> Result<(), &'static str> {
    // Answers are written whole: waiting for more to send gains nothing.
    let _ = stream.set_nodelay(true);
    let peer = Peer { address, certificate: None, tls: false };
    let Some(config) = serving.tls.clone() else {
        requests(serving, stream, peer).await;
        return Ok(());
    };
    let handshake = timeout(serving.limits.handshake, TlsAcceptor::from(config).accept(stream)).await;
    let stream = handshake.map_err(|_| "slow-handshake")?.map_err(|_| "handshake")?;
    let certificate = stream.get_ref().1.peer_certificates().and_then(|chain| chain.first());
    let certificate = certificate.map(|der| Sha256::digest(der).into());
    requests(serving, stream, Peer { certificate, tls: true, ..peer }).await;
    Ok(())
}

async fn requests<S>(serving: Serving, stream: S, peer: Peer)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Serving { router, limits, mut ending, .. } = serving;
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        router.call(request)
    });
    let io = TokioIo::new(Paced::new(stream, limits.stalled_write));
    let mut connection = pin!(builder(limits).serve_connection(io, service));
    let called = async {
        // The sender is gone only when the listener is.
        let _ = ending.wait_for(|ending| *ending).await;
    };
    // An error here is the peer's: it broke off or spoke no HTTP, and hyper has answered what can be answered.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = called => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(limits.shutdown, connection).await;
}

fn builder(limits: Limits) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(limits.next_headers)
        .max_header_size(limits.header_bytes)
        .max_headers(limits.headers);
    builder
}
