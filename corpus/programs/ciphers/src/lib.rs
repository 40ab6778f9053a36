//! What the ciphers and checksums share: real data read from disk again and again. No cipher lives here.

use std::io::Read;

/// Reads `--input` (or invented bytes from a scratch file of 64 MiB) in blocks, round and round; `start` is called at
/// the beginning of each pass and `work` with each block.
pub fn stream<S>(
    options: &runner::Options,
    block: usize,
    start: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &mut [u8]) + Sync,
) {
    let source = options.scratch("stream");
    let path = match &options.input {
        Some(path) if std::path::Path::new(path).is_file() => path.into(),
        _ => {
            std::fs::write(&source.0, options.data(64 << 20)).expect("space");
            source.0.clone()
        }
    };
    options.run(|_, shift| {
        let mut bytes = vec![0; block];
        while shift.goes_on() {
            let mut state = start();
            let mut file = std::fs::File::open(&path).expect("the file");
            while let Ok(read @ 1..) = file.read(&mut bytes) {
                work(&mut state, &mut bytes[..read]);
                if !shift.goes_on() {
                    return;
                }
            }
        }
    });
}
