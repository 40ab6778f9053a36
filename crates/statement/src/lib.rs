//! Signed statements, batch manifests, records and receipts: what is signed and sealed.
