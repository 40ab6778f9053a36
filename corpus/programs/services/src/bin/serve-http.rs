//! A small HTTP server of pages and JSON, with `httparse`, and its load.

use std::io::{Read, Write};
use std::net::TcpStream;

fn page(path: &str) -> String {
    let rows: String = (0..40).map(|n| format!("<tr><td>{n}</td><td>{}</td></tr>", path.len() * n)).collect();
    format!("<html><h1>{path}</h1><table>{rows}</table></html>")
}

fn serve(mut stream: TcpStream) {
    let (mut bytes, mut filled) = (vec![0; 8192], 0);
    while let Ok(read @ 1..) = stream.read(&mut bytes[filled..]) {
        filled += read;
        let mut headers = [httparse::EMPTY_HEADER; 32];
        let mut request = httparse::Request::new(&mut headers);
        if let Ok(httparse::Status::Complete(used)) = request.parse(&bytes[..filled]) {
            let body = page(request.path.unwrap_or("/"));
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n",
                body.len()
            );
            if stream.write_all((head + &body).as_bytes()).is_err() {
                return;
            }
            bytes.copy_within(used..filled, 0);
            filled -= used;
        }
        if filled == bytes.len() {
            return;
        }
    }
}

fn main() {
    services::run(&runner::Options::read(), serve, |address, shift| {
        let mut stream = TcpStream::connect(address).expect("the server");
        let mut bytes = vec![0; 16_384];
        while shift.goes_on() {
            stream
                .write_all(b"GET /shop/items?page=3 HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n")
                .expect("the server");
            let mut seen = Vec::new();
            while !seen.ends_with(b"</html>") {
                let read = stream.read(&mut bytes).expect("the server");
                seen.extend_from_slice(&bytes[..read]);
            }
        }
    });
}
