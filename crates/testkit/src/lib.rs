//! Servers and recorded hosts that tests talk to
