//! Moving all that somebody holds, however much it is: one transaction says what becomes of it, the rest is carried out
//! step by step.

use chrono::TimeDelta;
use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::holdings::{Hold, Holdings, Motion, Plan, Stage, Taker};
use crate::id::AccountId;
use crate::plan::Model;
use crate::resource::{Held, Resource};
use crate::stamp::Stamp;

/// Most resources that one step of a motion moves: beside them there is room for what else belongs to it.
pub const MOST_AT_ONCE: usize = 90;

/// Up to so many resources are moved at once, without a motion.
pub const FEW: usize = 2;

/// Most stages that end in one step, each with somebody whom it brought everything.
const MOST_ENDS: usize = 4;

/// After so long every index shows what was written before.
const INDEX_LAG: TimeDelta = TimeDelta::seconds(60);

/// How many resources a plan is about.
pub fn concerned(holdings: &Holdings, plan: Plan) -> i64 {
    plan.kinds().iter().map(|kind| holdings.held.of(*kind)).sum()
}

/// Begins to move all that somebody holds (L6, W3, W4), with these resources; the numbers move at once. Says how many there
/// are to look at, and what he holds then. What is on its way already, from him or to him, is overtaken by nothing: this
/// comes after it.
pub fn begin(
    account: &Account,
    holdings: &Holdings,
    plan: Plan,
    to: Option<Taker<'_>>,
    rows: &[Resource],
    change: &mut Change,
    stamp: &mut Stamp,
) -> (i64, Holdings) {
    let total = concerned(holdings, plan);
    if total == 0 {
        // Whatever is registered for him meanwhile must be seen.
        change.guard(Record::Holdings(holdings.clone()), holdings.version > 0);
        return (0, holdings.clone());
    }
    let (motion, epoch) = (motion_with(holdings, plan, total, stamp), holdings.epoch + 1);
    let held = if plan.changes_owner() { Held::default() } else { holdings.held };
    let version = holdings.version + 1;
    let mut then = Holdings { epoch, held, motion: Some(motion), incoming: 0, version, ..holdings.clone() };
    let moved = moved(&then, rows, change);
    if let Some(motion) = &mut then.motion {
        motion.done = number(rows.len());
        motion.after = rows.last().map(Resource::place);
    }
    then.motion = then.motion.filter(|motion| motion.done < total || motion.stages.len() > 1 || awaited(motion));
    if let Some(to) = to {
        let incoming = i64::from(then.motion.is_some());
        change.hold(Hold { delta: holdings.held, incoming, ..Hold::of(to.holdings) });
        change.guard(Record::User(to.user.clone()), true);
    }
    write(holdings, then.clone(), change);
    told(account.id, holdings, &[plan], total, &moved, change, stamp);
    (total, then)
}

/// What is on its way then: the stages so far, and one more. One that keeps the owner takes the place of another such.
fn motion_with(holdings: &Holdings, plan: Plan, total: i64, stamp: &Stamp) -> Motion {
    let (now, mut awaits) = (stamp.now, holdings.incoming);
    let mut stages: Vec<Stage> = holdings.stages().copied().collect();
    let replaced = stages.pop_if(|last| !plan.changes_owner() && !last.plan.changes_owner());
    awaits += replaced.map_or(0, |stage| stage.awaits);
    let leaving = stages.iter().any(|stage| stage.plan.changes_owner());
    let left = holdings.motion.as_ref().filter(|_| leaving).map_or(0, |motion| motion.total - motion.done);
    stages.push(Stage { plan, epoch: holdings.epoch + 1, awaits, since: now });
    Motion { stages, total: left + total, done: 0, after: None, round_at: now, due_at: now }
}

fn awaited(motion: &Motion) -> bool {
    motion.stages.iter().any(|stage| stage.awaits > 0)
}

/// How many of some resources fit into one step. Whoever gets what he co-owned takes part otherwise from then on, which is
/// one more write.
pub fn fitting(holdings: &Holdings, rows: &[Resource]) -> usize {
    let dropped = |row: &Resource| row.co_owner_ids.len() - holdings.shown(row.clone()).co_owner_ids.len();
    let writes = |row: &Resource| 1 + if row.kind.has_participants() { dropped(row) } else { 0 };
    let mut left = MOST_AT_ONCE;
    let fits = |row: &&Resource| left.checked_sub(writes(row)).map(|rest| left = rest).is_some();
    rows.iter().take_while(fits).count()
}

/// The next step of a motion: the resources behind where it is, `end` if there are no more, with what those hold whom its
/// stages give to. What a first round may have missed, since indexes lag, a second one finds. None when nothing is in
/// motion.
pub fn step(
    (account, model): (AccountId, Model),
    holdings: &Holdings,
    takers: &[Holdings],
    rows: &[Resource],
    end: bool,
    stamp: &mut Stamp,
) -> Option<Change> {
    let motion = holdings.motion.as_ref()?;
    let mut change = Change::new(account, model);
    let moved = moved(holdings, rows, &mut change);
    let concerned = |row: &&Resource| row.owner_id == Some(holdings.user_id) && row.epoch < holdings.epoch;
    let looked = number(rows.iter().filter(concerned).count());
    let mut next = Motion { done: (motion.done + looked).min(motion.total), ..motion.clone() };
    if end {
        let over = ended(&next);
        give_notice(&next.stages[..over], takers, stamp, &mut change);
        next.stages.drain(..over);
        next.after = None;
        let settled = next.stages.iter().map(|stage| stage.since).max().filter(|_| !awaited(&next));
        next.due_at = stamp.now.max(settled.unwrap_or(stamp.now) + INDEX_LAG);
        next.round_at = next.due_at;
    } else {
        next.after = rows.last().map(Resource::place).or(next.after);
    }
    let motion_left = (!next.stages.is_empty()).then_some(next);
    write(holdings, Holdings { motion: motion_left, version: holdings.version + 1, ..holdings.clone() }, &mut change);
    if !moved.is_empty() {
        let plans: Vec<Plan> = motion.stages.iter().map(|stage| stage.plan).collect();
        told(account, holdings, &plans, motion.total, &moved, &mut change, stamp);
    }
    Some(change)
}

/// How many of a motion's stages a round through the list was the last for. A stage waits for those that were begun before
/// it and for nothing else, so that none waits for itself in the end.
fn ended(motion: &Motion) -> usize {
    // The very first round is enough if it has seen as many as there were.
    let whole =
        |stage: &Stage| motion.stages.len() == 1 && stage.since == motion.round_at && motion.done >= motion.total;
    let over = |stage: &&Stage| stage.awaits <= 0 && (motion.round_at >= stage.since + INDEX_LAG || whole(stage));
    motion.stages.iter().take_while(over).take(MOST_ENDS).count()
}

/// Tells those who were given to that everything has come.
fn give_notice(stages: &[Stage], takers: &[Holdings], stamp: &Stamp, change: &mut Change) {
    for taker in takers {
        let given = stages.iter().filter_map(|stage| match stage.plan {
            Plan::Reassign { to, epoch } if to == taker.user_id => Some(epoch),
            _ => None,
        });
        let now = given.fold(taker.clone(), |now, epoch| now.arrived(epoch, stamp.now));
        if now != *taker {
            write(taker, now, change);
        }
    }
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Writes what becomes of resources; their places.
fn moved(holdings: &Holdings, rows: &[Resource], change: &mut Change) -> Vec<String> {
    let mut places = Vec::new();
    for row in rows {
        let now = holdings.shown(row.clone());
        if now != *row {
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
    plans: &[Plan],
    total: i64,
    moved: &[String],
    change: &mut Change,
    stamp: &mut Stamp,
) {
    let action = match plans {
        [Plan::Keep] => "resources.kept",
        [Plan::Restore] => "resources.restored",
        [Plan::Reassign { .. }] => "resources.transferred",
        [Plan::Unassign] => "resources.unassigned",
        // Each resource goes the way of the stages that are newer than itself.
        _ => "resources.moved",
    };
    let owners = |plan: &Plan| if plan.changes_owner() { plan.to() } else { Some(holdings.user_id) };
    let owner = match plans {
        [plan] => json!(owners(plan)),
        _ => json!(plans.iter().map(owners).collect::<Vec<_>>()),
    };
    let before = json!({ "owner_id": holdings.user_id });
    let after = json!({ "owner_id": owner, "total": total, "resources": moved });
    change.audit.push(AuditEntry::of(account, action, holdings.user_id, (before, after), stamp));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    use crate::holdings::shown_among;
    use crate::refusal::Refusal;
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
            (Plan::Keep, Kind::Board, Private, true, State::Active, State::Inaccessible),
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
    fn a_step_has_room_for_boards_that_were_co_owned() {
        let account = account("unlimited");
        let [from, to] = [1, 2].map(|number| user(&account, UserType::Member, number));
        let since = stamp("2026-02-01T10:00:00Z").now;
        let stages = vec![Stage { plan: Plan::Reassign { to: to.id, epoch: 0 }, epoch: 1, awaits: 0, since }];
        let motion = Motion { stages, total: 90, done: 0, after: None, round_at: since, due_at: since };
        let holdings = Holdings { epoch: 1, motion: Some(motion), ..Holdings::none(account.id, from.id) };
        for (kind, co_owner, fits) in [(Kind::Board, to.id, 45), (Kind::Board, from.id, 90), (Kind::Lead, to.id, 90)] {
            let row = Resource { co_owner_ids: vec![co_owner], ..resource(&account, from.id, kind, 1) };
            assert_eq!(fitting(&holdings, &vec![row; MOST_AT_ONCE]), fits, "{kind:?}");
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
        let (total, moving) = begin(&account, &holdings, plan, target, &rows[..90], &mut change, &mut stamp);
        assert_eq!(total, 200);
        assert_eq!(change.resources().count(), 90);
        assert!(change.writes.len() + change.audit.len() + 4 <= 100);
        let takers = [Holdings { incoming: 1, version: 2, ..taker }];
        assert_eq!((moving.held.total(), moving.shown(rows[150].clone()).owner_id), (0, Some(to.id)));
        let newer = Resource { epoch: moving.epoch, ..rows[0].clone() };
        assert_eq!(moving.shown(newer.clone()), newer, "what he got since is his");
        assert_eq!(moving.may_be_handed_over(), Ok(()));
        let mut much = moving.clone();
        let stages = &mut much.motion.as_mut().unwrap().stages;
        *stages = vec![stages[0]; 10];
        assert_eq!(much.may_be_handed_over(), Err(Refusal::ResourcesInMotion));
        let ids = (account.id, model);
        let second = step(ids, &moving, &takers, &rows[90..180], false, &mut stamp).unwrap();
        let moving = now(&second, from.id);
        assert_eq!(moving.motion.as_ref().map(|motion| motion.done), Some(180));
        let last = step(ids, &moving, &takers, &rows[180..], true, &mut stamp).unwrap();
        assert_eq!((last.resources().count(), now(&last, from.id).motion), (20, None));
        assert_eq!(now(&last, to.id).incoming, 0);
        // A list that ended too early is gone through again, after the index has caught up; then it is over.
        let early = step(ids, &moving, &takers, &[], true, &mut stamp).unwrap();
        let moving = now(&early, from.id);
        assert_eq!(moving.motion.as_ref().map(|motion| motion.due_at - stamp.now), Some(INDEX_LAG));
        let late = step(ids, &moving, &takers, &[], true, &mut stamp).unwrap();
        assert_eq!(now(&late, from.id).motion, None);
    }

    fn now(change: &Change, of: crate::id::UserId) -> Holdings {
        let holdings = |write: &crate::Write| match write {
            crate::Write::Replace { now, .. } => match &**now {
                Record::Holdings(holdings) if holdings.user_id == of => Some(holdings.clone()),
                _ => None,
            },
            _ => None,
        };
        change.writes.iter().find_map(holdings).unwrap()
    }

    #[test]
    fn who_leaves_while_resources_come_to_him_passes_them_on() {
        let account = account("unlimited");
        let [ben, carla, dora] = [1, 2, 3].map(|number| user(&account, UserType::Member, number));
        let held = Held { automation: 100, ..Held::default() };
        let holding =
            |user: &crate::user::User, held| Holdings { held, version: 1, ..Holdings::none(account.id, user.id) };
        let (of_ben, of_carla, of_dora) =
            (holding(&ben, held), holding(&carla, Held::default()), holding(&dora, Held::default()));
        let model = account.subscription.model;
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let mut begun = |of: &Holdings, plan, to: Option<Taker<'_>>| {
            begin(&account, of, plan, to, &[], &mut Change::new(account.id, model), &mut stamp).1
        };
        let to_carla = Plan::Reassign { to: carla.id, epoch: 0 };
        let of_ben = begun(&of_ben, to_carla, Some(Taker { user: &carla, holdings: &of_carla }));
        let of_carla = Holdings { held, incoming: 1, version: 2, ..of_carla };
        let row = resource(&account, ben.id, Kind::Automation, 1);
        let seen = |of_ben: &Holdings, of_carla: &Holdings| {
            let all = [of_ben.clone(), of_carla.clone(), of_dora.clone()];
            let shown = shown_among(row.clone(), |id| all.iter().find(|holdings| holdings.user_id == id));
            (shown.owner_id, shown.state)
        };
        assert_eq!(seen(&of_ben, &of_carla), (Some(carla.id), State::Active));
        // She is deactivated: it stops, and stays stopped when she is back.
        let kept = begun(&of_carla, Plan::Keep, None);
        assert_eq!(seen(&of_ben, &kept), (Some(carla.id), State::Disabled));
        assert_eq!((kept.incoming, kept.motion.as_ref().unwrap().stages[0].awaits), (0, 1));
        let back = begun(&kept, Plan::Restore, None);
        assert_eq!(back.motion.as_ref().unwrap().stages.len(), 1);
        assert_eq!(back.motion.as_ref().unwrap().stages[0].awaits, 1);
        // Or gives it to somebody else.
        let to_dora = Plan::Reassign { to: dora.id, epoch: 0 };
        let given = begun(&of_carla, to_dora, Some(Taker { user: &dora, holdings: &of_dora }));
        assert_eq!(seen(&of_ben, &given), (Some(dora.id), State::Active));
        // Or back to him who has it still, and who then leaves: nobody waits for himself.
        let to_ben = Plan::Reassign { to: ben.id, epoch: 1 };
        let given = begun(&of_carla, to_ben, Some(Taker { user: &ben, holdings: &of_ben }));
        let of_ben = Holdings { held, incoming: 1, version: 3, ..of_ben };
        let gone = begun(&of_ben, Plan::Keep, None);
        assert_eq!(seen(&gone, &given), (Some(ben.id), State::Disabled));
        // The worker ends one stage after the other.
        let (mut gone, mut given) = (gone, given);
        stamp.now += INDEX_LAG * 2;
        for _ in 0..6 {
            let ids = (account.id, model);
            if let Some(change) = step(ids, &gone, std::slice::from_ref(&given), &[], true, &mut stamp) {
                (gone, given) = (now(&change, ben.id), changed(&change, given));
            }
            if let Some(change) = step(ids, &given, std::slice::from_ref(&gone), &[], true, &mut stamp) {
                (given, gone) = (now(&change, carla.id), changed(&change, gone));
            }
            stamp.now += INDEX_LAG * 2;
        }
        assert_eq!((gone.motion, given.motion, gone.incoming, given.incoming), (None, None, 0, 0));
    }

    fn changed(change: &Change, was: Holdings) -> Holdings {
        let touched = change.writes.iter().any(|write| {
            matches!(write, crate::Write::Replace { now, .. }
                if matches!(&**now, Record::Holdings(holdings) if holdings.user_id == was.user_id))
        });
        if touched { now(change, was.user_id) } else { was }
    }
}
