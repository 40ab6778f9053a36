//! Lines, WebSocket frames or HTTP requests over one TCP connection to loopback.

use super::dialect::Dialect;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

enum Kind {
    Lines,
    Frames,
    Http,
}

/// An open connection.
pub struct Transport {
    stream: TcpStream,
    kind: Kind,
    pending: Vec<u8>,
    host: String,
}

impl Transport {
    /// Opens it, with the WebSocket handshake where the dialect has one.
    pub fn connect(address: SocketAddr, dialect: &Dialect) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        let kind = match dialect.name() {
            "websocket" => Kind::Frames,
            "getwork" | "block-template" => Kind::Http,
            _ => Kind::Lines,
        };
        let mut transport = Self { stream, kind, pending: Vec::new(), host: address.to_string() };
        if matches!(transport.kind, Kind::Frames) {
            transport.shake_hands()?;
        }
        transport.stream.set_read_timeout(Some(Duration::from_millis(100)))?;
        Ok(transport)
    }

    fn shake_hands(&mut self) -> std::io::Result<()> {
        write!(
            self.stream,
            "GET /proxy HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
            self.host
        )?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        Ok(())
    }

    /// Sends one message; a closed pool is noticed by nobody, mining goes on.
    pub fn say(&mut self, message: &Value) {
        let text = message.to_string();
        let bytes = match self.kind {
            Kind::Lines => format!("{text}\n").into_bytes(),
            Kind::Http => format!(
                "POST /json_rpc HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{text}",
                self.host,
                text.len()
            )
            .into_bytes(),
            Kind::Frames => masked(text.as_bytes()),
        };
        let _ = self.stream.write_all(&bytes);
    }

    /// Messages that have arrived; waits a tenth of a second for them.
    pub fn hear(&mut self) -> Vec<Value> {
        let mut chunk = [0; 8192];
        match self.stream.read(&mut chunk) {
            Ok(0) => std::thread::sleep(Duration::from_millis(100)),
            Ok(n) => self.pending.extend_from_slice(&chunk[..n]),
            Err(_) => {}
        }
        let mut messages = Vec::new();
        while let Some((start, end)) = self.whole() {
            if let Ok(message) = serde_json::from_slice(&self.pending[start..end]) {
                messages.push(message);
            }
            self.pending.drain(..end);
        }
        messages
    }

    /// Where the first whole message begins and ends.
    fn whole(&self) -> Option<(usize, usize)> {
        let bytes = &self.pending;
        match self.kind {
            Kind::Lines => bytes.iter().position(|&b| b == b'\n').map(|end| (0, end + 1)),
            Kind::Frames => {
                let (length, start) = match *bytes.get(1)? {
                    126 => (usize::from(*bytes.get(2)?) << 8 | usize::from(*bytes.get(3)?), 4),
                    short => (usize::from(short), 2),
                };
                (bytes.len() >= start + length).then_some((start, start + length))
            }
            Kind::Http => {
                let start = bytes.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
                let head = String::from_utf8_lossy(&bytes[..start]).to_ascii_lowercase();
                let length: usize =
                    head.split("content-length:").nth(1)?.lines().next()?.trim().parse().ok()?;
                (bytes.len() >= start + length).then_some((start, start + length))
            }
        }
    }
}

fn masked(payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut frame = vec![0x81];
    if payload.len() < 126 {
        frame.push(0x80 | payload.len() as u8);
    } else {
        frame.push(0xfe);
        frame.extend_from_slice(&(payload.len() as u16).to_be_bytes());
    }
    frame.extend_from_slice(&mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, m)| b ^ m));
    frame
}
