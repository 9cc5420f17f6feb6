//! The rules: `fn verb(state, command, stamp) -> Result<Change, Refusal>`. Whatever decides anything stands here.

pub mod accept;
pub mod approve;
pub mod confer;
pub mod deactivate;
pub mod edit;
pub mod expire;
pub mod invite;
pub mod purchase;
pub mod reactivate;
pub mod resend;
pub mod revoke;
pub mod sign_in;
pub mod sign_up;
pub mod verify_email;

#[cfg(test)]
pub(crate) mod fixtures;

#[cfg(test)]
mod invitation_tests;
