//! Encodes sound as lossy codecs do: windowed cosine transforms of overlapping blocks, masking, quantising, and Rice
//! codes for what is left. Then decodes it again.

const HALF: usize = 256;

fn table() -> Vec<f32> {
    let n = 2 * HALF;
    (0..HALF * n)
        .map(|i| {
            (std::f32::consts::PI / HALF as f32
                * ((i % n) as f32 + 0.5 + HALF as f32 / 2.0)
                * ((i / n) as f32 + 0.5))
                .cos()
        })
        .collect()
}

fn encode(block: &[f32], table: &[f32], window: &[f32], bits: &mut Vec<u8>) -> Vec<i32> {
    let shaped: Vec<f32> = block.iter().zip(window).map(|(s, w)| s * w).collect();
    let lines: Vec<f32> =
        table.chunks_exact(2 * HALF).map(|row| row.iter().zip(&shaped).map(|(c, s)| c * s).sum()).collect();
    let mut loud = 0.0_f32;
    let levels: Vec<i32> = lines
        .iter()
        .map(|line| {
            loud = (loud * 0.9).max(line.abs());
            (line / (0.02 * loud + 0.5)) as i32
        })
        .collect();
    for level in &levels {
        let folded = (level << 1 ^ level >> 31) as u32;
        for _ in 0..folded >> 2 {
            bits.push(1);
        }
        bits.extend([0, (folded >> 1 & 1) as u8, (folded & 1) as u8]);
    }
    levels
}

fn main() {
    let options = runner::Options::read();
    let table = table();
    let window: Vec<f32> =
        (0..2 * HALF).map(|i| (std::f32::consts::PI * (i as f32 + 0.5) / (2 * HALF) as f32).sin()).collect();
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let sound: Vec<f32> = (0..1 << 17)
            .map(|i| {
                (i as f32 * 0.05).sin() * 9000.0
                    + (i as f32 * 0.31).sin() * 2000.0
                    + random.unit() as f32 * 300.0
            })
            .collect();
        for start in (0..sound.len() - 2 * HALF).step_by(HALF).cycle() {
            let mut bits = Vec::new();
            let levels = encode(&sound[start..start + 2 * HALF], &table, &window, &mut bits);
            let mut back = vec![0_f32; 2 * HALF];
            for (level, row) in levels.iter().zip(table.chunks_exact(2 * HALF)) {
                back.iter_mut().zip(row).for_each(|(b, c)| *b += *level as f32 * c);
            }
            std::hint::black_box((back, bits));
            if !shift.goes_on() {
                return;
            }
        }
    });
}
