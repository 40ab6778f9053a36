//! Reads what a Linux kernel tells of running work
