//! Classes of AArch64 instructions by mnemonic and encoding group.
//!
//! What the bits decide beyond the name (aliases, formats) is settled in the parent module.

use crate::Class;

/// Class for a canonical mnemonic. `group` is the decoder's name for its encoding group.
pub(super) fn by_name(name: &str, group: &str) -> Class {
    let vector = ["ASIMD", "ASISD", "SVE", "SME", "DOT", "CRYPTO", "BFLOAT", "LUT"]
        .iter()
        .any(|p| group.starts_with(p));
    purpose(name)
        .or_else(|| if vector { vectors(name) } else { scalar(name, group) })
        .or_else(|| float(name))
        .unwrap_or(Class::Other)
}

/// Instructions for one purpose: ciphers, hashes, matrices, dot products.
fn purpose(name: &str) -> Option<Class> {
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| name.starts_with(p));
    Some(if starts(&["aes", "sm4"]) {
        Class::Aes
    } else if starts(&["sha512"]) {
        Class::Sha512
    } else if starts(&["sha1", "sha256", "sm3"]) {
        Class::Sha
    } else if starts(&["pmull", "pmul", "pmlal"]) {
        Class::CarrylessMultiply
    } else if ["mmla", "mopa", "mops", "mop4"].iter().any(|part| name.contains(part))
        || starts(&["smstart", "smstop", "zero", "addha", "addva"])
    {
        Class::Matrix
    } else if starts(&["bfdot", "bfml", "bfadd", "bfsub", "bfmul", "bfm", "bfcl", "bfsc", "fdot"])
        && name != "bfm"
    {
        Class::HalfFloat
    } else if name.ends_with("dot") || starts(&["fvdot", "bfvdot"]) {
        Class::Dot
    } else if starts(&["crc32"]) {
        Class::Crc
    } else {
        return None;
    })
}

/// General-purpose instructions.
fn scalar(name: &str, group: &str) -> Option<Class> {
    Some(match group {
        "ADDSUB_CARRY" => Class::Carry,
        "ADDSUB_EXT" | "ADDSUB_IMM" | "ADDSUB_SHIFT" => Class::Add,
        "BITFIELD" | "EXTRACT" => Class::Shift,
        "BRANCH_IMM" if name == "bl" => Class::Call,
        "BRANCH_REG" if name.starts_with("blr") || name.starts_with("ret") => Class::Call,
        "BRANCH_REG" if name.starts_with("br") => Class::Branch,
        "BRANCH_IMM" | "COMPBRANCH" | "CONDBRANCH" | "TESTBRANCH" => Class::Branch,
        "CONDCMP_IMM" | "CONDCMP_REG" => Class::Compare,
        "CONDSEL" => Class::ConditionalMove,
        "LOG_IMM" | "LOG_SHIFT" if name.starts_with("eo") => Class::Xor,
        "LOG_IMM" | "LOG_SHIFT" => Class::Logic,
        "MOVEWIDE" => Class::Move,
        "PCRELADDR" => Class::Address,
        "LSE_ATOMIC" | "LSE128_ATOMIC" | "THE" => Class::Atomic,
        "LDSTEXCL" if name.contains('x') => Class::Atomic,
        _ if group.starts_with("LD") || group == "LOADLIT" || group == "RCPC3" => Class::Move,
        "DP_1SRC" | "CSSC" => one_source(name),
        "DP_2SRC" | "DP_3SRC" => two_sources(name)?,
        "IC_SYSTEM" | "EXCEPTION" | "GCS" => system(name),
        "AARCH64_MISC" if name.starts_with("cpy") || name.starts_with("set") => Class::StringOp,
        _ => return None,
    })
}

fn one_source(name: &str) -> Class {
    match name {
        "clz" | "cls" | "ctz" | "cnt" | "rbit" => Class::BitCount,
        "abs" => Class::Add,
        "smax" | "smin" | "umax" | "umin" => Class::ConditionalMove,
        _ => Class::Move,
    }
}

fn two_sources(name: &str) -> Option<Class> {
    Some(match name {
        "asrv" | "lslv" | "lsrv" => Class::Shift,
        "rorv" => Class::Rotate,
        "udiv" | "sdiv" => Class::Divide,
        "smulh" | "umulh" => Class::WideMultiply,
        "madd" | "msub" | "smaddl" | "smsubl" | "umaddl" | "umsubl" => Class::Multiply,
        "subp" | "subps" | "gmi" | "irg" => Class::Address,
        _ => return None,
    })
}

fn system(name: &str) -> Class {
    match name {
        "dmb" | "dsb" | "clrex" | "sb" => Class::Atomic,
        "cfinv" | "rmif" | "setf8" | "setf16" => Class::Move,
        _ => Class::System,
    }
}

/// Vector integers, moves, predicates and permutations.
fn vectors(name: &str) -> Option<Class> {
    const EXACT: [(Class, &[&str]); 8] = [
        (Class::VectorXor, &["eor", "eor3", "rax1", "eorbt", "eortb", "eors", "eorv", "eorqv", "veor"]),
        (Class::VectorRotate, &["xar"]),
        (
            Class::VectorLogic,
            &[
                "and", "ands", "andv", "bic", "bics", "bif", "bit", "bsl", "bsl1n", "bsl2n", "nbsl", "not",
                "orn", "orns", "orr", "orrs", "orv", "orqv", "andqv", "bcax", "nor", "nors", "nand", "nands",
                "eon", "cnot", "rbit",
            ],
        ),
        (
            Class::VectorMove,
            &[
                "mov", "movi", "mvni", "fmov", "movprfx", "index", "cpy", "fcpy", "dupm", "fdup", "ptrue",
                "ptrues", "pfalse", "rdffr", "rdffrs", "wrffr", "setffr", "mova", "movaz", "movt", "pmov",
            ],
        ),
        (
            Class::Shuffle,
            &[
                "ext", "extq", "ins", "insr", "dup", "dupq", "smov", "umov", "tbl", "tblq", "tbx", "tbxq",
                "splice", "compact", "expand", "sel", "psel", "lasta", "lastb", "clasta", "clastb", "rev",
                "revb", "revh", "revw", "revd", "rev16", "rev32", "rev64", "shll", "shll2",
            ],
        ),
        (Class::BitCount, &["cnt", "clz", "cls", "cntp", "bext", "bdep", "bgrp"]),
        (Class::Divide, &["sdiv", "udiv", "sdivr", "udivr"]),
        (
            Class::Add,
            &["addvl", "addpl", "rdvl", "cntb", "cntd", "cnth", "cntw", "rdsvl", "addsvl", "addspl"],
        ),
    ];
    let exact = EXACT.iter().find(|(_, names)| names.contains(&name)).map(|(class, _)| *class);
    exact.or_else(|| vector_family(name))
}

/// Vector families told by a prefix or an ending.
fn vector_family(name: &str) -> Option<Class> {
    const PREFIX: [(Class, &[&str]); 7] = [
        (
            Class::Shuffle,
            &[
                "zip", "uzp", "trn", "xtn", "sqxt", "uqxt", "ushll", "sshll", "uunpk", "sunpk", "punpk",
                "sqcvt", "uqcvt",
            ],
        ),
        (Class::VectorMove, &["ld", "st", "prf"]),
        (
            Class::VectorCompare,
            &[
                "cm", "while", "ptest", "match", "nmatch", "brk", "cterm", "pfirst", "pnext", "smax", "smin",
                "umax", "umin", "sclamp", "uclamp",
            ],
        ),
        (Class::Add, &["inc", "dec"]),
        (Class::VectorShift, &["asr", "lsl", "lsr", "sli", "sri"]),
        (Class::Shuffle, &["luti", "hist"]),
        (Class::VectorMultiply, &["mul", "mla", "mls", "mad", "msb", "cmla"]),
    ];
    // The float rules see these.
    if name.starts_with('f') || name.starts_with("bf") || name.ends_with("cvtf") {
        return None;
    }
    let parts = |parts: &[&str]| parts.iter().any(|p| name.contains(p));
    let prefixed = PREFIX.iter().find(|(_, prefixes)| prefixes.iter().any(|p| name.starts_with(p)));
    prefixed.map(|(class, _)| *class).or(if parts(&["mul", "mla", "mls", "cmla"]) {
        Some(Class::VectorMultiply)
    } else if parts(&["shl", "shr", "sra"]) {
        Some(Class::VectorShift)
    } else if parts(&["add", "sub", "aba", "abd", "abs", "neg", "adal", "inc", "dec", "adcl", "sbcl"]) {
        Some(Class::VectorAdd)
    } else if parts(&["recpe", "rsqrte"]) {
        Some(Class::FloatDivide)
    } else {
        None
    })
}

/// Floating-point arithmetic, scalar and vector.
fn float(name: &str) -> Option<Class> {
    const RULES: [(Class, &[&str]); 7] = [
        (Class::Convert, &["fcvt", "scvtf", "ucvtf", "bfcvt", "fjcvt", "f1cvt", "f2cvt", "bf1cvt", "bf2cvt"]),
        (Class::FloatMove, &["fmov"]),
        (
            Class::Fma,
            &[
                "fmla", "fmls", "fmadd", "fmsub", "fnmadd", "fnmsub", "fcmla", "fmad", "fmsb", "fnmad",
                "fnmsb", "fnmla", "fnmls", "ftmad",
            ],
        ),
        (Class::FloatAdd, &["fadd", "fsub", "fabd", "fcadd"]),
        (Class::FloatMultiply, &["fmul", "fnmul", "ftsmul"]),
        (Class::FloatDivide, &["fdiv", "fsqrt", "frecp", "frsqrt"]),
        (Class::FloatOther, &["f"]),
    ];
    RULES.iter().find(|(_, prefixes)| prefixes.iter().any(|p| name.starts_with(p))).map(|(class, _)| *class)
}
