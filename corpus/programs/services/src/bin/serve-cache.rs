//! A key-value cache with the text protocol of memcached, and its load.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::{LazyLock, Mutex};

static STORE: LazyLock<Mutex<HashMap<String, Vec<u8>>>> = LazyLock::new(Default::default);

fn answer(line: &str, reader: &mut BufReader<TcpStream>) -> Vec<u8> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["get", key] => match STORE.lock().ok().and_then(|store| store.get(*key).cloned()) {
            Some(value) => {
                [format!("VALUE {key} 0 {}\r\n", value.len()).as_bytes(), &value, b"\r\nEND\r\n"].concat()
            }
            None => b"END\r\n".to_vec(),
        },
        ["set", key, _, _, length] => {
            let mut value = vec![0; length.parse::<usize>().unwrap_or(0).min(1 << 20) + 2];
            let _ = reader.read_exact(&mut value);
            value.truncate(value.len() - 2);
            if let Ok(mut store) = STORE.lock() {
                store.insert((*key).to_owned(), value);
            }
            b"STORED\r\n".to_vec()
        }
        _ => b"ERROR\r\n".to_vec(),
    }
}

fn serve(stream: TcpStream) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while let Ok(1..) = reader.read_line(&mut line) {
        if out.write_all(&answer(&line, &mut reader)).is_err() {
            return;
        }
        line.clear();
    }
}

fn main() {
    services::run(&runner::Options::read(), serve, |address, shift| {
        let stream = TcpStream::connect(address).expect("the server");
        let mut out = stream.try_clone().expect("a socket");
        let mut reader = BufReader::new(stream);
        let mut random = runner::Random(3);
        while shift.goes_on() {
            let key = random.next() % 5000;
            let (ask, end) = match key % 5 {
                0 => (format!("set k{key} 0 0 200\r\n{}\r\n", "v".repeat(200)), "STORED\r\n"),
                _ => (format!("get k{key}\r\n"), "END\r\n"),
            };
            out.write_all(ask.as_bytes()).expect("the server");
            let mut line = String::new();
            while line != end {
                line.clear();
                reader.read_line(&mut line).expect("the server");
            }
        }
    });
}
