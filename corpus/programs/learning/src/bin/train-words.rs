//! Learns word vectors by skip-gram with negative samples from the words of `--input`.

use std::collections::HashMap;

const WIDTH: usize = 96;
const NEGATIVES: usize = 5;

fn main() {
    let options = runner::Options::read();
    let text = options.data(1 << 20);
    let mut numbers: HashMap<&[u8], usize> = HashMap::new();
    let words: Vec<usize> = text
        .split(|b| !b.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(|word| {
            let next = numbers.len();
            *numbers.entry(word).or_insert(next) % 20_000
        })
        .collect();
    let kinds = numbers.len().min(20_000);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut table: Vec<[f32; WIDTH]> =
            (0..kinds).map(|_| std::array::from_fn(|_| random.unit() as f32 - 0.5)).collect();
        let mut context = vec![[0_f32; WIDTH]; kinds];
        for (position, two) in words.windows(2).cycle().enumerate() {
            let mut change = [0_f32; WIDTH];
            for sample in 0..=NEGATIVES {
                let other = if sample == 0 { two[1] } else { random.next() as usize % kinds };
                let (mine, theirs) = (&table[two[0]], &mut context[other]);
                let dot: f32 = mine.iter().zip(theirs.iter()).map(|(a, b)| a * b).sum();
                let wanted = if sample == 0 { 1.0 } else { 0.0 };
                let rate = 0.025 * (wanted - 1.0 / (1.0 + (-dot).exp()));
                for i in 0..WIDTH {
                    change[i] += rate * theirs[i];
                    theirs[i] += rate * mine[i];
                }
            }
            table[two[0]].iter_mut().zip(&change).for_each(|(v, c)| *v += c);
            if position % 256 == 0 && !shift.goes_on() {
                break;
            }
        }
    });
}
