//! TLS over loopback, by `rustls` with `ring`: handshakes, or, with `--mode bulk`, one connection that carries data.

use rustls::pki_types::{PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

fn configs() -> (Arc<ServerConfig>, Arc<ClientConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).expect("a certificate");
    let server =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key);
    let mut client = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    client.resumption = rustls::client::Resumption::disabled();
    (Arc::new(server.expect("a key")), Arc::new(client))
}

fn main() {
    let options = runner::Options::read();
    let (server, client) = configs();
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("a port");
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let server = Arc::clone(&server);
            std::thread::spawn(move || {
                let Ok(connection) = ServerConnection::new(server) else { return };
                let mut tls = StreamOwned::new(connection, stream);
                let mut bytes = [0; 16_384];
                while matches!(tls.read(&mut bytes), Ok(1..)) && tls.write_all(b"done").is_ok() {}
            });
        }
    });
    let bulk = options.is("bulk");
    options.run(|_, shift| {
        let name = ServerName::try_from("localhost").expect("a name");
        while shift.goes_on() {
            let connection = ClientConnection::new(Arc::clone(&client), name.clone()).expect("a config");
            let mut tls = StreamOwned::new(connection, TcpStream::connect(address).expect("the server"));
            let data = vec![7; if bulk { 16_384 } else { 64 }];
            loop {
                tls.write_all(&data).and_then(|()| tls.read_exact(&mut [0; 4])).expect("the server");
                if !bulk || !shift.goes_on() {
                    break;
                }
            }
        }
    });
}
