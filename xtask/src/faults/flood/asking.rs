//! Asking from a chosen address of this machine, over one connection that is opened again when it was closed.

use socket2::{Domain, Socket, Type};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks from one address.
pub struct Asking {
    from: Ipv4Addr,
    to: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

/// What was answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    body: Vec<u8>,
}

impl Asking {
    /// From this address to a registry.
    pub fn new(from: Ipv4Addr, to: SocketAddr) -> Self {
        Self { from, to, open: None }
    }

    /// Hands in statements.
    pub fn submit(&mut self, body: &[u8]) -> io::Result<Answer> {
        let mut stream = match self.open.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let head = format!(
            "POST /api/v1/statements HTTP/1.1\r\nhost: {}\r\ncontent-type: application/cbor-seq\r\ncontent-length: {}\r\n\r\n",
            self.to,
            body.len()
        );
        // Whoever is turned away before the whole body was read may still be told why.
        let written = stream.get_mut().write_all(&[head.as_bytes(), body].concat());
        let (answer, keeps) = read(&mut stream)?;
        if keeps && written.is_ok() {
            self.open = Some(stream);
        }
        Ok(answer)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::new(self.from.into(), 0).into())?;
        socket.connect(&self.to.into())?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(BufReader::new(stream))
    }
}

/// An answer with its length, and whether the connection stays open.
fn read(stream: &mut BufReader<TcpStream>) -> io::Result<(Answer, bool)> {
    let wrong = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("no {what} in the answer"));
    let (mut line, mut length, mut keeps) = (String::new(), 0, true);
    stream.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok()).ok_or_else(|| wrong("status"))?;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().map_err(|_| wrong("length"))?,
            "connection" => keeps = !value.trim().eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    Ok((Answer { status, body }, keeps))
}

/// The part of an answer that counts here. Borrowed, so that reading it costs the machine little.
#[derive(Default, serde::Deserialize)]
pub struct Submitted<'a> {
    accepted: Vec<Run>,
    #[serde(borrow)]
    refused: Vec<Refused<'a>>,
}

#[derive(serde::Deserialize)]
struct Run {
    count: usize,
}

#[derive(serde::Deserialize)]
struct Refused<'a> {
    reason: &'a str,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        format!("status {}: {}", self.status, String::from_utf8_lossy(&self.body))
    }

    /// What became of the statements; nothing if the answer does not say.
    pub fn submitted(&self) -> Submitted<'_> {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

impl Submitted<'_> {
    /// How many statements were accepted.
    pub fn accepted(&self) -> usize {
        self.accepted.iter().map(|run| run.count).sum()
    }

    /// The reasons of all that was refused.
    pub fn reasons(&self) -> impl Iterator<Item = &str> {
        self.refused.iter().map(|refused| refused.reason)
    }
}
