//! Interval arithmetic with directed rounding: every operation sets the rounding mode of the processor down for the
//! lower bound and up for the upper one, as verified computing does. Follows a chaotic map with guaranteed bounds.

#[cfg(target_arch = "x86_64")]
fn round(mode: u32) {
    let control = 0x1f80_u32 | mode << 13;
    // SAFETY: loads MXCSR with all exceptions masked and nothing but the rounding mode changed.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &control, options(nostack, readonly)) };
}

#[cfg(target_arch = "aarch64")]
fn round(mode: u32) {
    let control = u64::from(mode) << 22;
    // SAFETY: changes the rounding mode in FPCR and nothing else.
    unsafe { std::arch::asm!("msr fpcr, {}", in(reg) control, options(nostack, nomem)) };
}

const NEAREST: u32 = 0;
const DOWN: u32 = if cfg!(target_arch = "x86_64") { 1 } else { 2 };
const UP: u32 = if cfg!(target_arch = "x86_64") { 2 } else { 1 };

#[derive(Clone, Copy)]
struct Interval(f64, f64);

fn held(value: f64) -> f64 {
    std::hint::black_box(value)
}

impl Interval {
    fn times(self, other: Self) -> Self {
        let all = || {
            let (a, b) = (held(self.0) * other.0, held(self.0) * other.1);
            let (c, d) = (held(self.1) * other.0, held(self.1) * other.1);
            [a, b, c, d]
        };
        round(DOWN);
        let low = all().into_iter().fold(f64::INFINITY, f64::min);
        round(UP);
        let high = all().into_iter().fold(f64::NEG_INFINITY, f64::max);
        Self(low, high)
    }

    fn minus(self, other: Self) -> Self {
        round(DOWN);
        let low = held(held(self.0) - other.1);
        round(UP);
        Self(low, held(held(self.1) - other.0))
    }
}

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut widest = 0.0_f64;
        while shift.goes_on() {
            round(NEAREST);
            for _ in 0..200 {
                let start = random.unit();
                let mut x = Interval(start, start);
                for _ in 0..24 {
                    x = Interval(3.7, 3.7).times(x).times(Interval(1.0, 1.0).minus(x));
                }
                widest = widest.max(x.1 - x.0);
            }
        }
        round(NEAREST);
        println!("{widest}");
    });
}
