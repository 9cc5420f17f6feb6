//! What people prove themselves with.

pub mod verify_email;
