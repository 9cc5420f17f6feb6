//! Signing in and out.

pub mod create;
pub mod delete;
pub mod delete_all;
pub mod list;
