//! Imports of invitations.

use domain::id::{AccountId, ImportId};

use super::Key;

/// An import of invitations.
pub fn import(account: AccountId, id: ImportId) -> Key {
    Key::new(import_rows(account), id.to_string())
}

/// Some rows of an import.
pub fn import_part(account: AccountId, id: ImportId, number: u32) -> Key {
    Key::new(import_rows(account), format!("{id}{PART}{number:04}"))
}

/// What the sort keys of an import's parts have behind its id.
const PART: char = '#';

/// Every import of an account, each before its parts.
pub fn import_rows(account: AccountId) -> String {
    format!("A#{account}#IMPORT")
}

/// The list of an account's imports.
pub fn imports(account: AccountId) -> String {
    format!("A#{account}#IMPORTS")
}
