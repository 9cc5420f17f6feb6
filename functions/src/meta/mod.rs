//! What the service says of itself.

pub mod fallback;
pub mod openapi;
