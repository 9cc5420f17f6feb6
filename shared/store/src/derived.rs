//! What follows from a change of users and is kept in step with them: the users of each role, the words that find them.

use std::collections::BTreeMap;

use domain::change::{Change, Record, Write};
use domain::id::RoleId;
use domain::role::BuiltIn;
use domain::search::words_of;
use domain::user::UserStatus;

use crate::keys::{self, Key};

/// How many users get (or lose) each role of the account's own.
pub(crate) fn roles_moved(change: &Change) -> BTreeMap<RoleId, i64> {
    let mut moved = BTreeMap::new();
    let mut count = |record: &Record, by: i64| {
        if let Record::User(user) = record
            && user.status != UserStatus::Deleted
            && BuiltIn::of_id(user.role_id).is_none()
        {
            *moved.entry(user.role_id).or_insert(0) += by;
        }
    };
    for write in &change.writes {
        match write {
            Write::Create(now) => count(now, 1),
            Write::Replace { was, now } => {
                count(was, -1);
                count(now, 1);
            }
            Write::Remove(was) => count(was, -1),
            _ => {}
        }
    }
    moved.retain(|_, users| *users != 0);
    moved
}

/// The words by which users are found from now on, and those by which they are no more. The user's own guard covers them.
pub(crate) fn words_moved(change: &Change) -> BTreeMap<Key, bool> {
    let mut moved = BTreeMap::new();
    let mut note = |record: &Record, holds: bool| {
        let Record::User(user) = record else { return };
        for word in words_of(user) {
            let key = keys::word(user.account_id, &word, user.id);
            // A word that the user had and keeps needs no write.
            if holds && moved.remove(&key).is_some() {
                continue;
            }
            moved.insert(key, holds);
        }
    };
    for write in &change.writes {
        match write {
            Write::Create(now) => note(now, true),
            Write::Replace { was, now } => {
                note(was, false);
                note(now, true);
            }
            Write::Remove(was) => note(was, false),
            _ => {}
        }
    }
    moved
}
