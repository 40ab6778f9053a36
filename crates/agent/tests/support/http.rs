//! The fake registry behind a tiny HTTP/1.1 server on loopback: one thread, one connection at a time.

use super::registry::FakeRegistry;
use agent::api::{PositionAnswer, Registry, Trouble};
use agent::carry::write_receipts;
use statement::DeviceId;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

/// Serves until the process ends; gives the address.
pub fn serve(registry: FakeRegistry) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let registry = registry.clone();
            std::thread::spawn(move || connection(&registry, stream.unwrap()));
        }
    });
    address
}

fn connection(registry: &FakeRegistry, stream: TcpStream) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Some((method, path, body)) = request(&mut reader) {
        match answer(registry, &method, &path, &body) {
            Ok((status, kind, body)) => {
                let head = format!(
                    "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ndate: Sat, 21 Nov 2026 20:40:46 GMT\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                if stream.write_all(&[head.as_bytes(), &body].concat()).is_err() {
                    return;
                }
            }
            Err(Trouble::Later { .. }) => {
                let head = "HTTP/1.1 429 x\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(head.as_bytes()).unwrap();
            }
            Err(Trouble::Refused { status, detail }) => {
                let body = format!("{{\"title\":\"refused\",\"detail\":\"{detail}\"}}");
                let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
                stream.write_all(head.as_bytes()).unwrap();
            }
            // Cut: the connection is closed without an answer.
            Err(_) => return,
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<(String, String, Vec<u8>)> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|n| *n > 0)?;
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim().to_ascii_lowercase();
        if header.is_empty() {
            break;
        }
        if let Some(value) = header.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((method, path, body))
}

type Answered = (u16, &'static str, Vec<u8>);

fn answer(registry: &FakeRegistry, method: &str, path: &str, body: &[u8]) -> Result<Answered, Trouble> {
    let json = "application/json";
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let device = |text: &str| text.parse::<DeviceId>().unwrap();
    Ok(match (method, parts.as_slice()) {
        ("POST", ["api", "v1", "devices"]) => {
            (201, json, serde_json::to_vec(&registry.enrol(body)?).unwrap())
        }
        ("POST", ["api", "v1", "devices", d, "keys"]) => {
            registry.replace_key(device(d), body)?;
            (201, json, b"{}".to_vec())
        }
        ("GET", ["api", "v1", "devices", d, "position"]) => {
            let position = registry.position(device(d))?;
            let answer = PositionAnswer { next: position.next, digest: position.digest.to_string() };
            (200, json, serde_json::to_vec(&answer).unwrap())
        }
        ("POST", ["api", "v1", "statements"]) => {
            (200, json, serde_json::to_vec(&registry.statements(body, None)?).unwrap())
        }
        ("GET", ["api", "v1", "devices", d, "receipts", n]) => {
            match registry.receipt(device(d), n.parse().unwrap())? {
                Some(receipt) => (200, "text/plain", receipt),
                None => (404, json, b"{}".to_vec()),
            }
        }
        ("GET", ["api", "v1", "devices", d, question]) if question.starts_with("receipts?from=") => {
            let numbers: Vec<u64> = question.split(['=', '&']).filter_map(|word| word.parse().ok()).collect();
            let receipts = registry.receipts(device(d), numbers[0], numbers[1])?;
            let mut file = Vec::new();
            write_receipts(receipts.iter().map(|(n, r)| (*n, r.as_slice())), &mut file).unwrap();
            (200, "text/plain", file)
        }
        ("PUT", ["api", "v1", "evidence", digest]) => {
            registry.evidence(digest.parse().unwrap(), body)?;
            (204, json, vec![])
        }
        ("GET", ["tile", ..]) => match registry.tile(path.trim_start_matches("/").parse().unwrap())? {
            Some(tile) => (200, "application/octet-stream", tile),
            None => (404, json, b"{}".to_vec()),
        },
        _ => (404, json, b"{}".to_vec()),
    })
}
