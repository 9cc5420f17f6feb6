#![allow(clippy::unwrap_used)]
use super::*;
use crate::plan::plan;
use crate::rules::fixtures::{account, stamp, user};
use crate::user::UserType;

/// A change in which one user's license moves; a seat of none is nobody.
fn moved(account: &Account, (was, paid_in): (Option<Seat>, Option<i64>), now: Option<Seat>) -> Change {
    let with = |seat: Option<Seat>, version| {
        seat.map(|seat| User { seat, paid_in, version, ..user(account, UserType::Member, 5) })
    };
    let (was, now) = (with(was, 1), with(now, 2));
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.moved(was.as_ref(), now.as_ref());
    match (was, now) {
        (Some(was), Some(now)) => change.replace(Record::User(was), Record::User(now)),
        (None, Some(now)) => change.create(Record::User(now)),
        (Some(was), None) => change.remove(Record::User(was)),
        (None, None) => {}
    }
    change
}

/// In which period the user of a change is paid for then.
fn paid_in(change: &Change) -> Option<i64> {
    change.writes.iter().find_map(|write| match write {
        Write::Create(now) | Write::Replace { now, .. } => match &**now {
            Record::User(user) => Some(user.paid_in),
            _ => None,
        },
        _ => None,
    })?
}

const NONE: Option<Seat> = Some(Seat::None);
const KEPT: Option<Seat> = Some(Seat::Reserved);
const HELD: Option<Seat> = Some(Seat::Held);

#[test]
fn who_takes_a_license_is_charged_once_in_a_period_b11() {
    let account = account("metered-monthly");
    // The seventh period runs; 14 of its 28 days are left.
    let counts = Counts { period: 7, invoices: 4, in_use: 2, ..Counts::default() };
    for (was, before, now, charged, after, prepaid) in [
        // Whoever is new, or comes back in another period.
        (None, None, HELD, true, Some(7), 0),
        (None, None, KEPT, true, Some(7), 1),
        (NONE, None, HELD, true, Some(7), 0),
        (NONE, Some(6), HELD, true, Some(7), 0),
        // Whoever was charged with the invitation of this period, or of an earlier one.
        (KEPT, Some(7), HELD, false, Some(7), -1),
        (KEPT, Some(6), HELD, true, Some(7), 0),
        // Whoever comes back in the same period.
        (NONE, Some(7), HELD, false, Some(7), 0),
        (NONE, Some(7), KEPT, false, Some(7), 1),
        // Whoever goes has been on the renewal's invoice, or was charged since.
        (HELD, None, NONE, false, Some(7), 0),
        (HELD, Some(6), NONE, false, Some(7), 0),
        (KEPT, Some(6), NONE, false, Some(6), 0),
        (KEPT, Some(7), NONE, false, Some(7), -1),
        (KEPT, Some(7), None, false, None, -1),
        (HELD, Some(7), None, false, None, 0),
    ] {
        let row = format!("{was:?} {before:?} to {now:?}");
        let mut change = moved(&account, (was, before), now);
        settle(&mut change, Some(&account), &counts, &mut stamp("2026-02-14T10:00:00Z"));
        let invoice = change.invoices().next();
        assert_eq!(invoice.map(|it| (it.number, it.total.amount)), charged.then_some((5, 450)), "{row}");
        assert_eq!((paid_in(&change), change.counts.delta.prepaid), (after, prepaid), "{row}");
        let posting = change.posting.as_ref().unwrap();
        assert_eq!((posting.period, posting.entries.len()), (7, 1 + usize::from(charged)), "{row}");
        assert_eq!(change.counts.seen, Some(counts), "{row}");
    }
}

#[test]
fn several_at_once_are_one_invoice_rounded_once() {
    let account = account("metered-monthly");
    let mut change = Change::new(account.id, account.subscription.model);
    for number in 10..13 {
        let user = user(&account, UserType::Member, number);
        change.counts = change.counts.moved(None, Some(&user));
        change.create(Record::User(user));
    }
    // 3 × 9.00 × 1 of 28 days is 96.4 cents; three lines would be 96.
    settle(&mut change, Some(&account), &Counts::default(), &mut stamp("2026-02-27T10:00:00Z"));
    let invoices: Vec<_> = change.invoices().collect();
    assert_eq!((invoices.len(), invoices[0].lines[0].quantity, invoices[0].total.amount), (1, 3, 96));
    let users: usize =
        change.posting.unwrap().entries.iter().filter_map(|it| it.charge.as_ref()).map(|it| it.user_ids.len()).sum();
    assert_eq!(users, 3);
}

#[test]
fn where_licenses_are_bought_or_free_a_move_is_posted_and_not_charged() {
    for plan_id in ["licensed-monthly", "licensed-yearly", "unlimited", "basic"] {
        let account = account(plan_id);
        let mut change = moved(&account, (None, None), HELD);
        assert!(is_to_settle(&change) && !is_to_charge(&change), "{plan_id}");
        settle(&mut change, None, &Counts::default(), &mut stamp("2026-02-14T10:00:00Z"));
        assert_eq!((change.invoices().count(), paid_in(&change)), (0, None), "{plan_id}");
        assert_eq!(change.posting.as_ref().unwrap().entries[0].in_use, 1, "{plan_id}");
        assert_eq!(change.counts.delta.postings, 1);
        // Once is enough.
        let settled = change.clone();
        settle(&mut change, None, &Counts::default(), &mut stamp("2026-02-14T10:00:00Z"));
        assert_eq!(change, settled);
    }
}

#[test]
fn what_moves_no_license_is_not_posted() {
    let account = account("metered-monthly");
    for (was, now) in [(HELD, HELD), (KEPT, KEPT), (NONE, NONE), (None, NONE), (NONE, None)] {
        let mut change = moved(&account, (was, None), now);
        assert!(!is_to_settle(&change));
        settle(&mut change, Some(&account), &Counts::default(), &mut stamp("2026-02-14T10:00:00Z"));
        assert_eq!(change.posting, None);
    }
}

#[test]
fn while_a_renewal_is_late_nothing_is_left_to_charge_by_days() {
    let mut account = account("metered-monthly");
    account.subscription = crate::account::Subscription::starting(
        plan("metered-monthly").unwrap(),
        "2026-01-31T12:00:00Z".parse().unwrap(),
    );
    let mut change = moved(&account, (None, None), HELD);
    settle(&mut change, Some(&account), &Counts::default(), &mut stamp("2026-03-02T10:00:00Z"));
    // The renewal that is to come has this user on its invoice.
    assert_eq!((change.invoices().count(), paid_in(&change)), (0, Some(0)));
}
