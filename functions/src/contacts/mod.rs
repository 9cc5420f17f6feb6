//! Contacts: whom somebody keeps at hand (B3, B6, B7).

pub mod add;
pub mod list;
pub mod remove;

use domain::id::UserId;
use schemars::JsonSchema;
use serde::Deserialize;

/// The parameter of a path that names a contact.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct ContactPath {
    user_id: UserId,
}
