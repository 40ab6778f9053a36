//! Sieves primes and tests large numbers by Miller-Rabin with 64-bit modular products: integers only.

fn power(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let product = |a: u64, b: u64| (u128::from(a) * u128::from(b) % u128::from(modulus)) as u64;
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = product(result, base);
        }
        base = product(base, base);
        exponent >>= 1;
    }
    result
}

fn is_prime(n: u64) -> bool {
    let (twos, odd) = ((n - 1).trailing_zeros(), (n - 1) >> (n - 1).trailing_zeros());
    [2, 3, 5, 7, 11, 13, 17].iter().all(|&base| {
        let first = power(base, odd, n);
        first == 1
            || std::iter::successors(Some(first), |&x| Some(power(x, 2, n)))
                .take(twos as usize)
                .any(|x| x == n - 1)
    })
}

fn sieve(limit: usize) -> usize {
    let mut composite = vec![false; limit];
    for i in (3..limit).step_by(2) {
        if !composite[i] && i * i < limit {
            (i * i..limit).step_by(2 * i).for_each(|m| composite[m] = true);
        }
    }
    (3..limit).step_by(2).filter(|&i| !composite[i]).count() + 1
}

fn main() {
    let options = runner::Options::read();
    let limit = options.size.unwrap_or(1 << 20);
    options.run(|thread, shift| {
        let mut random = runner::Random(thread as u64);
        let mut found = 0;
        while shift.goes_on() {
            std::hint::black_box(sieve(limit));
            found += (0..2000).filter(|_| is_prime(random.next() | 1 << 63 | 1)).count();
        }
        println!("{found}");
    });
}
