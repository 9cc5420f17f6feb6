//! What follows from a change of users and customers and is kept in step with them: the users of each role, the words that
//! find them.

use std::collections::{BTreeMap, BTreeSet};

use domain::account::Account;
use domain::change::{Change, Record, Write};
use domain::id::RoleId;
use domain::role::BuiltIn;
use domain::search::{words_of, words_of_name};
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

/// The words by which users and customers are found from now on, and those by which they are no more. The guard of the user or
/// account itself covers them.
pub(crate) fn words_moved(change: &Change) -> BTreeMap<Key, bool> {
    moved(change, |record| match record {
        Record::User(user) => words_of(user).iter().map(|word| keys::word(user.account_id, word, user.id)).collect(),
        Record::Account(Account { id, name, parent_account_id: Some(partner), .. }) => {
            words_of_name(name).iter().map(|word| keys::customer_word(*partner, word, *id)).collect()
        }
        _ => BTreeSet::new(),
    })
}

/// The boards and projects that users co-own or take part in from now on, and those in which they do no more. The
/// resource's own guard covers them. Owners are found by the index `owned`: a motion gives new ones to more resources than
/// a transaction has room for.
pub(crate) fn boards_moved(change: &Change) -> BTreeMap<Key, bool> {
    moved(change, |record| match record {
        Record::Resource(resource) if resource.kind.has_participants() => {
            let beside = resource.co_owner_ids.iter().chain(&resource.participant_ids);
            beside.map(|user| keys::board(*user, resource)).collect()
        }
        _ => BTreeSet::new(),
    })
}

/// The keys that follow from records: which are to be there, and which no more. What was there and stays needs no write.
fn moved(change: &Change, keys: impl Fn(&Record) -> BTreeSet<Key>) -> BTreeMap<Key, bool> {
    let mut moved = BTreeMap::new();
    let mut note = |record: &Record, holds: bool| {
        for key in keys(record) {
            if holds && moved.get(&key) == Some(&false) {
                moved.remove(&key);
            } else {
                moved.insert(key, holds);
            }
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::id::{AccountId, UserId};
    use domain::plan::Model;
    use domain::resource::{Kind, Resource, ResourceId, State, Visibility};

    use super::*;

    fn resource(kind: Kind, owner: u128, co_owners: &[u128], participants: &[u128]) -> Resource {
        let ids = |bits: &[u128]| bits.iter().map(|bits| UserId::from_bits(*bits)).collect();
        Resource {
            account_id: AccountId::from_bits(1),
            kind,
            id: ResourceId::parse("b").unwrap(),
            name: "B".into(),
            owner_id: Some(UserId::from_bits(owner)),
            co_owner_ids: ids(co_owners),
            participant_ids: ids(participants),
            visibility: Visibility::Private,
            state: State::Active,
            epoch: 0,
            version: 1,
        }
    }

    #[test]
    fn rows_follow_who_takes_part_beside_the_owner() {
        let board = |owner, co_owners: &[u128], participants: &[u128]| {
            Some(resource(Kind::Board, owner, co_owners, participants))
        };
        for (was, now, come, gone) in [
            (None, board(1, &[2], &[3]), vec![2, 3], vec![]),
            (board(1, &[2], &[3]), None, vec![], vec![2, 3]),
            (board(1, &[2], &[3]), board(1, &[2], &[3]), vec![], vec![]),
            (board(1, &[], &[2]), board(1, &[], &[2, 3]), vec![3], vec![]),
            // The owner has none; whoever is made the owner had one, and is found as the owner from now on.
            (board(1, &[2], &[]), board(2, &[], &[]), vec![], vec![2]),
            (board(1, &[2], &[]), board(2, &[1], &[]), vec![1], vec![2]),
            // A participant stays one beside what else he becomes.
            (board(1, &[], &[2]), board(1, &[2], &[2]), vec![], vec![]),
            (board(1, &[2], &[2]), board(1, &[], &[2]), vec![], vec![]),
            (board(1, &[], &[2]), board(2, &[], &[2]), vec![], vec![]),
            (None, Some(resource(Kind::Project, 1, &[2], &[])), vec![2], vec![]),
            // Nothing else has participants.
            (None, Some(resource(Kind::Lead, 1, &[2], &[])), vec![], vec![]),
        ] {
            let mut change = Change::new(AccountId::from_bits(1), Model::Unlimited);
            let record = |resource: &Resource| Record::Resource(resource.clone());
            match (&was, &now) {
                (Some(was), Some(now)) => change.replace(record(was), record(now)),
                (Some(was), None) => change.remove(record(was)),
                (None, Some(now)) => change.create(record(now)),
                (None, None) => {}
            }
            let any = now.as_ref().or(was.as_ref()).unwrap();
            let key = |bits: &u128| keys::board(UserId::from_bits(*bits), any);
            let mut expected: BTreeMap<Key, bool> = come.iter().map(|bits| (key(bits), true)).collect();
            expected.extend(gone.iter().map(|bits| (key(bits), false)));
            assert_eq!(boards_moved(&change), expected, "{was:?} {now:?}");
        }
    }
}
