//! Telling of an invoice.

use crate::account::Account;
use crate::change::{Change, Record};
use crate::invoice::{Invoice, InvoiceStatus};
use crate::mail::Mail;
use crate::stamp::Stamp;
use crate::user::User;

/// Mails an invoice to those who may see the account's billing, once. Of one that is void by then nobody is told.
pub fn announce(account: &Account, invoice: &Invoice, readers: &[User], stamp: &mut Stamp) -> Option<Change> {
    if invoice.announced {
        return None;
    }
    let mut change = Change::new(account.id, account.subscription.model);
    let now = Invoice { announced: true, version: invoice.version + 1, ..invoice.clone() };
    if now.status != InvoiceStatus::Void {
        let mail = |reader: &User| Mail::invoice_issued(account, reader, &now, stamp);
        change.mails = readers.iter().filter_map(mail).collect();
    }
    change.replace(Record::Invoice(invoice.clone()), Record::Invoice(now));
    Some(change)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::counts::Counts;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn an_invoice_is_told_of_once_and_not_when_it_is_void() {
        let account = account("licensed-monthly");
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let issued = Invoice::for_purchase(&account, &Counts::default(), 2, &mut stamp);
        let silent = User { email: None, ..user(&account, UserType::Member, 2) };
        let readers = [user(&account, UserType::Admin, 1), silent];
        for (status, announced, expected) in [
            (InvoiceStatus::Open, false, Some(1)),
            (InvoiceStatus::Paid, false, Some(1)),
            (InvoiceStatus::Void, false, Some(0)),
            (InvoiceStatus::Open, true, None),
        ] {
            let invoice = Invoice { status, announced, ..issued.clone() };
            let change = announce(&account, &invoice, &readers, &mut stamp);
            assert_eq!(change.as_ref().map(|change| change.mails.len()), expected, "{status:?} {announced}");
        }
    }
}
