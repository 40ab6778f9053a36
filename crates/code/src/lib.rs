//! Machine code in, instruction classes, loops and references out
