//! Every reader of foreign bytes, as functions that mutated bytes are fed to.
//!
//! `fuzz/` wraps [`TARGETS`] for libFuzzer; the binary of this crate feeds them from a deterministic mutation loop on
//! stable Rust. A target must survive any input: it may refuse it, but never panic, hang, or use memory out of
//! proportion. Beyond surviving, a target states what must hold of every answer.

mod conversation;
mod decoder;
mod filing;
mod kernel;
mod ledger;
mod log;
mod mutation;
mod records;
mod registering;
mod rules;

pub use mutation::Mutator;

/// Longest input that the loop on stable Rust makes, bytes.
pub const MAX_INPUT: usize = 64 * 1024;

/// One reader of foreign bytes.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, also the name of its libFuzzer program.
    pub name: &'static str,
    /// Reads the bytes and checks the answer; panics where the answer breaks a promise.
    pub run: fn(&[u8]),
    /// Inputs to begin from: small and valid, so that mutations reach past the first check.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All readers of foreign bytes.
pub const TARGETS: &[Target] = &[
    Target { name: "conversation", run: conversation::recogniser, seeds: conversation::seeds },
    Target { name: "capture", run: conversation::capture, seeds: conversation::capture_seeds },
    Target { name: "decode-x86", run: decoder::x86, seeds: decoder::x86_seeds },
    Target { name: "decode-aarch64", run: decoder::aarch64, seeds: decoder::aarch64_seeds },
    Target { name: "recording", run: records::recording, seeds: records::recording_seeds },
    Target { name: "case", run: records::case, seeds: records::case_seeds },
    Target { name: "book", run: records::book, seeds: records::book_seeds },
    Target { name: "elf", run: kernel::elf, seeds: kernel::elf_seeds },
    Target { name: "proc", run: kernel::proc_texts, seeds: kernel::proc_seeds },
    Target { name: "packet", run: kernel::packet, seeds: kernel::packet_seeds },
    Target { name: "samples", run: kernel::samples, seeds: kernel::sample_seeds },
    Target { name: "rulebook", run: rules::rulebook, seeds: rules::rulebook_seeds },
    Target { name: "facts", run: rules::facts, seeds: rules::facts_seeds },
    Target { name: "history", run: rules::history, seeds: rules::history_seeds },
    Target { name: "filing", run: filing::filing, seeds: filing::seeds },
    Target { name: "log-note", run: log::note, seeds: log::note_seeds },
    Target { name: "log-checkpoint", run: log::checkpoint, seeds: log::checkpoint_seeds },
    Target { name: "log-receipt", run: log::receipt, seeds: log::receipt_seeds },
    Target { name: "log-policy", run: log::policy, seeds: log::policy_seeds },
    Target { name: "log-witness", run: log::witness, seeds: log::witness_seeds },
    Target { name: "log-tile", run: log::tile, seeds: log::tile_seeds },
    Target { name: "ledger-body", run: ledger::body, seeds: ledger::body_seeds },
    Target { name: "ledger-kept", run: ledger::kept, seeds: ledger::kept_seeds },
    Target { name: "ledger-piece", run: ledger::piece, seeds: ledger::piece_seeds },
    Target { name: "ledger-request", run: ledger::request, seeds: ledger::request_seeds },
    Target { name: "ledger-statement", run: ledger::statement, seeds: ledger::statement_seeds },
    Target { name: "register-table", run: registering::table, seeds: registering::table_seeds },
    Target { name: "register-document", run: registering::document, seeds: registering::document_seeds },
    Target { name: "register-import", run: registering::import, seeds: registering::import_seeds },
];

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_target_has_seeds_and_survives_them_and_nothing() {
        for target in TARGETS {
            let seeds = (target.seeds)();
            assert!(!seeds.is_empty(), "{} has no seeds", target.name);
            seeds.iter().for_each(|seed| (target.run)(seed));
            (target.run)(&[]);
        }
    }

    #[test]
    fn names_tell_targets_apart() {
        let names: BTreeSet<_> = TARGETS.iter().map(|t| t.name).collect();
        assert_eq!(names.len(), TARGETS.len());
        assert!(target("conversation").is_some() && target("nothing").is_none());
    }

    #[test]
    fn every_target_has_its_libfuzzer_program() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/");
        let manifest = std::fs::read_to_string(format!("{folder}Cargo.toml")).unwrap();
        for target in TARGETS {
            let program = format!("fuzz_targets/{}.rs", target.name);
            assert!(manifest.contains(&format!("path = \"{program}\"")), "no [[bin]] for {}", target.name);
            let source = std::fs::read_to_string(format!("{folder}{program}")).unwrap();
            assert!(source.contains(&format!("\"{}\"", target.name)), "{program} runs another target");
        }
    }
}
