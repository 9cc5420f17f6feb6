//! Registering resources: the host product says what there is and whose it is.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record};
use crate::holdings::{Holdings, Holds, Seen, Taker};
use crate::refusal::{FieldError, Refusal};
use crate::resource::{Kind, Resource, ResourceId, State, Visibility};
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
    /// Whose it is; none when there is no such user.
    pub owner: Option<Taker<'a>>,
    /// Who owns it too, in order; none where there is no such user.
    pub co_owners: Vec<Option<User>>,
    /// Who sees it.
    pub visibility: Visibility,
}

/// Registers a resource, or writes over it. What is the same already stays so. A new owner's automation goes on; one that
/// stopped with its owner stays so as long as the owner is the same. Owners must be active.
pub fn put(
    account: &Account,
    before: Option<&Seen>,
    owned_by: Option<&Holdings>,
    put: &Put<'_>,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    let (owner, co_owners) = owners(put)?;
    let shown = before.map(|seen| &seen.shown);
    let kept = shown.filter(|shown| shown.owner_id == Some(owner.user.id));
    let now = Resource {
        account_id: account.id,
        kind: put.kind,
        id: put.id.clone(),
        name: put.name.clone(),
        owner_id: Some(owner.user.id),
        co_owner_ids: co_owners.iter().map(|user| user.id).collect(),
        participant_ids: shown.map(|shown| shown.participant_ids.clone()).unwrap_or_default(),
        visibility: put.visibility,
        state: kept.map_or(State::Active, |kept| match kept.state {
            State::Disabled => State::Disabled,
            _ => State::Active,
        }),
        epoch: owner.holdings.epoch,
        version: shown.map_or(1, |shown| shown.version + 1),
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
    match before {
        Some(seen) => change.replace(Record::Resource(seen.stored.clone()), Record::Resource(now.clone())),
        None => change.create(Record::Resource(now.clone())),
    }
    let mut holds = Holds::default();
    if let Some(holdings) = owned_by {
        holds.add(holdings, now.kind, -1);
    }
    holds.add(owner.holdings, now.kind, 1);
    holds.into(&mut change);
    // Whoever is deactivated meanwhile owns nothing new.
    change.guard(Record::User(owner.user.clone()), true);
    for user in co_owners {
        change.guard(Record::User(user.clone()), true);
    }
    Ok((now, change))
}

/// Owner and co-owners, each once.
fn owners<'a>(put: &'a Put<'a>) -> Result<(Taker<'a>, Vec<&'a User>), Refusal> {
    let detail = "This must be an active user of the account.";
    let mut errors = Vec::new();
    let active = |user: &User| user.status == UserStatus::Active;
    if put.owner.is_none_or(|owner| !active(owner.user)) {
        errors.push(FieldError::new("owner_id", "invalid_owner", detail));
    }
    let mut co_owners: Vec<&User> = Vec::new();
    for (index, user) in put.co_owners.iter().enumerate() {
        match user {
            Some(user) if active(user) => {
                let owner = put.owner.is_some_and(|owner| owner.user.id == user.id);
                if !owner && !co_owners.iter().any(|other| other.id == user.id) {
                    co_owners.push(user);
                }
            }
            _ => errors.push(FieldError::new(format!("co_owner_ids[{index}]"), "invalid_owner", detail)),
        }
    }
    match put.owner {
        Some(owner) if errors.is_empty() => Ok((owner, co_owners)),
        _ => Err(Refusal::Invalid(errors)),
    }
}

/// Forgets a resource: the host product has deleted it.
pub fn forget(account: &Account, seen: &Seen, owned_by: Option<&Holdings>, stamp: &mut Stamp) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Resource(seen.stored.clone()));
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
    fn owners_must_be_active_and_the_same_twice_is_nothing() {
        let account = account("unlimited");
        let active = user(&account, UserType::Member, 1);
        let other = user(&account, UserType::Member, 2);
        let gone = User { status: UserStatus::Deactivated, ..user(&account, UserType::Member, 3) };
        let waiting = User { status: UserStatus::Pending, ..user(&account, UserType::Member, 4) };
        let none = Holdings::none(account.id, active.id);
        let asked = |owner: Option<&'static str>, co_owners: Vec<Option<User>>| (owner, co_owners);
        for ((owner, co_owners), expected) in [
            (asked(Some("active"), vec![]), Ok(0)),
            (asked(Some("active"), vec![Some(other.clone()), Some(other.clone()), Some(active.clone())]), Ok(1)),
            (asked(Some("gone"), vec![]), Err("owner_id")),
            (asked(Some("waiting"), vec![]), Err("owner_id")),
            (asked(None, vec![]), Err("owner_id")),
            (asked(Some("active"), vec![None]), Err("co_owner_ids[0]")),
            (asked(Some("active"), vec![Some(other.clone()), Some(gone.clone())]), Err("co_owner_ids[1]")),
        ] {
            let owner = match owner {
                Some("active") => Some(&active),
                Some("gone") => Some(&gone),
                Some(_) => Some(&waiting),
                None => None,
            };
            let command = Put {
                kind: Kind::Board,
                id: ResourceId::parse("b1").unwrap(),
                name: "Board".into(),
                owner: owner.map(|user| Taker { user, holdings: &none }),
                co_owners,
                visibility: Visibility::Private,
            };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = put(&account, None, None, &command, &mut stamp);
            match (got, expected) {
                (Ok((now, change)), Ok(co_owners)) => {
                    assert_eq!((now.co_owner_ids.len(), now.version), (co_owners, 1));
                    assert!(!change.is_nothing());
                    let seen = Seen { stored: now.clone(), shown: now.clone() };
                    let again = put(&account, Some(&seen), Some(&none), &command, &mut stamp).unwrap();
                    assert_eq!((again.0, again.1.is_nothing()), (now, true));
                }
                (Err(Refusal::Invalid(errors)), Err(field)) => assert_eq!(errors[0].field, field),
                (got, expected) => panic!("{got:?} {expected:?}"),
            }
        }
    }
}
