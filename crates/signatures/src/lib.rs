//! The books of known constants, algorithms and names
