//! Packet captures in, recognised conversations out
