//! The classic BPF program that decides in the kernel which packets reach us.
//!
//! It passes TCP with payload or with SYN, and UDP; of loopback only one of the two copies; and either nothing from or
//! to ports that carry more than the budget allows, or only what comes from or goes to a few ports.

/// One instruction, as `struct sock_filter` lays it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    code: u16,
    jump_true: u8,
    jump_false: u8,
    value: u32,
}

/// Bytes of a packet that are handed over.
pub const SNAP: u32 = 1_600;
/// Most ports that are left out at once.
pub const LEFT_OUT: usize = 8;

/// Most ports that are singled out at once: with more the jumps of the program would not reach.
pub const SINGLED_OUT: usize = 32;

/// Which ports pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All without these, at most [`LEFT_OUT`].
    Without(Vec<u16>),
    /// These alone, at most [`SINGLED_OUT`].
    Only(Vec<u16>),
}

const LOAD_WORD: u16 = 0x20;
const LOAD_HALF: u16 = 0x28;
const LOAD_BYTE: u16 = 0x30;
const LOAD_BYTE_X: u16 = 0x50;
const LOAD_HALF_X: u16 = 0x48;
const LOAD_X_IHL: u16 = 0xb1;
const LOAD_X: u16 = 0x01;
const LOAD_X_MEMORY: u16 = 0x61;
const STORE: u16 = 0x02;
const ADD_X: u16 = 0x0c;
const SUB_X: u16 = 0x1c;
const AND: u16 = 0x54;
const SHIFT_RIGHT: u16 = 0x74;
const JUMP_EQUAL: u16 = 0x15;
const JUMP_GREATER: u16 = 0x25;
const JUMP_SET: u16 = 0x45;
const RETURN: u16 = 0x06;
/// Ancillary loads: protocol, packet type and interface of the buffer.
const PROTOCOL: u32 = 0xffff_f000;
const PACKET_TYPE: u32 = 0xffff_f004;
const INTERFACE: u32 = 0xffff_f008;
const OUTGOING: u32 = 4;
/// The loopback interface is number 1 in every network namespace.
const LOOPBACK: u32 = 1;

fn at(code: u16, value: u32) -> Instruction {
    Instruction { code, jump_true: 0, jump_false: 0, value }
}

fn test(code: u16, value: u32, jump_true: u8, jump_false: u8) -> Instruction {
    Instruction { code, jump_true, jump_false, value }
}

/// A verdict right behind a test: pass or drop.
fn verdict(pass: bool) -> Instruction {
    at(RETURN, if pass { SNAP } else { 0 })
}

/// The program that passes these ports.
pub fn program(ports: &Ports) -> Vec<Instruction> {
    let mut code = vec![
        at(LOAD_WORD, PACKET_TYPE),
        test(JUMP_EQUAL, OUTGOING, 0, 3),
        at(LOAD_WORD, INTERFACE),
        test(JUMP_EQUAL, LOOPBACK, 0, 1),
        verdict(false),
        at(LOAD_WORD, PROTOCOL),
    ];
    let (four, six) = (version_four(ports), version_six(ports));
    let skip = u8::try_from(four.len()).unwrap_or(u8::MAX);
    code.push(test(JUMP_EQUAL, 0x0800, 0, skip));
    code.extend(four);
    code.push(test(JUMP_EQUAL, 0x86dd, 1, 0));
    code.push(verdict(false));
    code.extend(six);
    code
}

/// Drops what goes from or to one of the ports.
fn without(base: u32, ports: &[u16]) -> Vec<Instruction> {
    let ports = ports.get(..ports.len().min(LEFT_OUT)).unwrap_or(ports);
    let mut code = Vec::new();
    for half in [0, 2] {
        code.push(at(LOAD_HALF_X, base + half));
        for port in ports {
            code.push(test(JUMP_EQUAL, u32::from(*port), 0, 1));
            code.push(verdict(false));
        }
    }
    code
}

/// Drops what neither comes from nor goes to one of the ports.
fn only(base: u32, ports: &[u16]) -> Vec<Instruction> {
    let ports = ports.get(..ports.len().min(SINGLED_OUT)).unwrap_or(ports);
    let mut code = Vec::new();
    // Behind two loads, the comparisons and the verdict.
    let end = 2 * (ports.len() + 1) + 1;
    for half in [0, 2] {
        code.push(at(LOAD_HALF_X, base + half));
        for port in ports {
            let on = u8::try_from(end - code.len() - 1).unwrap_or(u8::MAX);
            code.push(test(JUMP_EQUAL, u32::from(*port), on, 0));
        }
    }
    code.push(verdict(false));
    code
}

/// Behind `x` (start of the transport header) relative to `base`: the ports; then TCP or UDP.
fn transport(base: u32, ports: &Ports, protocol_at: u32, total: &[Instruction]) -> Vec<Instruction> {
    let mut code = match ports {
        Ports::Without(ports) => without(base, ports),
        Ports::Only(ports) => only(base, ports),
    };
    code.extend([
        at(LOAD_BYTE, protocol_at),
        test(JUMP_EQUAL, 17, 0, 1),
        verdict(true),
        test(JUMP_EQUAL, 6, 1, 0),
        verdict(false),
        at(LOAD_BYTE_X, base + 13),
        test(JUMP_SET, 2, 0, 1),
        verdict(true),
        at(LOAD_BYTE_X, base + 12),
        at(AND, 0xf0),
        at(SHIFT_RIGHT, 2),
        at(ADD_X, 0),
        at(STORE, 0),
    ]);
    code.extend(total);
    code.extend([
        at(LOAD_X_MEMORY, 0),
        at(SUB_X, 0),
        test(JUMP_GREATER, 0, 0, 1),
        verdict(true),
        verdict(false),
    ]);
    code
}

fn version_four(ports: &Ports) -> Vec<Instruction> {
    let mut code = vec![at(LOAD_HALF, 6), test(JUMP_SET, 0x1fff, 0, 1), verdict(false), at(LOAD_X_IHL, 0)];
    code.extend(transport(0, ports, 9, &[at(LOAD_HALF, 2)]));
    code
}

fn version_six(ports: &Ports) -> Vec<Instruction> {
    let mut code = vec![at(LOAD_X, 0)];
    code.extend(transport(40, ports, 6, &[at(LOAD_HALF, 4)]));
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the program as the kernel would; gives how many bytes pass.
    fn run(program: &[Instruction], packet: &[u8], protocol: u32, kind: u32, interface: u32) -> u32 {
        let (mut a, mut x, mut memory, mut pc) = (0u32, 0u32, 0u32, 0usize);
        let byte = |at: u32| packet.get(at as usize).map(|b| u32::from(*b));
        let half = |at: u32| Some(byte(at)? << 8 | byte(at + 1)?);
        loop {
            let i = program[pc];
            pc += 1;
            let mut jump = |yes: bool| pc += usize::from(if yes { i.jump_true } else { i.jump_false });
            match i.code {
                LOAD_WORD => {
                    a = [(PROTOCOL, protocol), (PACKET_TYPE, kind), (INTERFACE, interface)]
                        .iter()
                        .find(|p| p.0 == i.value)
                        .unwrap()
                        .1
                }
                LOAD_HALF => match half(i.value) {
                    Some(v) => a = v,
                    None => return 0,
                },
                LOAD_BYTE => match byte(i.value) {
                    Some(v) => a = v,
                    None => return 0,
                },
                LOAD_BYTE_X => match byte(x + i.value) {
                    Some(v) => a = v,
                    None => return 0,
                },
                LOAD_HALF_X => match half(x + i.value) {
                    Some(v) => a = v,
                    None => return 0,
                },
                LOAD_X_IHL => match byte(i.value) {
                    Some(v) => x = (v & 15) * 4,
                    None => return 0,
                },
                LOAD_X => x = i.value,
                LOAD_X_MEMORY => x = memory,
                STORE => memory = a,
                ADD_X => a = a.wrapping_add(x),
                SUB_X => a = a.wrapping_sub(x),
                AND => a &= i.value,
                SHIFT_RIGHT => a >>= i.value,
                JUMP_EQUAL => jump(a == i.value),
                JUMP_GREATER => jump(a > i.value),
                JUMP_SET => jump(a & i.value != 0),
                RETURN => return i.value,
                other => panic!("{other:x}"),
            }
        }
    }

    fn four(protocol: u8, payload: usize, flags: u8) -> Vec<u8> {
        let head = if protocol == 6 { 40 } else { 28 };
        let total = u16::try_from(head + payload).unwrap().to_be_bytes();
        let mut p =
            vec![0x45, 0, total[0], total[1], 0, 0, 0, 0, 64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
        p.extend([0x1f, 0x90, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        p.resize(head + payload, b'x');
        p
    }

    fn six(payload: u16, flags: u8) -> Vec<u8> {
        let length = (20 + payload).to_be_bytes();
        let mut p = vec![0x60, 0, 0, 0, length[0], length[1], 6, 64];
        p.extend([1; 32]);
        p.extend([0x1f, 0x90, 0, 80, 0, 0, 0, 9, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        p.resize(60 + usize::from(payload), b'x');
        p
    }

    #[test]
    fn payload_and_openings_pass_and_bare_acknowledgements_do_not() {
        let p = program(&Ports::Without(vec![]));
        assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, 0, 2), SNAP);
        assert_eq!(run(&p, &four(6, 0, 0x10), 0x800, 0, 2), 0);
        assert_eq!(run(&p, &four(6, 0, 0x02), 0x800, 0, 2), SNAP);
        assert_eq!(run(&p, &four(17, 5, 0), 0x800, 0, 2), SNAP);
        assert_eq!(run(&p, &six(5, 0x18), 0x86dd, 0, 2), SNAP);
        assert_eq!(run(&p, &six(0, 0x10), 0x86dd, 0, 2), 0);
        assert_eq!(run(&p, &four(1, 5, 0), 0x800, 0, 2), 0);
        assert_eq!(run(&p, &four(6, 5, 0x18), 0x806, 0, 2), 0);
    }

    #[test]
    fn of_loopback_only_the_copy_that_arrives_passes() {
        let p = program(&Ports::Without(vec![]));
        assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, OUTGOING, LOOPBACK), 0);
        assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, 0, LOOPBACK), SNAP);
        assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, OUTGOING, 2), SNAP);
    }

    #[test]
    fn busy_ports_are_left_out_in_both_directions_and_both_families() {
        for port in [80, 8080] {
            let p = program(&Ports::Without(vec![1, 2, 3, 4, 5, 6, 7, port]));
            assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, 0, 2), 0);
            assert_eq!(run(&p, &six(5, 0x18), 0x86dd, 0, 2), 0);
        }
        assert_eq!(run(&program(&Ports::Without(vec![81])), &four(6, 5, 0x18), 0x800, 0, 2), SNAP);
    }

    #[test]
    fn ports_singled_out_pass_in_both_directions_and_both_families_and_others_do_not() {
        let many: Vec<u16> = (1..SINGLED_OUT as u16).collect();
        for port in [80, 8080] {
            let p = program(&Ports::Only([&many[..], &[port]].concat()));
            assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, 0, 2), SNAP);
            assert_eq!(run(&p, &six(5, 0x18), 0x86dd, 0, 2), SNAP);
            assert_eq!(run(&p, &four(6, 0, 0x10), 0x800, 0, 2), 0);
        }
        for ports in [vec![], vec![81], many] {
            let p = program(&Ports::Only(ports));
            assert_eq!(run(&p, &four(6, 5, 0x18), 0x800, 0, 2), 0);
            assert_eq!(run(&p, &six(5, 0x18), 0x86dd, 0, 2), 0);
        }
    }
}
