//! Inputs that every run shares, generated and the same each time: text, tables, pictures, film, sound, sources.

use std::fmt::Write as _;
use std::io;
use std::path::Path;

/// A small generator with a fixed seed (xorshift64*), so that inputs never differ between machines.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n.max(1)
    }
}

const SYLLABLES: [&str; 24] = [
    "ra", "ne", "tor", "li", "mes", "qua", "din", "os", "ver", "ty", "al", "pen", "su", "gri", "ma", "co",
    "bel", "est", "in", "ur", "fo", "sha", "ke", "wy",
];

/// Makes whatever is missing in `work`.
///
/// # Errors
///
/// Those of writing files.
pub fn make(work: &Path) -> io::Result<()> {
    type Maker = fn(&mut Draw) -> Vec<u8>;
    let makers: [(&str, Maker); 9] = [
        ("words.txt", words),
        ("text.txt", text),
        ("binary.bin", binary),
        ("mixed.bin", mixed),
        ("table.csv", table),
        ("lines.json", lines),
        ("image.ppm", image),
        ("clip.y4m", clip),
        ("audio.wav", audio),
    ];
    for (seed, (name, maker)) in (1_u64..).zip(makers) {
        let path = work.join(name);
        if !path.exists() {
            let part = work.join(format!("{name}.part"));
            std::fs::write(&part, maker(&mut Draw(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))))?;
            std::fs::rename(part, path)?;
        }
    }
    sources(&work.join("src"))
}

fn word(draw: &mut Draw) -> String {
    (0..1 + draw.below(4)).filter_map(|_| SYLLABLES.get(draw.below(24) as usize)).copied().collect()
}

fn words(draw: &mut Draw) -> Vec<u8> {
    let mut out = String::new();
    for _ in 0..200_000 {
        let _ = writeln!(out, "{}{}", word(draw), draw.below(100));
    }
    out.into_bytes()
}

fn text(draw: &mut Draw) -> Vec<u8> {
    let vocabulary: Vec<String> = (0..20_000).map(|_| word(draw)).collect();
    let mut out = String::with_capacity(33 << 20);
    while out.len() < 32 << 20 {
        // Squaring makes some words common, as in language.
        let index = draw.below(20_000) * draw.below(20_000) / 20_000;
        out.push_str(vocabulary.get(index as usize).map_or("the", String::as_str));
        out.push(if draw.below(12) == 0 { '\n' } else { ' ' });
    }
    out.into_bytes()
}

fn binary(draw: &mut Draw) -> Vec<u8> {
    (0..8 << 20).flat_map(|_| draw.next().to_le_bytes()).collect()
}

fn mixed(draw: &mut Draw) -> Vec<u8> {
    let mut out = Vec::with_capacity(65 << 20);
    while out.len() < 64 << 20 {
        if draw.below(2) == 0 {
            (0..64).for_each(|_| out.extend(draw.next().to_le_bytes()));
        } else {
            let line = format!("{} {} {}\n", word(draw), draw.below(50), word(draw));
            (0..16).for_each(|_| out.extend(line.as_bytes()));
        }
    }
    out
}

fn table(draw: &mut Draw) -> Vec<u8> {
    let mut out = String::from("id,group,price,amount,name\n");
    for id in 0..500_000 {
        let (group, price, amount) = (draw.below(500), draw.below(100_000), draw.below(40));
        let _ = writeln!(out, "{id},{group},{}.{:02},{amount},{}", price / 100, price % 100, word(draw));
    }
    out.into_bytes()
}

fn lines(draw: &mut Draw) -> Vec<u8> {
    let mut out = String::new();
    for id in 0..100_000 {
        let _ = writeln!(
            out,
            r#"{{"id":{id},"user":"{}","tags":["{}","{}"],"score":{}}}"#,
            word(draw),
            word(draw),
            word(draw),
            draw.below(10_000)
        );
    }
    out.into_bytes()
}

/// One brightness of a moving pattern with grain: hard enough to be work for a coder.
fn shade(draw: &mut Draw, x: u64, y: u64, frame: u64) -> u8 {
    let wave = (x * 3 + frame * 5) % 256 + (y * 2 + frame * 3) % 192 + (x * y / 97 + frame * 7) % 128;
    (wave / 3 + draw.below(24)).min(255) as u8
}

fn image(draw: &mut Draw) -> Vec<u8> {
    let mut out = b"P6\n1920 1080\n255\n".to_vec();
    for y in 0..1080 {
        for x in 0..1920 {
            out.extend((0..3).map(|c| shade(draw, x, y, c * 40)));
        }
    }
    out
}

fn clip(draw: &mut Draw) -> Vec<u8> {
    let mut out = b"YUV4MPEG2 W640 H360 F25:1 Ip A1:1 C420jpeg\n".to_vec();
    for frame in 0..300 {
        out.extend(b"FRAME\n");
        for (width, height, offset) in [(640, 360, 0), (320, 180, 50), (320, 180, 90)] {
            for y in 0..height {
                out.extend((0..width).map(|x| shade(draw, x, y, frame + offset)));
            }
        }
    }
    out
}

/// Two minutes of 16-bit stereo at 44.1 kHz: three gliding tones with grain.
fn audio(draw: &mut Draw) -> Vec<u8> {
    const RATE: u32 = 44_100;
    const BYTES: u32 = RATE * 4 * 120;
    let mut out = b"RIFF".to_vec();
    out.extend((BYTES + 36).to_le_bytes());
    out.extend(b"WAVEfmt ");
    out.extend([16, 0, 0, 0, 1, 0, 2, 0]);
    out.extend(RATE.to_le_bytes());
    out.extend((RATE * 4).to_le_bytes());
    out.extend([4, 0, 16, 0]);
    out.extend(b"data");
    out.extend(BYTES.to_le_bytes());
    for i in 0..BYTES / 4 {
        let t = f64::from(i) / f64::from(RATE);
        let tone = |f: f64| (t * f * std::f64::consts::TAU).sin();
        let level = 6000.0 * (tone(220.0 + t) + tone(331.0) + tone(1000.0 - 3.0 * t));
        let value = level as i16 + draw.below(600) as i16;
        out.extend(value.to_le_bytes());
        out.extend((value / 2).to_le_bytes());
    }
    out
}

/// Forty C files with a Makefile.
fn sources(folder: &Path) -> io::Result<()> {
    if folder.join("Makefile").exists() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let mut draw = Draw(77);
    for file in 0..40 {
        let mut out =
            String::from("#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n#include <math.h>\n");
        for function in 0..60 {
            let (a, b, c) = (draw.below(1000), 1 + draw.below(90), draw.below(7));
            let _ = writeln!(
                out,
                "double f{file}_{function}(double *v, int n) {{\n  double s = {a}; char t[64];\n  for (int i = 0; i < n; i++) {{\n    \
                 if (v[i] > {b}) s += sin(v[i]) * {c}; else s -= v[i] / {b};\n    switch (i % {b}) {{ case 1: s *= 2; break; \
                 case 5: s += strlen(t); break; default: snprintf(t, sizeof t, \"%d %f\", i, s); }}\n  }}\n  return s + atoi(t);\n}}"
            );
        }
        std::fs::write(folder.join(format!("part{file}.c")), out)?;
    }
    std::fs::write(
        folder.join("Makefile"),
        "OBJ = $(patsubst %.c,%.o,$(wildcard part*.c))\nCFLAGS ?= -O2\nlib.a: $(OBJ)\n\tar rcs $@ $^\nclean:\n\trm -f *.o lib.a\n",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_the_same_each_time() {
        assert_eq!(words(&mut Draw(3)), words(&mut Draw(3)));
        assert!(words(&mut Draw(3)).iter().filter(|b| **b == b'\n').count() == 200_000);
    }
}
