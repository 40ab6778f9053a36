//! One statement with its receipt.

use crate::keys::Keys;
use crate::report::Report;
use statement::{Digest, Envelope, Manifest, Proof, Purpose, Statement};
use tlog::{Hash, Policy, Receipt, leaf_hash, root_of_path};

/// Checks a statement against its receipt and a policy. The statement's own signature needs the device's key in `keys`.
#[must_use]
pub fn statement(bytes: &[u8], receipt: &[u8], policy: &Policy, keys: &Keys) -> Report {
    let mut report = Report::default();
    said(bytes, keys, &mut report);
    match Receipt::parse(receipt) {
        Err(error) => report.fails(format!("the receipt cannot be read: {error}")),
        Ok(receipt) => sealed(bytes, &receipt, policy, &mut report),
    }
    report
}

/// The statement by itself.
fn said(bytes: &[u8], keys: &Keys, report: &mut Report) {
    let envelope = match Envelope::parse(bytes) {
        Ok(envelope) => envelope,
        Err(error) => return report.fails(format!("the statement cannot be read: {error}")),
    };
    let statement = match Statement::from_cbor(envelope.payload) {
        Ok(statement) => statement,
        Err(error) => return report.fails(format!("the statement cannot be read: {error}")),
    };
    let (number, device) = (statement.sequence, statement.device);
    report.holds_that(format!("it is statement {number} of device {device}, in its one form"));
    match keys.find(envelope.key) {
        None => report.open(format!("its signature: the key {} of the device was not given", envelope.key)),
        Some((of, _)) if of != device => {
            report.fails(format!("its key {} is that of device {of}, not of device {device}", envelope.key));
        }
        Some((_, key)) if envelope.verify(&key, Purpose::Statement) => {
            report.holds_that(format!("it is signed with key {} of the device", envelope.key));
        }
        Some(_) => report.fails(format!("its signature does not hold for key {}", envelope.key)),
    }
    if let Some(at) = keys.revoked(envelope.key) {
        report.fails(format!("its key was revoked at {at} (milliseconds since 1970)"));
    }
}

/// The statement in its batch, the batch in the log, the log before the policy.
fn sealed(bytes: &[u8], receipt: &Receipt, policy: &Policy, report: &mut Report) {
    let proof = receipt.extra.as_deref().ok_or_else(|| "the receipt has no proof within a batch".to_owned());
    let proof = proof.and_then(|extra| Proof::from_cbor(extra).map_err(|e| e.to_string()));
    let read = proof.and_then(|proof| {
        let manifest = Manifest::from_cbor(&proof.manifest).map_err(|e| e.to_string())?;
        Ok((proof, manifest))
    });
    let (proof, manifest) = match read {
        Ok(read) => read,
        Err(error) => return report.fails(format!("the receipt cannot be read: {error}")),
    };
    let path: Vec<Hash> = proof.path.iter().map(|d| Hash(d.0)).collect();
    let leaf = Hash(Digest::leaf(bytes).0);
    match root_of_path(leaf, u64::from(proof.position), u64::from(manifest.count), &path) {
        Ok(root) if root.0 == manifest.root.0 => report.holds_that(format!(
            "it is entry {} of {} in its batch, entry {} of the registry",
            proof.position,
            manifest.count,
            manifest.first + u64::from(proof.position)
        )),
        Ok(_) => report.fails("it is not in the batch that the receipt names: other bytes were sealed"),
        Err(error) => report.fails(format!("it is not shown to be in its batch: {error}")),
    }
    report.judged(&receipt.evaluate(leaf_hash(&proof.manifest), policy, &[]));
}
