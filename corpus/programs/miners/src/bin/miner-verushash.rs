//! Haraka-512 permutations keyed from a table, mixed with carry-less products, as VerusHash has it. Needs AES and
//! carry-less multiplication instructions; x86-64 only.

#[cfg(target_arch = "x86_64")]
mod work {
    use std::arch::x86_64::*;

    /// Bytes of the key table.
    pub const TABLE: usize = 8832;

    #[target_feature(enable = "aes,pclmulqdq,sse4.1")]
    fn haraka512(state: &mut [__m128i; 4], keys: &[__m128i]) {
        for round in 0..5 {
            for (lane, block) in state.iter_mut().enumerate() {
                *block = _mm_aesenc_si128(*block, keys[round * 8 + lane]);
                *block = _mm_aesenc_si128(*block, keys[round * 8 + lane + 4]);
            }
            let [a, b, c, d] = *state;
            let (ab, cd) = (_mm_unpacklo_epi32(a, b), _mm_unpacklo_epi32(c, d));
            let (ba, dc) = (_mm_unpackhi_epi32(a, b), _mm_unpackhi_epi32(c, d));
            *state = [
                _mm_unpackhi_epi32(ba, dc),
                _mm_unpacklo_epi32(cd, ab),
                _mm_unpackhi_epi32(cd, ab),
                _mm_unpacklo_epi32(ba, dc),
            ];
        }
    }

    /// One hash over the header.
    #[target_feature(enable = "aes,pclmulqdq,sse4.1")]
    pub fn hash(header: &[u8; 80], keys: &mut [__m128i]) -> u64 {
        let load = |i: usize| {
            let half = |o: usize| i64::from_le_bytes(header[o..o + 8].try_into().unwrap_or_default());
            _mm_set_epi64x(half(16 * i + 8), half(16 * i))
        };
        let mut state = [load(0), load(1), load(2), load(3)];
        haraka512(&mut state, keys);
        state[3] = _mm_xor_si128(state[3], load(4));
        let mut sum = state[0];
        for step in 0..32 {
            let pick = _mm_extract_epi64::<0>(sum) as usize;
            let (one, two) = (pick % keys.len(), (pick >> 20) % keys.len());
            let product = match pick >> 60 & 3 {
                0 => _mm_clmulepi64_si128::<0x10>(keys[one], sum),
                1 => _mm_clmulepi64_si128::<0x01>(_mm_xor_si128(keys[two], sum), keys[one]),
                2 => _mm_aesenc_si128(_mm_clmulepi64_si128::<0x11>(keys[one], keys[two]), sum),
                _ => _mm_mulhrs_epi16_sse(_mm_aesenc_si128(keys[one], sum), keys[two]),
            };
            sum = _mm_xor_si128(_mm_xor_si128(sum, product), state[step % 4]);
            keys[one] = _mm_xor_si128(keys[two], sum);
        }
        state[1] = _mm_xor_si128(state[1], sum);
        haraka512(&mut state, keys);
        _mm_extract_epi64::<0>(state[0]) as u64
    }

    #[target_feature(enable = "sse4.1")]
    #[allow(non_snake_case)]
    fn _mm_mulhrs_epi16_sse(a: __m128i, b: __m128i) -> __m128i {
        _mm_xor_si128(_mm_mullo_epi16(a, b), _mm_mulhi_epi16(a, b))
    }

    /// A table of invented keys.
    pub fn table() -> Vec<__m128i> {
        let mut random = runner::Random(3);
        // SAFETY: SSE2 is part of every x86-64 processor.
        (0..TABLE / 16)
            .map(|_| unsafe { _mm_set_epi64x(random.next() as i64, random.next() as i64) })
            .collect()
    }
}

#[cfg(target_arch = "x86_64")]
fn main() {
    use std::arch::is_x86_feature_detected as has;
    assert!(
        has!("aes") && has!("pclmulqdq") && has!("sse4.1"),
        "this processor lacks AES or carry-less products"
    );
    let options = runner::Options::read();
    runner::pool::mine(
        &options,
        "verushash",
        |_, _| work::table(),
        |keys, job, nonce| {
            // SAFETY: the features were checked above.
            unsafe { work::hash(&miners::with_nonce(&job.header, nonce), keys) }
        },
    );
}

#[cfg(not(target_arch = "x86_64"))]
fn main() {
    eprintln!("this miner needs an x86-64 processor");
}
