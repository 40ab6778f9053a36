//! Samples in, findings with evidence out
