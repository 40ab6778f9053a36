//! Feeds libFuzzer's inputs to the reader `decode-x86` of the crate fuzz-targets.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let target = fuzz_targets::target("decode-x86").expect("a known reader");
    (target.run)(bytes);
});
