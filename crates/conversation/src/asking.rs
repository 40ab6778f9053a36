//! Who asks for work and who gives it, told by what each side says.
//!
//! Where the opening of a connection was not seen, this tells a miner from a pool more surely than port numbers.

/// Methods that only the giver of work says.
const GIVES: [&str; 9] = [
    "mining.notify",
    "mining.set_difficulty",
    "mining.set_target",
    "mining.set_extranonce",
    "mining.set_version_mask",
    "mining.set",
    "job",
    "hash_accepted",
    "authed",
];
/// Methods that only whoever asks for work says; an end in `*` stands for any end.
const ASKS: [&str; 22] = [
    "mining.submit",
    "mining.subscribe",
    "mining.authorize",
    "mining.configure",
    "mining.extranonce.subscribe",
    "mining.suggest_*",
    "mining.hello",
    "mining.multi_version",
    "mining.get_transactions",
    "mining.capabilities",
    "login",
    "submit",
    "keepalived",
    "getjob",
    "auth",
    "eth_*",
    "getwork",
    "getblocktemplate",
    "get_block_template",
    "submitblock",
    "submit_block",
    "getminerdata",
];

/// Whether whoever said this asks for work (`true`) or gives it (`false`); nothing where either may say it.
#[must_use]
pub fn asks_for_work(method: &str) -> Option<bool> {
    if method.ends_with("(answer)") || GIVES.contains(&method) {
        return Some(false);
    }
    let fits = |known: &str| match known.strip_suffix('*') {
        Some(begin) => method.starts_with(begin),
        None => method == known,
    };
    ASKS.iter().any(|known| fits(known)).then_some(true)
}

#[cfg(test)]
mod tests {
    use super::asks_for_work;

    #[test]
    fn a_miner_submits_and_a_pool_notifies() {
        for asked in ["mining.submit", "login", "eth_submitWork", "mining.suggest_difficulty", "submitblock"]
        {
            assert_eq!(asks_for_work(asked), Some(true), "{asked}");
        }
        for given in ["mining.notify", "job", "login (answer)", "eth_getWork (answer)"] {
            assert_eq!(asks_for_work(given), Some(false), "{given}");
        }
        assert_eq!(asks_for_work("client.get_version"), None);
    }
}
