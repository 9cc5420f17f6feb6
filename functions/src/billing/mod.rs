//! What is paid, and what will be.

pub mod preview;
pub mod switch_plan;
