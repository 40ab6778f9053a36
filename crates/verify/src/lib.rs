//! Checks statements, receipts, ranges and whole logs, offline and step by step.
