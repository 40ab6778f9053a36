//! Encodes video frames the old way: motion search by sums of absolute differences over 16x16 blocks, an 8x8 integer
//! cosine transform, quantising and run lengths. `--size` gives the width (640 unless told).

fn difference(a: &[u8], b: &[u8], width: usize) -> u32 {
    (0..16)
        .map(|y| {
            let (p, q) = (&a[y * width..][..16], &b[y * width..][..16]);
            p.iter().zip(q).map(|(x, y)| u32::from(x.abs_diff(*y))).sum::<u32>()
        })
        .sum()
}

fn transform(block: &mut [i32; 64]) {
    for pass in 0..2 {
        let step = if pass == 0 { 1 } else { 8 };
        for line in 0..8 {
            let at = |i: usize| line * (9 - step) + i * step;
            let v: [i32; 8] = std::array::from_fn(|i| block[at(i)]);
            let (s, d): ([i32; 4], [i32; 4]) =
                (std::array::from_fn(|i| v[i] + v[7 - i]), std::array::from_fn(|i| v[i] - v[7 - i]));
            let even = [
                s[0] + s[1] + s[2] + s[3],
                2 * (s[0] - s[3]) + (s[1] - s[2]),
                s[0] - s[1] - s[2] + s[3],
                (s[0] - s[3]) - 2 * (s[1] - s[2]),
            ];
            for i in 0..4 {
                block[at(2 * i)] = even[i] >> 1;
                block[at(2 * i + 1)] =
                    (12 * d[i] + 10 * d[(i + 1) % 4] - 6 * d[(i + 2) % 4] + 3 * d[(i + 3) % 4]) >> 4;
            }
        }
    }
}

fn main() {
    let options = runner::Options::read();
    let width = options.size.unwrap_or(640).next_multiple_of(16);
    let height = width / 2 / 16 * 16;
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut last: Vec<u8> = (0..width * height)
            .map(|i| ((i % width) as f32 * 0.1).sin().mul_add(90.0, 128.0) as u8)
            .collect();
        while shift.goes_on() {
            let frame: Vec<u8> = (0..last.len())
                .map(|i| last[(i + 3 + 2 * width) % last.len()].wrapping_add((random.next() & 3) as u8))
                .collect();
            let mut runs = 0_u32;
            for block in 0..(width / 16 - 2) * (height / 16 - 2) {
                let start = (block / (width / 16 - 2) + 1) * 16 * width + (block % (width / 16 - 2) + 1) * 16;
                let moves = (0..225).map(|m| start + m / 15 * width + m % 15 - 7 * width - 7);
                let best =
                    moves.min_by_key(|&m| difference(&frame[start..], &last[m..], width)).unwrap_or(start);
                let mut rest: [i32; 64] = std::array::from_fn(|i| {
                    let place = i / 8 * width + i % 8;
                    i32::from(frame[start + place]) - i32::from(last[best + place])
                });
                transform(&mut rest);
                runs += rest.iter().filter(|v| v.abs() > 12).count() as u32;
                if block % 32 == 0 && !shift.goes_on() {
                    return;
                }
            }
            std::hint::black_box(runs);
            last = frame;
        }
    });
}
