//! Receipts in COSE: the registry's own receipt once more, signed in the other form by the same key.

use super::Service;
use ed25519_zebra::VerificationKey;
use registry::ReceiptError;
use tlog::{CoseReceipt, Receipt, VerifierKey};

impl Service {
    /// The receipt of an entry as a COSE receipt (RFC 9942), with the proof within the batch beside it.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`].
    pub fn cose_receipt(&self, ordinal: u64) -> Result<Vec<u8>, ReceiptError> {
        let text = self.registry().receipt(ordinal)?;
        let damaged = |why: String| ReceiptError::Damaged { ordinal, why };
        let receipt = Receipt::parse(text.as_bytes()).map_err(|e| damaged(e.to_string()))?;
        let (config, head) = (self.config(), receipt.checkpoint.checkpoint().head());
        let public = VerificationKey::from(&config.key).into();
        let log = VerifierKey::log(&config.origin, public).map_err(|e| damaged(e.to_string()))?;
        let cose = CoseReceipt::sign(&log, &config.key, head, receipt.index, receipt.path, receipt.extra);
        Ok(cose.to_cbor())
    }
}
