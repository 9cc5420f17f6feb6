//! Mentioning somebody on a board or in a project (B5, B6).

use crate::account::Account;
use crate::change::{Change, Record};
use crate::contact::Contact;
use crate::holdings::Seen;
use crate::refusal::Refusal;
use crate::resource::Resource;
use crate::rules::participants::{Between, bring_in, nobody_to_bring_in};
use crate::rules::reach::takes_part;
use crate::rules::visible::{Shared, visible};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus, UserType};

/// Mentions an active user whom the caller sees: who takes part does so still, whoever does not is brought in (B5). A guest
/// who mentions somebody gains the contact (B6), even of another guest: it was the guest who named him. The same twice
/// changes nothing.
pub fn mention(
    account: &Account,
    actor: &User,
    seen: &Seen,
    user: &User,
    between: Between<'_>,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    const FIELD: &str = "user_id";
    if !takes_part(actor, &seen.shown) {
        return Err(Refusal::NotFound);
    }
    let inside = |one: &User| seen.shown.participants().any(|id| id == one.id);
    let (there, both) = (inside(user), inside(user) && inside(actor));
    let shared = Shared { board: between.board || both, ..between.shared() };
    if user.status != UserStatus::Active || !visible(actor.user_type, user.user_type, shared) {
        return Err(nobody_to_bring_in(FIELD));
    }
    let (now, mut change) = bring_in(account, actor, seen, (FIELD, user), between, stamp)?;
    let known = between.mine.is_some() || user.id == actor.id;
    // Whoever is brought in is introduced there, but for a guest to a guest.
    if actor.user_type == UserType::Guest && !known && (there || user.user_type == UserType::Guest) {
        change.create(Record::Contact(Contact::of(actor, user.id, true)));
        if there {
            change.guard(Record::User(user.clone()), true);
        }
    }
    Ok((now, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::change::Write;
    use crate::id::{Id, UserId};
    use crate::resource::{Kind, ResourceId, State, Visibility};
    use crate::rules::fixtures::{account, stamp, user};

    const NOW: &str = "2026-02-01T10:00:00Z";

    fn board(account: &Account, participants: Vec<UserId>) -> Seen {
        let stored = Resource {
            account_id: account.id,
            kind: Kind::Board,
            id: ResourceId::parse("b").unwrap(),
            name: "B".into(),
            owner_id: Some(Id::from_bits(1)),
            co_owner_ids: Vec::new(),
            participant_ids: participants,
            visibility: Visibility::Private,
            state: State::Active,
            epoch: 0,
            version: 5,
        };
        Seen { shown: stored.clone(), stored }
    }

    /// Whose new contacts a change has.
    fn contacts(change: &Change) -> Vec<UserId> {
        let contact = |write: &Write| match write {
            Write::Create(record) => match &**record {
                Record::Contact(contact) => Some(contact.user_id),
                _ => None,
            },
            _ => None,
        };
        change.writes.iter().filter_map(contact).collect()
    }

    #[test]
    fn who_mentions_whom_b2_b5_b6() {
        let account = account("unlimited");
        for bits in 0..16_u8 {
            let [inside, there, contact, elsewhere] = [1, 2, 4, 8].map(|bit| bits & bit != 0);
            for viewer in UserType::ALL {
                for target in UserType::ALL {
                    for status in UserStatus::ALL {
                        let actor = user(&account, viewer, 7);
                        let other = User { status, ..user(&account, target, 8) };
                        let ids = [(inside, actor.id), (there, other.id)];
                        let seen = board(&account, ids.into_iter().filter(|(is, _)| *is).map(|(_, id)| id).collect());
                        let mine = Contact::of(&actor, other.id, true);
                        let mine = Some(&mine).filter(|_| contact);
                        let between = Between { mine, theirs: None, board: elsewhere };
                        let said = mention(&account, &actor, &seen, &other, between, &mut stamp(NOW));
                        let case = format!("{viewer:?} {target:?} {status:?} {inside} {there} {contact} {elsewhere}");
                        let guest = viewer == UserType::Guest;
                        let sees = !guest
                            || matches!(target, UserType::Admin | UserType::Member)
                            || contact
                            || elsewhere
                            || (inside && there);
                        if !inside && viewer != UserType::Admin {
                            assert_eq!(said, Err(Refusal::NotFound), "{case}");
                            continue;
                        }
                        if status != UserStatus::Active || !sees {
                            assert_eq!(said, Err(nobody_to_bring_in("user_id")), "{case}");
                            continue;
                        }
                        let (now, change) = said.unwrap();
                        assert!(now.participant_ids.contains(&other.id), "{case}");
                        assert_eq!(now.version, if there { 5 } else { 6 }, "{case}");
                        assert_eq!(change.audit.len(), usize::from(!there), "{case}");
                        let guests = guest && target == UserType::Guest;
                        let mut expected = Vec::new();
                        if !contact && (guest || !there) {
                            expected.push(actor.id);
                        }
                        if !there && !guests {
                            expected.push(other.id);
                        }
                        assert_eq!(contacts(&change), expected, "{case}");
                        assert_eq!(change.is_nothing(), there && (contact || !guest), "{case}");
                    }
                }
            }
        }
    }

    #[test]
    fn whoever_mentions_himself_gains_nobody_b6() {
        let account = account("unlimited");
        let gus = user(&account, UserType::Guest, 7);
        let seen = board(&account, vec![gus.id]);
        let (_, change) = mention(&account, &gus, &seen, &gus, Between::default(), &mut stamp(NOW)).unwrap();
        assert!(change.is_nothing());
    }
}
