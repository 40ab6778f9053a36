//! Parses Rust sources and prints their shape, by `syn`: a compiler's front end. `--input` gives a folder.

fn main() {
    let options = runner::Options::read();
    let text = String::from_utf8_lossy(&options.data(4 << 20)).into_owned();
    let own = include_str!("build-rust.rs").repeat(1);
    let items: Vec<String> = [text.as_str(), &own]
        .iter()
        .flat_map(|t| t.split("\n}\n").map(|item| format!("{item}\n}}\n")))
        .collect();
    options.run(|_, shift| {
        for item in items.iter().cycle() {
            if let Ok(file) = syn::parse_file(item) {
                std::hint::black_box(format!("{file:?}").len());
            }
            if !shift.goes_on() {
                return;
            }
        }
    });
}
