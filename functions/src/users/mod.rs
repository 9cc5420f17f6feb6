//! Users, and oneself.

pub mod create;
pub mod deactivate;
pub mod disable_two_factor;
pub mod get;
pub mod list;
pub mod me;
pub mod reactivate;
pub mod reset_password;
pub mod set_password;
pub mod update_me;
