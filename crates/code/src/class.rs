//! The classes into which instructions of both architectures fall.
//!
//! A class says what an instruction does to its operands, never how fast it is or which program it suits.

/// Defines the classes once: variant, name and documentation.
macro_rules! classes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What an instruction does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Class {
            $($(#[$doc])* $variant,)*
        }

        impl Class {
            /// Every class, in the order of [`Class::index`].
            pub const ALL: [Class; [$($name),*].len()] = [$(Class::$variant),*];

            /// The name in kebab case, as it stands in records and on screens.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

classes! {
    /// Copies between registers, memory and stack, zeroing idioms, sign extension, no-ops, prefetches.
    Move = "move",
    /// Jumps, conditional or not.
    Branch = "branch",
    /// Integer comparisons and tests that only set flags.
    Compare = "compare",
    /// Calls and returns.
    Call = "call",
    /// Integer addition, subtraction, negation.
    Add = "add",
    /// Integer and, or, not, bit set and clear.
    Logic = "logic",
    /// Integer exclusive or.
    Xor = "xor",
    /// Integer shifts and bit-field moves.
    Shift = "shift",
    /// Integer rotations.
    Rotate = "rotate",
    /// Multiplication that keeps the low half.
    Multiply = "multiply",
    /// Multiplication that gives the high half or both halves.
    WideMultiply = "wide-multiply",
    /// Addition and subtraction with carry.
    Carry = "carry",
    /// Integer division.
    Divide = "divide",
    /// Population count, leading and trailing zeros, bit deposit and extract.
    BitCount = "bit-count",
    /// Selection by flags without a branch.
    ConditionalMove = "conditional-move",
    /// String instructions, with or without repetition.
    StringOp = "string-op",
    /// Address computation.
    Address = "address",
    /// Copies of scalar floating-point values.
    FloatMove = "float-move",
    /// Floating-point addition and subtraction.
    FloatAdd = "float-add",
    /// Floating-point multiplication.
    FloatMultiply = "float-multiply",
    /// Floating-point division, square root and reciprocal estimates.
    FloatDivide = "float-divide",
    /// Floating-point minimum, maximum, comparison, blend, rounding.
    FloatOther = "float-other",
    /// Fused multiply and add.
    Fma = "fma",
    /// Conversions between number formats.
    Convert = "convert",
    /// Vector copies, loads that broadcast, mask moves.
    VectorMove = "vector-move",
    /// Vector integer addition, subtraction, average, absolute value.
    VectorAdd = "vector-add",
    /// Vector integer multiplication.
    VectorMultiply = "vector-multiply",
    /// Vector exclusive or.
    VectorXor = "vector-xor",
    /// Other vector logic, three-input logic included.
    VectorLogic = "vector-logic",
    /// Vector shifts.
    VectorShift = "vector-shift",
    /// Vector rotations.
    VectorRotate = "vector-rotate",
    /// Vector integer comparison, minimum, maximum, test.
    VectorCompare = "vector-compare",
    /// Permutations, interleaving, insertion, extraction, packing.
    Shuffle = "shuffle",
    /// Gathers and scatters.
    Gather = "gather",
    /// Integer dot products and sums of differences.
    Dot = "dot",
    /// Matrix tiles.
    Matrix = "matrix",
    /// Arithmetic in 16-bit floating point.
    HalfFloat = "half-float",
    /// AES rounds and keys, and the SM4 cipher.
    Aes = "aes",
    /// SHA-1, SHA-256 and SM3 rounds and schedules.
    Sha = "sha",
    /// SHA-512 rounds and schedules.
    Sha512 = "sha512",
    /// Polynomial multiplication over GF(2).
    CarrylessMultiply = "carryless-multiply",
    /// Affine maps and products over GF(2^8).
    GaloisField = "galois-field",
    /// 52-bit integer fused multiply and add.
    Ifma = "ifma",
    /// Cyclic redundancy checks.
    Crc = "crc",
    /// Writes of the floating-point control register.
    RoundingMode = "rounding-mode",
    /// Locked and exclusive memory operations, fences.
    Atomic = "atomic",
    /// Spin-wait hints.
    Pause = "pause",
    /// System calls, time stamps, cache and state management.
    System = "system",
    /// The x87 floating-point stack.
    X87 = "x87",
    /// Anything else, undecodable bytes included.
    Other = "other",
}

impl Class {
    /// Number of classes.
    pub const COUNT: usize = Self::ALL.len();

    /// Position in [`Class::ALL`], below [`Class::COUNT`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Whether it computes, rather than moves, compares, branches, calls or forms addresses.
    #[must_use]
    pub const fn is_arithmetic(self) -> bool {
        !matches!(
            self,
            Self::Move
                | Self::Branch
                | Self::Compare
                | Self::Call
                | Self::ConditionalMove
                | Self::Address
                | Self::FloatMove
                | Self::VectorMove
                | Self::Pause
                | Self::System
                | Self::Other
        )
    }

    /// The class of the given name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl std::fmt::Display for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_stands_at_its_index_and_answers_to_its_name() {
        for (index, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), index);
            assert_eq!(Class::from_name(class.name()), Some(class));
        }
    }
}
