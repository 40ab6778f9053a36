//! What names hint at, and that none hints at mining.

use facts::Activity;
use signatures::{Book, BookError, NameKind};

fn hint(kind: NameKind, name: &str) -> Option<Activity> {
    Book::shipped().hint(kind, name).map(|h| h.activity)
}

#[test]
fn names_never_speak_for_mining() {
    let text = include_str!("../../../signatures/names.toml").to_lowercase();
    for word in ["mining =", "miner", "xmr", "stratum", "nicehash", "cgminer", "hashrate", "t-rex", "phoenix"]
    {
        assert!(!text.contains(word), "{word}");
    }
    let hint = "[[program]]\nwhat = \"x\"\nactivities = { mining = 0.1 }\nmatch_any = [\"abc\"]\n";
    let error = Book::parse("", "", hint).expect_err("a hint for mining is refused");
    assert!(error.to_string().contains("program 'x': found a hint for mining"), "{error}");
}

#[test]
fn mapped_files_are_known_with_version_and_path() {
    for (name, activity) in [
        ("libx264.so.164", Activity::Media),
        ("/usr/lib/x86_64-linux-gnu/libzstd.so.1.5.4", Activity::Compression),
        ("libscipy_openblas64_-fdde5778.so", Activity::Scientific),
        ("libggml-cpu.so", Activity::Inference),
        ("libonnxruntime.so.1.31.1 (deleted)", Activity::Inference),
        ("chiapos.cpython-311-x86_64-linux-gnu.so", Activity::StorageProving),
        ("librustc_driver-3b2.so", Activity::Build),
        ("libgromacs.so.8", Activity::Scientific),
    ] {
        assert_eq!(hint(NameKind::Image, name), Some(activity), "{name}");
    }
    assert_eq!(hint(NameKind::Image, "something-unheard-of.so"), None);
}

#[test]
fn programs_are_known() {
    for (name, activity) in [
        ("cc1plus", Activity::Build),
        ("postgres", Activity::Data),
        ("nginx", Activity::Edge),
        ("monerod", Activity::Validation),
        ("john", Activity::HashSearch),
        ("python3.11", Activity::General),
        ("gmx_mpi", Activity::Scientific),
        ("llama-server", Activity::Inference),
    ] {
        assert_eq!(hint(NameKind::Program, name), Some(activity), "{name}");
    }
}

#[test]
fn functions_are_known() {
    for (name, activity) in [
        ("ZSTD_compressBlock_btopt", Activity::Compression),
        ("exec_simple_query", Activity::Data),
        ("ngx_http_process_request", Activity::Edge),
        ("at::native::log_softmax_backward_cpu_out", Activity::Training),
        ("ggml_compute_forward_mul_mat", Activity::Inference),
        ("x264_pixel_satd_8x4_avx2", Activity::Media),
        ("nbnxm_kernel_ElecEw_VdwLJ_F", Activity::Scientific),
        ("blst_miller_loop", Activity::Validation),
        ("_PyEval_EvalFrameDefault", Activity::General),
    ] {
        assert_eq!(hint(NameKind::Symbol, name), Some(activity), "{name}");
    }
}

#[test]
fn the_longest_pattern_wins_and_an_exact_name_wins_over_all() {
    let entry = |what: &str, activity: &str, pattern: &str| {
        format!(
            "[[symbol]]\nwhat = \"{what}\"\nactivities = {{ {activity} = 0.5 }}\nmatch_any = [\"{pattern}\"]\n"
        )
    };
    let text =
        [entry("short", "data", "ab*"), entry("long", "media", "*bcd*ef"), entry("exact", "edge", "abcdef")]
            .concat();
    let book = Book::parse("", "", &text).expect("a good book");
    let name = |symbol| book.hint(NameKind::Symbol, symbol).map(|h| h.name.as_str());
    assert_eq!(name("abx"), Some("short"));
    assert_eq!(name("abcd--ef"), Some("long"));
    assert_eq!(name("abcdef"), Some("exact"));
    assert_eq!(name("b"), None);
}

#[test]
fn undecided_libraries_speak_for_both_activities() {
    let torch = Book::shipped().hint(NameKind::Image, "libtorch_cpu.so").expect("known");
    assert!(torch.activities.iter().any(|(a, _)| *a == Activity::Training));
    assert!(torch.activities.iter().any(|(a, _)| *a == Activity::Inference));
}

#[test]
fn errors_name_the_file_the_entry_and_what_was_expected() {
    let constant = |values: &str| {
        format!(
            "[[constant]]\nname = \"n\"\nprimitive = \"p\"\nwhat = \"w\"\nsource = \"s\"\nspecific = 0.5\n{values}"
        )
    };
    for (constants, algorithms, told) in [
        (constant(""), "", "constants.toml: constant 'n': found no value, expected a table or immediates"),
        (constant("words32 = [\"12345\"]"), "", "found word '12345', expected hexadecimal words"),
        (constant("bytes = [\"0g\"]"), "", "found 2 characters, expected pairs of hexadecimal digits"),
        (constant("immediates = [\"0x1\", \"xyz\"]"), "", "found 'xyz', expected a hexadecimal number"),
        (constant("bytes = [\"00000000000000000000000000000000\"]"), "", "found 16 bytes, expected"),
        (
            String::new(),
            "[[algorithm]]\nname = \"a\"\nwhat = \"w\"\nactivities = [\"edge\"]\nspecific = 0.5\nneeds = [[\"q\"]]",
            "algorithms.toml: algorithm 'a': found 'q', expected a primitive",
        ),
    ] {
        let error = Book::parse(&constants, algorithms, "").expect_err(told);
        assert!(error.to_string().contains(told), "{error}");
    }
    assert!(matches!(Book::parse("nonsense", "", ""), Err(BookError::Form { file: "constants.toml", .. })));
}

#[test]
fn the_shipped_books_read_without_error() {
    let read = Book::parse(
        include_str!("../../../signatures/constants.toml"),
        include_str!("../../../signatures/algorithms.toml"),
        include_str!("../../../signatures/names.toml"),
    );
    assert!(read.is_ok(), "{}", read.err().map(|e| e.to_string()).unwrap_or_default());
}
