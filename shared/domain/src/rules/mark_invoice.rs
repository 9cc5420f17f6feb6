//! An invoice is paid, or is not to be paid. Whoever pays has no say in it: the vendor marks it, or what the payment comes through.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::invoice::{Invoice, InvoiceStatus};
use crate::ledger::{Entry, EntryKind};
use crate::refusal::Refusal;
use crate::stamp::Stamp;

/// Most characters of what stands for a payment, or of why an invoice is void.
pub const MAX_NOTE: usize = 200;

/// Marks an open invoice as paid; `reference` is what the payment is found by elsewhere. One that is paid stays as it is, and
/// there is no change.
pub fn paid(
    account: &Account,
    invoice: &Invoice,
    reference: Option<&str>,
    stamp: &mut Stamp,
) -> Result<(Invoice, Option<Change>), Refusal> {
    mark(account, invoice, (InvoiceStatus::Paid, "reference", reference), stamp)
}

/// Marks an open invoice as not to be paid, for some reason. What it used of the account's credit is the account's again. One
/// that is void stays as it is, and there is no change.
///
/// Refuses where what it charges for was set off by a change of plan (`set_off`): that is the account's already.
pub fn void(
    account: &Account,
    (invoice, set_off): (&Invoice, bool),
    reason: Option<&str>,
    stamp: &mut Stamp,
) -> Result<(Invoice, Option<Change>), Refusal> {
    if set_off && invoice.status == InvoiceStatus::Open {
        return Err(Refusal::InvoiceSetOff);
    }
    mark(account, invoice, (InvoiceStatus::Void, "reason", reason), stamp)
}

fn mark(
    account: &Account,
    invoice: &Invoice,
    (status, name, note): (InvoiceStatus, &str, Option<&str>),
    stamp: &mut Stamp,
) -> Result<(Invoice, Option<Change>), Refusal> {
    if invoice.status == status {
        return Ok((invoice.clone(), None));
    }
    if invoice.status != InvoiceStatus::Open {
        return Err(Refusal::InvoiceNotOpen);
    }
    // Otherwise the money of somebody who has paid twice, or for nothing, would be nowhere.
    if invoice.collection.as_ref().is_some_and(|collection| collection.under_way.is_some()) {
        return Err(Refusal::PaymentUnderWay);
    }
    let marked = Invoice { status, version: invoice.version + 1, ..invoice.clone() };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::Invoice(invoice.clone()), Record::Invoice(marked.clone()));
    let (kind, action) = if status == InvoiceStatus::Void {
        change.counts.delta.credit -= invoice.credit();
        (EntryKind::Voided, "invoice.voided")
    } else {
        (EntryKind::Paid, "invoice.paid")
    };
    change.facts.push(Entry::about(kind, invoice));
    let mut after = serde_json::Map::from_iter([("status".to_owned(), json!(status))]);
    after.extend(note.map(|note| (name.to_owned(), json!(note))));
    let values = (json!({ "status": invoice.status }), Value::Object(after));
    change.audit.push(AuditEntry::of(account.id, action, invoice.id, values, stamp));
    Ok((marked, Some(change)))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::counts::Counts;
    use crate::payment::{Attempt, Collection};
    use crate::rules::fixtures::{account, stamp};

    #[test]
    fn only_open_invoices_are_marked() {
        use InvoiceStatus::{Open, Paid, Void};
        let (account, mut stamp) = (account("licensed-monthly"), stamp("2026-02-10T10:00:00Z"));
        let issued = Invoice::for_purchase(&account, &Counts::default(), 3, &mut stamp);
        for (was, pays, expected) in [
            (Open, true, Ok((Paid, true))),
            (Open, false, Ok((Void, true))),
            (Paid, true, Ok((Paid, false))),
            (Void, false, Ok((Void, false))),
            (Paid, false, Err(Refusal::InvoiceNotOpen)),
            (Void, true, Err(Refusal::InvoiceNotOpen)),
        ] {
            let invoice = Invoice { status: was, ..issued.clone() };
            let found = if pays {
                paid(&account, &invoice, Some("wire 7"), &mut stamp)
            } else {
                void(&account, (&invoice, false), Some("wire 7"), &mut stamp)
            };
            let told = found.map(|(marked, change)| {
                assert_eq!(marked.version, invoice.version + u64::from(change.is_some()));
                (marked.status, change.is_some())
            });
            assert_eq!(told, expected, "{was:?}, paid: {pays}");
        }
    }

    #[test]
    fn what_was_set_off_by_a_change_of_plan_has_to_be_paid() {
        let (account, mut stamp) = (account("licensed-monthly"), stamp("2026-02-10T10:00:00Z"));
        let issued = Invoice::for_purchase(&account, &Counts::default(), 3, &mut stamp);
        for (status, expected) in [
            (InvoiceStatus::Open, Err(Refusal::InvoiceSetOff)),
            (InvoiceStatus::Paid, Err(Refusal::InvoiceNotOpen)),
            (InvoiceStatus::Void, Ok(())),
        ] {
            let invoice = Invoice { status, ..issued.clone() };
            assert_eq!(void(&account, (&invoice, true), None, &mut stamp).map(drop), expected, "{status:?}");
        }
    }

    #[test]
    fn what_is_being_charged_for_is_not_marked() {
        let (account, mut stamp) = (account("licensed-monthly"), stamp("2026-02-10T10:00:00Z"));
        let issued = Invoice::for_purchase(&account, &Counts::default(), 3, &mut stamp);
        let attempt = Attempt { number: 1, customer: "cus_1".into(), method: "pm_1".into(), begun_at: stamp.now };
        for (under_way, expected) in [(None, true), (Some(attempt), false)] {
            let collection = Some(Collection { under_way, ..Collection::default() });
            let invoice = Invoice { collection, ..issued.clone() };
            let expected = if expected { Ok(()) } else { Err(Refusal::PaymentUnderWay) };
            assert_eq!(paid(&account, &invoice, None, &mut stamp).map(drop), expected);
            assert_eq!(void(&account, (&invoice, false), None, &mut stamp).map(drop), expected);
        }
    }

    #[test]
    fn a_mark_is_told_in_ledger_and_audit() {
        let (account, mut stamp) = (account("licensed-monthly"), stamp("2026-02-10T10:00:00Z"));
        let invoice = Invoice::for_purchase(&account, &Counts::default(), 3, &mut stamp);
        let (_, change) = paid(&account, &invoice, Some("wire 7"), &mut stamp).unwrap();
        let change = change.unwrap();
        assert_eq!(change.facts, [Entry::about(EntryKind::Paid, &invoice)]);
        let [entry] = &change.audit[..] else { panic!("one entry") };
        assert_eq!((entry.action.as_str(), &entry.subject), ("invoice.paid", &invoice.id.to_string()));
        assert_eq!(entry.after, json!({ "status": "paid", "reference": "wire 7" }));
        let (_, change) = void(&account, (&invoice, false), None, &mut stamp).unwrap();
        assert_eq!(change.unwrap().audit[0].after, json!({ "status": "void" }));
    }

    #[test]
    fn what_a_void_invoice_used_is_the_accounts_again() {
        let (account, mut stamp) = (account("licensed-monthly"), stamp("2026-02-10T10:00:00Z"));
        let counts = Counts { credit: 500, ..Counts::default() };
        let invoice = Invoice::for_purchase(&account, &counts, 3, &mut stamp);
        assert_eq!((invoice.credit(), invoice.status), (-500, InvoiceStatus::Open));
        let credit = |change: Option<Change>| change.unwrap().counts.delta.credit;
        assert_eq!(credit(void(&account, (&invoice, false), None, &mut stamp).unwrap().1), 500);
        assert_eq!(credit(paid(&account, &invoice, None, &mut stamp).unwrap().1), 0);
    }
}
