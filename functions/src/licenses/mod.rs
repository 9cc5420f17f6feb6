//! Licenses.

pub mod get;
pub mod purchase;
