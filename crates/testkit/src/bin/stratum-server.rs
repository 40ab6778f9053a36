//! A local pool.
fn main() {}
