//! Searches a board game (Othello) by alpha-beta with bit boards: integers, branches and a small table.

fn moves(mine: u64, theirs: u64) -> u64 {
    let mut all = 0;
    for (shift, mask) in [
        (1, 0x7e7e_7e7e_7e7e_7e7e_u64),
        (8, u64::MAX),
        (7, 0x7e7e_7e7e_7e7e_7e7e),
        (9, 0x7e7e_7e7e_7e7e_7e7e),
    ] {
        for left in [true, false] {
            let step = |b: u64| if left { b << shift } else { b >> shift };
            let mut line = step(mine) & theirs & mask;
            for _ in 0..5 {
                line |= step(line) & theirs & mask;
            }
            all |= step(line);
        }
    }
    all & !(mine | theirs)
}

fn play(mine: u64, theirs: u64, place: u64) -> (u64, u64) {
    let mut turned = 0;
    for (shift, mask) in [
        (1, 0x7e7e_7e7e_7e7e_7e7e_u64),
        (8, u64::MAX),
        (7, 0x7e7e_7e7e_7e7e_7e7e),
        (9, 0x7e7e_7e7e_7e7e_7e7e),
    ] {
        for left in [true, false] {
            let step = |b: u64| if left { b << shift } else { b >> shift };
            let (mut line, mut at) = (0, step(place) & theirs & mask);
            while at != 0 {
                line |= at;
                let next = step(at);
                if next & mine != 0 {
                    turned |= line;
                }
                at = next & theirs & mask;
            }
        }
    }
    (theirs & !turned, mine | place | turned)
}

fn search(mine: u64, theirs: u64, depth: u32, mut low: i32, high: i32) -> i32 {
    let mut open = moves(mine, theirs);
    if depth == 0 || open == 0 {
        return mine.count_ones() as i32 - theirs.count_ones() as i32 + 2 * open.count_ones() as i32;
    }
    while open != 0 {
        let place = open & open.wrapping_neg();
        open ^= place;
        let (next, other) = play(mine, theirs, place);
        low = low.max(-search(next, other, depth - 1, -high, -low));
        if low >= high {
            break;
        }
    }
    low
}

fn main() {
    let options = runner::Options::read();
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        while shift.goes_on() {
            let (mut mine, mut theirs) = (0x0000_0008_1000_0000_u64, 0x0000_0010_0800_0000_u64);
            for _ in 0..20 {
                let open = moves(mine, theirs);
                if open == 0 {
                    break;
                }
                let skip = random.next() % u64::from(open.count_ones());
                let place = (0..skip).fold(open, |o, _| o & (o - 1));
                (mine, theirs) = play(mine, theirs, place & place.wrapping_neg());
            }
            std::hint::black_box(search(mine, theirs, 6, -999, 999));
        }
    });
}
