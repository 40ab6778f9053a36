//! The decoders of machine code: any bytes are code of some process.

use code::{Arch, Chunk, decode, listing, profile, references};

/// Most lines of listing asked for.
const LINES: usize = 64;

/// x86-64.
pub fn x86(bytes: &[u8]) {
    survives(Arch::X86_64, bytes);
}

/// AArch64.
pub fn aarch64(bytes: &[u8]) {
    survives(Arch::Aarch64, bytes);
}

/// The first eight bytes choose the address, so that address arithmetic at the edges is reached too.
fn survives(arch: Arch, bytes: &[u8]) {
    let (address, code) = match bytes.split_first_chunk::<8>() {
        Some((first, rest)) => (u64::from_le_bytes(*first), rest),
        None => (0x40_0000, bytes),
    };
    let instructions = decode(arch, address, code);
    assert!(instructions.len() <= code.len(), "more instructions than bytes");
    let hits: Vec<(u64, u32)> =
        instructions.iter().step_by(3).map(|i| (i.address, 1 + u32::from(i.address & 1 == 1))).collect();
    let hot: Vec<u64> = hits.iter().map(|hit| hit.0).collect();
    let _ = profile(arch, &[Chunk { address, bytes: code }], &hits);
    let _ = references(arch, address, code, &hot);
    assert!(listing(arch, address, code, LINES).len() <= LINES, "a listing longer than was asked for");
}

fn seed(address: u64, code: &[u8]) -> Vec<u8> {
    [&address.to_le_bytes(), code].concat()
}

/// Loops of real kinds: integer, vector, AES and wide multiplication.
pub fn x86_seeds() -> Vec<Vec<u8>> {
    // mov eax,[rdi]; rol eax,7; xor eax,[rip+0x100]; add edx,eax; dec ecx; jne back; ret
    let rotate = b"\x8b\x07\xc1\xc0\x07\x33\x05\x00\x01\x00\x00\x01\xc2\xff\xc9\x75\xef\xc3";
    // vfmadd231ps ymm0,ymm1,ymm2; aesenc xmm0,xmm1; mulx rax,rbx,rcx; adcx rax,rbx; jmp back
    let wide =
        b"\xc4\xe2\x75\xb8\xc2\x66\x0f\x38\xdc\xc1\xc4\xe2\xe3\xf6\xc1\x66\x48\x0f\x38\xf6\xc3\xeb\xe9";
    // EVEX: vpxord zmm0,zmm1,zmm2; vprold zmm0,zmm0,7; ldmxcsr [rsp]
    let evex = b"\x62\xf1\x75\x48\xef\xc2\x62\xf1\x7d\x48\x72\xc8\x07\x0f\xae\x14\x24";
    vec![
        seed(0x40_1000, rotate),
        seed(0x7fff_0000_1000, wide),
        seed(u64::MAX - 20, evex),
        seed(0, &[0xff; 32]),
    ]
}

/// The like for AArch64.
pub fn aarch64_seeds() -> Vec<Vec<u8>> {
    // ldr w0,[x1]; ror w0,w0,#7; eor w0,w0,w2; add w3,w3,w0; subs w4,w4,#1; b.ne back; ret
    let words: [u32; 7] =
        [0xb940_0020, 0x1380_1c00, 0x4a02_0000, 0x0b00_0063, 0x7100_0484, 0x54ff_ff61, 0xd65f_03c0];
    // aese v0,v1; aesmc v0,v0; sha256h q0,q1,v2; fmla v0.4s,v1.4s,v2.4s; umulh x0,x1,x2; adcs x0,x1,x2; adrp x0
    let vector: [u32; 7] =
        [0x4e28_4820, 0x4e28_6800, 0x5e02_4020, 0x4e22_cc20, 0x9bc2_7c20, 0xba02_0020, 0x9000_0000];
    let bytes = |words: &[u32]| words.iter().flat_map(|w| w.to_le_bytes()).collect::<Vec<_>>();
    vec![seed(0x40_0000, &bytes(&words)), seed(u64::MAX - 8, &bytes(&vector)), seed(2, &[0xff; 16])]
}
