//! What the services share: listening on loopback, and being server, load or both at once. No protocol lives here.

use std::net::{SocketAddr, TcpListener, TcpStream};

/// Runs `serve` for every connection and, on `--threads` threads, `load` against it. With `--listen` and `--mode load`
/// only the load runs, against that address; with `--listen` alone only the server does.
pub fn run(
    options: &runner::Options,
    serve: impl Fn(TcpStream) + Send + Sync + Clone + 'static,
    load: impl Fn(SocketAddr, &mut runner::Shift) + Sync,
) {
    let given: Option<SocketAddr> =
        options.listen.as_deref().map(|text| text.parse().expect("--listen takes 127.0.0.1:PORT"));
    let load_only = options.is("load");
    let address = match given {
        Some(address) if load_only => address,
        _ => {
            let listener = TcpListener::bind(given.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 0))))
                .expect("a free port");
            let address = listener.local_addr().expect("a port");
            println!("listening {address}");
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let serve = serve.clone();
                    std::thread::spawn(move || serve(stream));
                }
            });
            address
        }
    };
    if given.is_some() && !load_only {
        std::thread::sleep(std::time::Duration::from_secs(options.seconds));
    } else {
        options.run(|_, shift| load(address, shift));
    }
}
