//! The embedded store: segment files, objects as files, the checkpoint lock in SQLite.
