//! Licenses.

pub mod get;
pub mod ledger;
pub mod purchase;
pub mod verify;
