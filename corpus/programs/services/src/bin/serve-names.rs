//! A name server: answers DNS queries for a zone over UDP on loopback, and its load.

use std::collections::HashMap;
use std::net::UdpSocket;

fn answer(query: &[u8], zone: &HashMap<Vec<u8>, [u8; 4]>) -> Option<Vec<u8>> {
    let question = query.get(12..)?;
    let end = question.iter().position(|&b| b == 0)? + 1;
    let name: Vec<u8> = question.get(..end)?.to_ascii_lowercase();
    let mut out = query.get(..12 + end + 4)?.to_vec();
    out[2..4].copy_from_slice(&[0x84, 0]);
    match zone.get(&name) {
        Some(address) => {
            out[7] = 1;
            out.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 1, 0, 0, 4]);
            out.extend(address);
        }
        None => out[3] = 3,
    }
    Some(out)
}

fn name(n: u64) -> Vec<u8> {
    let host = format!("host{n}");
    [&[host.len() as u8], host.as_bytes(), &[7], b"example", &[4], b"test", &[0]].concat()
}

fn main() {
    let options = runner::Options::read();
    let zone: HashMap<Vec<u8>, [u8; 4]> =
        (0..5000).map(|n: u64| (name(n), (n as u32).to_be_bytes())).collect();
    let server = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = server.local_addr().expect("a port");
    std::thread::spawn(move || {
        let mut bytes = [0; 1500];
        while let Ok((read, from)) = server.recv_from(&mut bytes) {
            if let Some(out) = answer(&bytes[..read], &zone) {
                let _ = server.send_to(&out, from);
            }
        }
    });
    options.run(|thread, shift| {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.set_read_timeout(Some(std::time::Duration::from_millis(100))).expect("a socket");
        let mut random = runner::Random(thread as u64);
        let mut bytes = [0; 1500];
        while shift.goes_on() {
            let query =
                [&[7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0], &name(random.next() % 6000)[..], &[0, 1, 0, 1]]
                    .concat();
            let _ = socket.send_to(&query, address);
            let _ = socket.recv_from(&mut bytes);
        }
    });
}
