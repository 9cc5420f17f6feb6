//! Users, and oneself.

pub mod assignable;
pub mod batch;
pub mod cancel_email;
pub mod change_email;
pub mod create;
pub mod deactivate;
pub mod delete;
mod directory;
pub mod disable_two_factor;
pub mod export;
pub mod get;
pub mod impact;
pub mod list;
pub mod me;
pub mod profile;
pub mod reactivate;
pub mod reset_password;
pub mod set_password;
pub mod set_role;
pub mod set_type;
pub mod team;
pub mod update;
pub mod update_me;
pub mod withdraw;
