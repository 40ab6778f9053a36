//! Whom `overt verify` believes: a policy, and keys of devices that the caller vouches for.

use super::{Args, small};
use crate::Failure;
use crate::table::printable;
use ::verify::Keys;
use statement::{Digest, Key};
use std::path::Path;
use tlog::Policy;

/// The policy that was given, or the one beside the file.
pub fn policy(args: &Args, beside: Option<&Path>) -> Result<Policy, Failure> {
    if let Some(key) = &args.log_key {
        let text = format!("log {key}\nquorum none\n");
        return Policy::parse(text.as_bytes())
            .map_err(|e| Failure::Usage(format!("--log-key: {}", printable(&e.to_string()))));
    }
    let beside = beside.map(|folder| folder.join("trust.policy")).filter(|path| path.is_file());
    let path = args.policy.clone().or(beside).ok_or_else(|| {
        Failure::Usage(
            "whom to believe? give --policy FILE, or --log-key KEY to believe one log without witnesses"
                .to_owned(),
        )
    })?;
    Policy::parse(&small(&path)?).map_err(|e| {
        Failure::Usage(format!("{}: {}", printable(&path.display().to_string()), printable(&e.to_string())))
    })
}

/// The keys of devices that were given.
pub fn keys(args: &Args) -> Result<Keys, Failure> {
    let mut keys = Keys::default();
    if let Some(text) = &args.device_key {
        let wrong = |why: String| Failure::Usage(format!("--device-key: {why}"));
        let bytes: Digest = text.trim().parse().map_err(|e: statement::NotHex| wrong(e.to_string()))?;
        let key = Key::from_bytes(&bytes.0).map_err(|e| wrong(e.to_string()))?;
        keys.trust(key, key.device());
    }
    Ok(keys)
}
