//! Post-initialisation and proving as Spacemesh does: fills a file with scrypt labels, then reads the file again and
//! again, looking for labels below a threshold with AES-like mixing. `--size` gives the labels (4096 unless told).

use std::io::{Read, Write};

fn main() {
    let options = runner::Options::read();
    let labels = options.size.unwrap_or(4096);
    let params = scrypt::Params::new(9, 1, 1).expect("parameters");
    options.run(|thread, shift| {
        let path = options.scratch(&format!("space-{thread}"));
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path.0).expect("a file"));
        for label in 0..labels {
            let mut out = [0; 16];
            scrypt::scrypt(&label.to_le_bytes(), &[thread as u8; 32], &params, &mut out).expect("a length");
            file.write_all(&out).expect("space");
            if !shift.goes_on() {
                return;
            }
        }
        file.flush().expect("space");
        let mut challenge = 1;
        while shift.goes_on() {
            let mut bytes = Vec::new();
            std::fs::File::open(&path.0).and_then(|mut f| f.read_to_end(&mut bytes)).expect("the file");
            let good = bytes.chunks_exact(16).filter(|l| {
                runner::Random(challenge ^ u64::from(l[0]) << 32 ^ u64::from(l[9])).next() < 1 << 52
            });
            challenge += 1 + good.count() as u64;
        }
    });
}
