//! Shapes of values in messages: hexadecimal of a length, addresses, lists of names.

use serde_json::Value;

/// The text of a member.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// Whether a text is hexadecimal (`0x` allowed) with as many digits as `digits` allows.
pub(crate) fn hex(text: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    let bare = text.strip_prefix("0x").unwrap_or(text);
    digits.contains(&bare.len()) && bare.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether a member is such hexadecimal.
pub(crate) fn hex_at(value: &Value, key: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    text(value, key).is_some_and(|text| hex(text, digits))
}

/// Whether the item of a list is such hexadecimal.
pub(crate) fn hex_item(list: &[Value], index: usize, digits: std::ops::RangeInclusive<usize>) -> bool {
    list.get(index).and_then(Value::as_str).is_some_and(|text| hex(text, digits))
}

/// The text of a list's item.
pub(crate) fn item(list: &[Value], index: usize) -> Option<&str> {
    list.get(index)?.as_str()
}

/// Whether a text looks like an address of the CryptoNote family, with a worker or difficulty after it or not.
pub(crate) fn cryptonote_address(text: &str) -> bool {
    let address = text.split(['.', '+', '/', ':']).next().unwrap_or_default();
    (90..=110).contains(&address.len()) && address.bytes().all(base58)
}

/// Whether a text looks like an address of Monero's main net.
pub(crate) fn monero_address(text: &str) -> bool {
    let address = text.split(['.', '+', '/', ':']).next().unwrap_or_default();
    matches!(address.len(), 95 | 106) && address.starts_with(['4', '8']) && address.bytes().all(base58)
}

/// Whether a text looks like an address of Zcash's main net.
pub(crate) fn zcash_address(text: &str) -> bool {
    let address = text.split(['.', '/']).next().unwrap_or_default();
    let clear = address.len() == 35 && (address.starts_with("t1") || address.starts_with("t3"));
    clear && address.bytes().all(base58) || address.starts_with("zs1") && address.len() == 78
}

fn base58(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l')
}

/// The proof of work and, where only one coin of note uses it, the chain behind an `algo` name of miners.
pub(crate) fn algorithm(name: &str) -> Option<(&'static str, Option<&'static str>)> {
    let lower = name.get(..name.len().min(24))?.to_ascii_lowercase();
    Some(match lower.as_str() {
        "rx/0" | "randomx" | "rx" => ("randomx", Some("monero")),
        "rx/wow" => ("randomx", Some("wownero")),
        "rx/arq" => ("randomx", Some("arqma")),
        "rx/keva" => ("randomx", Some("kevacoin")),
        "rx/sfx" => ("randomx", Some("safex")),
        "rx/graft" => ("randomx", Some("graft")),
        "panthera" => ("randomx", Some("scala")),
        "ghostrider" | "gr" => ("ghostrider", Some("raptoreum")),
        "autolykos2" | "autolykos" => ("autolykos2", Some("ergo")),
        "kheavyhash" => ("kheavyhash", Some("kaspa")),
        "etchash" => ("etchash", Some("ethereum-classic")),
        "ethash" => ("ethash", None),
        "kawpow" => ("kawpow", None),
        "verushash" => ("verushash", Some("verus")),
        "sha256d" | "sha256" => ("sha256d", None),
        "scrypt" => ("scrypt", None),
        "blake3" => ("blake3", None),
        "sha3x" => ("sha3x", Some("tari")),
        other => return family(other).map(|name| (name, None)),
    })
}

fn family(name: &str) -> Option<&'static str> {
    const FAMILIES: [(&str, &str); 13] = [
        ("rx/", "randomx"),
        ("cn-lite", "cryptonight"),
        ("cn-heavy", "cryptonight"),
        ("cn-pico", "cryptonight"),
        ("cn/", "cryptonight"),
        ("cryptonight", "cryptonight"),
        ("argon2", "argon2"),
        ("astrobwt", "astrobwt"),
        ("xel", "xelishash"),
        ("equihash", "equihash"),
        ("progpow", "progpow"),
        ("yescrypt", "yescrypt"),
        ("yespower", "yespower"),
    ];
    FAMILIES.iter().find(|(prefix, _)| name.starts_with(prefix)).map(|(_, name)| *name)
}

/// Whether a value is a miner's list of algorithm names.
pub(crate) fn algorithms(value: Option<&Value>) -> bool {
    let names = value.and_then(Value::as_array);
    names.is_some_and(|names| {
        names.iter().any(|name| name.as_str().is_some_and(|name| algorithm(name).is_some()))
    })
}
