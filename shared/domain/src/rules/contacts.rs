//! Contacts: added by hand, on both sides by an invitation, and removed (B6, B7).

use crate::account::Account;
use crate::change::{Change, Record};
use crate::contact::Contact;
use crate::refusal::Refusal;
use crate::rules::visible::{Shared, visible};
use crate::user::{User, UserStatus};

/// Makes somebody a contact of a user by hand, on that user's side alone (B6). Who is one already stays so, whatever has
/// become of him since; newly it can be whoever is active and visible: nobody picks who has never signed in (R6), and
/// guests cannot tell whom they do not see from nobody (B2).
pub fn add(
    account: &Account,
    actor: &User,
    other: &User,
    (known, shared): (Option<&Contact>, Shared),
) -> Result<Change, Refusal> {
    let mut change = Change::new(account.id, account.subscription.model);
    if other.id == actor.id {
        return Err(Refusal::CannotChangeSelf);
    }
    if other.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    if known.is_some() {
        return Ok(change);
    }
    if other.status != UserStatus::Active || !visible(actor.user_type, other.user_type, shared) {
        return Err(Refusal::NotFound);
    }
    change.create(Record::Contact(Contact::of(actor, other.id, true)));
    change.guard(Record::User(other.clone()), true);
    Ok(change)
}

/// Takes a contact away, on that user's side alone (B7). The other's in return, if there is one, stands alone from then on.
pub fn remove(account: &Account, mine: Option<&Contact>, theirs: Option<&Contact>) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    let Some(mine) = mine else { return change };
    change.remove(Record::Contact(mine.clone()));
    if let Some(theirs) = theirs {
        let alone = Contact { alone: true, ..theirs.clone() };
        change.replace(Record::Contact(theirs.clone()), Record::Contact(alone));
    } else {
        let none = Contact { user_id: mine.other_id, other_id: mine.user_id, ..mine.clone() };
        change.guard(Record::Contact(none), false);
    }
    change
}

/// Makes two users each other's contacts (B6), as far as they are not: whom an invitation has brought together. With what
/// each of them has of the other already. Nothing is made of who was deleted.
pub fn introduce(
    (one, other): (&User, &User),
    (ones, others): (Option<&Contact>, Option<&Contact>),
    change: &mut Change,
) {
    if one.id == other.id || [one, other].iter().any(|user| user.status == UserStatus::Deleted) {
        return;
    }
    if ones.is_some() && others.is_some() {
        return;
    }
    for (known, contact) in [(ones, Contact::of(one, other.id, false)), (others, Contact::of(other, one.id, false))] {
        match known {
            // The new one is found by this: it must be there still.
            Some(known) => change.guard(Record::Contact(known.clone()), true),
            None => change.create(Record::Contact(contact)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Write;
    use crate::rules::fixtures::{account, user};
    use crate::user::UserType;

    #[test]
    fn who_may_add_whom_b2_b6() {
        let account = account("unlimited");
        for viewer in UserType::ALL {
            for target in UserType::ALL {
                for status in UserStatus::ALL {
                    for board in [false, true] {
                        for known in [false, true] {
                            let actor = user(&account, viewer, 1);
                            let other = User { status, ..user(&account, target, 2) };
                            let contact = Contact::of(&actor, other.id, true);
                            let known = known.then_some(&contact);
                            let sees = viewer != UserType::Guest
                                || matches!(target, UserType::Admin | UserType::Member)
                                || board;
                            let shared = Shared { board, ..Shared::default() };
                            let writes = add(&account, &actor, &other, (known, shared)).map(|it| it.writes.len());
                            let expected = match (known, status) {
                                (_, UserStatus::Deleted) => Err(Refusal::NotFound),
                                (Some(_), _) => Ok(0),
                                (None, UserStatus::Active) if sees => Ok(2),
                                (None, _) => Err(Refusal::NotFound),
                            };
                            assert_eq!(writes, expected, "{viewer:?} {target:?} {status:?} {board} {known:?}");
                        }
                    }
                }
            }
        }
        let me = user(&account, UserType::Member, 1);
        let said = add(&account, &me, &me, (None, Shared::default()));
        assert_eq!(said.map(|_| ()), Err(Refusal::CannotChangeSelf));
    }

    #[test]
    fn a_side_is_removed_and_the_other_stands_alone_b7() {
        let account = account("unlimited");
        let (one, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Guest, 2));
        let (mine, theirs) = (Contact::of(&one, other.id, false), Contact::of(&other, one.id, false));
        assert!(remove(&account, None, Some(&theirs)).is_nothing());
        let change = remove(&account, Some(&mine), Some(&theirs));
        let left = Contact { alone: true, ..theirs.clone() };
        assert_eq!(
            change.writes,
            [
                Write::Remove(Box::new(Record::Contact(mine.clone()))),
                Write::Replace { was: Box::new(Record::Contact(theirs)), now: Box::new(Record::Contact(left)) },
            ]
        );
        let change = remove(&account, Some(&mine), None);
        let absent = Contact::of(&other, one.id, false);
        assert_eq!(change.writes[1], Write::Absent(Box::new(Record::Contact(absent))));
    }

    #[test]
    fn an_invitation_makes_both_contacts_b6() {
        let account = account("unlimited");
        let (one, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Guest, 2));
        let (ones, others) = (Contact::of(&one, other.id, false), Contact::of(&other, one.id, false));
        let create = |contact: &Contact| Write::Create(Box::new(Record::Contact(contact.clone())));
        let guard = |contact: &Contact| Write::Unchanged(Box::new(Record::Contact(contact.clone())));
        for (known, expected) in [
            ((None, None), vec![create(&ones), create(&others)]),
            ((Some(&ones), None), vec![guard(&ones), create(&others)]),
            ((None, Some(&others)), vec![create(&ones), guard(&others)]),
            ((Some(&ones), Some(&others)), vec![]),
        ] {
            let mut change = Change::new(account.id, account.subscription.model);
            introduce((&one, &other), known, &mut change);
            assert_eq!(change.writes, expected);
        }
        let gone = User { status: UserStatus::Deleted, ..one.clone() };
        for pair in [(&gone, &other), (&other, &gone), (&other, &other)] {
            let mut change = Change::new(account.id, account.subscription.model);
            introduce(pair, (None, None), &mut change);
            assert!(change.is_nothing());
        }
    }
}
