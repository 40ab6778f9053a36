//! Bytes in both directions: each piece may come late, each connection may be cut anywhere.

use super::{SILENCE, Shared, count};
use crate::random::Random;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::Duration;

/// One connection in so many is cut.
const CUT: u64 = 4;
/// Most bytes in one direction before the cut.
const CUT_BEFORE: u64 = 12_000;
/// Longest delay of a piece, in milliseconds.
const LATE_MS: u64 = 120;
/// Bytes of a piece.
const PIECE: usize = 1_400;

pub(super) fn connection(client: TcpStream, shared: &Arc<Shared>, mut random: Random) {
    let Ok(server) = shared.connect() else { return };
    let cut = (!shared.is_calm() && random.below(CUT) == 0).then(|| random.below(CUT_BEFORE));
    count(if cut.is_some() { &shared.done.cut } else { &shared.done.well });
    let _ = client.set_read_timeout(Some(SILENCE));
    let (Ok(from), Ok(to)) = (client.try_clone(), server.try_clone()) else { return };
    let (there, calm) = (Random(random.next()), shared.clone());
    let other = std::thread::spawn(move || pass(from, to, cut, there, &calm));
    pass(server, client, cut, random, shared);
    let _ = other.join();
}

/// Passes bytes until an end; `cut` is after how many both sides are hung up on.
fn pass(mut from: TcpStream, mut to: TcpStream, cut: Option<u64>, mut random: Random, shared: &Shared) {
    let (mut piece, mut passed) = ([0; PIECE], 0);
    while let Ok(read) = from.read(&mut piece) {
        if !shared.is_calm() {
            std::thread::sleep(Duration::from_millis(random.below(LATE_MS)));
        }
        passed += u64::try_from(read).unwrap_or(0);
        let bytes = piece.get(..read).unwrap_or_default();
        if read == 0 || cut.is_some_and(|cut| passed > cut) || to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
