#![allow(clippy::unwrap_used)]
use super::*;
use crate::rules::fixtures::{account, at, stamp, user};
use crate::user::UserType;

/// What came of a renewal, told in short.
fn told(plan: &str, counts: Counts, now: &str) -> Option<(String, i64, i64, Option<i64>)> {
    let account = account(plan);
    let (renewal, change) = renew(&account, &counts, &mut stamp(now))?;
    assert_eq!(change.counts.delta.purchased, -renewal.dropped);
    let day = renewal.account.subscription.renews_at.date_naive().to_string();
    Some((day, renewal.quantity, renewal.dropped, renewal.invoice.map(|invoice| invoice.total.amount)))
}

#[test]
fn what_is_not_used_is_dropped_and_not_invoiced_l5() {
    let counts = |purchased, in_use, reserved| Counts {
        purchased,
        in_use,
        reserved,
        available: purchased - in_use - reserved,
        ..Counts::default()
    };
    // The account began on 31 January: its first period ends on 28 February.
    for (plan, counts, now, expected) in [
        ("licensed-monthly", counts(5, 3, 1), "2026-02-28T00:00:00Z", Some(("2026-03-31", 4, 1, Some(4_800)))),
        ("licensed-monthly", counts(5, 3, 1), "2026-02-27T23:59:59Z", None),
        ("licensed-monthly", counts(5, 5, 0), "2026-03-02T08:00:00Z", Some(("2026-03-31", 5, 0, Some(6_000)))),
        // At least one stays.
        ("licensed-monthly", counts(9, 0, 0), "2026-02-28T00:00:00Z", Some(("2026-03-31", 1, 8, Some(1_200)))),
        ("licensed-monthly", counts(1, 0, 1), "2026-02-28T00:00:00Z", Some(("2026-03-31", 1, 0, Some(1_200)))),
        ("licensed-yearly", counts(3, 2, 0), "2027-01-31T00:00:00Z", Some(("2028-01-31", 2, 1, Some(24_000)))),
        ("licensed-yearly", counts(3, 2, 0), "2027-01-30T23:59:59Z", None),
        // Users are counted as they are: who is invited is charged when he comes.
        ("metered-monthly", counts(0, 3, 2), "2026-02-28T00:00:00Z", Some(("2026-03-31", 3, 0, Some(2_700)))),
        ("metered-monthly", counts(0, 0, 2), "2026-02-28T00:00:00Z", Some(("2026-03-31", 0, 0, None))),
        ("unlimited", counts(0, 3, 2), "2026-02-28T00:00:00Z", None),
    ] {
        let expected = expected.map(|(day, quantity, dropped, total)| (day.to_owned(), quantity, dropped, total));
        assert_eq!(told(plan, counts, now), expected, "{plan} {counts:?} {now}");
    }
}

#[test]
fn periods_follow_each_other_whole() {
    let mut account = account("licensed-monthly");
    let mut counts = Counts { purchased: 2, in_use: 2, ..Counts::default() };
    let mut bounds = Vec::new();
    // A worker that comes in June renews four times.
    while let Some((renewal, change)) = renew(&account, &counts, &mut stamp("2026-06-15T12:00:00Z")) {
        let invoice = renewal.invoice.unwrap();
        let day = |at: crate::Instant| at.date_naive().to_string();
        bounds.push((invoice.number, day(invoice.period_start), day(invoice.period_end)));
        assert_eq!((invoice.total.amount, &invoice.lines[0].proration), (2_400, &None));
        counts = counts.plus(&change.counts.delta);
        account = renewal.account;
    }
    let expected = [
        (1, "2026-02-28", "2026-03-31"),
        (2, "2026-03-31", "2026-04-30"),
        (3, "2026-04-30", "2026-05-31"),
        (4, "2026-05-31", "2026-06-30"),
    ];
    assert_eq!(bounds, expected.map(|(number, from, to)| (number, from.to_owned(), to.to_owned())));
    assert_eq!((counts.period, counts.invoices), (4, 4));
}

#[test]
fn a_leap_day_comes_back_in_leap_years() {
    let mut account = account("licensed-yearly");
    account.subscription = crate::account::Subscription::starting(
        crate::plan::plan("licensed-yearly").unwrap(),
        at("2028-02-29T12:00:00Z"),
    );
    let mut ends = Vec::new();
    while let Some((renewal, _)) = renew(&account, &Counts::default(), &mut stamp("2032-03-01T00:00:00Z")) {
        account = renewal.account;
        ends.push(account.subscription.renews_at.date_naive().to_string());
    }
    assert_eq!(ends, ["2030-02-28", "2031-02-28", "2032-02-29", "2033-02-28"]);
}

#[test]
fn credit_is_used_up_first() {
    let account = account("licensed-monthly");
    for (credit, total, left) in [(0, 2_400, 0), (1_000, 1_400, 0), (2_400, 0, 0), (10_000, 0, 7_600)] {
        let counts = Counts { purchased: 2, in_use: 2, credit, ..Counts::default() };
        let (renewal, change) = renew(&account, &counts, &mut stamp("2026-02-28T00:00:00Z")).unwrap();
        let invoice = renewal.invoice.unwrap();
        assert_eq!((invoice.total.amount, counts.credit + change.counts.delta.credit), (total, left));
        assert_eq!(invoice.lines.iter().map(|line| line.amount.amount).sum::<i64>(), total);
        assert_eq!(invoice.status == crate::invoice::InvoiceStatus::Paid, total == 0);
    }
}

#[test]
fn admins_are_reminded_once_within_seven_days_l5() {
    let counts = Counts { purchased: 5, in_use: 2, reserved: 1, available: 2, ..Counts::default() };
    for (plan, now, reminded, expected) in [
        ("licensed-monthly", "2026-02-20T23:59:59Z", false, None),
        ("licensed-monthly", "2026-02-21T00:00:00Z", false, Some(("3", "2", "3600 EUR"))),
        ("licensed-monthly", "2026-02-27T23:59:59Z", false, Some(("3", "2", "3600 EUR"))),
        ("licensed-monthly", "2026-02-28T00:00:00Z", false, None),
        ("licensed-monthly", "2026-02-21T00:00:00Z", true, None),
        ("licensed-yearly", "2026-02-21T00:00:00Z", false, None),
        ("licensed-yearly", "2027-01-24T00:00:00Z", false, Some(("3", "2", "36000 EUR"))),
        ("metered-monthly", "2026-02-21T00:00:00Z", false, Some(("2", "0", "1800 EUR"))),
        ("unlimited", "2026-02-21T00:00:00Z", false, None),
    ] {
        let mut account = account(plan);
        account.subscription.reminded = reminded;
        let admin = user(&account, UserType::Admin, 1);
        let silent = User { email: None, ..user(&account, UserType::Admin, 2) };
        let change = remind(&account, &counts, &[admin, silent], &mut stamp(now));
        let told = change.as_ref().map(|change| {
            assert_eq!((change.mails.len(), change.counts.is_nothing()), (1, true), "{plan} {now}");
            let params = &change.mails[0].params;
            (params["quantity"].as_str(), params["dropped"].as_str(), params["total"].as_str())
        });
        assert_eq!(told, expected, "{plan} {now} {reminded}");
        let kept = change.and_then(|change| change.writes.into_iter().next());
        if let Some(crate::Write::Replace { now, .. }) = kept {
            let Record::Account(now) = *now else { panic!("the account") };
            assert_eq!(now.subscription.due(), Some((crate::account::Renewing::Renew, now.subscription.renews_at)));
        }
    }
}
