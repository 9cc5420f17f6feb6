//! What is paid, and what will be.

pub mod preview;
