//! What people prove themselves with.

pub mod change_password;
pub mod confirm_totp;
pub mod disable_totp;
pub mod forgot_password;
pub mod reset_password;
pub mod send_verification;
pub mod start_totp;
pub mod verify_email;
