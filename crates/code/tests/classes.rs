//! Each instruction falls into its class. Encodings: GNU as 2.40.

use code::Class::{self, *};
use code::{Arch, Precision, decode};

/// Bytes, Intel syntax, class.
const X86_64: &[(&[u8], &str, Class)] = &[
    (&[0x48, 0x89, 0xc8], "mov rax, rcx", Move),
    (&[0x31, 0xc0], "xor eax, eax", Move),
    (&[0xc5, 0xe9, 0xef, 0xca], "vpxor xmm1, xmm2, xmm2", Move),
    (&[0x0f, 0x57, 0xdb], "xorps xmm3, xmm3", Move),
    (&[0xc5, 0xe4, 0x57, 0xdb], "vxorps ymm3, ymm3, ymm3", Move),
    (&[0x55], "push rbp", Move),
    (&[0x31, 0xc8], "xor eax, ecx", Xor),
    (&[0x48, 0x33, 0x46, 0x08], "xor rax, qword ptr [rsi+8]", Xor),
    (&[0x85, 0xc0], "test eax, eax", Compare),
    (&[0x48, 0x83, 0x3f, 0x07], "cmp qword ptr [rdi], 7", Compare),
    (&[0x48, 0x01, 0xd8], "add rax, rbx", Add),
    (&[0x81, 0xe1, 0xff, 0x00, 0x00, 0x00], "and ecx, 255", Logic),
    (&[0xc4, 0x42, 0xb8, 0xf2, 0xe2], "andn r12, r8, r10", Logic),
    (&[0xc1, 0xe8, 0x03], "shr eax, 3", Shift),
    (&[0x49, 0xc1, 0xc8, 0x0e], "ror r8, 14", Rotate),
    (&[0xc4, 0x43, 0xfb, 0xf0, 0xe8, 0x29], "rorx r13, r8, 41", Rotate),
    (&[0x48, 0x0f, 0xa4, 0xc0, 0x07], "shld rax, rax, 7", Rotate),
    (&[0x48, 0x0f, 0xa4, 0xc8, 0x07], "shld rax, rcx, 7", Shift),
    (&[0x48, 0x0f, 0xaf, 0xc1], "imul rax, rcx", Multiply),
    (&[0x48, 0xf7, 0xe9], "imul rcx", WideMultiply),
    (&[0x48, 0xf7, 0xe1], "mul rcx", WideMultiply),
    (&[0xc4, 0x42, 0xb3, 0xf6, 0xd6], "mulx r10, r9, r14", WideMultiply),
    (&[0x48, 0x83, 0xd0, 0x00], "adc rax, 0", Carry),
    (&[0x66, 0x4c, 0x0f, 0x38, 0xf6, 0xd9], "adcx r11, rcx", Carry),
    (&[0xf3, 0x4c, 0x0f, 0x38, 0xf6, 0xe5], "adox r12, rbp", Carry),
    (&[0x48, 0xf7, 0xf1], "div rcx", Divide),
    (&[0xf3, 0x48, 0x0f, 0xb8, 0xc1], "popcnt rax, rcx", BitCount),
    (&[0x0f, 0x42, 0xc7], "cmovb eax, edi", ConditionalMove),
    (&[0xf3, 0xa4], "rep movsb", StringOp),
    (&[0xf2, 0x0f, 0x10, 0x07], "movsd xmm0, qword ptr [rdi]", FloatMove),
    (&[0x48, 0x8d, 0x1d, 0x40, 0x00, 0x00, 0x00], "lea rbx, [rip+64]", Address),
    (&[0xf2, 0x0f, 0x58, 0xc1], "addsd xmm0, xmm1", FloatAdd),
    (&[0xc5, 0xf4, 0x59, 0xc2], "vmulps ymm0, ymm1, ymm2", FloatMultiply),
    (&[0x66, 0x0f, 0x51, 0xc1], "sqrtpd xmm0, xmm1", FloatDivide),
    (&[0x0f, 0x5d, 0xc1], "minps xmm0, xmm1", FloatOther),
    (&[0x62, 0xf2, 0x75, 0x48, 0xb8, 0xc2], "vfmadd231ps zmm0, zmm1, zmm2", Fma),
    (&[0xf3, 0x0f, 0xe6, 0x06], "cvtdq2pd xmm0, qword ptr [rsi]", Convert),
    (&[0xf3, 0x0f, 0x6f, 0x06], "movdqu xmm0, xmmword ptr [rsi]", VectorMove),
    (&[0xc4, 0xe2, 0x7d, 0x58, 0x06], "vpbroadcastd ymm0, dword ptr [rsi]", VectorMove),
    (&[0xc4, 0xe2, 0x7d, 0x58, 0xc1], "vpbroadcastd ymm0, xmm1", Shuffle),
    (&[0x66, 0x0f, 0xfe, 0xc1], "paddd xmm0, xmm1", VectorAdd),
    (&[0xc5, 0xf5, 0xf4, 0xc2], "vpmuludq ymm0, ymm1, ymm2", VectorMultiply),
    (&[0x66, 0x0f, 0xef, 0xc1], "pxor xmm0, xmm1", VectorXor),
    (&[0x62, 0xf3, 0xf5, 0x48, 0x25, 0xc2, 0x96], "vpternlogq zmm0, zmm1, zmm2, 150", VectorLogic),
    (&[0x66, 0x0f, 0x72, 0xf0, 0x07], "pslld xmm0, 7", VectorShift),
    (&[0x62, 0xf1, 0xfd, 0x48, 0x72, 0xc9, 0x0d], "vprolq zmm0, zmm1, 13", VectorRotate),
    (&[0x66, 0x0f, 0x74, 0xc1], "pcmpeqb xmm0, xmm1", VectorCompare),
    (&[0x66, 0x0f, 0x38, 0x00, 0xc1], "pshufb xmm0, xmm1", Shuffle),
    (&[0x66, 0x0f, 0x62, 0xc1], "punpckldq xmm0, xmm1", Shuffle),
    (&[0xc4, 0xe2, 0x6d, 0x90, 0x04, 0x88], "vpgatherdd ymm0, dword ptr [rax+ymm1*4], ymm2", Gather),
    (&[0x62, 0xf2, 0x75, 0x48, 0x50, 0xc2], "vpdpbusd zmm0, zmm1, zmm2", Dot),
    (&[0x66, 0x0f, 0xf5, 0xc1], "pmaddwd xmm0, xmm1", Dot),
    (&[0xc4, 0xe2, 0x6b, 0x5e, 0xc1], "tdpbssd tmm0, tmm1, tmm2", Matrix),
    (&[0x62, 0xf2, 0x76, 0x48, 0x52, 0xc2], "vdpbf16ps zmm0, zmm1, zmm2", HalfFloat),
    (&[0x62, 0xf5, 0x74, 0x48, 0x58, 0xc2], "vaddph zmm0, zmm1, zmm2", HalfFloat),
    (&[0x66, 0x0f, 0x38, 0xdc, 0xc1], "aesenc xmm0, xmm1", Aes),
    (&[0x0f, 0x38, 0xcb, 0xc1], "sha256rnds2 xmm0, xmm1", Sha),
    (&[0x66, 0x0f, 0x3a, 0x44, 0xc1, 0x11], "pclmulqdq xmm0, xmm1, 17", CarrylessMultiply),
    (&[0x66, 0x0f, 0x3a, 0xce, 0xc1, 0x03], "gf2p8affineqb xmm0, xmm1, 3", GaloisField),
    (&[0x62, 0xf2, 0xf5, 0x48, 0xb4, 0xc2], "vpmadd52luq zmm0, zmm1, zmm2", Ifma),
    (&[0xf2, 0x0f, 0x38, 0xf1, 0xc1], "crc32 eax, ecx", Crc),
    (&[0x0f, 0xae, 0x54, 0x24, 0x04], "ldmxcsr dword ptr [rsp+4]", RoundingMode),
    (&[0xd9, 0x6c, 0x24, 0x04], "fldcw word ptr [rsp+4]", RoundingMode),
    (&[0xf0, 0x83, 0x07, 0x01], "lock add dword ptr [rdi], 1", Atomic),
    (&[0x87, 0x07], "xchg dword ptr [rdi], eax", Atomic),
    (&[0xf3, 0x90], "pause", Pause),
    (&[0x0f, 0x05], "syscall", System),
    (&[0xd8, 0xc9], "fmul st, st(1)", X87),
    (&[0xff, 0xd0], "call rax", Call),
    (&[0xc3], "ret", Call),
];

/// Word, text, class.
const AARCH64: &[(u32, &str, Class)] = &[
    (0xaa01_03e0, "mov x0, x1", Move),
    (0x52a2_4680, "mov w0, #0x12340000", Move),
    (0x5300_1c20, "uxtb w0, w1", Move),
    (0xf940_0420, "ldr x0, [x1, #8]", Move),
    (0xeb01_001f, "cmp x0, x1", Compare),
    (0x6a01_001f, "tst w0, w1", Compare),
    (0x9400_0010, "bl .+64", Call),
    (0xd65f_03c0, "ret", Call),
    (0x54ff_ffc1, "b.ne .-8", Branch),
    (0xb400_0040, "cbz x0, .+8", Branch),
    (0x8b02_0020, "add x0, x1, x2", Add),
    (0xf100_0420, "subs x0, x1, #1", Add),
    (0x9240_1c20, "and x0, x1, #0xff", Logic),
    (0x0a25_0064, "bic w4, w3, w5", Logic),
    (0x4ac5_1842, "eor w2, w2, w5, ror #6", Xor),
    (0xd37d_f020, "lsl x0, x1, #3", Shift),
    (0x1381_2c20, "ror w0, w1, #11", Rotate),
    (0x1ac2_2c20, "rorv w0, w1, w2", Rotate),
    (0x9b02_7c20, "mul x0, x1, x2", Multiply),
    (0x9bc2_7c20, "umulh x0, x1, x2", WideMultiply),
    (0xba02_0020, "adcs x0, x1, x2", Carry),
    (0x9ac2_0820, "udiv x0, x1, x2", Divide),
    (0xdac0_1020, "clz x0, x1", BitCount),
    (0x9a82_1020, "csel x0, x1, x2, ne", ConditionalMove),
    (0x9000_0000, "adrp x0, .", Address),
    (0x9ac2_5c20, "crc32cx w0, w1, x2", Crc),
    (0xfd40_0020, "ldr d0, [x1]", FloatMove),
    (0x3dc0_0020, "ldr q0, [x1]", VectorMove),
    (0xad40_0420, "ldp q0, q1, [x1]", VectorMove),
    (0x4ea1_1c20, "mov v0.16b, v1.16b", VectorMove),
    (0x1e62_2820, "fadd d0, d1, d2", FloatAdd),
    (0x1e22_0820, "fmul s0, s1, s2", FloatMultiply),
    (0x6ea1_f820, "fsqrt v0.4s, v1.4s", FloatDivide),
    (0x1e62_4820, "fmax d0, d1, d2", FloatOther),
    (0x1f42_0c20, "fmadd d0, d1, d2, d3", Fma),
    (0x4fa2_1020, "fmla v0.4s, v1.4s, v2.s[1]", Fma),
    (0x9e78_0000, "fcvtzs x0, d0", Convert),
    (0x4e42_1420, "fadd v0.8h, v1.8h, v2.8h", HalfFloat),
    (0x6e42_fc20, "bfdot v0.4s, v1.8h, v2.8h", HalfFloat),
    (0x4ea2_8420, "add v0.4s, v1.4s, v2.4s", VectorAdd),
    (0x2ea2_8020, "umlal v0.2d, v1.2s, v2.2s", VectorMultiply),
    (0x6e22_1c20, "eor v0.16b, v1.16b, v2.16b", VectorXor),
    (0xce02_0c20, "eor3 v0.16b, v1.16b, v2.16b, v3.16b", VectorXor),
    (0xce62_8c20, "rax1 v0.2d, v1.2d, v2.2d", VectorXor),
    (0xce82_1c20, "xar v0.2d, v1.2d, v2.2d, #7", VectorRotate),
    (0xce22_0c20, "bcax v0.16b, v1.16b, v2.16b, v3.16b", VectorLogic),
    (0x6f27_4420, "sri v0.4s, v1.4s, #25", VectorShift),
    (0x6e22_8c20, "cmeq v0.16b, v1.16b, v2.16b", VectorCompare),
    (0x4e02_0020, "tbl v0.16b, {v1.16b}, v2.16b", Shuffle),
    (0x4e82_9420, "sdot v0.4s, v1.16b, v2.16b", Dot),
    (0x4e82_a420, "smmla v0.4s, v1.16b, v2.16b", Matrix),
    (0x6e42_ec20, "bfmmla v0.4s, v1.8h, v2.8h", Matrix),
    (0x8081_2000, "fmopa za0.s, p0/m, p1/m, z0.s, z1.s", Matrix),
    (0x4e28_4820, "aese v0.16b, v1.16b", Aes),
    (0x4e28_6820, "aesmc v0.16b, v1.16b", Aes),
    (0x5e02_4020, "sha256h q0, q1, v2.4s", Sha),
    (0xce62_8020, "sha512h q0, q1, v2.2d", Sha512),
    (0x0ee2_e020, "pmull v0.1q, v1.1d, v2.1d", CarrylessMultiply),
    (0xd51b_4400, "msr fpcr, x0", RoundingMode),
    (0xc85f_fc20, "ldaxr x0, [x1]", Atomic),
    (0xf820_0041, "ldadd x0, x1, [x2]", Atomic),
    (0xd503_203f, "yield", Pause),
    (0xd503_201f, "nop", Move),
    (0xd400_0001, "svc #0", System),
    (0x65a2_0020, "fmla z0.s, p0/m, z1.s, z2.s", Fma),
    (0x8501_4000, "ld1w {z0.s}, p0/z, [x0, z1.s, uxtw]", Gather),
];

#[test]
fn x86_instructions_fall_into_their_classes() {
    for &(bytes, text, class) in X86_64 {
        let decoded = decode(Arch::X86_64, 0x1000, bytes);
        assert_eq!(decoded.len(), 1, "{text}");
        assert_eq!(decoded[0].class, class, "{text}");
        assert_eq!(usize::from(decoded[0].length), bytes.len(), "{text}");
    }
}

#[test]
fn aarch64_instructions_fall_into_their_classes() {
    for &(word, text, class) in AARCH64 {
        let decoded = decode(Arch::Aarch64, 0x1000, &word.to_le_bytes());
        assert_eq!(decoded.len(), 1, "{text}");
        assert_eq!(decoded[0].class, class, "{text}");
    }
}

#[test]
fn every_class_of_both_tables_together_is_almost_every_class_there_is() {
    let seen: Vec<Class> = X86_64.iter().map(|row| row.2).chain(AARCH64.iter().map(|row| row.2)).collect();
    let missing: Vec<Class> = Class::ALL.into_iter().filter(|class| !seen.contains(class)).collect();
    assert_eq!(missing, [Other]);
}

#[allow(clippy::expect_used, clippy::indexing_slicing)]
fn one(arch: Arch, text: &str) -> code::Instruction {
    let bytes = match arch {
        Arch::X86_64 => X86_64.iter().find(|row| row.1 == text).expect("a row").0.to_vec(),
        _ => AARCH64.iter().find(|row| row.1 == text).expect("a row").0.to_le_bytes().to_vec(),
    };
    decode(arch, 0x1000, &bytes)[0]
}

#[test]
fn precision_and_width_tell_scalar_from_vector_and_half_from_double() {
    let shape = |arch, text| {
        let instruction = one(arch, text);
        (instruction.precision, instruction.width)
    };
    let x86 = |text| shape(Arch::X86_64, text);
    assert_eq!(x86("addsd xmm0, xmm1"), (Some(Precision::Double), 0));
    assert_eq!(x86("vmulps ymm0, ymm1, ymm2"), (Some(Precision::Single), 256));
    assert_eq!(x86("vdpbf16ps zmm0, zmm1, zmm2"), (Some(Precision::Bfloat), 512));
    assert_eq!(x86("vaddph zmm0, zmm1, zmm2"), (Some(Precision::Half), 512));
    assert_eq!(x86("pxor xmm0, xmm1"), (None, 128));
    let arm = |text| shape(Arch::Aarch64, text);
    assert_eq!(arm("fadd d0, d1, d2"), (Some(Precision::Double), 0));
    assert_eq!(arm("fmla v0.4s, v1.4s, v2.s[1]"), (Some(Precision::Single), 128));
    assert_eq!(arm("fadd v0.8h, v1.8h, v2.8h"), (Some(Precision::Half), 128));
    assert_eq!(arm("eor v0.16b, v1.16b, v2.16b"), (None, 128));
}

#[test]
fn loads_and_stores_are_told_apart() {
    let memory = |arch, text| {
        let instruction = one(arch, text);
        (instruction.loads, instruction.stores)
    };
    assert_eq!(memory(Arch::X86_64, "mov rax, rcx"), (false, false));
    assert_eq!(memory(Arch::X86_64, "cmp qword ptr [rdi], 7"), (true, false));
    assert_eq!(memory(Arch::X86_64, "push rbp"), (false, true));
    assert_eq!(memory(Arch::X86_64, "lock add dword ptr [rdi], 1"), (true, true));
    assert_eq!(memory(Arch::X86_64, "lea rbx, [rip+64]"), (false, false));
    assert_eq!(memory(Arch::Aarch64, "ldr q0, [x1]"), (true, false));
    assert_eq!(memory(Arch::Aarch64, "ldadd x0, x1, [x2]"), (true, true));
    assert_eq!(memory(Arch::Aarch64, "add x0, x1, x2"), (false, false));
}
