//! Listening: encrypted, or on loopback; only so many at once; until the end is called.

use crate::app::App;
use crate::connection::{Limits, Serving, serve};
use crate::routes::router;
use crate::tls::{TlsError, TlsFiles};
use axum::Router;
use rustls::ServerConfig;
use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How long to wait when a connection cannot be taken, for instance because there are no more file descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// Where and how to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// Address and port; port 0 for any that is free.
    pub address: SocketAddr,
    /// Certificate and key; none for plain text.
    pub tls: Option<TlsFiles>,
    /// Plain text on an address that others reach, because something before this registry encrypts.
    pub insecure_plaintext: bool,
}

/// Why it does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Tokens would cross a network in the clear.
    #[error(
        "{0} is reached from outside and has no certificate: give one, listen on loopback, or say --insecure-plaintext"
    )]
    Plaintext(SocketAddr),
    /// Certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}")]
    Address {
        /// Which address.
        address: SocketAddr,
        /// What the system said.
        error: std::io::Error,
    },
}

/// Bound to an address, not serving yet.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
}

impl Listen {
    /// Reads the certificates and binds the address.
    ///
    /// # Errors
    ///
    /// [`ListenError`].
    pub async fn bind(&self) -> Result<Bound, ListenError> {
        let loopback = self.address.ip().to_canonical().is_loopback();
        if self.tls.is_none() && !loopback && !self.insecure_plaintext {
            return Err(ListenError::Plaintext(self.address));
        }
        let tls = self.tls.as_ref().map(TlsFiles::load).transpose()?;
        let wrong = |error| ListenError::Address { address: self.address, error };
        let listener = TcpListener::bind(self.address).await.map_err(wrong)?;
        let address = listener.local_addr().map_err(wrong)?;
        Ok(Bound { listener, address, tls })
    }
}

impl Bound {
    /// The address, with the port that was found.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether it encrypts.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// Serves the registry until `end` comes, then lets requests under way finish.
    pub async fn serve(self, app: App, limits: Limits, end: impl Future<Output = ()>) {
        self.serve_router(router(app.clone()), app, limits, end).await;
    }

    /// The same for another router: for tests of what surrounds it.
    pub async fn serve_router(self, router: Router, app: App, limits: Limits, end: impl Future<Output = ()>) {
        let (call, ending) = watch::channel(false);
        let serving = Serving { router, tls: self.tls, limits, ending };
        let seats = Seats::default();
        let mut connections = JoinSet::new();
        let mut end = pin!(end);
        loop {
            let accepted = tokio::select! {
                () = &mut end => break,
                // Ended tasks are forgotten at once; there is nothing to learn from them.
                Some(_) = connections.join_next() => continue,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, address)) => seat(&mut connections, &serving, &seats, &app, stream, address),
                Err(_) => sleep(PAUSE).await,
            }
        }
        drop(self.listener);
        app.set_ready(false);
        // Nobody listens for it if there is no connection.
        let _ = call.send(true);
        while connections.join_next().await.is_some() {}
    }
}

/// Gives a connection a seat and serves it, or hangs up.
fn seat(
    connections: &mut JoinSet<()>,
    serving: &Serving,
    seats: &Seats,
    app: &App,
    stream: TcpStream,
    address: SocketAddr,
) {
    let Some(seat) = seats.take(address.ip(), serving.limits) else {
        app.metrics().turned_away("too-many");
        return;
    };
    let (serving, app) = (serving.clone(), app.clone());
    connections.spawn(async move {
        let _seat = seat;
        app.metrics().opened();
        if let Err(reason) = serve(serving, stream, address).await {
            app.metrics().turned_away(reason);
        }
        app.metrics().closed();
    });
}

/// Who is connected how often.
#[derive(Clone, Debug, Default)]
struct Seats {
    taken: Arc<Mutex<(usize, HashMap<IpAddr, usize>)>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
struct Seat {
    seats: Seats,
    address: IpAddr,
}

impl Seats {
    fn take(&self, address: IpAddr, limits: Limits) -> Option<Seat> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *taken;
        let here = by_address.get(&address).copied().unwrap_or(0);
        if *all >= limits.connections || here >= limits.connections_per_address {
            return None;
        }
        *all += 1;
        by_address.insert(address, here + 1);
        Some(Seat { seats: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let (all, by_address) = &mut *taken;
        *all = all.saturating_sub(1);
        match by_address.get_mut(&self.address) {
            Some(here) if *here > 1 => *here -= 1,
            _ => {
                by_address.remove(&self.address);
            }
        }
    }
}
