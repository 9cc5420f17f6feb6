//! Mails about money. Their numbers, days and sums travel bare, and are written in the reader's way when they are rendered.

use chrono::TimeDelta;
use serde::Serialize;

use super::{Mail, Template, moment};
use crate::Instant;
use crate::account::Account;
use crate::id::InvoiceId;
use crate::invoice::Invoice;
use crate::plan::Money;
use crate::stamp::Stamp;
use crate::user::User;

/// What admins are told before a renewal (L5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reminder {
    /// When the next period begins.
    pub renews_at: Instant,
    /// Licenses, or licensed users of a metered plan, that would be paid for.
    pub quantity: i64,
    /// Licenses that nobody uses, and that would be dropped; zero on a metered plan.
    pub dropped: i64,
    /// What the invoice would come to.
    pub total: Money,
}

impl Mail {
    /// Word of an invoice, which goes with it as a file.
    ///
    /// Parameters: `invoice_id`; `number`; `reason`, its name on the wire; `issued_on`, `from_on` and `to_on`, the first and the
    /// last day that it charges for; `total`.
    pub fn invoice_issued(account: &Account, reader: &User, invoice: &Invoice, stamp: &mut Stamp) -> Option<Self> {
        let params = [
            ("invoice_id", invoice.id.to_string()),
            ("number", invoice.number.to_string()),
            ("reason", word(invoice.reason)),
            ("issued_on", day(invoice.issued_at)),
            ("from_on", day(invoice.period_start)),
            ("to_on", day((invoice.period_end - TimeDelta::days(1)).max(invoice.period_start))),
            ("total", sum(invoice.total)),
        ];
        Self::to_user(Template::InvoiceIssued, account, reader, &params, None, stamp)
    }

    /// Word of a renewal to come.
    ///
    /// Parameters: `renews_on`, `quantity`, `dropped`, `total`.
    pub fn renewal_reminder(account: &Account, admin: &User, reminder: &Reminder, stamp: &mut Stamp) -> Option<Self> {
        let params = [
            ("renews_on", day(reminder.renews_at)),
            ("quantity", reminder.quantity.to_string()),
            ("dropped", reminder.dropped.to_string()),
            ("total", sum(reminder.total)),
        ];
        Self::to_user(Template::RenewalReminder, account, admin, &params, None, stamp)
    }

    /// Word of an invoice that could not be charged, and of when that is tried again.
    ///
    /// Parameters: `number`, `issued_on`, `total`, `retry_at`.
    pub fn payment_failed(
        account: &Account,
        admin: &User,
        invoice: &Invoice,
        retry_at: Instant,
        stamp: &mut Stamp,
    ) -> Option<Self> {
        let [number, issued_on, total] = of_invoice(invoice);
        let params = [number, issued_on, total, ("retry_at", moment(retry_at))];
        Self::to_user(Template::PaymentFailed, account, admin, &params, None, stamp)
    }

    /// Word of an invoice that could not be charged, and is not tried again.
    ///
    /// Parameters: `number`, `issued_on`, `total`.
    pub fn account_past_due(account: &Account, admin: &User, invoice: &Invoice, stamp: &mut Stamp) -> Option<Self> {
        Self::to_user(Template::AccountPastDue, account, admin, &of_invoice(invoice), None, stamp)
    }

    /// The invoice that goes with the mail as a file.
    pub fn invoice_id(&self) -> Option<InvoiceId> {
        let id = self.params.get("invoice_id").filter(|_| self.template == Template::InvoiceIssued)?;
        id.parse().ok()
    }
}

fn of_invoice(invoice: &Invoice) -> [(&'static str, String); 3] {
    [("number", invoice.number.to_string()), ("issued_on", day(invoice.issued_at)), ("total", sum(invoice.total))]
}

/// A UTC day as parameters of mails have it: `2026-03-01`.
fn day(at: Instant) -> String {
    at.date_naive().to_string()
}

/// A sum of money as parameters of mails have it: minor units and the currency, `1200 EUR`.
fn sum(money: Money) -> String {
    format!("{} {}", money.amount, word(money.currency))
}

/// The name on the wire.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}
