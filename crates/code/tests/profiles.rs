//! What profiles and references say about small pieces of real code.

use code::{Arch, Chunk, Class, Operand, profile, references};

/// `while (n--) h = (h ^ *p++) * 0x100000001b3` by gcc 12 -O2 for x86-64 at 0x1000, its constants set up before
/// the loop.
const FNV: [u8; 50] = [
    0x48, 0x8d, 0x14, 0x37, // 1000 lea rdx, [rdi+rsi]
    0x48, 0xb8, 0x25, 0x23, 0x22, 0x84, 0xe4, 0x9c, 0xf2, 0xcb, // 1004 movabs rax, 0xcbf29ce484222325
    0x48, 0xb9, 0xb3, 0x01, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, // 100e movabs rcx, 0x100000001b3
    0x48, 0x39, 0xd7, // 1018 cmp rdi, rdx
    0x74, 0x13, // 101b je 1030
    0x0f, 0xb6, 0x37, // 101d movzx esi, byte ptr [rdi]
    0x48, 0x83, 0xc7, 0x01, // 1020 add rdi, 1
    0x48, 0x31, 0xf0, // 1024 xor rax, rsi
    0x48, 0x0f, 0xaf, 0xc1, // 1027 imul rax, rcx
    0x48, 0x39, 0xd7, // 102b cmp rdi, rdx
    0x75, 0xed, // 102e jne 101d
    0xc3, 0x90, // 1030 ret; nop
];

/// `adrp x7; add x7, x7, #0x280; movz/movk x2 = 0x100000001b3; eor; madd; subs; b.ne` at 0x400000.
const ARM: [u32; 9] = [
    0x9000_0007, // 400000 adrp x7, 400000
    0x910a_00e7, // 400004 add x7, x7, #0x280
    0xd280_3662, // 400008 mov x2, #0x1b3
    0xf2c0_2002, // 40000c movk x2, #0x100, lsl #32
    0xca03_0000, // 400010 eor x0, x0, x3
    0x9b02_7c00, // 400014 mul x0, x0, x2
    0xf100_0421, // 400018 subs x1, x1, #1
    0x54ff_ffa1, // 40001c b.ne 400010
    0xd65f_03c0, // 400020 ret
];

fn arm() -> Vec<u8> {
    ARM.iter().flat_map(|word| word.to_le_bytes()).collect()
}

#[test]
fn a_loop_is_found_from_a_sample_inside_it_and_weighed_by_samples() {
    let found =
        profile(Arch::X86_64, &[Chunk { address: 0x1000, bytes: &FNV }], &[(0x1027, 30), (0x102b, 10)]);
    assert_eq!((found.samples, found.undecoded, found.addresses, found.pages90), (40, 0, 2, 1));
    assert_eq!(found.loops.len(), 1);
    let hottest = &found.loops[0];
    assert_eq!(
        (hottest.start, hottest.end, hottest.samples, hottest.instructions.len()),
        (0x101d, 0x1030, 40, 6)
    );
    assert!((found.share(Class::Multiply) - 1.0 / 6.0).abs() < 1e-9);
    assert!((found.share(Class::Xor) - 1.0 / 6.0).abs() < 1e-9);
    assert!((found.in_loop - 1.0).abs() < 1e-9 && (found.loop_length - 6.0).abs() < 1e-9);
    assert!((found.load_share - 1.0 / 6.0).abs() < 1e-9 && found.store_share == 0.0);
}

#[test]
fn a_loop_whose_start_lies_in_another_chunk_is_still_one_loop() {
    let (head, tail) = FNV.split_at(0x24);
    let chunks = [Chunk { address: 0x1024, bytes: tail }, Chunk { address: 0x1000, bytes: head }];
    let found = profile(Arch::X86_64, &chunks, &[(0x1027, 1)]);
    assert_eq!(found.loops.iter().map(|l| (l.start, l.end)).collect::<Vec<_>>(), [(0x101d, 0x1030)]);
}

#[test]
fn an_aarch64_loop_is_found_and_classified() {
    let found = profile(Arch::Aarch64, &[Chunk { address: 0x40_0000, bytes: &arm() }], &[(0x40_0014, 8)]);
    assert_eq!(
        found.loops.iter().map(|l| (l.start, l.end, l.samples)).collect::<Vec<_>>(),
        [(0x40_0010, 0x40_0020, 8)]
    );
    assert!(
        (found.share(Class::Multiply) - 0.25).abs() < 1e-9 && (found.share(Class::Xor) - 0.25).abs() < 1e-9
    );
}

#[test]
fn code_without_a_loop_is_profiled_by_its_surroundings_and_never_across_a_return() {
    let found = profile(Arch::X86_64, &[Chunk { address: 0x1000, bytes: &FNV }], &[(0x1004, 5)]);
    assert!(found.loops.is_empty() && found.in_loop == 0.0);
    assert!(found.share(Class::Multiply) > 0.0, "the window looks ahead");
    assert!((found.share(Class::Call) - 1.0 / 12.0).abs() < 1e-9, "and ends with the return");
}

#[test]
fn out_of_line_code_behind_a_return_that_jumps_back_closes_no_loop() {
    // 0: add eax, ecx; ret; out of line, 3: xor eax, ecx; jmp 0.
    let bytes = [0x01, 0xc8, 0xc3, 0x31, 0xc8, 0xeb, 0xf9];
    let found = profile(Arch::X86_64, &[Chunk { address: 0, bytes: &bytes }], &[(0, 3)]);
    assert!(found.loops.is_empty(), "{:?}", found.loops);
    // The same with a way around the return: 0: test ecx, ecx; jne 5; ret; 5: xor eax, ecx; jmp 0.
    let bytes = [0x85, 0xc9, 0x75, 0x01, 0xc3, 0x31, 0xc8, 0xeb, 0xf7];
    let found = profile(Arch::X86_64, &[Chunk { address: 0, bytes: &bytes }], &[(0, 3)]);
    assert_eq!(found.loops.iter().map(|l| (l.start, l.end)).collect::<Vec<_>>(), [(0, 9)]);
}

#[test]
fn a_long_unrolled_loop_is_one_loop() {
    // 3,000 times `ror eax, 7; xor eax, ecx`, then `dec edx; jnz` to the start.
    let mut bytes: Vec<u8> = [0xc1, 0xc8, 0x07, 0x31, 0xc8].repeat(3000);
    bytes.extend([0xff, 0xca, 0x0f, 0x85]);
    let back = -(i32::try_from(bytes.len()).expect("a short body") + 4);
    bytes.extend(back.to_le_bytes());
    let found = profile(
        Arch::X86_64,
        &[Chunk { address: 0x7000, bytes: &bytes }],
        &[(0x7000 + 5 * 1000, 9), (0x7000, 1)],
    );
    assert_eq!((found.loops[0].start, found.loops[0].samples), (0x7000, 10));
    assert!((found.loop_length - 6002.0).abs() < 1e-9 && found.share(Class::Rotate) > 0.49);
}

#[test]
fn samples_outside_the_chunks_are_counted_as_undecoded() {
    let found = profile(Arch::X86_64, &[Chunk { address: 0x1000, bytes: &FNV }], &[(0x1027, 1), (0x9000, 4)]);
    assert_eq!((found.samples, found.undecoded, found.addresses50), (1, 4, 1));
    assert_eq!(profile(Arch::Other, &[], &[(1, 2)]).undecoded, 2);
}

#[test]
fn constants_set_up_before_a_loop_are_found_from_a_sample_in_the_loop() {
    let found = references(Arch::X86_64, 0x1000, &FNV, &[0x102b]);
    let operands: Vec<Operand> = found.iter().map(|reference| reference.operand).collect();
    assert_eq!(operands, [Operand::Immediate(0xcbf2_9ce4_8422_2325), Operand::Immediate(0x100_0000_01b3)]);
    assert_eq!(found[0].code, 0x1004);
}

#[test]
fn aarch64_addresses_and_constants_are_put_together_from_their_parts() {
    let found = references(Arch::Aarch64, 0x40_0000, &arm(), &[0x40_0014]);
    let operands: Vec<Operand> = found.iter().map(|reference| reference.operand).collect();
    assert_eq!(operands, [Operand::Data(0x40_0280), Operand::Immediate(0x100_0000_01b3)]);
}

#[test]
fn tables_named_relative_to_the_program_counter_are_found_and_another_function_s_are_not() {
    let mut bytes = vec![0x48, 0x8d, 0x3d, 0xf9, 0x01, 0x00, 0x00, 0xc3]; // 2000 lea rdi, [rip+0x1f9]; ret
    bytes.resize(16, 0xcc);
    bytes.extend([0x48, 0x8d, 0x1d, 0xe9, 0x0f, 0x00, 0x00]); // 2010 lea rbx, [rip+0xfe9]
    bytes.extend([0x03, 0x04, 0x8b, 0xff, 0xc9, 0x75, 0xf9, 0xc3]); // 2017 add eax, [rbx+rcx*4]; dec ecx; jne 2017; ret
    let found = references(Arch::X86_64, 0x2000, &bytes, &[0x2017]);
    assert_eq!(found.iter().map(|reference| reference.operand).collect::<Vec<_>>(), [Operand::Data(0x3000)]);
}

#[test]
fn constants_added_by_lea_count_and_masks_sizes_and_offsets_do_not() {
    // lea eax, [rdx+rax-0x28955b88] (MD5); and eax, 0xffff0000; add eax, 0x1000; ret.
    let bytes = [0x8d, 0x84, 0x02, 0x78, 0xa4, 0x6a, 0xd7, 0x25, 0, 0, 0xff, 0xff, 0x05, 0, 0x10, 0, 0, 0xc3];
    let found = references(Arch::X86_64, 0x2000, &bytes, &[0x2000]);
    assert_eq!(
        found.iter().map(|reference| reference.operand).collect::<Vec<_>>(),
        [Operand::Immediate(0xd76a_a478)]
    );
}

#[test]
fn a_listing_shows_address_bytes_text_and_class_up_to_the_limit() {
    let lines = code::listing(Arch::X86_64, 0x1000, &FNV, 3);
    assert_eq!(lines.len(), 3);
    assert_eq!((lines[1].address, lines[1].text.as_str()), (0x1004, "mov rax, 0xcbf29ce484222325"));
    let lines = code::listing(Arch::Aarch64, 0x40_0000, &arm(), 9);
    assert_eq!(lines[7].text, "b.ne 0x400010");
    assert_eq!(code::listing(Arch::X86_64, 0, &[0x06], 1)[0].text, "(bad)");
    let unallocated = 0x5f04_5524_u32;
    assert_eq!(code::listing(Arch::Aarch64, 0, &unallocated.to_le_bytes(), 1)[0].text, "(bad)");
}
