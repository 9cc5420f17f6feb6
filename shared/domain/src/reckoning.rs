//! Reckoning the ledger up: the counts and every invoice follow from the postings, or a difference is told.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::calendar::prorate;
use crate::counts::Counts;
use crate::id::{InvoiceId, UserId};
use crate::invoice::{Invoice, InvoiceLine, InvoiceStatus, LineItem};
use crate::ledger::{Charge, Entry, EntryKind, Posting};

/// Something that does not follow from the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// What it is about: a count, a user, a posting or an invoice.
    pub subject: String,
    /// What is wrong, with both numbers.
    pub detail: String,
}

/// What has been reckoned so far: first every posting in the order of the ledger, then every invoice by number, then
/// [`Reckoning::finish`].
#[derive(Clone, Debug, Default)]
pub struct Reckoning {
    sums: Counts,
    seats: BTreeMap<UserId, (i64, i64)>,
    /// Who was charged for in the running period.
    charged: BTreeSet<UserId>,
    lines: BTreeMap<InvoiceId, Vec<(i64, Charge)>>,
    paid: BTreeSet<InvoiceId>,
    voided: BTreeSet<InvoiceId>,
    differences: Vec<Difference>,
}

impl Reckoning {
    /// Takes the next posting.
    pub fn posting(&mut self, posting: &Posting) {
        let next = self.sums.period + i64::from(posting.opens);
        if posting.period != next {
            self.differ(
                &posting.id,
                format!("it stands in period {}, after period {}", posting.period, self.sums.period),
            );
        }
        if posting.opens {
            self.charged.clear();
        }
        self.sums.period = posting.period;
        self.sums.postings += 1;
        for entry in &posting.entries {
            self.entry(entry);
        }
        self.explained(posting);
    }

    fn entry(&mut self, entry: &Entry) {
        self.sums.purchased += entry.purchased;
        self.sums.in_use += entry.in_use;
        self.sums.reserved += entry.reserved;
        if let Some(user) = entry.user_id {
            let seat = self.seats.entry(user).or_default();
            *seat = (seat.0 + entry.in_use, seat.1 + entry.reserved);
            if *seat == (0, 0) {
                self.seats.remove(&user);
            }
        }
        match (entry.kind, entry.invoice_id, &entry.charge) {
            (EntryKind::Charged, Some(invoice), Some(charge)) => {
                for user in &charge.user_ids {
                    if !self.charged.insert(*user) {
                        self.differ(&user, format!("charged twice in period {}", self.sums.period));
                    }
                }
                self.lines.entry(invoice).or_default().push((entry.quantity, charge.clone()));
            }
            (EntryKind::Paid, Some(invoice), _) => {
                self.paid.insert(invoice);
            }
            (EntryKind::Voided, Some(invoice), _) => {
                self.voided.insert(invoice);
            }
            _ => {}
        }
    }

    /// Whether the quantities that a posting charges for are those that it, or all before it, moved.
    fn explained(&mut self, posting: &Posting) {
        let sum = |kind: EntryKind| posting.entries.iter().find(|entry| entry.kind == kind).map(|entry| entry.quantity);
        let (used, kept) = (self.sums.in_use, self.sums.in_use + self.sums.reserved);
        for entry in &posting.entries {
            let Some(charge) = &entry.charge else { continue };
            let whole = sum(EntryKind::Renewed).or(sum(EntryKind::Switched));
            let expected = match (charge.item, whole) {
                (LineItem::Licenses, Some(_)) => Some(self.sums.purchased),
                (LineItem::Users, Some(_)) => Some(used),
                (LineItem::Licenses, None) => sum(EntryKind::Purchased),
                (LineItem::Users, None) => i64::try_from(charge.user_ids.len()).ok(),
                _ => None,
            };
            if expected.is_some_and(|expected| expected != entry.quantity) {
                let expected = expected.unwrap_or_default();
                self.differ(&posting.id, format!("charges for {} where {expected} are accounted for", entry.quantity));
            }
            if charge.item == LineItem::Licenses && sum(EntryKind::Renewed).is_some_and(|it| it != kept.max(1)) {
                self.differ(&posting.id, format!("renews {} where {kept} are in use or kept", entry.quantity));
            }
            let amount = reckoned(entry.quantity, charge);
            if amount != charge.amount.amount {
                self.differ(&posting.id, format!("charges {} where the line comes to {amount}", charge.amount.amount));
            }
        }
    }

    /// Takes the next invoice.
    pub fn invoice(&mut self, invoice: &Invoice) {
        self.sums.invoices += 1;
        if invoice.number != self.sums.invoices || invoice.id.number() != invoice.number {
            self.differ(&invoice.id, format!("number {} stands in place {}", invoice.number, self.sums.invoices));
        }
        let total: i64 = invoice.lines.iter().map(|line| line.amount.amount).sum();
        if total != invoice.total.amount {
            self.differ(&invoice.id, format!("the lines come to {total}, the total says {}", invoice.total.amount));
        }
        let posted = self.lines.remove(&invoice.id).unwrap_or_default();
        if posted.len() != invoice.lines.len() || !posted.iter().zip(&invoice.lines).all(is_line) {
            self.differ(&invoice.id, "its lines are not those of the ledger");
        }
        let (paid, void) = (self.paid.remove(&invoice.id), self.voided.remove(&invoice.id));
        let expected = match (paid, void) {
            (_, true) => InvoiceStatus::Void,
            (true, false) => InvoiceStatus::Paid,
            (false, false) if total == 0 => InvoiceStatus::Paid,
            (false, false) => InvoiceStatus::Open,
        };
        if invoice.status != expected {
            self.differ(&invoice.id, format!("is {:?} where the ledger says {expected:?}", invoice.status));
        }
        if !void {
            self.sums.credit += invoice.credit();
        }
        if self.sums.credit < 0 {
            self.differ(&invoice.id, format!("uses more credit than there is: {} is missing", -self.sums.credit));
        }
    }

    /// Compares with the counts as they are kept: what all postings and invoices come to, and in what that differs.
    pub fn finish(mut self, counts: &Counts) -> (Counts, Vec<Difference>) {
        let sums = self.sums;
        for (name, reckoned, kept) in [
            ("purchased", sums.purchased, counts.purchased),
            ("in_use", sums.in_use, counts.in_use),
            ("reserved", sums.reserved, counts.reserved),
            ("invoices", sums.invoices, counts.invoices),
            ("credit", sums.credit, counts.credit),
            ("period", sums.period, counts.period),
            ("postings", sums.postings, counts.postings),
        ] {
            if reckoned != kept {
                self.differ(&name, format!("the ledger comes to {reckoned}, {kept} is kept"));
            }
        }
        for (user, (in_use, reserved)) in std::mem::take(&mut self.seats) {
            if !matches!((in_use, reserved), (1, 0) | (0, 1)) {
                self.differ(&user, format!("has {in_use} licenses in use and {reserved} kept"));
            }
        }
        for invoice in std::mem::take(&mut self.lines).into_keys() {
            self.differ(&invoice, "is charged in the ledger and was never issued");
        }
        for invoice in std::mem::take(&mut self.paid).into_iter().chain(std::mem::take(&mut self.voided)) {
            self.differ(&invoice, "is paid or void in the ledger and was never issued");
        }
        (sums, self.differences)
    }

    fn differ(&mut self, subject: &(impl ToString + ?Sized), detail: impl Into<String>) {
        self.differences.push(Difference { subject: subject.to_string(), detail: detail.into() });
    }
}

/// What a charge comes to.
fn reckoned(quantity: i64, charge: &Charge) -> i64 {
    let whole = charge.unit_price.amount * quantity;
    charge.proration.map_or(whole, |part| prorate(whole, part.numerator_days, part.denominator_days))
}

fn is_line((posted, line): (&(i64, Charge), &InvoiceLine)) -> bool {
    let (quantity, charge) = posted;
    *quantity == line.quantity
        && charge.item == line.item
        && charge.unit_price == line.unit_price
        && charge.proration == line.proration
        && charge.amount == line.amount
}

#[cfg(test)]
#[path = "reckoning_tests.rs"]
mod tests;
