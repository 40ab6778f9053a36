//! Scales frames with vector instructions, by `fast_image_resize`. `--size` gives the width (1920 unless told).

use fast_image_resize::images::Image;
use fast_image_resize::{PixelType, Resizer};

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(1920) as u32;
    options.run(|thread, shift| {
        let height = width * 9 / 16;
        let mut bytes = vec![0; (width * height * 4) as usize];
        runner::Random(thread as u64).fill(&mut bytes);
        let source = Image::from_vec_u8(width, height, bytes, PixelType::U8x4).expect("a size");
        let mut small = Image::new(width / 3, height / 3, PixelType::U8x4);
        let mut resizer = Resizer::new();
        while shift.goes_on() {
            resizer.resize(&source, &mut small, None).expect("equal types");
            std::hint::black_box(&small);
        }
    });
}
