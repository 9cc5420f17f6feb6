//! Moving all that somebody holds, however much it is: one transaction says what becomes of it, the rest is carried out
//! step by step.

use chrono::TimeDelta;
use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::holdings::{Hold, Holdings, Motion, Plan, Taker};
use crate::id::AccountId;
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::resource::{Held, Resource};
use crate::stamp::Stamp;

/// Most resources that one transaction moves beside everything else that belongs to it.
pub const MOST_AT_ONCE: usize = 90;

/// After so long every index shows what was written before.
const INDEX_LAG: TimeDelta = TimeDelta::seconds(60);

/// Begins to move all that somebody holds (L6, W3, W4), with the first of the resources; the numbers move at once. Says
/// how many there are to look at, and what he holds then.
///
/// Refuses while an earlier motion from or to him goes on that changes owners.
pub fn begin(
    account: &Account,
    holdings: &Holdings,
    plan: Plan,
    to: Option<Taker<'_>>,
    rows: &[Resource],
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<(i64, Holdings), Refusal> {
    if holdings.changes_owner() || (holdings.incoming > 0 && plan != Plan::Restore) {
        return Err(Refusal::ResourcesInMotion);
    }
    let total: i64 = plan.kinds().iter().map(|kind| holdings.held.of(*kind)).sum();
    if total == 0 && holdings.motion.is_none() {
        // Whatever is registered for him meanwhile must be seen.
        change.guard(Record::Holdings(holdings.clone()), holdings.version > 0);
        return Ok((0, holdings.clone()));
    }
    let epoch = holdings.epoch + 1;
    let rows = &rows[..rows.len().min(MOST_AT_ONCE)];
    let moved = moved(holdings, plan, epoch, rows, change);
    let looked = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let now = stamp.now;
    let motion = Motion { plan, total, done: looked, after: None, began_at: now, round_at: now, due_at: now };
    let motion = (looked < total).then_some(motion);
    if let Some(to) = to {
        let incoming = i64::from(motion.is_some());
        change.hold(Hold { delta: holdings.held, incoming, ..Hold::of(to.holdings) });
        change.guard(Record::User(to.user.clone()), true);
    }
    let held = if plan.changes_owner() { Held::default() } else { holdings.held };
    let then = Holdings { epoch, held, motion, version: holdings.version + 1, ..holdings.clone() };
    write(holdings, then.clone(), change);
    told(account.id, holdings, plan, total, &moved, change, stamp);
    Ok((total, then))
}

/// The next step of a motion: the resources behind where it is, `end` if there are no more. What a first round may have
/// missed, since indexes lag, a second one finds. None when nothing is in motion.
pub fn step(
    (account, model): (AccountId, Model),
    holdings: &Holdings,
    to: Option<&Holdings>,
    rows: &[Resource],
    end: bool,
    stamp: &mut Stamp,
) -> Option<Change> {
    let motion = holdings.motion.as_ref()?;
    let mut change = Change::new(account, model);
    let moved = moved(holdings, motion.plan, holdings.epoch, rows, &mut change);
    let looked = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let mut next = Motion { done: (motion.done + looked).min(motion.total), ..motion.clone() };
    let over = end && (next.done >= motion.total || motion.round_at >= motion.began_at + INDEX_LAG);
    if end {
        next.after = None;
        next.due_at = stamp.now.max(motion.began_at + INDEX_LAG);
        next.round_at = next.due_at;
    } else {
        next.after = rows.last().map(Resource::place).or(next.after);
    }
    if let (true, Some(to)) = (over, to) {
        change.hold(Hold { incoming: -1, ..Hold::of(to) });
    }
    let motion_left = (!over).then_some(next);
    write(holdings, Holdings { motion: motion_left, version: holdings.version + 1, ..holdings.clone() }, &mut change);
    if !moved.is_empty() {
        told(account, holdings, motion.plan, motion.total, &moved, &mut change, stamp);
    }
    Some(change)
}

/// Writes what a plan makes of resources that an earlier number of the holdings has; their places.
fn moved(holdings: &Holdings, plan: Plan, epoch: u32, rows: &[Resource], change: &mut Change) -> Vec<String> {
    let mut places = Vec::new();
    for row in rows.iter().filter(|row| row.owner_id == Some(holdings.user_id) && row.epoch < epoch) {
        let shown = if epoch > holdings.epoch { holdings.shown(row.clone()) } else { row.clone() };
        let now = plan.applied(&shown, epoch).or_else(|| (shown != *row).then_some(shown));
        if let Some(now) = now {
            places.push(row.place());
            change.replace(Record::Resource(row.clone()), Record::Resource(now));
        }
    }
    places
}

fn write(was: &Holdings, now: Holdings, change: &mut Change) {
    if was.version == 0 {
        change.create(Record::Holdings(now));
    } else {
        change.replace(Record::Holdings(was.clone()), Record::Holdings(now));
    }
}

fn told(
    account: AccountId,
    holdings: &Holdings,
    plan: Plan,
    total: i64,
    moved: &[String],
    change: &mut Change,
    stamp: &mut Stamp,
) {
    let action = match plan {
        Plan::Keep => "resources.kept",
        Plan::Restore => "resources.restored",
        Plan::Reassign { .. } => "resources.transferred",
        Plan::Unassign => "resources.unassigned",
    };
    let owner = if plan.changes_owner() { plan.to() } else { Some(holdings.user_id) };
    let before = json!({ "owner_id": holdings.user_id });
    let after = json!({ "owner_id": owner, "total": total, "resources": moved });
    change.audit.push(AuditEntry::of(account, action, holdings.user_id, (before, after), stamp));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::resource::{Kind, ResourceId, State, Visibility};
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    fn resource(account: &Account, owner: crate::id::UserId, kind: Kind, number: usize) -> Resource {
        Resource {
            account_id: account.id,
            kind,
            id: ResourceId::parse(&format!("r{number:04}")).unwrap(),
            name: "R".into(),
            owner_id: Some(owner),
            co_owner_ids: Vec::new(),
            participant_ids: Vec::new(),
            visibility: Visibility::Main,
            state: State::Active,
            epoch: 0,
            version: 1,
        }
    }

    #[test]
    fn what_each_plan_makes_of_each_resource_l6_w3_w4() {
        use Visibility::{Main, Private, Shareable};
        let account = account("unlimited");
        let (owner, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let to = Plan::Reassign { to: other.id, epoch: 0 };
        for (plan, kind, visibility, co_owned, was, expected) in [
            (Plan::Keep, Kind::Automation, Main, false, State::Active, State::Disabled),
            (Plan::Keep, Kind::Integration, Main, false, State::Active, State::Disabled),
            (Plan::Keep, Kind::Board, Private, false, State::Active, State::Inaccessible),
            (Plan::Keep, Kind::Board, Shareable, false, State::Active, State::Inaccessible),
            (Plan::Keep, Kind::Board, Private, true, State::Active, State::Active),
            (Plan::Keep, Kind::Board, Main, false, State::Active, State::Active),
            (Plan::Keep, Kind::Workspace, Private, false, State::Active, State::Active),
            (Plan::Keep, Kind::Lead, Main, false, State::Active, State::Active),
            (Plan::Restore, Kind::Automation, Main, false, State::Disabled, State::Disabled),
            (Plan::Restore, Kind::Board, Private, false, State::Inaccessible, State::Active),
            (to, Kind::Automation, Main, false, State::Disabled, State::Active),
            (to, Kind::Board, Private, false, State::Inaccessible, State::Active),
            (Plan::Unassign, Kind::Automation, Main, false, State::Active, State::Disabled),
            (Plan::Unassign, Kind::Board, Private, true, State::Active, State::Unassigned),
            (Plan::Unassign, Kind::Lead, Main, false, State::Active, State::Unassigned),
        ] {
            let co_owner_ids = if co_owned { vec![other.id] } else { Vec::new() };
            let row = Resource { visibility, co_owner_ids, state: was, ..resource(&account, owner.id, kind, 1) };
            let now = plan.applied(&row, 1).unwrap_or(row);
            assert_eq!(now.state, expected, "{plan:?} {kind:?} {visibility:?} {co_owned}");
            let expected = if plan.changes_owner() { plan.to() } else { Some(owner.id) };
            assert_eq!(now.owner_id, expected, "{plan:?}");
        }
    }

    #[test]
    fn many_are_shown_moved_at_once_and_moved_step_by_step() {
        let account = account("unlimited");
        let (from, to) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let rows: Vec<Resource> = (0..200).map(|number| resource(&account, from.id, Kind::Lead, number)).collect();
        let held = Held { lead: 200, ..Held::default() };
        let holdings = Holdings { held, version: 7, ..Holdings::none(account.id, from.id) };
        let taker = Holdings::none(account.id, to.id);
        let model = account.subscription.model;
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let mut change = Change::new(account.id, model);
        let plan = Plan::Reassign { to: to.id, epoch: 0 };
        let target = Some(Taker { user: &to, holdings: &taker });
        let (total, _) = begin(&account, &holdings, plan, target, &rows[..90], &mut change, &mut stamp).unwrap();
        assert_eq!(total, 200);
        assert_eq!(change.resources().count(), 90);
        assert!(change.writes.len() + change.audit.len() + 4 <= 100);
        let now = |change: &Change| {
            let held = change.writes.iter().find_map(|write| match write {
                crate::Write::Replace { now, .. } => match &**now {
                    Record::Holdings(holdings) => Some(holdings.clone()),
                    _ => None,
                },
                _ => None,
            });
            held.unwrap()
        };
        let moving = now(&change);
        assert_eq!((moving.held.total(), moving.shown(rows[150].clone()).owner_id), (0, Some(to.id)));
        let newer = Resource { epoch: moving.epoch, ..rows[0].clone() };
        assert_eq!(moving.shown(newer.clone()), newer, "what he got since is his");
        let mut again = Change::new(account.id, model);
        let refused = begin(&account, &moving, Plan::Keep, None, &[], &mut again, &mut stamp);
        assert_eq!(refused.err(), Some(Refusal::ResourcesInMotion));
        let ids = (account.id, model);
        let second = step(ids, &moving, Some(&taker), &rows[90..180], false, &mut stamp).unwrap();
        let moving = now(&second);
        assert_eq!(moving.motion.as_ref().map(|motion| motion.done), Some(180));
        let last = step(ids, &moving, Some(&taker), &rows[180..], true, &mut stamp).unwrap();
        assert_eq!((last.resources().count(), now(&last).motion), (20, None));
        // A list that ended too early is gone through again, after the index has caught up; then it is over.
        let early = step(ids, &moving, Some(&taker), &[], true, &mut stamp).unwrap();
        let moving = now(&early);
        assert_eq!(moving.motion.as_ref().map(|motion| motion.due_at - motion.began_at), Some(INDEX_LAG));
        let late = step(ids, &moving, Some(&taker), &[], true, &mut stamp).unwrap();
        assert_eq!(now(&late).motion, None);
    }
}
