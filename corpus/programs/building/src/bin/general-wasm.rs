//! Runs WebAssembly in an interpreter, by `wasmi`: a plug-in that works out numbers.

use wasmi::{Engine, Linker, Module, Store};

const TEXT: &str =
    "(module (func (export \"run\") (param $n i32) (result i32) (local $a i32) (local $b i32) (local $t i32)
  (local.set $b (i32.const 1))
  (loop $next
    (local.set $t (i32.add (local.get $a) (local.get $b)))
    (local.set $a (local.get $b)) (local.set $b (local.get $t))
    (local.set $n (i32.sub (local.get $n) (i32.const 1)))
    (br_if $next (local.get $n)))
  (local.get $a)))";

fn main() {
    let options = runner::Options::read();
    let bytes = wat::parse_str(TEXT).expect("valid text");
    options.run(|_, shift| {
        let engine = Engine::default();
        let module = Module::new(&engine, &bytes[..]).expect("valid code");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
        let run = instance.get_typed_func::<i32, i32>(&store, "run").expect("the export");
        while shift.goes_on() {
            std::hint::black_box(run.call(&mut store, 10_000).expect("a result"));
        }
    });
}
