//! What verifying costs: a bundle of many sealed statements, checked by the real binary.

use crate::bench_registry::release;
use ed25519_zebra::{SigningKey, VerificationKey};
use registry::{Outcome, Registry, Rules};
use statement::{Bundle, Nonce, to_cbor};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use testkit::{Fleet, MemoryStore};
use tlog::VerifierKey;

/// Options.
#[derive(clap::Args)]
pub struct Args {
    /// How many devices
    #[arg(long, default_value_t = 16_384)]
    devices: usize,
    /// How many statements each says
    #[arg(long, default_value_t = 61)]
    minutes: usize,
    /// The binary; built in release otherwise
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Where to write the bundle
    #[arg(long, value_name = "FILE", default_value = "target/bench-verify.overt")]
    file: PathBuf,
}

const ORIGIN: &str = "bench.example/log";
const NOW: u64 = 1_795_000_000_000;

/// Run it.
pub fn run(args: &Args) -> crate::Outcome {
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => release()?,
    };
    let key = SigningKey::from([9; 32]);
    let log = VerifierKey::log(ORIGIN, VerificationKey::from(&key).into())?;
    let statements = make(args, key)?;
    let begin = Instant::now();
    let output = Command::new("/usr/bin/env")
        .args(["time", "-f", "%M KiB at most, %U s of processor"])
        .arg(binary)
        .arg("verify")
        .arg(&args.file)
        .args(["--log-key", &log.to_string()])
        .output()?;
    let took = begin.elapsed().as_secs_f64();
    print!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err("the bundle did not verify".into());
    }
    println!("{statements} statements verified in {took:.1} s, {:.0} a second", statements as f64 / took);
    Ok(())
}

/// A registry in memory seals what a fleet says; all of it as one bundle.
fn make(args: &Args, key: SigningKey) -> Result<usize, Box<dyn std::error::Error>> {
    let book = rulebook::shipped("OPEN").and_then(|(book, _)| book).ok_or("no rulebook")?;
    let registry = Registry::open(MemoryStore::default(), ORIGIN, key, Rules::new(vec![book])?)?;
    let minutes = u64::try_from(args.minutes)? + 10;
    let mut fleet = Fleet::new(3, args.devices, "OPEN", NOW - minutes * testkit::INTERVAL_MS, NOW)?;
    for answer in registry.record("bench", fleet.enrolments().collect(), NOW, || Nonce([1; 16]))? {
        answer?;
    }
    let mut count = 0;
    for _ in 0..args.minutes {
        let said: Vec<Vec<u8>> = fleet.minute().collect();
        for body in said.chunks(registry::MAX_STATEMENTS) {
            let checked = registry.check(&body.concat())?;
            let outcomes = registry.admit(vec![checked], NOW)?.outcomes;
            count += outcomes.iter().flatten().filter(|o| matches!(o, Outcome::Accepted(_))).count();
        }
        seal(&registry)?;
    }
    write(&registry, &args.file)?;
    Ok(count)
}

fn seal(registry: &Registry<MemoryStore>) -> crate::Outcome {
    while let Some(sealed) = registry.seal()? {
        registry.publish(sealed.checkpoint.note().to_string().as_bytes(), sealed.head, sealed.next)?;
    }
    Ok(())
}

fn write(registry: &Registry<MemoryStore>, path: &Path) -> crate::Outcome {
    let published = registry.published();
    let leaves = published.head.size;
    let mut file = BufWriter::new(File::create(path)?);
    let mut piece = |bytes: Vec<u8>| file.write_all(&to_cbor(&minicbor::bytes::ByteVec::from(bytes)));
    piece(to_cbor(&Bundle::new(String::from_utf8(published.note)?, "measurement".to_owned(), leaves)))?;
    for leaf in 0..leaves {
        piece(to_cbor(&registry.sheaf(leaf)?))?;
    }
    Ok(file.flush()?)
}
