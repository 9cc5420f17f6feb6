#![allow(clippy::unwrap_used)]
use super::*;
use crate::counts::Counts;
use crate::payment::Method;
use crate::rules::fixtures::{account, at, stamp, user};
use crate::user::UserType;

const ISSUED: &str = "2026-02-01T10:00:00Z";

fn owed() -> (Account, Invoice) {
    let account = account("licensed-monthly");
    let invoice = Invoice::for_purchase(&account, &Counts::default(), 3, &mut stamp(ISSUED));
    (account, invoice)
}

fn payer(account: &Account, method: Option<&str>) -> Payer {
    let method = method.map(|id| Method {
        id: id.to_owned(),
        brand: "visa".to_owned(),
        last4: "4242".to_owned(),
        exp_month: 12,
        exp_year: 2030,
    });
    Payer { account_id: account.id, customer: "cus_1".to_owned(), method, due_at: None, version: 1 }
}

fn invoice_in(change: &Change) -> Invoice {
    let found = change.writes.iter().find_map(|write| match write {
        crate::change::Write::Replace { now, .. } => match &**now {
            Record::Invoice(invoice) => Some(invoice.clone()),
            _ => None,
        },
        _ => None,
    });
    found.unwrap()
}

fn account_in(change: &Change, before: &Account) -> Account {
    let found = change.writes.iter().find_map(|write| match write {
        crate::change::Write::Replace { now, .. } => match &**now {
            Record::Account(account) => Some(account.clone()),
            _ => None,
        },
        _ => None,
    });
    found.unwrap_or_else(|| before.clone())
}

fn begun(account: &Account, invoice: &Invoice, card: &str, now: &str) -> (Invoice, Attempt) {
    match collect(account, invoice, Some(&payer(account, Some(card))), at(now)) {
        Next::Charge(change, attempt) => (invoice_in(&change), attempt),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_attempt_is_written_before_it_is_made_and_made_again_in_the_same_words() {
    let (account, invoice) = owed();
    let (begun_once, first) = begun(&account, &invoice, "pm_1", ISSUED);
    assert_eq!((first.number, first.customer.as_str(), first.method.as_str()), (1, "cus_1", "pm_1"));
    assert_eq!(first.key(invoice.id), format!("{}-1", invoice.id));
    // Held by whoever makes it, and by nobody for ever.
    let early = at("2026-02-01T10:14:59Z");
    assert_eq!(collect(&account, &begun_once, Some(&payer(&account, Some("pm_1"))), early), Next::Nothing);
    // Even where there is another card by then, or none.
    for card in [Some("pm_2"), None] {
        match collect(&account, &begun_once, Some(&payer(&account, card)), at("2026-02-01T10:15:00Z")) {
            Next::Charge(change, again) => {
                assert_eq!((again, invoice_in(&change).version), (first.clone(), 3), "{card:?}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn nobody_is_asked_where_nothing_is_owed_or_nobody_pays() {
    let (account, invoice) = owed();
    for payer in [None, Some(payer(&account, None))] {
        let Next::Write(change) = collect(&account, &invoice, payer.as_ref(), at(ISSUED)) else { panic!("{payer:?}") };
        let waiting = invoice_in(&change);
        assert_eq!((waiting.collection_due(), waiting.status), (None, InvoiceStatus::Open));
        let again = due_again(&account, &waiting, at("2026-03-01T10:00:00Z")).unwrap();
        assert_eq!(invoice_in(&again).collection_due(), Some(at("2026-03-01T10:00:00Z")));
    }
    let card = payer(&account, Some("pm_1"));
    for status in [InvoiceStatus::Paid, InvoiceStatus::Void] {
        let done = Invoice { status, ..invoice.clone() };
        assert_eq!(collect(&account, &done, Some(&card), at("2026-03-01T10:00:00Z")), Next::Nothing);
        assert!(collected(&account, &done, "pi_1", &mut stamp(ISSUED)).is_none());
        assert!(due_again(&account, &done, at(ISSUED)).is_none());
    }
    // What comes to nothing is paid when it is issued, so it is never due.
    let free = Counts { credit: 1_000_000, ..Counts::default() };
    let free = Invoice::for_purchase(&account, &free, 3, &mut stamp(ISSUED));
    assert_eq!((free.total.amount, free.status, free.collection_due()), (0, InvoiceStatus::Paid, None));
}

#[test]
fn a_declined_card_is_charged_again_after_1_3_5_and_7_days_and_then_no_more() {
    let (mut account, mut invoice) = owed();
    let admins = [user(&account, UserType::Admin, 1), user(&account, UserType::Admin, 2)];
    let card = payer(&account, Some("pm_1"));
    let mut now = at(ISSUED);
    for (number, due) in [
        (1, Some("2026-02-02T10:00:00Z")),
        (2, Some("2026-02-05T10:00:00Z")),
        (3, Some("2026-02-10T10:00:00Z")),
        (4, Some("2026-02-17T10:00:00Z")),
        (5, None),
    ] {
        let text = now.to_rfc3339();
        let (under_way, attempt) = begun(&account, &invoice, "pm_1", &text);
        assert_eq!(attempt.number, number);
        let mut stamp = stamp(&text);
        let said = (number, "insufficient_funds");
        let change = declined(&account, &under_way, Some(&card), said, &admins, &mut stamp).unwrap();
        (invoice, account) = (invoice_in(&change), account_in(&change, &account));
        assert_eq!(invoice.collection_due(), due.map(at), "{number}");
        assert_eq!(account.overdue_invoices, u32::from(due.is_none()), "{number}");
        let template = if due.is_some() { "payment_failed" } else { "account_past_due" };
        assert_eq!(change.mails.len(), 2);
        assert!(change.mails.iter().all(|mail| mail.template.name() == template), "{number}");
        // The same word again changes nothing.
        assert!(declined(&account, &invoice, Some(&card), said, &admins, &mut stamp).is_none());
        now = due.map_or(now, at);
    }
    // The money comes after all: nothing is overdue.
    let paid = collected(&account, &invoice, "pi_1", &mut stamp("2026-03-01T10:00:00Z")).unwrap();
    assert_eq!((invoice_in(&paid).status, account_in(&paid, &account).overdue_invoices), (InvoiceStatus::Paid, 0));
    assert_eq!((invoice_in(&paid).collection_due(), paid.facts.len()), (None, 1));
}

#[test]
fn a_new_card_begins_anew_and_never_before_the_old_attempt_is_over() {
    let (account, invoice) = owed();
    let (under_way, attempt) = begun(&account, &invoice, "pm_1", ISSUED);
    assert!(due_again(&account, &under_way, at(ISSUED)).is_none());
    let new = payer(&account, Some("pm_2"));
    let mut stamp = stamp("2026-02-01T10:05:00Z");
    // What is said of another attempt is about nothing.
    assert!(declined(&account, &under_way, Some(&new), (2, "x"), &[], &mut stamp).is_none());
    let change = declined(&account, &under_way, Some(&new), (attempt.number, "x"), &[], &mut stamp).unwrap();
    let free = invoice_in(&change);
    assert_eq!((free.collection_due(), free.collection.as_ref().unwrap().declines), (Some(stamp.now), 0));
    let (_, second) = begun(&account, &free, "pm_2", "2026-02-01T10:05:00Z");
    assert_eq!((second.number, second.method.as_str()), (2, "pm_2"));
}

#[test]
fn what_is_marked_by_hand_is_overdue_no_longer() {
    let (mut account, mut invoice) = owed();
    account.overdue_invoices = 1;
    invoice.collection = Some(Collection { attempts: 5, declines: 5, overdue: true, ..Collection::default() });
    assert_eq!(invoice.collection_due(), None);
    for status in [InvoiceStatus::Paid, InvoiceStatus::Void] {
        let marked = Invoice { status, ..invoice.clone() };
        let Next::Write(change) = collect(&account, &marked, None, at(ISSUED)) else { panic!("{status:?}") };
        let (done, account) = (invoice_in(&change), account_in(&change, &account));
        assert_eq!((done.status, done.collection_due(), account.overdue_invoices), (status, None, 0));
        assert_eq!(collect(&account, &done, None, at("2026-03-01T10:00:00Z")), Next::Nothing);
    }
}
