//! The on-device loop: sense, identify, spend by budget
