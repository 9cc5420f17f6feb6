//! Accounts and the plans they can be on.

pub mod create;
pub mod get;
pub mod plans;
pub mod update;
