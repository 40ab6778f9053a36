//! Documents for people to print, keep and check.
