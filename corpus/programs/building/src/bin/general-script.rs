//! Runs a script in an interpreter, by `rhai`: strings, lists and loops.

const SCRIPT: &str = r#"
    let words = ["ash", "birch", "cedar", "elm"];
    let text = "";
    for i in 0..200 { let w = words[i % 4]; if w.len() > 3 { text += w + " " + i + ";"; } }
    let counts = #{};
    for part in text.split(";") { let key = "n" + part.len(); counts[key] = (counts[key] ?? 0) + 1; }
    counts.len()
"#;

fn main() {
    let options = runner::Options::read();
    options.run(|_, shift| {
        let engine = rhai::Engine::new();
        let script = engine.compile(SCRIPT).expect("valid text");
        while shift.goes_on() {
            std::hint::black_box(engine.eval_ast::<i64>(&script).expect("a number"));
        }
    });
}
