//! A pool on loopback, for miners under test. Prints `listening 127.0.0.1:PORT`, and ends by itself.

use clap::Parser;
use std::io::Write;
use std::time::Duration;
use testkit::{Dialect, Server};

/// Give out invented mining work on loopback.
#[derive(Debug, Parser)]
struct Options {
    /// What to speak: monero, bitcoin, ethereum, ethereum-stratum, zcash, kaspa, websocket, getwork, block-template.
    #[arg(long)]
    dialect: Dialect,
    /// Port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Seconds until it ends.
    #[arg(long, default_value_t = 120)]
    seconds: u64,
}

fn main() -> std::io::Result<()> {
    let options = Options::parse();
    let server = Server::start(options.dialect, options.port)?;
    println!("listening {}", server.address());
    std::io::stdout().flush()?;
    std::thread::sleep(Duration::from_secs(options.seconds));
    println!("accepted {}", server.accepted());
    Ok(())
}
