//! Users, and oneself.

pub mod deactivate;
pub mod get;
pub mod list;
pub mod me;
pub mod reactivate;
pub mod update_me;
