//! Licenses.

pub mod get;
pub mod ledger;
pub mod purchase;
pub mod switch_plan;
pub mod verify;
