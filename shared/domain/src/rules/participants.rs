//! Who takes part in a board or a project: whoever does brings others in, and lets them go (B5, B6).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::contact::Contact;
use crate::holdings::Seen;
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::resource::Resource;
use crate::rules::contacts::introduce;
use crate::rules::reach::takes_part;
use crate::rules::visible::{Shared, visible};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus, UserType};

/// Most participants beside the owners.
pub const MOST_PARTICIPANTS: usize = 100;

/// Up to so many take part in a board or project that is forgotten in one transaction: each is one more write.
const MOST_FORGOTTEN: usize = 90;

/// What is between whoever asks and another user.
#[derive(Clone, Copy, Debug, Default)]
pub struct Between<'a> {
    /// What the one has of the other.
    pub mine: Option<&'a Contact>,
    /// What the other has in return.
    pub theirs: Option<&'a Contact>,
    /// Whether they share a board or project, if that decides anything.
    pub board: bool,
}

impl<'a> Between<'a> {
    /// With what each has of the other, and what they have in common.
    pub const fn of((mine, theirs): &'a (Option<Contact>, Option<Contact>), shared: Shared) -> Self {
        Self { mine: mine.as_ref(), theirs: theirs.as_ref(), board: shared.board }
    }

    /// What they have in common.
    pub const fn shared(&self) -> Shared {
        Shared { board: self.board, contact: self.mine.is_some() }
    }
}

/// What is wrong with somebody who cannot be brought in: there is no such user, or none that the caller sees.
pub fn nobody_to_bring_in(field: &str) -> Refusal {
    Refusal::field(field, "invalid_participant", "This must be an active user whom you can see.")
}

/// Brings a user in, who becomes a contact of whoever did it, and the other way round, unless both are guests (B6). Who takes
/// part already does so still.
pub fn bring_in(
    account: &Account,
    actor: &User,
    seen: &Seen,
    (field, user): (&str, &User),
    between: Between<'_>,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    let shown = &seen.shown;
    if !takes_part(actor, shown) {
        return Err(Refusal::NotFound);
    }
    if shown.participants().any(|id| id == user.id) {
        return Ok((shown.clone(), Change::new(account.id, account.subscription.model)));
    }
    if user.status != UserStatus::Active || !visible(actor.user_type, user.user_type, between.shared()) {
        return Err(nobody_to_bring_in(field));
    }
    if shown.participant_ids.len() >= MOST_PARTICIPANTS {
        return Err(Refusal::TooManyParticipants);
    }
    let ids = |resource: &Resource| resource.participant_ids.iter().copied().chain([user.id]).collect();
    let (now, mut change) = with_participants(account, seen, ids);
    change.guard(Record::User(user.clone()), true);
    // A partner's people are nobody's contacts in a customer's account.
    let strangers = actor.account_id != user.account_id;
    if !strangers && (actor.user_type, user.user_type) != (UserType::Guest, UserType::Guest) {
        introduce((actor, user), (between.mine, between.theirs), &mut change);
    }
    let values = (Value::Null, json!({ "user_id": user.id }));
    change.audit.push(AuditEntry::of(account.id, "participant.added", now.place(), values, stamp));
    Ok((now, change))
}

/// Lets a participant go, or goes oneself. Who does not take part beside the owners is gone already: an owner is another
/// matter. Contacts stay.
pub fn let_go(
    account: &Account,
    actor: &User,
    seen: &Seen,
    user: UserId,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    let shown = &seen.shown;
    if !takes_part(actor, shown) {
        return Err(Refusal::NotFound);
    }
    if !shown.participant_ids.contains(&user) {
        return Ok((shown.clone(), Change::new(account.id, account.subscription.model)));
    }
    let ids = |resource: &Resource| resource.participant_ids.iter().copied().filter(|id| *id != user).collect();
    let (now, mut change) = with_participants(account, seen, ids);
    let values = (json!({ "user_id": user }), Value::Null);
    change.audit.push(AuditEntry::of(account.id, "participant.removed", now.place(), values, stamp));
    Ok((now, change))
}

/// Lets all participants go from what is going to be forgotten, where so many take part that one transaction has no room for
/// both; none where it has.
pub fn let_all_go(account: &Account, seen: &Seen, stamp: &mut Stamp) -> Option<Change> {
    let beside = seen.stored.co_owner_ids.len() + seen.stored.participant_ids.len();
    if !seen.stored.kind.has_participants() || beside <= MOST_FORGOTTEN {
        return None;
    }
    // Some stay for the transaction that forgets it: not even they fit into one.
    let stay = beside - MOST_FORGOTTEN;
    let (now, mut change) =
        with_participants(account, seen, |it| it.participant_ids.iter().copied().take(stay).collect());
    let gone = seen.stored.participant_ids.get(stay..).unwrap_or_default();
    let values = (json!({ "user_ids": gone }), Value::Null);
    change.audit.push(AuditEntry::of(account.id, "participants.removed", now.place(), values, stamp));
    Some(change)
}

/// The resource with other participants, as it is shown, and the change. What is on its way to another owner goes on there:
/// all else is written as it stood.
fn with_participants(account: &Account, seen: &Seen, ids: impl Fn(&Resource) -> Vec<UserId>) -> (Resource, Change) {
    let with = |resource: &Resource| Resource {
        participant_ids: ids(resource),
        version: resource.version + 1,
        ..resource.clone()
    };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::Resource(seen.stored.clone()), Record::Resource(with(&seen.stored)));
    (with(&seen.shown), change)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::id::Id;
    use crate::resource::{Kind, ResourceId, State, Visibility};
    use crate::rules::fixtures::{account, stamp, user};

    const NOW: &str = "2026-02-01T10:00:00Z";

    fn board(account: &Account, kind: Kind, owner: u128, participants: &[u128]) -> Seen {
        let stored = Resource {
            account_id: account.id,
            kind,
            id: ResourceId::parse("b").unwrap(),
            name: "B".into(),
            owner_id: Some(Id::from_bits(owner)),
            co_owner_ids: vec![Id::from_bits(owner + 1)],
            participant_ids: participants.iter().map(|bits| Id::from_bits(*bits)).collect(),
            visibility: Visibility::Private,
            state: State::Active,
            epoch: 3,
            version: 5,
        };
        // On its way to somebody else: what readers see is not what stands there.
        let shown = Resource { owner_id: Some(Id::from_bits(50)), version: 6, ..stored.clone() };
        Seen { stored, shown }
    }

    #[test]
    fn who_brings_in_whom_b2_b5() {
        let account = account("unlimited");
        for viewer in UserType::ALL {
            for target in UserType::ALL {
                for status in UserStatus::ALL {
                    for (inside, contact, elsewhere) in
                        [(true, false, false), (true, true, false), (true, false, true), (false, true, true)]
                    {
                        let actor = user(&account, viewer, 7);
                        let other = User { status, ..user(&account, target, 8) };
                        let seen = board(&account, Kind::Board, 1, if inside { &[7] } else { &[] });
                        let mine = Contact::of(&actor, other.id, true);
                        let mine = Some(&mine).filter(|_| contact);
                        let between = Between { mine, theirs: None, board: elsewhere };
                        let result = bring_in(&account, &actor, &seen, ("user_id", &other), between, &mut stamp(NOW));
                        let sees = viewer != UserType::Guest
                            || contact
                            || elsewhere
                            || matches!(target, UserType::Admin | UserType::Member);
                        let case = format!("{viewer:?} {target:?} {status:?} {inside} {contact} {elsewhere}");
                        match result {
                            Err(Refusal::NotFound) => assert!(!inside && viewer != UserType::Admin, "{case}"),
                            Err(said) => {
                                assert_eq!(said, nobody_to_bring_in("user_id"), "{case}");
                                assert!(status != UserStatus::Active || !sees, "{case}");
                            }
                            Ok((now, change)) => {
                                assert!(status == UserStatus::Active && sees, "{case}");
                                assert!(inside || viewer == UserType::Admin, "{case}");
                                assert!(now.participant_ids.contains(&other.id) && now.version == 7, "{case}");
                                let guests = (viewer, target) == (UserType::Guest, UserType::Guest);
                                assert_eq!(change.writes.len(), if guests { 2 } else { 4 }, "{case}");
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn only_boards_and_projects_have_participants_b5() {
        let account = account("unlimited");
        let (owner, other) = (user(&account, UserType::Member, 50), user(&account, UserType::Member, 8));
        for kind in Kind::ALL {
            let seen = board(&account, *kind, 1, &[]);
            let said = bring_in(&account, &owner, &seen, ("user_id", &other), Between::default(), &mut stamp(NOW));
            let expected = matches!(kind, Kind::Board | Kind::Project);
            assert_eq!(said.is_ok(), expected, "{kind:?}");
            let said = let_go(&account, &owner, &seen, other.id, &mut stamp(NOW));
            assert_eq!(said.is_ok(), expected, "{kind:?}");
        }
    }

    #[test]
    fn a_full_board_is_emptied_before_it_is_forgotten() {
        let account = account("unlimited");
        let ids = |number: u128| (1_000..1_000 + number).collect::<Vec<u128>>();
        // Beside a co-owner.
        for (number, left) in [(0, None), (89, None), (90, Some(1)), (100, Some(11))] {
            let seen = board(&account, Kind::Board, 1, &ids(number));
            let change = let_all_go(&account, &seen, &mut stamp(NOW));
            let now = change.as_ref().and_then(|change| change.resources().next()?.1);
            assert_eq!(now.map(|now| now.participant_ids.len()), left, "{number}");
        }
        let lead = board(&account, Kind::Lead, 1, &ids(95));
        assert_eq!(let_all_go(&account, &lead, &mut stamp(NOW)), None);
    }

    #[test]
    fn so_many_take_part_and_go_again_b5() {
        let account = account("unlimited");
        let admin = user(&account, UserType::Admin, 7);
        let all: Vec<u128> = (1_000..1_000 + MOST_PARTICIPANTS as u128).collect();
        let late = user(&account, UserType::Member, 8);
        let bring = |seen: &Seen, user: &User| {
            let between = Between::default();
            bring_in(&account, &admin, seen, ("user_id", user), between, &mut stamp(NOW)).map(|(_, change)| change)
        };
        let full = board(&account, Kind::Project, 1, &all);
        assert_eq!(bring(&full, &late), Err(Refusal::TooManyParticipants));
        bring(&board(&account, Kind::Project, 1, &all[1..]), &late).unwrap();
        // Whoever is there already stays: an owner, one beside him, and the others.
        for there in [50, 2, 1_000] {
            assert!(bring(&full, &user(&account, UserType::Member, there)).unwrap().is_nothing(), "{there}");
        }
        for (gone, left, writes) in [(1_000, 99, 1), (50, 100, 0), (8, 100, 0)] {
            let (now, change) = let_go(&account, &admin, &full, Id::from_bits(gone), &mut stamp(NOW)).unwrap();
            assert_eq!((now.participant_ids.len(), change.writes.len()), (left, writes), "{gone}");
        }
        // What is on its way stays so.
        let change = bring(&board(&account, Kind::Board, 1, &[]), &late).unwrap();
        let (was, now) = change.resources().next().unwrap();
        let (was, now) = (was.unwrap(), now.unwrap());
        assert_eq!((now.owner_id, now.epoch, now.version), (was.owner_id, was.epoch, 6));
    }
}
