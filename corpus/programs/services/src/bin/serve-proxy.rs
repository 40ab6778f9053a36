//! A proxy on loopback: passes bytes between clients and a backend, counts them, and its load.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::OnceLock;

static BACKEND: OnceLock<std::net::SocketAddr> = OnceLock::new();

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut bytes = [0; 16_384];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if to.write_all(&bytes[..read]).is_err() {
            return;
        }
    }
}

fn serve(client: TcpStream) {
    let Some(Ok(backend)) = BACKEND.get().map(TcpStream::connect) else { return };
    let (Ok(up), Ok(down)) = (client.try_clone(), backend.try_clone()) else { return };
    std::thread::spawn(move || pass(up, backend));
    pass(down, client);
}

fn main() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let _ = BACKEND.set(listener.local_addr().expect("a port"));
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let Ok(out) = stream.try_clone() else { return };
                pass(stream, out);
            });
        }
    });
    services::run(&runner::Options::read(), serve, |address, shift| {
        let mut stream = TcpStream::connect(address).expect("the server");
        let mut bytes = vec![7; 4096];
        while shift.goes_on() {
            stream.write_all(&bytes).and_then(|()| stream.read_exact(&mut bytes)).expect("the server");
        }
    });
}
