//! Where a partner's customers are found, and what was chosen for whom.

use domain::id::{AccountId, UserId};

use super::{BREAK, Key, truncated};

/// The list of a partner's customers.
pub fn customers(partner: AccountId) -> String {
    format!("A#{partner}#CUSTOMERS")
}

/// A customer's place in it.
pub fn customer_place(sort_name: &str, id: AccountId) -> String {
    format!("{}{BREAK}{id}", truncated(sort_name))
}

/// A word that a customer is found by.
pub fn customer_word(partner: AccountId, word: &str, id: AccountId) -> Key {
    Key::new(customer_words(partner), format!("{word}{BREAK}{id}"))
}

/// Every word that a partner's customers are found by.
pub fn customer_words(partner: AccountId) -> String {
    format!("A#{partner}#CWORD")
}

/// Whose word it is, by its sort key.
pub fn customer_of_word(place: &str) -> Option<AccountId> {
    place.rsplit_once(BREAK)?.1.parse().ok()
}

/// The customers chosen for a user.
pub fn selection(account: AccountId, id: UserId) -> Key {
    Key::new(format!("A#{account}"), format!("CHOSEN#{id}"))
}

/// A customer for whom a user has acted.
pub fn visit(account: AccountId, id: UserId, customer: AccountId) -> Key {
    Key::new(visits(account, id), customer.to_string())
}

/// The customers for whom a user has acted.
pub fn visits(account: AccountId, id: UserId) -> String {
    format!("A#{account}#VISIT#{id}")
}
