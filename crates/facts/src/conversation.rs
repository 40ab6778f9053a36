//! Who talks to whom, and what the first bytes in clear say.

use crate::ProcessKey;
use core::net::SocketAddr;
use serde::{Deserialize, Serialize};

/// The transport below a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// Which way bytes go, seen from the side that opened the conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From the opener (the client) to the listener.
    ToServer,
    /// From the listener to the opener.
    ToClient,
}

/// Which side of a conversation a process holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Endpoint {
    /// It opened the connection.
    Client,
    /// It listens.
    Server,
    /// Not known: the opening was not seen and no listener matches.
    Unknown,
}

/// What a conversation speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Stratum V1, plain TCP or inside WebSocket: a miner and its pool.
    StratumV1,
    /// Stratum V2, recognised by its Noise handshake shape or clear setup frame.
    StratumV2,
    /// `getwork`/`eth_getWork` and friends: a miner asking a node or pool for work over HTTP.
    Getwork,
    /// `getblocktemplate`, `get_block_template`, `submitblock`: solo mining against a node.
    BlockTemplate,
    /// Other RPC to a chain node: balances, heights, blocks.
    ChainRpc,
    /// Bitcoin family peer protocol.
    BitcoinPeer,
    /// Monero family (levin) peer protocol.
    MoneroPeer,
    /// Ethereum devp2p (discovery v4/v5 or RLPx).
    Devp2p,
    /// libp2p (multistream-select, noise, yamux).
    Libp2p,
    /// Ethereum beacon API over HTTP.
    BeaconApi,
    /// TLS; `host` may carry the server name.
    Tls,
    /// HTTP that is none of the above.
    Http,
    /// SSH.
    Ssh,
    /// PostgreSQL wire protocol.
    Postgres,
    /// Redis wire protocol.
    Redis,
    /// DNS.
    Dns,
    /// JSON-RPC that belongs to no chain or pool.
    JsonRpc,
}

impl Protocol {
    /// The name as it stands in records and on screens.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::StratumV1 => "stratum-v1",
            Self::StratumV2 => "stratum-v2",
            Self::Getwork => "getwork",
            Self::BlockTemplate => "block-template",
            Self::ChainRpc => "chain-rpc",
            Self::BitcoinPeer => "bitcoin-peer",
            Self::MoneroPeer => "monero-peer",
            Self::Devp2p => "devp2p",
            Self::Libp2p => "libp2p",
            Self::BeaconApi => "beacon-api",
            Self::Tls => "tls",
            Self::Http => "http",
            Self::Ssh => "ssh",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Dns => "dns",
            Self::JsonRpc => "json-rpc",
        }
    }

    /// Whether a miner speaks it to be given work or to hand work in. Peer protocols, node RPC and beacon
    /// traffic are not: a node may verify blocks and mine nothing.
    #[must_use]
    pub const fn gives_work(self) -> bool {
        matches!(self, Self::StratumV1 | Self::StratumV2 | Self::Getwork | Self::BlockTemplate)
    }

    /// Whether it belongs to following a chain.
    #[must_use]
    pub const fn follows_chain(self) -> bool {
        matches!(
            self,
            Self::ChainRpc
                | Self::BitcoinPeer
                | Self::MoneroPeer
                | Self::Devp2p
                | Self::Libp2p
                | Self::BeaconApi
        )
    }
}

/// A chain or coin, by its common lower-case name (`monero`, `bitcoin`, `ethereum`, `zcash` …).
pub type Chain = String;

/// What a recogniser made of the first bytes. Holds no content beyond names that the protocol itself defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    /// What is spoken.
    pub protocol: Protocol,
    /// The dialect in words, for instance `monero login/job`, `bitcoin mining.*`, `over websocket`.
    pub dialect: String,
    /// Coin or chain where the bytes tell.
    pub chain: Option<Chain>,
    /// The named proof of work where the bytes tell (`algo` field, `rx/0` …).
    pub algorithm: Option<String>,
    /// Method, command or message names seen, in order of first sight, at most 16.
    pub methods: Vec<String>,
    /// Server name (TLS SNI, HTTP Host, client agent) where in clear.
    pub host: Option<String>,
    /// Client or server software as it calls itself; lies cost nothing, so it is never evidence.
    pub agent: Option<String>,
    /// Direction of the message that decided.
    pub decided_by: Direction,
    /// Index of the segment or packet that decided, counted from 1 within the conversation.
    pub decided_at: u32,
    /// Whether work was accepted or a share was submitted, not merely asked for.
    pub submitted: bool,
}

/// One conversation of one process, with counts; never its content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Whose end it is.
    pub process: ProcessKey,
    /// Transport.
    pub transport: Transport,
    /// The side this process holds.
    pub endpoint: Endpoint,
    /// Local address.
    pub local: SocketAddr,
    /// Remote address.
    pub remote: SocketAddr,
    /// Bytes sent by the process in this slice, where the kernel tells.
    pub sent: u64,
    /// Bytes received by the process in this slice, where the kernel tells.
    pub received: u64,
    /// What is spoken, once recognised.
    pub recognised: Option<Recognised>,
}
