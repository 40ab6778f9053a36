//! Where a mail server is and how it is spoken to, as it is typed.
//!
//! Must not take a password: what is typed stands in the list of processes.

use crate::table::printable;
use std::net::IpAddr;
use std::str::FromStr;

/// How a mail server is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Not encrypted.
    Plain,
    /// Encrypted after a word in the clear, and never less.
    StartTls,
    /// Encrypted from the first byte.
    Tls,
}

/// A mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// How it is spoken to.
    pub way: Way,
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Why an address of a mail server is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Not one of the three ways.
    #[error(
        "'{found}' is no mail server, expected smtps://HOST:465, smtp+starttls://HOST:587 or smtp://HOST:25"
    )]
    Scheme {
        /// What stands there.
        found: String,
    },
    /// A user or password in it.
    #[error("user and password do not belong on the command line; put them into a file for --smtp-login")]
    Login,
    /// No host, or no port.
    #[error("'{found}' is no HOST or HOST:PORT")]
    Host {
        /// What stands there.
        found: String,
    },
}

impl FromStr for Place {
    type Err = PlaceError;

    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let ways = [
            ("smtps://", Way::Tls, 465),
            ("smtp+starttls://", Way::StartTls, 587),
            ("smtp://", Way::Plain, 25),
        ];
        let found =
            ways.iter().find_map(|(scheme, way, port)| Some((text.strip_prefix(scheme)?, *way, *port)));
        if text.contains('@') {
            return Err(PlaceError::Login);
        }
        let (rest, way, usual) = found.ok_or_else(|| PlaceError::Scheme { found: printable(text) })?;
        let rest = rest.trim_end_matches('/');
        let wrong = || PlaceError::Host { found: printable(rest) };
        let (host, port) = match rest.strip_prefix('[').and_then(|r| r.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or_else(wrong)?)),
            None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map_or(Ok(usual), str::parse).map_err(|_| wrong())?;
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(plain) || port == 0 {
            return Err(wrong());
        }
        Ok(Self { way, host: host.to_owned(), port })
    }
}

impl Place {
    /// Whether it is this machine.
    pub fn here(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_server_is_read_with_its_usual_port_and_never_with_a_password() {
        let place = |text: &str| text.parse::<Place>().map(|p| (p.way, p.host, p.port));
        assert_eq!(place("smtps://mail.example"), Ok((Way::Tls, "mail.example".into(), 465)));
        assert_eq!(
            place("smtp+starttls://mail.example:2587/"),
            Ok((Way::StartTls, "mail.example".into(), 2587))
        );
        assert_eq!(place("smtp://[::1]:25"), Ok((Way::Plain, "::1".into(), 25)));
        assert_eq!(place("smtp://u:p@mail.example"), Err(PlaceError::Login));
        for wrong in
            ["mail.example", "http://mail.example", "smtp://", "smtp://a b", "smtp://a:0", "smtp://a:x"]
        {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
