//! Loads a folder of rulebooks, prints what is wrong and how the cases go.
use std::path::Path;
fn read(dir: &Path) -> Option<rulebook::Source> {
    let mut s = rulebook::Source::default();
    for e in std::fs::read_dir(dir).ok()? {
        let e = e.unwrap();
        s.add(&e.file_name().to_string_lossy(), &std::fs::read(e.path()).unwrap()).unwrap();
    }
    Some(s)
}
fn main() {
    let root = std::path::PathBuf::from("rulebook");
    let v = std::sync::Arc::new(
        rulebook::Vocabulary::parse(
            &std::fs::read_to_string(root.join("vocabulary.toml")).unwrap(),
            &std::fs::read_to_string(root.join("fields.toml")).unwrap(),
        )
        .unwrap_or_else(|e| {
            for d in e {
                println!("{d}");
            }
            std::process::exit(2)
        }),
    );
    for name in std::env::args().skip(1) {
        let source = read(&root.join(&name)).unwrap();
        let started = std::time::Instant::now();
        let (book, diagnostics) = rulebook::load(&source, &|n| read(&root.join(n)), &v);
        println!("== {name}: loaded in {:?}", started.elapsed());
        for d in &diagnostics {
            println!("{d}");
        }
        let Some(book) = book else { continue };
        let report = rulebook::run_cases(&source, &book);
        for o in &report.outcomes {
            for d in &o.differs {
                println!("{}:{}: {}: {d}", o.file, o.line, o.name);
            }
        }
        println!(
            "{} provisions, {} cases, {} differ; never applied: {:?}; never refused: {:?}",
            book.provisions.len(),
            report.outcomes.len(),
            report.outcomes.iter().filter(|o| !o.differs.is_empty()).count(),
            report.never_applied,
            report.never_refused
        );
    }
}
