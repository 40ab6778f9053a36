//! Classes of x86 instructions by mnemonic.
//!
//! Rules over names rather than a list of two thousand: the naming of vector instructions is regular. What the
//! name alone does not tell (locks, zeroing idioms, memory operands) is settled in the parent module.

use super::float;
use crate::{Class, Precision};

/// What a mnemonic tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// What it does.
    pub(super) class: Class,
    /// Floating-point format of its arithmetic.
    pub(super) precision: Option<Precision>,
    /// Whether it works on one floating-point number only, though in a vector register.
    pub(super) scalar: bool,
}

impl Kind {
    /// An instruction without floating-point arithmetic.
    pub(super) const fn plain(class: Class) -> Self {
        Self { class, precision: None, scalar: false }
    }
}

/// Kind of a mnemonic in lower case.
pub(super) fn by_name(name: &str) -> Kind {
    let base = vector_base(name);
    let plain =
        scalar(name).or_else(|| special(name)).or_else(|| special(base)).or_else(|| integer_vector(base));
    let x87 = || if name.starts_with('f') { Class::X87 } else { Class::Other };
    plain.map(Kind::plain).or_else(|| float::kind(base)).unwrap_or_else(|| Kind::plain(x87()))
}

/// The name without the letter that marks the three-operand form.
fn vector_base(name: &str) -> &str {
    match name.strip_prefix('v') {
        Some(base) if !name.starts_with("vm") => base,
        Some(base) if ["mov", "mul", "min", "max", "mask", "mpsadbw"].iter().any(|p| base.starts_with(p)) => {
            base
        }
        _ => name,
    }
}

/// General-purpose instructions.
fn scalar(name: &str) -> Option<Class> {
    Some(match name {
        "mov" | "movzx" | "movsx" | "movsxd" | "movbe" | "movnti" | "xchg" | "bswap" | "push" | "pop"
        | "pusha" | "pushad" | "popa" | "popad" | "pushf" | "pushfd" | "pushfq" | "popf" | "popfd"
        | "popfq" | "push2" | "cbw" | "cwde" | "cdqe" | "cwd" | "cdq" | "cqo" | "lahf" | "sahf" | "nop"
        | "reservednop" | "endbr64" | "endbr32" | "leave" | "enter" | "cld" | "std" | "clc" | "stc"
        | "cmc" | "xlatb" | "stmxcsr" | "vstmxcsr" => Class::Move,
        "cmp" | "test" | "bt" => Class::Compare,
        "call" | "ret" | "retf" => Class::Call,
        "add" | "sub" | "inc" | "dec" | "neg" => Class::Add,
        "and" | "or" | "not" | "andn" | "bts" | "btr" | "btc" => Class::Logic,
        "xor" => Class::Xor,
        "shl" | "shr" | "sal" | "sar" | "shld" | "shrd" | "shlx" | "shrx" | "sarx" => Class::Shift,
        "rol" | "ror" | "rorx" | "rcl" | "rcr" => Class::Rotate,
        "imul" => Class::Multiply,
        "mul" | "mulx" => Class::WideMultiply,
        "adc" | "sbb" | "adcx" | "adox" => Class::Carry,
        "div" | "idiv" => Class::Divide,
        "popcnt" | "lzcnt" | "tzcnt" | "bsf" | "bsr" | "pdep" | "pext" | "bzhi" | "bextr" | "blsr"
        | "blsi" | "blsmsk" => Class::BitCount,
        "lea" => Class::Address,
        "crc32" => Class::Crc,
        "pause" | "tpause" | "umwait" | "umonitor" => Class::Pause,
        "cmpxchg" | "cmpxchg8b" | "cmpxchg16b" | "xadd" | "mfence" | "lfence" | "sfence" | "aadd"
        | "aand" | "aor" | "axor" => Class::Atomic,
        "ldmxcsr" | "vldmxcsr" | "fldcw" => Class::RoundingMode,
        _ => return scalar_family(name),
    })
}

/// General-purpose families told by a prefix.
fn scalar_family(name: &str) -> Option<Class> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| name.starts_with(p));
    Some(if name.starts_with("cmov") || (name.starts_with("set") && name != "setssbsy") {
        Class::ConditionalMove
    } else if name.starts_with('j') || (name.starts_with("loop") && name.len() < 7) {
        Class::Branch
    } else if starts(&["prefetch"]) {
        Class::Move
    } else if matches!(
        name,
        "movsb"
            | "movsq"
            | "cmpsb"
            | "cmpsw"
            | "cmpsq"
            | "stosb"
            | "stosw"
            | "stosd"
            | "stosq"
            | "lodsb"
            | "lodsw"
            | "lodsd"
            | "lodsq"
            | "scasb"
            | "scasw"
            | "scasd"
            | "scasq"
            | "insb"
            | "insw"
            | "insd"
            | "outsb"
            | "outsw"
            | "outsd"
            | "movsw"
    ) {
        Class::StringOp
    } else if system(name) {
        Class::System
    } else {
        return None;
    })
}

/// Instructions that talk to the kernel, the caches or the machine itself.
fn system(name: &str) -> bool {
    const EXACT: [&str; 22] = [
        "cpuid",
        "serialize",
        "hlt",
        "in",
        "out",
        "int",
        "int1",
        "int3",
        "into",
        "ud0",
        "ud1",
        "ud2",
        "swapgs",
        "iret",
        "iretd",
        "iretq",
        "monitor",
        "mwait",
        "cli",
        "sti",
        "sysret",
        "emms",
    ];
    const PREFIX: [&str; 28] = [
        "syscall", "sysenter", "sysexit", "sysretq", "rdtsc", "rdpmc", "rdrand", "rdseed", "rdpid", "rdmsr",
        "wrmsr", "xget", "xset", "xsave", "xrstor", "fxsave", "fxrstor", "clflush", "clwb", "cldemote",
        "wbinvd", "wbnoinvd", "rdfsbase", "rdgsbase", "wrfsbase", "wrgsbase", "rdpkru", "wrpkru",
    ];
    EXACT.contains(&name) || PREFIX.iter().any(|p| name.starts_with(p)) || name == "femms"
}

/// Instructions for one purpose: ciphers, hashes, matrices, fields.
fn special(base: &str) -> Option<Class> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| base.starts_with(p));
    Some(if starts(&["aes", "sm4", "loadiwkey", "encodekey"]) {
        Class::Aes
    } else if starts(&["sha512"]) {
        Class::Sha512
    } else if starts(&["sha1", "sha256", "sm3"]) {
        Class::Sha
    } else if starts(&["pclmul"]) {
        Class::CarrylessMultiply
    } else if starts(&["gf2p8"]) {
        Class::GaloisField
    } else if starts(&["pmadd52"]) {
        Class::Ifma
    } else if starts(&["tdp", "tile", "ldtilecfg", "sttilecfg", "tcmm", "tmm", "tcvt"]) {
        Class::Matrix
    } else if starts(&[
        "pdp",
        "pmaddwd",
        "pmaddubsw",
        "psadbw",
        "mpsadbw",
        "dbpsadbw",
        "dpp",
        "p4dp",
        "pmacs",
        "pmadcs",
    ]) {
        Class::Dot
    } else if (starts(&["gather", "scatter", "pgather", "pscatter"])) && !base.contains("pf") {
        Class::Gather
    } else if starts(&["plzcnt", "popcnt", "pconflict"]) {
        Class::BitCount
    } else {
        return None;
    })
}

/// Vector integers, moves, masks and permutations.
fn integer_vector(base: &str) -> Option<Class> {
    const RULES: [(Class, &[&str]); 10] = [
        (
            Class::VectorMove,
            &[
                "movap",
                "movup",
                "movdq",
                "movd",
                "movq",
                "movnt",
                "lddqu",
                "maskmov",
                "pmaskmov",
                "movlp",
                "movhp",
                "zeroupper",
                "zeroall",
                "broadcast",
                "pbroadcast",
                "pmovmskb",
                "movmsk",
                "pmovm2",
                "kmov",
                "movrs",
            ],
        ),
        (
            Class::Shuffle,
            &[
                "pshuf",
                "shuf",
                "perm",
                "pperm",
                "unpck",
                "punpck",
                "insert",
                "extract",
                "pinsr",
                "pextr",
                "pack",
                "palignr",
                "align",
                "compress",
                "expand",
                "pcompress",
                "pexpand",
                "pmultishift",
                "pblend",
                "psrldq",
                "pslldq",
                "pmov",
                "movhlps",
                "movlhps",
                "movddup",
                "movshdup",
                "movsldup",
                "kunpck",
                "pbitqmb",
                "pshufbitqmb",
                "movsh",
                "pswap",
            ],
        ),
        (Class::VectorRotate, &["prol", "pror", "prot"]),
        (Class::VectorShift, &["psll", "psrl", "psra", "pshl", "pshr", "psha"]),
        (Class::VectorXor, &["pxor", "xorp", "kxor"]),
        (
            Class::VectorLogic,
            &[
                "pand", "por", "pternlog", "andp", "andnp", "orp", "kand", "kor", "kxnor", "kadd", "kshift",
                "knot", "pcmov",
            ],
        ),
        (Class::VectorMultiply, &["pmul"]),
        (Class::VectorAdd, &["padd", "psub", "phadd", "phsub", "pavg", "pabs", "psign"]),
        (
            Class::VectorCompare,
            &["pcmp", "ptest", "testp", "pmin", "pmax", "phmin", "pcom", "p2intersect", "ktest", "ucom"],
        ),
        (Class::Other, &["prefetch"]),
    ];
    if matches!(base, "movddup" | "movdiri") || base.starts_with("movdir") {
        return Some(if base == "movddup" { Class::Shuffle } else { Class::Move });
    }
    if base.starts_with("ucom") || base.starts_with("kortest") {
        return base.starts_with('k').then_some(Class::VectorCompare);
    }
    if base.starts_with("extrq") || base.starts_with("insertq") {
        return Some(Class::Shuffle);
    }
    let hit = RULES.iter().find(|(_, prefixes)| prefixes.iter().any(|p| base.starts_with(p)))?;
    // `movsh` the half-precision move is no permutation; `movshdup` is.
    if base == "movsh" { None } else { Some(hit.0) }
}
