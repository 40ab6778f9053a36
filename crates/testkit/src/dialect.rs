//! The dialects that the server speaks. Names only: what each one says is in the reply module.

use std::fmt;
use std::str::FromStr;

/// How a miner and its giver of work talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// Monero pools: `login`, `job`, `submit`, `keepalived`, one JSON object a line.
    Monero,
    /// Bitcoin and Litecoin pools: `mining.subscribe`, `mining.authorize`, `mining.notify`, `mining.submit`.
    Bitcoin,
    /// Ethereum proxy pools: `eth_submitLogin`, `eth_getWork`, `eth_submitWork`, one JSON object a line.
    Ethereum,
    /// `EthereumStratum/1.0.0`, as NiceHash wrote it down.
    EthereumStratum,
    /// Zcash pools (ZIP 301): `mining.set_target` and Equihash solutions.
    Zcash,
    /// Kaspa pools: a pre-PoW hash as four numbers.
    Kaspa,
    /// Browser miners: `auth`, `job`, `submit` over WebSocket.
    WebSocket,
    /// `getwork` over HTTP.
    Getwork,
    /// Solo mining: `getblocktemplate`/`submitblock` and Monero's `get_block_template`/`submit_block` over HTTP.
    BlockTemplate,
}

impl Dialect {
    /// Every dialect.
    pub const ALL: [Self; 9] = [
        Self::Monero,
        Self::Bitcoin,
        Self::Ethereum,
        Self::EthereumStratum,
        Self::Zcash,
        Self::Kaspa,
        Self::WebSocket,
        Self::Getwork,
        Self::BlockTemplate,
    ];

    /// The name as it is typed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monero => "monero",
            Self::Bitcoin => "bitcoin",
            Self::Ethereum => "ethereum",
            Self::EthereumStratum => "ethereum-stratum",
            Self::Zcash => "zcash",
            Self::Kaspa => "kaspa",
            Self::WebSocket => "websocket",
            Self::Getwork => "getwork",
            Self::BlockTemplate => "block-template",
        }
    }

    /// Whether the miner asks over HTTP, so that the server never speaks first.
    #[must_use]
    pub const fn is_asked_over_http(self) -> bool {
        matches!(self, Self::Getwork | Self::BlockTemplate)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is not a dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a dialect; expected one of monero, bitcoin, ethereum, ethereum-stratum, zcash, kaspa, websocket, getwork, block-template"
)]
pub struct UnknownDialect(pub String);

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|d| d.name() == s).ok_or_else(|| UnknownDialect(s.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialect_is_found_by_its_name_and_named_in_the_error() {
        let complaint = UnknownDialect("smtp".into()).to_string();
        for dialect in Dialect::ALL {
            assert_eq!(dialect.name().parse(), Ok(dialect));
            assert!(complaint.contains(dialect.name()));
        }
    }
}
