//! Pictures of users: the form to upload one with, what becomes of it, and where browsers load it.

pub mod get;
pub(crate) mod place;
pub mod upload;
