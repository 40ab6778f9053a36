//! overt.
fn main() {}
