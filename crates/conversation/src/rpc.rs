//! RPC of chain nodes: asking for work or a block template, and everything else that wallets and services ask.

use crate::account::Sighting;
use crate::shape::{hex_at, hex_item, text};
use crate::speech::Via;
use facts::Protocol;
use serde_json::Value;

/// Asking for a template of a block, or handing a block in. `getblocktemplate` in both families has these names.
const TEMPLATE: [&str; 8] = [
    "getblocktemplate",
    "get_block_template",
    "getblocktemplatelight",
    "submitblock",
    "submit_block",
    "createauxblock",
    "getauxblock",
    "submitauxblock",
];

/// Methods of Bitcoin's nodes and its heirs whose names say enough.
const BITCOIN: [&str; 35] = [
    "getblockchaininfo",
    "getblockhash",
    "getblockheader",
    "getblockcount",
    "getblockstats",
    "getbestblockhash",
    "getchaintips",
    "getchaintxstats",
    "getdifficulty",
    "getmempoolinfo",
    "getmempoolentry",
    "getrawmempool",
    "getrawtransaction",
    "decoderawtransaction",
    "createrawtransaction",
    "signrawtransactionwithwallet",
    "sendrawtransaction",
    "testmempoolaccept",
    "gettxout",
    "gettxoutproof",
    "gettxoutsetinfo",
    "scantxoutset",
    "verifychain",
    "getmininginfo",
    "getnetworkhashps",
    "prioritisetransaction",
    "generatetoaddress",
    "generateblock",
    "generatetodescriptor",
    "estimatesmartfee",
    "estimaterawfee",
    "getnewaddress",
    "getwalletinfo",
    "listunspent",
    "getzmqnotifications",
];

/// Methods of Monero's nodes and its heirs whose names say enough.
const MONERO: [&str; 20] = [
    "get_last_block_header",
    "getlastblockheader",
    "get_block_header_by_hash",
    "get_block_header_by_height",
    "get_block_headers_range",
    "getblockheaderbyheight",
    "getblockheaderbyhash",
    "get_miner_data",
    "getminerdata",
    "generateblocks",
    "hard_fork_info",
    "sync_info",
    "get_txpool_backlog",
    "get_output_histogram",
    "get_output_distribution",
    "get_coinbase_tx_sum",
    "get_alternate_chains",
    "on_get_block_hash",
    "calc_pow",
    "add_aux_pow",
];

/// Prefixes that name a family of nodes: `eth_` is spoken by every chain with Ethereum's virtual machine.
const PREFIXES: [(&str, &str); 12] = [
    ("eth_", "ethereum node rpc"),
    ("engine_", "ethereum engine api"),
    ("txpool_", "ethereum node rpc"),
    ("web3_", "ethereum node rpc"),
    ("net_peerCount", "ethereum node rpc"),
    ("debug_trace", "ethereum node rpc"),
    ("trace_block", "ethereum node rpc"),
    ("erigon_", "ethereum node rpc"),
    ("chain_get", "substrate node rpc"),
    ("state_get", "substrate node rpc"),
    ("author_submit", "substrate node rpc"),
    ("starknet_", "starknet node rpc"),
];

/// What a request to a node says.
pub(crate) fn asks(value: &Value, method: &str, via: Via) -> Option<Sighting> {
    if let Some(said) = work(value, method, via) {
        return Some(said.method(method));
    }
    let node = matches!(via, Via::Request { node: true, .. });
    let family = if BITCOIN.contains(&method) {
        "bitcoin node rpc"
    } else if MONERO.contains(&method) || node {
        "monero node rpc"
    } else {
        PREFIXES.iter().find(|(prefix, _)| method.starts_with(prefix))?.1
    };
    Some(Sighting::new(Protocol::ChainRpc, family, 2).method(method))
}

/// Work or a template asked for, or a block handed in.
fn work(value: &Value, method: &str, via: Via) -> Option<Sighting> {
    let nothing = Value::Array(Vec::new());
    let params = value.get("params").unwrap_or(&nothing);
    if method == "getwork" {
        return getwork(params, via);
    }
    if !TEMPLATE.contains(&method) {
        return None;
    }
    let wallet = text(params, "wallet_address").is_some() || params.get("reserve_size").is_some();
    let node = matches!(via, Via::Request { node: true, .. });
    let title = if wallet || node { "monero block template" } else { "block template" };
    let submits = method.starts_with("submit") && params.get(0).is_some_and(Value::is_string);
    let said = Sighting::new(Protocol::BlockTemplate, title, 2 + u8::from(wallet || node));
    Some(if submits { said.submitted() } else { said })
}

/// `getwork` is a common pair of words: only a miner's header fields or the data of a block header make it one.
fn getwork(params: &Value, via: Via) -> Option<Sighting> {
    let list = params.as_array()?;
    let said = Sighting::new(Protocol::Getwork, "bitcoin getwork", 3);
    if hex_item(list, 0, 160..=512) {
        return Some(said.submitted());
    }
    (list.is_empty() && matches!(via, Via::Request { miner: true, .. })).then_some(said)
}

/// The answer to `getwork`: a header to hash and a target.
pub(crate) fn answers(value: &Value) -> Option<Sighting> {
    let result = value.get("result")?;
    let shape = hex_at(result, "data", 160..=512) && hex_at(result, "target", 64..=64);
    shape.then(|| Sighting::new(Protocol::Getwork, "bitcoin getwork", 3).method("getwork (answer)"))
}
