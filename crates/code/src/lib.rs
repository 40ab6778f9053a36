//! Machine code in; instruction classes, loops, a weighted profile, references and a listing out.
//!
//! This is the physical end of the chain of evidence: what a processor executes does not depend on what a
//! program calls itself. The crate decodes x86-64 and AArch64. It must not name an algorithm or an activity
//! (that is for the rooms above), read memory or files, or trust its input: any bytes whatever decode to
//! something, in bounded time and memory, without a panic.

mod aarch64;
mod class;
mod instruction;
mod listing;
mod loops;
mod profile;
mod references;
mod stream;
mod x86;

pub use class::Class;
pub use facts::Arch;
pub use instruction::{Flow, Instruction, Precision, decode};
pub use listing::{Line, listing};
pub use loops::Loop;
pub use profile::{Chunk, Profile, profile};
pub use references::{Operand, Reference, references};
