#![allow(clippy::unwrap_used)]
use super::*;
use crate::change::{Change, Record};
use crate::rules::fixtures::{account, at, stamp, user};
use crate::rules::purchase::purchase;
use crate::rules::renew::renew;
use crate::rules::settle::settle;
use crate::user::{Seat, User, UserType};

/// A ledger as rules write it.
struct Books {
    counts: Counts,
    postings: Vec<Posting>,
    invoices: Vec<Invoice>,
}

impl Books {
    fn new() -> Self {
        Self { counts: Counts::default(), postings: Vec::new(), invoices: Vec::new() }
    }

    fn take(&mut self, mut change: Change, account: &crate::account::Account, now: &str) {
        settle(&mut change, Some(account), &self.counts, &mut stamp(now));
        self.invoices.extend(change.invoices().cloned());
        self.counts = self.counts.plus(&change.counts.delta);
        self.postings.extend(change.posting);
    }

    fn differences(&self) -> Vec<Difference> {
        let mut reckoning = Reckoning::default();
        self.postings.iter().for_each(|posting| reckoning.posting(posting));
        self.invoices.iter().for_each(|invoice| reckoning.invoice(invoice));
        reckoning.finish(&self.counts).1
    }
}

/// Three licenses, a user who takes one, and two periods; or the same where users are counted.
fn books(plan: &str) -> Books {
    let mut account = account(plan);
    let mut books = Books::new();
    if plan.starts_with("licensed") {
        let bought = purchase(&account, &books.counts, 3, &mut stamp("2026-02-01T10:00:00Z")).unwrap().2;
        books.take(bought, &account, "2026-02-01T10:00:00Z");
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let ben = user(&account, UserType::Member, 5);
    change.counts = change.counts.moved(None, Some(&ben));
    change.create(Record::User(ben.clone()));
    books.take(change, &account, "2026-02-02T10:00:00Z");
    for _ in 0..2 {
        let (renewal, change) = renew(&account, &books.counts, &mut stamp("2026-04-01T00:00:00Z")).unwrap();
        books.take(change, &account, "2026-04-01T00:00:00Z");
        account = renewal.account;
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let gone = User { seat: Seat::None, ..ben.clone() };
    change.counts = change.counts.moved(Some(&ben), Some(&gone));
    change.replace(Record::User(ben), Record::User(gone));
    books.take(change, &account, "2026-04-02T00:00:00Z");
    books
}

#[test]
fn what_rules_write_adds_up() {
    for plan in ["licensed-monthly", "metered-monthly"] {
        let books = books(plan);
        assert_eq!(books.differences(), [], "{plan}");
        assert_eq!((books.counts.period, books.invoices.len()), (2, 3), "{plan}");
    }
    assert_eq!(Books::new().differences(), []);
}

#[test]
fn whatever_is_changed_is_told() {
    type Tamper = fn(&mut Books);
    let cases: [(&str, Tamper); 15] = [
        ("a count of licenses", |books| books.counts.purchased += 1),
        ("a count of users", |books| books.counts.in_use += 1),
        ("a kept license", |books| books.counts.reserved -= 1),
        ("a period", |books| books.counts.period += 1),
        ("credit", |books| books.counts.credit += 1),
        ("a posting that is gone", |books| drop(books.postings.remove(1))),
        ("a posting that is there twice", |books| books.postings.push(books.postings[1].clone())),
        ("the order of periods", |books| books.postings.swap(2, 3)),
        ("an invoice that is gone", |books| drop(books.invoices.pop())),
        ("an invoice's number", |books| books.invoices[1].number = 7),
        ("a total", |books| books.invoices[1].total.amount += 1),
        ("a line", |books| {
            books.invoices[1].lines[0].amount.amount += 1;
            books.invoices[1].total.amount += 1;
        }),
        ("a quantity", |books| books.invoices[1].lines[0].quantity += 1),
        ("a status", |books| books.invoices[1].status = InvoiceStatus::Paid),
        ("an amount in the ledger", |books| {
            let charges = books.postings.iter_mut().flat_map(|it| &mut it.entries).filter_map(|it| it.charge.as_mut());
            charges.for_each(|charge| charge.amount.amount += 1);
        }),
    ];
    for plan in ["licensed-monthly", "metered-monthly"] {
        for (what, tamper) in cases {
            let mut books = books(plan);
            tamper(&mut books);
            assert_ne!(books.differences(), [], "{plan}: {what}");
        }
    }
}

#[test]
fn nobody_is_charged_twice_in_a_period() {
    let mut books = books("metered-monthly");
    let first = books.postings[0].clone();
    books
        .postings
        .insert(1, Posting { id: stamp("2026-02-03T00:00:00Z").id(), at: at("2026-02-03T00:00:00Z"), ..first });
    assert!(books.differences().iter().any(|it| it.detail.starts_with("charged twice")), "{:?}", books.differences());
}
