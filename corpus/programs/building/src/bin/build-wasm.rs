//! Assembles WebAssembly from text and compiles it to an interpreter's code, by `wat` and `wasmi`.

use wasmi::{Engine, Module};

fn source(functions: usize) -> String {
    let body = |n: usize| {
        format!(
            "(func $f{n} (param $x i32) (result i32) (local $y i32) local.get $x i32.const {n} i32.add local.tee $y local.get $x i32.mul (if (result i32) (then local.get $y) (else i32.const 7)))"
        )
    };
    format!("(module {})", (0..functions).map(body).collect::<Vec<_>>().join("\n"))
}

fn main() {
    let options = runner::Options::read();
    let text = source(options.size.unwrap_or(300));
    options.run(|_, shift| {
        let engine = Engine::default();
        while shift.goes_on() {
            let bytes = wat::parse_str(&text).expect("valid text");
            std::hint::black_box(Module::new(&engine, &bytes[..]).expect("valid code"));
        }
    });
}
