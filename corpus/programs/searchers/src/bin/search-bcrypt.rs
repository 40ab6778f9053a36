//! Looks for the password behind a bcrypt hash. `--size` gives the cost (5 unless told).

fn main() {
    let options = runner::Options::read();
    let cost = options.size.unwrap_or(5) as u32;
    searchers::search(&options, 1, |candidate| bcrypt::bcrypt(cost, [7; 16], candidate) == [0; 24]);
}
