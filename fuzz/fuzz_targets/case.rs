//! Feeds libFuzzer's inputs to the reader `case` of the crate fuzz-targets.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let target = fuzz_targets::target("case").expect("a known reader");
    (target.run)(bytes);
});
