//! Trains with `candle`: a multi-layer perceptron, or a small convolutional network with `--mode cnn`. `--size` gives
//! the width (512 unless told). Threads are candle's own.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{
    AdamW, Conv2dConfig, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap, conv2d, linear, loss,
};

const BATCH: usize = 64;

fn perceptron(vars: VarBuilder, width: usize) -> Result<impl Fn(&Tensor) -> Result<Tensor>> {
    let (one, two) = (linear(784, width, vars.pp("one"))?, linear(width, width, vars.pp("two"))?);
    let last = linear(width, 10, vars.pp("last"))?;
    Ok(move |x: &Tensor| last.forward(&two.forward(&one.forward(x)?.relu()?)?.relu()?))
}

fn convolutional(vars: VarBuilder) -> Result<impl Fn(&Tensor) -> Result<Tensor>> {
    let config = Conv2dConfig { padding: 1, ..Default::default() };
    let (one, two) = (conv2d(1, 16, 3, config, vars.pp("one"))?, conv2d(16, 32, 3, config, vars.pp("two"))?);
    let last = linear(32 * 49, 10, vars.pp("last"))?;
    Ok(move |x: &Tensor| {
        let x = x.reshape((BATCH, 1, 28, 28))?;
        let x = one.forward(&x)?.relu()?.max_pool2d(2)?;
        let x = two.forward(&x)?.relu()?.max_pool2d(2)?;
        last.forward(&x.reshape((BATCH, 32 * 49))?)
    })
}

fn train(model: impl Fn(&Tensor) -> Result<Tensor>, vars: &VarMap, shift: &mut runner::Shift) -> Result<()> {
    let mut optimizer = AdamW::new(vars.all_vars(), ParamsAdamW::default())?;
    let pictures = Tensor::randn(0_f32, 1_f32, (16 * BATCH, 784), &Device::Cpu)?;
    let labels = Tensor::from_iter((0..16 * BATCH as u32).map(|i| i * 7 % 10), &Device::Cpu)?;
    let mut step = 0;
    while shift.goes_on() {
        let start = step % 16 * BATCH;
        let scores = model(&pictures.narrow(0, start, BATCH)?)?;
        let error = loss::cross_entropy(&scores, &labels.narrow(0, start, BATCH)?)?;
        optimizer.backward_step(&error)?;
        step += 1;
    }
    println!("{step} steps");
    Ok(())
}

fn main() {
    let mut options = runner::Options::read();
    learning::let_library_use(&mut options);
    options.run(|_, shift| {
        let vars = VarMap::new();
        let builder = VarBuilder::from_varmap(&vars, DType::F32, &Device::Cpu);
        let done = match options.is("cnn") {
            true => convolutional(builder).and_then(|model| train(model, &vars, shift)),
            false => {
                perceptron(builder, options.size.unwrap_or(512)).and_then(|model| train(model, &vars, shift))
            }
        };
        done.expect("tensors fit");
    });
}
