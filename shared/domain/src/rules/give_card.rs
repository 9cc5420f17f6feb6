//! The card that an account pays with.

use serde_json::{Value, json};

use crate::Instant;
use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::payment::{Method, Payer};
use crate::stamp::Stamp;

/// Gives an account this card, in place of any other. Its open invoices are looked through at once.
pub fn give_card(
    account: &Account,
    payer: Option<&Payer>,
    customer: &str,
    method: Method,
    stamp: &mut Stamp,
) -> (Payer, Change) {
    let now = Payer {
        account_id: account.id,
        customer: customer.to_owned(),
        method: Some(method),
        due_at: Some(stamp.now),
        version: payer.map_or(0, |payer| payer.version) + 1,
    };
    let mut change = Change::new(account.id, account.subscription.model);
    match payer {
        None => change.create(Record::Payer(now.clone())),
        Some(payer) => change.replace(Record::Payer(payer.clone()), Record::Payer(now.clone())),
    }
    let values = (shown(payer), shown(Some(&now)));
    change.audit.push(AuditEntry::of(account.id, "payment_method.set", account.id, values, stamp));
    (now, change)
}

/// Takes the account's card away; none where it has none. What is owed then waits for whoever marks it as paid.
pub fn take_card(account: &Account, payer: &Payer, stamp: &mut Stamp) -> Option<Change> {
    payer.method.as_ref()?;
    let now = Payer { method: None, due_at: None, version: payer.version + 1, ..payer.clone() };
    let mut change = Change::new(account.id, account.subscription.model);
    let values = (shown(Some(payer)), Value::Null);
    change.replace(Record::Payer(payer.clone()), Record::Payer(now));
    change.audit.push(AuditEntry::of(account.id, "payment_method.removed", account.id, values, stamp));
    Some(change)
}

/// Its open invoices were looked through; none where they were before, or another card has come meanwhile.
pub fn looked_through(account: &Account, payer: &Payer, now: Instant) -> Option<Change> {
    payer.due_at.filter(|due| *due <= now)?;
    let mut change = Change::new(account.id, account.subscription.model);
    let done = Payer { due_at: None, version: payer.version + 1, ..payer.clone() };
    change.replace(Record::Payer(payer.clone()), Record::Payer(done));
    Some(change)
}

/// What the audit says of a card: what is shown of it anywhere.
fn shown(payer: Option<&Payer>) -> Value {
    payer.and_then(|payer| payer.method.as_ref()).map_or(Value::Null, |method| {
        json!({ "brand": method.brand, "last4": method.last4, "expires": [method.exp_month, method.exp_year] })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, at, stamp};

    fn visa(id: &str) -> Method {
        Method { id: id.to_owned(), brand: "visa".to_owned(), last4: "4242".to_owned(), exp_month: 12, exp_year: 2030 }
    }

    #[test]
    fn a_card_takes_the_place_of_another_and_the_customer_stays() {
        let account = account("licensed-monthly");
        let (first, change) = give_card(&account, None, "cus_1", visa("pm_1"), &mut stamp("2026-02-01T10:00:00Z"));
        assert_eq!((first.version, first.due_at, change.writes.len()), (1, Some(at("2026-02-01T10:00:00Z")), 1));
        let audited = serde_json::to_string(&change.audit).unwrap();
        assert!(audited.contains("4242") && !audited.contains("pm_1") && !audited.contains("cus_1"), "{audited}");
        let (second, _) = give_card(&account, Some(&first), "cus_1", visa("pm_2"), &mut stamp("2026-02-02T10:00:00Z"));
        assert_eq!((second.version, second.method.unwrap().id.as_str()), (2, "pm_2"));
    }

    #[test]
    fn a_card_is_taken_away_once_and_its_invoices_are_looked_through_once() {
        let account = account("licensed-monthly");
        let (payer, _) = give_card(&account, None, "cus_1", visa("pm_1"), &mut stamp("2026-02-01T10:00:00Z"));
        assert!(looked_through(&account, &payer, at("2026-02-01T09:59:59Z")).is_none());
        assert!(looked_through(&account, &payer, at("2026-02-01T10:00:00Z")).is_some());
        assert!(take_card(&account, &payer, &mut stamp("2026-02-03T10:00:00Z")).is_some());
        let without = Payer { method: None, due_at: None, ..payer };
        assert!(take_card(&account, &without, &mut stamp("2026-02-03T10:00:00Z")).is_none());
        assert!(looked_through(&account, &without, at("2026-02-09T10:00:00Z")).is_none());
    }
}
