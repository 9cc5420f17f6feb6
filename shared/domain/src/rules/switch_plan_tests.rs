#![allow(clippy::unwrap_used)]
use proptest::prelude::*;

use super::*;
use crate::plan::{Currency, Money, Term, plan};
use crate::rules::fixtures::{account, at, stamp};
use crate::rules::renew::renew;
use LineItem::{CreditKept, CreditUsed, Licenses, UnusedTime, Users};

/// A professional plan that is not among the shipped ones.
fn offer(model: Model, term: Term, amount: i64) -> Plan {
    let unit_price = Money { amount, currency: Currency::Eur };
    Plan { id: "gold".into(), model, term, unit_price, professional: true }
}

fn shipped(id: &str) -> Plan {
    plan(id).unwrap().clone()
}

fn counts(account: &Account, (purchased, in_use, reserved): (i64, i64, i64)) -> Counts {
    let limited = account.subscription.model == Model::Licensed;
    let available = if limited { purchased - in_use - reserved } else { 0 };
    Counts { purchased, in_use, reserved, available, invoices: 4, period: 2, ..Counts::default() }
}

fn target(plan: &Plan, licenses: Option<i64>) -> Target<'_> {
    Target { plan, licenses, has_outsiders: false }
}

/// The shipped plan, purchased, in use and reserved before.
type Before = (&'static str, (i64, i64, i64));
/// The lines, and the last day of the period that is charged; purchased and available.
type After<'a> = (&'a [(LineItem, i64, i64)], &'a str, (i64, i64));

/// Before, the plan, how many licenses are asked for, when, and what comes of it. The account began on 31 January: its month
/// has 28 days, its year 365.
type Case<'a> = (Before, Plan, Option<i64>, &'a str, After<'a>);

fn check(case: &Case<'_>) {
    let ((from, numbers), ref plan, licenses, now, (lines, renews, (purchased, available))) = *case;
    let case = format!("{from} {numbers:?} to {} {licenses:?} on {now}", plan.id);
    let account = account(from);
    let before = counts(&account, numbers);
    let (switched, change) = switch_plan(&account, &before, &target(plan, licenses), &mut stamp(now)).unwrap();
    let invoice = switched.invoice.as_ref();
    let got: Vec<_> = invoice.map(|it| it.lines.clone()).unwrap_or_default();
    let got: Vec<_> = got.iter().map(|line| (line.item, line.quantity, line.amount.amount)).collect();
    assert_eq!(got, lines, "{case}");
    let subscription = &switched.account.subscription;
    assert_eq!(subscription.renews_at, at(&format!("{renews}T00:00:00Z")), "{case}");
    assert_eq!((&switched.account.plan_id, subscription.unit_price), (&plan.id, plan.unit_price), "{case}");
    assert_eq!((switched.counts.purchased, switched.counts.available), (purchased, available), "{case}");
    assert_eq!((switched.counts.period, switched.counts.prepaid), (3, 0), "{case}");
    assert_eq!(before.plus(&change.counts.delta), switched.counts, "{case}");
    assert!(change.counts.exact && change.counts.becomes == Some(plan.model), "{case}");
    assert_eq!(change.invoices().map(|it| it.number).collect::<Vec<_>>(), invoice.map_or(vec![], |_| vec![5]));
    assert_eq!(change.facts[0].purchased, change.counts.delta.purchased, "{case}");
}

#[test]
fn within_a_term_the_period_goes_on() {
    use Model::Licensed;
    use Term::Monthly;
    let cases: &[Case<'_>] = &[
        // Up and down within a month: the period stays.
        (
            ("licensed-monthly", (5, 2, 1)),
            offer(Licensed, Monthly, 3_000),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -5, -3_000), (Licenses, 3, 4_500)], "2026-02-28", (3, 0)),
        ),
        (
            ("licensed-monthly", (5, 2, 1)),
            offer(Licensed, Monthly, 600),
            Some(4),
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -5, -3_000), (Licenses, 4, 1_200), (CreditKept, 1, 1_800)], "2026-02-28", (4, 1)),
        ),
        // On the first day all of it, on the last one day, each rounded once.
        (
            ("licensed-monthly", (5, 2, 1)),
            offer(Licensed, Monthly, 3_000),
            None,
            "2026-01-31T23:59:59Z",
            (&[(UnusedTime, -5, -6_000), (Licenses, 3, 9_000)], "2026-02-28", (3, 0)),
        ),
        (
            ("licensed-monthly", (5, 2, 1)),
            offer(Licensed, Monthly, 3_000),
            None,
            "2026-02-27T23:59:59Z",
            (&[(UnusedTime, -5, -214), (Licenses, 3, 321)], "2026-02-28", (3, 0)),
        ),
    ];
    cases.iter().for_each(check);
}

#[test]
fn another_term_begins_a_new_period() {
    use Model::Metered;
    use Term::Yearly;
    let cases: &[Case<'_>] = &[
        // Another term: a new period, charged whole.
        (
            ("licensed-monthly", (5, 2, 1)),
            shipped("licensed-yearly"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -5, -3_000), (Licenses, 3, 36_000)], "2027-02-14", (3, 0)),
        ),
        (
            ("licensed-yearly", (2, 2, 0)),
            shipped("licensed-monthly"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -2, -23_079), (Licenses, 2, 2_400), (CreditKept, 1, 20_679)], "2026-03-14", (2, 0)),
        ),
        (
            ("licensed-monthly", (1, 0, 0)),
            offer(Metered, Yearly, 9_000),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -1, -600), (CreditKept, 1, 600)], "2027-02-14", (0, 0)),
        ),
        // To a free plan and from one; a leap day's anniversary.
        (
            ("licensed-monthly", (5, 2, 1)),
            shipped("unlimited"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -5, -3_000), (CreditKept, 1, 3_000)], "2026-03-14", (0, 0)),
        ),
        (
            ("unlimited", (0, 2, 1)),
            shipped("licensed-monthly"),
            Some(10),
            "2026-05-31T09:00:00Z",
            (&[(Licenses, 10, 12_000)], "2026-06-30", (10, 7)),
        ),
        (
            ("basic", (0, 2, 1)),
            shipped("licensed-yearly"),
            None,
            "2028-02-29T09:00:00Z",
            (&[(Licenses, 3, 36_000)], "2029-02-28", (3, 0)),
        ),
        (("unlimited", (0, 2, 1)), shipped("basic"), None, "2026-05-31T09:00:00Z", (&[], "2026-06-30", (0, 0))),
    ];
    cases.iter().for_each(check);
}

#[test]
fn licenses_and_users_are_set_off_against_each_other() {
    let cases: &[Case<'_>] = &[
        // From licenses to users who are counted, and back. At least one license is bought.
        (
            ("licensed-monthly", (5, 2, 1)),
            shipped("metered-monthly"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -5, -3_000), (Users, 2, 900), (CreditKept, 1, 2_100)], "2026-02-28", (0, 0)),
        ),
        (
            ("metered-monthly", (0, 3, 2)),
            shipped("licensed-monthly"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(UnusedTime, -3, -1_350), (Licenses, 5, 3_000)], "2026-02-28", (5, 0)),
        ),
        (
            ("metered-monthly", (0, 0, 0)),
            shipped("licensed-monthly"),
            None,
            "2026-02-14T09:00:00Z",
            (&[(Licenses, 1, 600)], "2026-02-28", (1, 1)),
        ),
    ];
    cases.iter().for_each(check);
}

#[test]
fn users_who_are_invited_and_charged_for_are_set_off_too() {
    let account = account("metered-monthly");
    let before = Counts { prepaid: 1, ..counts(&account, (0, 3, 2)) };
    let gold = offer(Model::Metered, Term::Monthly, 1_000);
    let stamp = &mut stamp("2026-02-14T09:00:00Z");
    let (switched, change) = switch_plan(&account, &before, &target(&gold, None), stamp).unwrap();
    let lines = switched.invoice.unwrap().lines;
    let amounts: Vec<_> = lines.iter().map(|line| (line.item, line.quantity, line.amount.amount)).collect();
    assert_eq!(amounts, [(UnusedTime, -4, -1_800), (Users, 3, 1_500), (CreditKept, 1, 300)]);
    assert_eq!((switched.counts.prepaid, switched.counts.credit, change.counts.delta.prepaid), (0, 300, -1));
}

#[test]
fn credit_is_used_by_a_switch_to_something_dearer() {
    for (credit, used, total) in [(500, 500, 1_900), (2_400, 2_400, 0), (9_000, 2_400, 0)] {
        let account = account("unlimited");
        let before = Counts { credit, ..counts(&account, (0, 2, 0)) };
        let stamp = &mut stamp("2026-02-14T09:00:00Z");
        let licensed = shipped("licensed-monthly");
        let (switched, _) = switch_plan(&account, &before, &target(&licensed, None), stamp).unwrap();
        let invoice = switched.invoice.unwrap();
        let last = invoice.lines.last().unwrap();
        assert_eq!((last.item, last.amount.amount, invoice.total.amount), (CreditUsed, -used, total));
        assert_eq!(switched.counts.credit, credit - used);
    }
}

#[test]
fn what_is_left_to_the_credit_is_used_by_the_renewal() {
    let account = account("licensed-monthly");
    let silver = offer(Model::Licensed, Term::Monthly, 600);
    let before = counts(&account, (5, 2, 1));
    let (switched, _) =
        switch_plan(&account, &before, &target(&silver, None), &mut stamp("2026-02-14T09:00:00Z")).unwrap();
    assert_eq!(switched.counts.credit, 2_100);
    let mut stands = (switched.account, switched.counts);
    for (now, used, total) in
        [("2026-02-28T00:00:00Z", 1_800, 0), ("2026-03-31T00:00:00Z", 300, 1_500), ("2026-04-30T00:00:00Z", 0, 1_800)]
    {
        let (renewal, change) = renew(&stands.0, &stands.1, &mut stamp(now)).unwrap();
        assert_eq!(renewal.invoice.unwrap().total.amount, total, "{now}");
        assert_eq!(change.counts.delta.credit, -used, "{now}");
        stands = (renewal.account, stands.1.plus(&change.counts.delta));
    }
}

/// Before, the plan, how many licenses are asked for, whether there are guests, the credit, when, and what is refused.
type Asked<'a> = (Before, Plan, Option<i64>, bool, i64, &'a str, Option<Refusal>);

#[test]
fn what_cannot_be_switched_is_refused() {
    let dollars = |plan: Plan| Plan { unit_price: Money { currency: Currency::Usd, ..plan.unit_price }, ..plan };
    let gold = || offer(Model::Licensed, Term::Monthly, 3_000);
    let (bought, free) = (("licensed-monthly", (5, 2, 1)), ("unlimited", (0, 2, 1)));
    let midway = "2026-02-14T09:00:00Z";
    let refused: &[Asked<'_>] = &[
        (bought, shipped("licensed-monthly"), Some(9), false, 0, midway, Some(Refusal::PlanUnchanged)),
        (bought, shipped("basic"), None, true, 0, midway, Some(Refusal::PlanLacksGuestsAndViewers)),
        (bought, shipped("basic"), None, false, 0, midway, None),
        (bought, shipped("unlimited"), None, true, 0, midway, None),
        (bought, gold(), Some(2), false, 0, midway, Some(Refusal::NoLicenseAvailable)),
        (bought, gold(), Some(3), false, 0, midway, None),
        (bought, shipped("metered-monthly"), Some(3), false, 0, midway, Some(Refusal::ModelHasNoLicenses)),
        (bought, shipped("unlimited"), Some(3), false, 0, midway, Some(Refusal::ModelHasNoLicenses)),
        (bought, gold(), None, false, 0, "2026-02-28T00:00:00Z", Some(Refusal::RenewalDue)),
        (bought, gold(), None, false, 0, "2026-02-27T23:59:59Z", None),
        // A free plan's periods pass by themselves.
        (free, gold(), None, false, 0, "2027-08-01T00:00:00Z", None),
        (bought, dollars(gold()), None, false, 0, midway, Some(Refusal::PlanInAnotherCurrency)),
        (free, dollars(gold()), None, false, 1, midway, Some(Refusal::PlanInAnotherCurrency)),
        (free, dollars(gold()), None, false, 0, midway, None),
        (("metered-monthly", (0, 0, 3)), dollars(gold()), None, false, 0, midway, None),
    ];
    for ((from, numbers), plan, licenses, has_outsiders, credit, now, expected) in refused {
        let account = account(from);
        let before = Counts { credit: *credit, ..counts(&account, *numbers) };
        let target = Target { plan, licenses: *licenses, has_outsiders: *has_outsiders };
        let got = switch_plan(&account, &before, &target, &mut stamp(now)).err();
        assert_eq!(got, *expected, "{from} to {} {licenses:?} on {now}", plan.id);
    }
}

proptest! {
    /// Whatever is switched when: nobody pays less than nothing, and what is set off is charged, credited or used, to the cent.
    #[test]
    fn no_cent_is_lost(
        from in prop::sample::select(vec!["licensed-monthly", "licensed-yearly", "metered-monthly", "unlimited"]),
        model in prop::sample::select(vec![Model::Licensed, Model::Metered]),
        term in prop::sample::select(vec![Term::Monthly, Term::Yearly]),
        (price, credit) in (0_i64..100_000, 0_i64..50_000),
        (in_use, reserved, spare) in (0_i64..50, 0_i64..20, 1_i64..20),
        day in 1_u32..28,
    ) {
        let account = account(from);
        let licensed = account.subscription.model == Model::Licensed;
        let purchased = if licensed { in_use + reserved + spare } else { 0 };
        let before = Counts { credit, ..counts(&account, (purchased, in_use, reserved)) };
        let gold = offer(model, term, price);
        let stamp = &mut stamp(&format!("2026-02-{day:02}T12:00:00Z"));
        let (switched, _) = switch_plan(&account, &before, &target(&gold, None), stamp).unwrap();
        prop_assert!(switched.counts.credit >= 0);
        let Some(invoice) = switched.invoice else {
            prop_assert_eq!(switched.counts.credit, credit);
            return Ok(());
        };
        let sum = |items: &[LineItem]| -> i64 {
            invoice.lines.iter().filter(|line| items.contains(&line.item)).map(|line| line.amount.amount).sum()
        };
        prop_assert!(invoice.total.amount >= 0);
        prop_assert_eq!(invoice.total.amount, invoice.lines.iter().map(|line| line.amount.amount).sum::<i64>());
        let owed = sum(&[UnusedTime, Licenses, Users]);
        prop_assert_eq!(invoice.total.amount - switched.counts.credit, owed - credit);
    }
}
