//! Looks for the password behind an MD5 by the `md-5` crate.

use md5::{Digest, Md5};

fn main() {
    let given = [0x5a; 16];
    searchers::search(&runner::Options::read(), 1000, |candidate| Md5::digest(candidate).as_slice() == given);
}
