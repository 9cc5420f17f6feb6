//! Registering resources: the host product says what there is and whose it is.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record};
use crate::holdings::{Holdings, Holds, Seen, Taker};
use crate::id::UserId;
use crate::refusal::{FieldError, Refusal};
use crate::resource::{Kind, Resource, ResourceId, State, Trace, Visibility};
use crate::rules::reach::{reaches, reaches_all};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus};

/// What the host product says of a resource.
#[derive(Clone, Debug)]
pub struct Put<'a> {
    /// What it is.
    pub kind: Kind,
    /// What the host product calls it.
    pub id: ResourceId,
    /// What people call it.
    pub name: String,
    /// Whose it is to be; none for nobody's.
    pub owner_id: Option<UserId>,
    /// The owner, if there is such a user.
    pub owner: Option<Taker<'a>>,
    /// Who owns it too, in order, each with the user, if there is one.
    pub co_owners: Vec<(UserId, Option<User>)>,
    /// Who sees it.
    pub visibility: Visibility,
    /// What is kept of an earlier one of this name.
    pub earlier: Option<Trace>,
}

/// Registers a resource, or writes over it. What is the same already stays so. A new owner's automation goes on; one that
/// stopped with its owner stays so as long as the owner is the same. Who owns it newly must be active; who has gone stays
/// its owner until somebody says otherwise, and so does nobody.
///
/// Refuses a new one for another owner from those who reach their own alone.
pub fn put(
    account: &Account,
    actor: &User,
    before: Option<&Seen>,
    owned_by: Option<&Holdings>,
    put: &Put<'_>,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    let shown = before.map(|seen| &seen.shown);
    if shown.is_some_and(|shown| !reaches(actor, shown)) {
        return Err(Refusal::NotFound);
    }
    let co_owners = owners(actor, shown, put)?;
    let earlier = put.earlier.as_ref().map_or(0, |trace| trace.version);
    let kept = shown.filter(|shown| shown.owner_id == put.owner_id);
    let now = Resource {
        account_id: account.id,
        kind: put.kind,
        id: put.id.clone(),
        name: put.name.clone(),
        owner_id: put.owner_id,
        co_owner_ids: co_owners.iter().map(|user| user.id).collect(),
        participant_ids: shown.map(|shown| shown.participant_ids.clone()).unwrap_or_default(),
        visibility: put.visibility,
        state: state(kept, put),
        epoch: put.owner.map_or(0, |owner| owner.holdings.epoch),
        version: 1 + shown.map_or(earlier, |shown| shown.version),
    };
    let mut change = Change::new(account.id, account.subscription.model);
    if let Some(shown) = shown
        && (Resource { epoch: now.epoch, version: now.version, ..shown.clone() }) == now
    {
        return Ok((shown.clone(), change));
    }
    let values = difference(&shown.map_or(Value::Null, facts), &facts(&now));
    let action = if shown.is_some() { "resource.updated" } else { "resource.created" };
    change.audit.push(AuditEntry::of(account.id, action, now.place(), values, stamp));
    if let Some(seen) = before {
        change.replace(Record::Resource(seen.stored.clone()), Record::Resource(now.clone()));
    } else {
        change.create(Record::Resource(now.clone()));
        if let Some(trace) = &put.earlier {
            change.guard(Record::Trace(trace.clone()), true);
        }
    }
    let mut holds = Holds::default();
    if let Some(holdings) = owned_by {
        holds.add(holdings, now.kind, -1);
    }
    if let Some(owner) = put.owner {
        holds.add(owner.holdings, now.kind, 1);
        // Whoever is deactivated meanwhile owns nothing new.
        change.guard(Record::User(owner.user.clone()), true);
    }
    holds.into(&mut change);
    for user in co_owners.into_iter().filter(|user| is_new(shown, user.id)) {
        change.guard(Record::User(user.clone()), true);
    }
    Ok((now, change))
}

/// Whether it goes on: what had stopped stays so in the same hands.
fn state(kept: Option<&Resource>, put: &Put<'_>) -> State {
    match (kept, put.owner) {
        (Some(kept), None) => kept.state,
        (Some(kept), Some(_)) if kept.state == State::Disabled => State::Disabled,
        (_, Some(owner)) => Resource::state_under(put.kind, put.visibility, is_active(owner.user)),
        (None, None) => State::Unassigned,
    }
}

fn is_active(user: &User) -> bool {
    user.status == UserStatus::Active
}

fn is_new(shown: Option<&Resource>, user: UserId) -> bool {
    !shown.is_some_and(|shown| shown.owners().any(|owner| owner == user))
}

/// The co-owners, each once, if they and the owner may be so.
fn owners<'a>(actor: &User, shown: Option<&Resource>, put: &'a Put<'a>) -> Result<Vec<&'a User>, Refusal> {
    let mut errors = Vec::new();
    let mut fault = |field: String, detail| errors.push(FieldError::new(field, "invalid_owner", detail));
    let detail = "This must be an active user of the account.";
    let fits = |taker: Taker<'_>| shown.is_some_and(|it| it.owner_id == put.owner_id) || is_active(taker.user);
    match (put.owner_id, put.owner) {
        (None, _) if shown.is_none_or(|shown| shown.owner_id.is_some()) => {
            fault("owner_id".into(), "Only what waits for an owner can have none. It can be transferred to nobody.");
        }
        (Some(_), None) => fault("owner_id".into(), detail),
        (Some(_), Some(owner)) if !fits(owner) => fault("owner_id".into(), detail),
        (owner, _) if shown.is_none() && owner != Some(actor.id) && !reaches_all(actor) => {
            fault("owner_id".into(), "You can register what is your own.");
        }
        _ => {}
    }
    let mut co_owners: Vec<&User> = Vec::new();
    for (index, (id, user)) in put.co_owners.iter().enumerate() {
        match user {
            Some(user) if is_active(user) || !is_new(shown, *id) => {
                if put.owner_id != Some(*id) && !co_owners.iter().any(|other| other.id == *id) {
                    co_owners.push(user);
                }
            }
            _ => fault(format!("co_owner_ids[{index}]"), detail),
        }
    }
    if errors.is_empty() { Ok(co_owners) } else { Err(Refusal::Invalid(errors)) }
}

/// Forgets a resource: the host product has deleted it. Its last version is kept for a while, where that of an earlier
/// one of its name may be.
pub fn forget(
    account: &Account,
    seen: &Seen,
    earlier: Option<&Trace>,
    owned_by: Option<&Holdings>,
    stamp: &mut Stamp,
) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Resource(seen.stored.clone()));
    let Resource { account_id, kind, ref id, version, .. } = seen.shown;
    let trace = Record::Trace(Trace { account_id, kind, id: id.clone(), version, forgotten_at: stamp.now });
    match earlier {
        Some(earlier) => change.replace(Record::Trace(earlier.clone()), trace),
        None => change.create(trace),
    }
    if let Some(holdings) = owned_by {
        let mut holds = Holds::default();
        holds.add(holdings, seen.shown.kind, -1);
        holds.into(&mut change);
    }
    let values = (facts(&seen.shown), Value::Null);
    change.audit.push(AuditEntry::of(account.id, "resource.deleted", seen.shown.place(), values, stamp));
    change
}

fn facts(resource: &Resource) -> Value {
    json!({
        "name": resource.name, "owner_id": resource.owner_id, "co_owner_ids": resource.co_owner_ids,
        "visibility": resource.visibility, "state": resource.state,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn new_owners_must_be_active_and_the_same_twice_is_nothing() {
        let account = account("unlimited");
        let admin = user(&account, UserType::Admin, 9);
        let active = user(&account, UserType::Member, 1);
        let other = user(&account, UserType::Member, 2);
        let gone = User { status: UserStatus::Deactivated, ..user(&account, UserType::Member, 3) };
        let waiting = User { status: UserStatus::Pending, ..user(&account, UserType::Member, 4) };
        let none = Holdings::none(account.id, active.id);
        let known = [&active, &other, &gone, &waiting];
        let unknown = UserId::from_bits(8);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let asked = |name: &str, owner: Option<UserId>, co_owners: &[UserId]| {
            let found = |id: UserId| known.into_iter().find(|user| user.id == id);
            let owner_user = owner.and_then(found).map(|user| Taker { user, holdings: &none });
            Put {
                kind: Kind::Board,
                id: ResourceId::parse("b1").unwrap(),
                name: name.into(),
                owner_id: owner,
                owner: owner_user,
                co_owners: co_owners.iter().map(|id| (*id, found(*id).cloned())).collect(),
                visibility: Visibility::Private,
                earlier: None,
            }
        };
        // Who owned it before, who is to own it now, and what is wrong with that.
        let was = |owner: &User, co_owners: &[UserId]| Some((Some(owner.id), co_owners.to_vec()));
        let nobodys = Some((None, vec![]));
        for (before, owner, co_owners, expected) in [
            (None, Some(active.id), vec![], Ok(State::Active)),
            (None, Some(active.id), vec![other.id, other.id, active.id], Ok(State::Active)),
            (None, Some(gone.id), vec![], Err("owner_id")),
            (None, Some(waiting.id), vec![], Err("owner_id")),
            (None, Some(unknown), vec![], Err("owner_id")),
            (None, None, vec![], Err("owner_id")),
            (None, Some(active.id), vec![unknown], Err("co_owner_ids[0]")),
            (None, Some(active.id), vec![other.id, gone.id], Err("co_owner_ids[1]")),
            (was(&gone, &[]), Some(gone.id), vec![], Ok(State::Inaccessible)),
            (was(&active, &[gone.id]), Some(active.id), vec![gone.id], Ok(State::Active)),
            (was(&gone, &[]), Some(active.id), vec![gone.id], Ok(State::Active)),
            (was(&active, &[gone.id]), Some(gone.id), vec![], Err("owner_id")),
            (was(&active, &[]), Some(active.id), vec![gone.id], Err("co_owner_ids[0]")),
            (was(&active, &[]), None, vec![], Err("owner_id")),
            (nobodys.clone(), None, vec![], Ok(State::Unassigned)),
            (nobodys, Some(active.id), vec![], Ok(State::Active)),
        ] {
            let seen = before.clone().map(|(owner_id, co_owner_ids)| {
                let first =
                    put(&account, &admin, None, None, &asked("Old", Some(active.id), &[]), &mut stamp).unwrap().0;
                let state = if owner_id.is_some() { State::Active } else { State::Unassigned };
                let stored = Resource { owner_id, co_owner_ids, state, ..first };
                Seen { shown: stored.clone(), stored }
            });
            let command = asked("New", owner, &co_owners);
            match (put(&account, &admin, seen.as_ref(), Some(&none), &command, &mut stamp), expected) {
                (Ok((now, change)), Ok(state)) => {
                    assert_eq!((now.state, now.version), (state, if seen.is_some() { 2 } else { 1 }), "{before:?}");
                    assert!(!change.is_nothing());
                    let seen = Seen { stored: now.clone(), shown: now.clone() };
                    let again = put(&account, &admin, Some(&seen), Some(&none), &command, &mut stamp).unwrap();
                    assert_eq!((again.0, again.1.is_nothing()), (now, true), "{before:?}");
                }
                (Err(Refusal::Invalid(errors)), Err(field)) => assert_eq!(errors[0].field, field, "{before:?}"),
                (got, expected) => panic!("{got:?} {expected:?}"),
            }
        }
    }

    #[test]
    fn members_register_their_own_alone() {
        let account = account("unlimited");
        let (ben, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let none = Holdings::none(account.id, ben.id);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let of = |owner| Put {
            kind: Kind::Lead,
            id: ResourceId::parse("l1").unwrap(),
            name: "Lead".into(),
            owner_id: Some(owner),
            owner: Some(Taker { user: if owner == ben.id { &ben } else { &other }, holdings: &none }),
            co_owners: Vec::new(),
            visibility: Visibility::Main,
            earlier: None,
        };
        let mine = put(&account, &ben, None, None, &of(ben.id), &mut stamp).unwrap().0;
        assert!(matches!(put(&account, &ben, None, None, &of(other.id), &mut stamp), Err(Refusal::Invalid(_))));
        let seen = Seen { stored: mine.clone(), shown: mine };
        // What is his he may give away; then it is not there for him.
        let theirs = put(&account, &ben, Some(&seen), Some(&none), &of(other.id), &mut stamp).unwrap().0;
        let seen = Seen { stored: theirs.clone(), shown: theirs };
        let refused = put(&account, &ben, Some(&seen), Some(&none), &of(ben.id), &mut stamp);
        assert_eq!(refused.err(), Some(Refusal::NotFound));
    }
}
