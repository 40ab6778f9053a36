//! Who is asking: by client certificate, by bearer token, or nobody. And whether they ask too often.

use crate::app::App;
use crate::problem::{Kind, Problem};
use crate::token::{Credential, Presented};
use access::Actor;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::{HeaderMap, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Instant;

/// Bits of an IPv6 address that one customer usually has (RFC 6177): limits count by them.
const IPV6_PREFIX: u32 = 64;

/// The other end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Peer {
    /// Its address. Headers that a proxy may have set are not believed.
    pub address: SocketAddr,
    /// SHA-256 of its client certificate in DER, which TLS has checked, if it sent one.
    pub certificate: Option<[u8; 32]>,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The name of the credential, `nobody` without one.
    pub name: String,
    /// What it gives.
    pub actor: Actor,
    /// From where.
    pub peer: Peer,
}

/// Whose bucket a request is taken from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum LimitKey {
    /// A credential.
    Named(String),
    /// An address, where there is no valid credential.
    Address(IpAddr),
}

impl Caller {
    /// The key of its bucket.
    #[must_use]
    pub fn limit_key(&self) -> LimitKey {
        match self.actor {
            Actor::Nobody => LimitKey::of_address(self.peer.address.ip()),
            _ => LimitKey::Named(self.name.clone()),
        }
    }
}

impl LimitKey {
    /// The key of an address: all of IPv4, the first 64 bits of IPv6.
    #[must_use]
    pub fn of_address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let mask = u128::MAX << (128 - IPV6_PREFIX);
                IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & mask))
            }
        })
    }
}

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::new(Kind::Internal))
    }
}

/// Finds out who is asking and takes the request out of their bucket. A credential that is not valid is an error even where none is needed.
pub async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(peer) = request.extensions().get::<Peer>().copied() else {
        return Problem::new(Kind::Internal).into_response();
    };
    match caller(&app, peer, request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn caller(app: &App, peer: Peer, headers: &HeaderMap) -> Result<Caller, Problem> {
    let found = credential(app, peer, headers);
    let (name, actor) = match &found {
        Ok(Some(credential)) => (credential.name.clone(), credential.actor.clone()),
        // A wrong credential is paid for by the address, so that secrets cannot be tried out.
        Ok(None) | Err(_) => ("nobody".to_owned(), Actor::Nobody),
    };
    let caller = Caller { name, actor, peer };
    app.limit(&caller.limit_key(), 1.0, Instant::now())?;
    found.map(|_| caller)
}

/// The valid credential of a request, if it has one. A token outweighs a certificate.
fn credential(app: &App, peer: Peer, headers: &HeaderMap) -> Result<Option<Credential>, Problem> {
    let unknown = || Problem::with(Kind::Unauthenticated, "the token is unknown, expired or revoked");
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let found = match (given.next(), given.next()) {
        (None, _) => match peer.certificate {
            Some(digest) => Some(app.tokens().certified(&digest).ok_or_else(|| {
                Problem::with(Kind::Unauthenticated, "the client certificate stands for nobody here")
            })?),
            None => None,
        },
        (Some(_), Some(_)) => {
            return Err(Problem::with(Kind::Malformed, "two headers Authorization, expected one"));
        }
        (Some(value), None) => {
            let presented = bearer(value.as_bytes()).and_then(Presented::read).ok_or_else(|| {
                Problem::with(Kind::Unauthenticated, "expected 'Authorization: Bearer ovt_<name>_<secret>'")
            })?;
            let credential = app.tokens().named(&presented.name).ok_or_else(unknown)?;
            Some(credential).filter(|c| presented.matches(c)).ok_or_else(unknown).map(Some)?
        }
    };
    match found {
        Some(credential) if credential.expires.is_some_and(|at| at <= app.now()) => Err(unknown()),
        other => Ok(other),
    }
}

/// The token in `Bearer <token>` (RFC 6750, section 2.1); the scheme in any case (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&str> {
    let (scheme, token) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_matches(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_customer_share_a_bucket() {
        let key = |text: &str| LimitKey::of_address(text.parse().unwrap());
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::9"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
        assert_eq!(key("192.0.2.1"), key("::ffff:192.0.2.1"));
    }

    #[test]
    fn only_a_bearer_token_is_read() {
        assert_eq!(bearer(b"Bearer abc"), Some("abc"));
        assert_eq!(bearer(b"bearer  abc "), Some("abc"));
        assert_eq!(bearer(b"Basic abc"), None);
        assert_eq!(bearer(b"Bearer"), None);
        assert_eq!(bearer(b"Bearer \xff"), None);
    }
}
