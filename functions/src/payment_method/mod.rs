//! The card that an account's invoices are charged to. Its number is Stripe's alone: the browser hands it there, and this
//! service gets a name for it.

pub mod get;
pub mod remove;
pub mod set;

use domain::account::Account;
use domain::payment::{BillingStatus, Payer};
use edge::{Context, Problem};
use payments::{Stripe, StripeError};
use schemars::JsonSchema;
use serde::Serialize;

/// How an account pays.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PaymentMethod")]
pub struct HowToPay {
    /// Whether payments are taken here at all.
    configured: bool,
    /// The card; null where there is none.
    payment_method: Option<Card>,
    billing_status: BillingStatus,
}

/// What is shown of a card.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PaymentCard")]
struct Card {
    brand: String,
    last4: String,
    exp_month: u32,
    exp_year: i32,
}

impl HowToPay {
    fn of(context: &Context, account: &Account, payer: Option<&Payer>) -> Self {
        let card = payer.and_then(|payer| payer.method.as_ref()).map(|method| Card {
            brand: method.brand.clone(),
            last4: method.last4.clone(),
            exp_month: method.exp_month,
            exp_year: method.exp_year,
        });
        Self {
            configured: context.config.stripe.on,
            payment_method: card,
            billing_status: BillingStatus::of(account.overdue_invoices),
        }
    }
}

/// Stripe, where it is set up.
fn stripe(context: &Context) -> Result<Stripe<'_>, Problem> {
    let access = context.config.stripe.access.as_ref();
    access.map(|access| Stripe::new(&context.web, access)).ok_or_else(off)
}

pub(crate) fn off() -> Problem {
    Problem::new("payments_not_configured", "No payments are taken here.")
}

/// What Stripe's no means to whoever has given a card.
fn refused(error: StripeError) -> Problem {
    match error {
        StripeError::Declined(word) => {
            Problem::new("payment_method_declined", format!("The bank has declined the card: {word}."))
        }
        StripeError::Refused(text) => {
            tracing::warn!(cause = text, "a payment method was refused");
            unusable()
        }
        StripeError::Later(text) => Problem::unavailable(text),
    }
}

fn unusable() -> Problem {
    Problem::field("payment_method", "invalid_value", "Stripe knows no such card that this account may use.")
}
