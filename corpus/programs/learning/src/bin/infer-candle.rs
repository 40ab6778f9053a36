//! Runs a transformer with random weights in `candle`, token batch by token batch: 32-bit floats, or 4- or 8-bit
//! blocks with `--mode q4` or `--mode q8`. `--size` gives the width (512 unless told).

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{D, Device, Module, Result, Tensor};

const LAYERS: usize = 4;
const HEADS: usize = 8;
const TOKENS: usize = 32;

enum Weights {
    Plain(Tensor),
    Blocks(QMatMul),
}

impl Weights {
    fn random(out: usize, input: usize, kind: Option<GgmlDType>) -> Result<Self> {
        let plain = Tensor::randn(0_f32, 0.05_f32, (out, input), &Device::Cpu)?;
        Ok(match kind {
            None => Self::Plain(plain.t()?.contiguous()?),
            Some(kind) => Self::Blocks(QMatMul::from_qtensor(QTensor::quantize(&plain, kind)?)?),
        })
    }

    fn apply(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Plain(weights) => x.matmul(weights),
            Self::Blocks(weights) => weights.forward(x),
        }
    }
}

struct Layer {
    query: Weights,
    key: Weights,
    value: Weights,
    out: Weights,
    up: Weights,
    down: Weights,
}

fn layer(width: usize, kind: Option<GgmlDType>) -> Result<Layer> {
    let square = || Weights::random(width, width, kind);
    Ok(Layer {
        query: square()?,
        key: square()?,
        value: square()?,
        out: square()?,
        up: Weights::random(4 * width, width, kind)?,
        down: Weights::random(width, 4 * width, kind)?,
    })
}

fn normal(x: &Tensor) -> Result<Tensor> {
    let spread = (x.sqr()?.mean_keepdim(D::Minus1)? + 1e-5)?.sqrt()?;
    x.broadcast_div(&spread)
}

fn run(layer: &Layer, x: &Tensor, width: usize) -> Result<Tensor> {
    let split = |t: Tensor| t.reshape((TOKENS, HEADS, width / HEADS))?.transpose(0, 1)?.contiguous();
    let inner = normal(x)?;
    let query = split(layer.query.apply(&inner)?)?;
    let key = split(layer.key.apply(&inner)?)?;
    let value = split(layer.value.apply(&inner)?)?;
    let scores = (query.matmul(&key.transpose(1, 2)?.contiguous()?)? / (width as f64 / HEADS as f64).sqrt())?;
    let seen = candle_nn::ops::softmax_last_dim(&scores)?.matmul(&value)?;
    let x = (x + layer.out.apply(&seen.transpose(0, 1)?.contiguous()?.reshape((TOKENS, width))?)?)?;
    let wide = layer.up.apply(&normal(&x)?)?.gelu()?;
    &x + layer.down.apply(&wide)?
}

fn main() {
    let mut options = runner::Options::read();
    learning::let_library_use(&mut options);
    let width = options.size.unwrap_or(512).next_multiple_of(256);
    let kind = match options.mode.as_deref() {
        Some("q4") => Some(GgmlDType::Q4_0),
        Some("q8") => Some(GgmlDType::Q8_0),
        _ => None,
    };
    options.run(|_, shift| {
        let layers: Vec<Layer> = (0..LAYERS).map(|_| layer(width, kind).expect("memory")).collect();
        while shift.goes_on() {
            let mut x = Tensor::randn(0_f32, 1_f32, (TOKENS, width), &Device::Cpu).expect("memory");
            for layer in &layers {
                x = run(layer, &x, width).expect("tensors fit");
                if !shift.goes_on() {
                    return;
                }
            }
            std::hint::black_box(x.sum_all().expect("a tensor"));
        }
    });
}
