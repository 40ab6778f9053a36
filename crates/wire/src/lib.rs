//! Versioned records that cross a process or lie on disk
