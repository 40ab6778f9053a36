//! Classes and formats of x86 floating-point instructions by mnemonic.
//!
//! Legacy and vector forms share their names but for the leading letter, which the caller has taken off.

use super::class::Kind;
use crate::{Class, Precision};

/// Floating-point arithmetic.
pub(super) fn kind(base: &str) -> Option<Kind> {
    let has = |parts: &[&str]| parts.iter().any(|p| base.contains(p));
    if base.starts_with("cvt") {
        let scalar = has(&["ss", "sd", "sh", "2si", "2usi"]) && !has(&["ps", "pd", "ph", "dq"]);
        return Some(Kind { class: Class::Convert, precision: Some(conversion_format(base)), scalar });
    }
    let precision = format(base)?;
    let starts = |prefixes: &[&str]| prefixes.iter().any(|p| base.starts_with(p));
    let class = if starts(&["movs", "movw"]) {
        Class::FloatMove
    } else if base.contains("bf16") || base.ends_with("ph") || base.ends_with("sh") {
        Class::HalfFloat
    } else if starts(&["fmadd", "fmsub", "fnmadd", "fnmsub", "4fmadd", "4fnmadd"]) {
        Class::Fma
    } else if starts(&["add", "sub", "hadd", "hsub"]) {
        Class::FloatAdd
    } else if starts(&["mul"]) {
        Class::FloatMultiply
    } else if starts(&["div", "sqrt", "rcp", "rsqrt"]) {
        Class::FloatDivide
    } else if starts(&[
        "min", "max", "cmp", "com", "ucom", "blend", "round", "rndscale", "range", "reduce", "fixupimm",
        "getexp", "getmant", "scalef", "fpclass", "exp2", "frcz", "pfcmp", "pfm",
    ]) {
        Class::FloatOther
    } else {
        return None;
    };
    let scalar =
        ["ss", "sd", "sh", "movw"].iter().any(|tail| base.ends_with(tail)) || class == Class::FloatMove;
    Some(Kind { class, precision: Some(precision), scalar })
}

/// Format by the last letters of a name.
fn format(base: &str) -> Option<Precision> {
    if base.contains("bf16") {
        return Some(Precision::Bfloat);
    }
    let tail = base.get(base.len().saturating_sub(2)..)?;
    Some(match tail {
        "ss" | "ps" => Precision::Single,
        "sd" | "pd" => Precision::Double,
        "sh" | "ph" | "ww" => Precision::Half,
        _ if base.ends_with("movw") || base.ends_with("sx") && base.starts_with("com") => Precision::Half,
        _ if base.starts_with("pf") => Precision::Single,
        _ => return None,
    })
}

/// Format of a conversion: the rarer of its two ends.
fn conversion_format(base: &str) -> Precision {
    let has = |parts: &[&str]| parts.iter().any(|p| base.contains(p));
    if has(&["bf16"]) {
        Precision::Bfloat
    } else if has(&["ph", "sh"]) {
        Precision::Half
    } else if has(&["pd", "sd"]) {
        Precision::Double
    } else {
        Precision::Single
    }
}
