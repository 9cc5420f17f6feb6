//! The rules: `fn verb(state, command, stamp) -> Result<Change, Refusal>`. Whatever decides anything stands here.

pub mod accept;
pub mod admin_password;
pub mod announce;
pub mod approve;
pub mod avatar;
pub mod batch;
pub mod change_email;
pub mod change_password;
pub mod choose_customers;
pub mod collect_payment;
pub mod confer;
pub mod confirm_sign_in;
pub mod contacts;
pub mod create_customer;
pub mod create_user;
pub mod deactivate;
pub mod delete_user;
pub mod edit;
pub mod expire;
pub mod forgot_password;
pub mod give_card;
pub mod hand_over;
pub mod import;
pub mod invite;
pub mod mark_invoice;
pub mod mention;
pub mod move_resources;
pub mod participants;
pub mod purchase;
pub mod rank;
pub mod reach;
pub mod reactivate;
pub mod register;
pub mod renew;
pub mod request_email;
pub mod resend;
pub mod reset_password;
pub mod revert_email;
pub mod revoke;
pub mod roles;
pub mod set_type;
pub mod settle;
pub mod sign_in;
pub mod sign_up;
pub mod switch;
pub mod switch_plan;
pub mod two_factor;
pub mod verify_email;
pub mod visible;

#[cfg(test)]
pub(crate) mod fixtures;

#[cfg(test)]
mod invitation_tests;
