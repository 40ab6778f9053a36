//! Whole requests: lost, unanswered, delivered twice, delivered again after later ones.

use super::{SILENCE, Shared, count};
use crate::random::Random;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, PoisonError};

/// Requests that wait to be delivered late, at most.
const LATE: usize = 8;
/// Most bytes of a request.
const MAX_REQUEST: u64 = 16 << 20;

pub(super) fn connection(client: TcpStream, shared: &Arc<Shared>, mut random: Random) {
    let _ = client.set_read_timeout(Some(SILENCE));
    let Ok(mut out) = client.try_clone() else { return };
    let mut reader = BufReader::new(client);
    while let Ok(Some(request)) = message(&mut reader) {
        match deliver(&request, shared, &mut random) {
            Ok(Some(answer)) if out.write_all(&answer).is_ok() => {}
            _ => return,
        }
    }
}

/// Delivers a request; none if its sender is not to get an answer.
fn deliver(request: &[u8], shared: &Shared, random: &mut Random) -> io::Result<Option<Vec<u8>>> {
    let done = &shared.done;
    if shared.is_calm() {
        return exchange(request, shared).map(Some);
    }
    match random.below(10) {
        0 => {
            count(&done.cut);
            return Ok(None);
        }
        1 => {
            exchange(request, shared)?;
            count(&done.unanswered);
            return Ok(None);
        }
        2 | 3 => {
            exchange(request, shared)?;
            count(&done.twice);
        }
        4 => {
            let mut late = shared.late.lock().unwrap_or_else(PoisonError::into_inner);
            late.push(request.to_vec());
            let oldest = (late.len() > LATE).then(|| late.remove(0));
            drop(late);
            if let Some(oldest) = oldest {
                exchange(&oldest, shared)?;
                count(&done.late);
            }
        }
        _ => count(&done.well),
    }
    exchange(request, shared).map(Some)
}

/// One request over a connection of its own.
fn exchange(request: &[u8], shared: &Shared) -> io::Result<Vec<u8>> {
    let mut stream = shared.connect()?;
    stream.write_all(request)?;
    message(&mut BufReader::new(stream))?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// A head and as many bytes as its `content-length` says (RFC 9112, section 6).
fn message(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Vec<u8>>> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    loop {
        let begin = bytes.len();
        if reader.by_ref().take(MAX_REQUEST).read_until(b'\n', &mut bytes)? == 0 {
            return Ok(None);
        }
        let line = String::from_utf8_lossy(bytes.get(begin..).unwrap_or_default()).to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().map_err(io::Error::other)?;
        }
        if line.starts_with("transfer-encoding:") {
            return Err(io::Error::other("only messages of a stated length are passed on"));
        }
        if line == "\r\n" {
            break;
        }
    }
    let head = bytes.len();
    reader.take(u64::min(length, MAX_REQUEST)).read_to_end(&mut bytes)?;
    let whole = u64::try_from(bytes.len() - head).unwrap_or(0) == length;
    if whole { Ok(Some(bytes)) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
}
