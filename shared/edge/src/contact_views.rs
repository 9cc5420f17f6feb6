//! What clients see of contacts.

use domain::account::Account;
use domain::contact::can_receive_mail;
use domain::id::UserId;
use domain::rules::visible::address_visible;
use domain::text::Email;
use domain::user::{User, UserType};
use schemars::JsonSchema;
use serde::Serialize;

/// A contact (B3).
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Contact")]
#[allow(missing_docs, reason = "as in domain::user")]
pub struct ContactView {
    pub user_id: UserId,
    pub name: String,
    /// Null for guests, who belong to another team.
    pub email: Option<Email>,
    /// The team.
    pub account_name: String,
    pub r#type: UserType,
    pub email_verified: bool,
    /// Whether mails reach the contact: at a confirmed address, as long as he has access.
    pub can_receive_mail: bool,
}

impl ContactView {
    /// What a user sees of a contact of the same account.
    pub fn of(contact: &User, viewer: &User, account: &Account) -> Self {
        Self {
            user_id: contact.id,
            name: contact.name.clone(),
            email: contact.email.clone().filter(|_| address_visible(viewer.user_type)),
            account_name: account.name.clone(),
            r#type: contact.user_type,
            email_verified: contact.email_verified,
            can_receive_mail: can_receive_mail(contact),
        }
    }
}
