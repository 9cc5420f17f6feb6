//! Handing named resources over, and claiming what nobody has.

use std::collections::BTreeMap;

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::holdings::{Holdings, Holds, Seen, Taker};
use crate::id::UserId;
use crate::refusal::Refusal;
use crate::resource::{Resource, State};
use crate::stamp::Stamp;
use crate::user::{User, UserStatus, UserType};

/// Hands resources to an active user, or to the unassigned (L6). What acts for its owner goes on with the new one (W3),
/// what had closed opens (W4). Says how many changed; what is there already is passed over.
pub fn transfer(
    account: &Account,
    resources: &[Seen],
    holdings: &BTreeMap<UserId, Holdings>,
    to: Option<Taker<'_>>,
    stamp: &mut Stamp,
) -> Result<(usize, Change), Refusal> {
    if to.is_some_and(|to| to.user.status != UserStatus::Active) {
        return Err(nobody_to_give_to("to"));
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let mut holds = Holds::default();
    let mut told = Vec::new();
    for seen in resources {
        let shown = &seen.shown;
        let now = shown.handed_to(to.map(|to| (to.user.id, to.holdings.epoch)));
        if (now.owner_id, now.state) == (shown.owner_id, shown.state) {
            continue;
        }
        if let Some(holdings) = shown.owner_id.and_then(|owner| holdings.get(&owner)) {
            holds.add(holdings, shown.kind, -1);
        }
        if let Some(to) = to {
            holds.add(to.holdings, shown.kind, 1);
        }
        told.push(json!({ "resource": shown.place(), "owner_id": shown.owner_id, "state": shown.state }));
        change.replace(Record::Resource(seen.stored.clone()), Record::Resource(now));
    }
    let count = told.len();
    if count > 0 {
        holds.into(&mut change);
        let id = to.map(|to| to.user.id);
        if let Some(to) = to {
            change.guard(Record::User(to.user.clone()), true);
        }
        let subject = id.map_or_else(|| "unassigned".to_owned(), |id| id.to_string());
        let values = (json!({ "resources": told }), json!({ "owner_id": id }));
        change.audit.push(AuditEntry::of(account.id, "resources.transferred", subject, values, stamp));
    }
    Ok((count, change))
}

/// What is wrong with a successor who cannot have anything.
pub fn nobody_to_give_to(field: &str) -> Refusal {
    Refusal::field(field, "invalid_successor", "This must be another active user of the account.")
}

/// Makes an admin the owner of what has no active owner (W4). What is his already stays so. The permission alone is not
/// enough: a role of the account's own may give it to members.
pub fn claim(
    account: &Account,
    seen: &Seen,
    owners: &[User],
    owned_by: Option<&Holdings>,
    by: Taker<'_>,
    stamp: &mut Stamp,
) -> Result<(Resource, Change), Refusal> {
    if by.user.user_type != UserType::Admin {
        return Err(Refusal::AdminsOnly);
    }
    let shown = &seen.shown;
    let mut change = Change::new(account.id, account.subscription.model);
    if shown.owner_id == Some(by.user.id) && shown.state == State::Active {
        return Ok((shown.clone(), change));
    }
    if owners.iter().any(|owner| owner.status == UserStatus::Active) {
        return Err(Refusal::ResourceHasOwner);
    }
    let now = shown.handed_to(Some((by.user.id, by.holdings.epoch)));
    change.replace(Record::Resource(seen.stored.clone()), Record::Resource(now.clone()));
    let mut holds = Holds::default();
    if let Some(holdings) = owned_by {
        holds.add(holdings, shown.kind, -1);
    }
    holds.add(by.holdings, shown.kind, 1);
    holds.into(&mut change);
    for user in owners.iter().chain([by.user]) {
        change.guard(Record::User(user.clone()), true);
    }
    let facts = |resource: &Resource| json!({ "owner_id": resource.owner_id, "state": resource.state });
    let values = (facts(shown), facts(&now));
    change.audit.push(AuditEntry::of(account.id, "resource.claimed", shown.place(), values, stamp));
    Ok((now, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::resource::{Kind, ResourceId, Visibility};
    use crate::rules::fixtures::{account, stamp, user};

    #[test]
    fn what_goes_on_and_what_waits_l6_w3_w4() {
        let account = account("unlimited");
        let (from, to) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let holdings = [&from, &to].map(|user| (user.id, Holdings::none(account.id, user.id)));
        let holdings = BTreeMap::from(holdings);
        let taker = Taker { user: &to, holdings: &holdings[&to.id] };
        for (kind, state, to, expected) in [
            (Kind::Lead, State::Active, None, State::Unassigned),
            (Kind::Board, State::Active, None, State::Unassigned),
            (Kind::Automation, State::Active, None, State::Disabled),
            (Kind::Lead, State::Active, Some(taker), State::Active),
            (Kind::Automation, State::Disabled, Some(taker), State::Active),
            (Kind::Integration, State::Disabled, Some(taker), State::Active),
            (Kind::Board, State::Inaccessible, Some(taker), State::Active),
        ] {
            let stored = Resource {
                account_id: account.id,
                kind,
                id: ResourceId::parse("r").unwrap(),
                name: "R".into(),
                owner_id: Some(from.id),
                co_owner_ids: Vec::new(),
                participant_ids: Vec::new(),
                visibility: Visibility::Private,
                state,
                epoch: 0,
                version: 3,
            };
            let seen = Seen { shown: stored.clone(), stored };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let (count, change) = transfer(&account, std::slice::from_ref(&seen), &holdings, to, &mut stamp).unwrap();
            let now = change.resources().next().unwrap().1.unwrap().clone();
            assert_eq!((count, now.state, now.version), (1, expected, 4), "{kind:?}");
            let again = Seen { stored: now.clone(), shown: now };
            let (count, change) = transfer(&account, std::slice::from_ref(&again), &holdings, to, &mut stamp).unwrap();
            assert_eq!((count, change.is_nothing()), (0, true));
        }
        let gone = User { status: UserStatus::Deactivated, ..to.clone() };
        let taker = Taker { user: &gone, holdings: &holdings[&to.id] };
        let refused = transfer(&account, &[], &holdings, Some(taker), &mut stamp("2026-02-01T10:00:00Z"));
        assert!(matches!(refused, Err(Refusal::Invalid(_))));
    }
}
