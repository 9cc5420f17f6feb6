//! Buying licenses.

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::Change;
use crate::counts::Counts;
use crate::invoice::Invoice;
use crate::ledger::{Entry, EntryKind};
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::stamp::Stamp;

/// Most licenses in one purchase.
pub const MAX_QUANTITY: i64 = 10_000;

/// Buys licenses (L2): free at once, charged by days to the renewal.
pub fn purchase(
    account: &Account,
    counts: &Counts,
    quantity: i64,
    stamp: &mut Stamp,
) -> Result<(Counts, Invoice, Change), Refusal> {
    if account.subscription.model != Model::Licensed {
        return Err(Refusal::ModelHasNoLicenses);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let invoice = Invoice::for_purchase(account, counts, quantity, stamp);
    change.counts = change.counts.purchased(quantity).on(counts);
    change.facts.push(Entry::bought(EntryKind::Purchased, quantity, quantity));
    change.issue(&invoice);
    let values = (json!({ "purchased": counts.purchased }), json!({ "purchased": counts.purchased + quantity }));
    change.audit.push(AuditEntry::of(account.id, "licenses.purchased", invoice.id, values, stamp));
    let after = Counts {
        purchased: counts.purchased + quantity,
        available: counts.available + quantity,
        invoices: counts.invoices + 1,
        credit: counts.credit + invoice.credit(),
        ..*counts
    };
    Ok((after, invoice, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, stamp};

    #[test]
    fn only_plans_with_licenses_sell_them_l2() {
        for (plan_id, sold) in [
            ("licensed-monthly", true),
            ("licensed-yearly", true),
            ("metered-monthly", false),
            ("unlimited", false),
            ("basic", false),
        ] {
            let got = purchase(&account(plan_id), &Counts::default(), 3, &mut stamp("2026-02-01T10:00:00Z"));
            assert_eq!(got.is_ok(), sold, "{plan_id}");
        }
        let counts = Counts { purchased: 2, in_use: 2, invoices: 4, ..Counts::default() };
        let (after, invoice, change) =
            purchase(&account("licensed-monthly"), &counts, 3, &mut stamp("2026-02-01T10:00:00Z")).unwrap();
        assert_eq!((after.purchased, after.available, invoice.number), (5, 3, 5));
        assert_eq!((change.counts.delta.purchased, change.counts.delta.available), (3, 3));
        assert_eq!(invoice.lines.iter().map(|line| line.amount.amount).sum::<i64>(), invoice.total.amount);
    }
}
