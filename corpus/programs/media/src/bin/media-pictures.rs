//! Makes web pictures as `image` does: decodes, scales, blurs and encodes JPEG, or PNG with `--mode png`. `--size` gives
//! the width (1280 unless told).

use image::imageops::{FilterType, blur, resize};
use image::{ImageFormat, Rgb, RgbImage};
use std::io::Cursor;

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(1280) as u32;
    let format = if options.is("png") { ImageFormat::Png } else { ImageFormat::Jpeg };
    options.run(|thread, shift| {
        let height = width * 9 / 16;
        let wave = |a: u32, b: u32| {
            ((f64::from(a) * 0.02).sin() * (f64::from(b) * 0.013).cos() * 120.0 + 128.0) as u8
        };
        let picture = RgbImage::from_fn(width, height, |x, y| {
            Rgb([wave(x, y), wave(y, x + thread as u32), wave(x + y, x)])
        });
        let mut source = Cursor::new(Vec::new());
        picture.write_to(&mut source, format).expect("a picture");
        while shift.goes_on() {
            let decoded =
                image::load_from_memory_with_format(source.get_ref(), format).expect("a picture").to_rgb8();
            for part in [2, 4] {
                if !shift.goes_on() {
                    return;
                }
                let small = resize(&decoded, width / part, height / part, FilterType::Lanczos3);
                let mut out = Cursor::new(Vec::new());
                blur(&small, 0.8).write_to(&mut out, format).expect("a picture");
                std::hint::black_box(out);
            }
        }
    });
}
