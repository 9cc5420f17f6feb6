//! The pages that links in mails open. No page acts by being opened: each has a button that POSTs.

pub mod accept_invitation;
pub mod confirm_email;
pub mod confirm_sign_in;
pub mod email;
pub mod forgot_password;
pub mod frame;
mod outcome;
pub mod problem;
pub mod reset_password;
pub mod revert_email;
pub(crate) mod signed_in;
pub mod verify_email;

#[cfg(test)]
mod tests;
