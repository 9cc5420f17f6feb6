//! Taking payments through Stripe: a customer for each account, a card that was given to Stripe by the browser, and a
//! payment without its holder. Card numbers never come near this service.
//!
//! Each call is one request. A caller that learns nothing of its outcome ([`StripeError::Later`]) makes the same call
//! with the same key again: Stripe does the work once for each key, and keeps keys for a day ([`KEY_LIFE_HOURS`]). Later
//! than that, [`Stripe::find_payment`] tells whether there was such a payment.

mod calls;
mod signature;
#[cfg(test)]
mod tests;

use serde::Deserialize;

pub use calls::Stripe;
pub use signature::{TOLERANCE_SECONDS, verify};

/// The version of Stripe's API that this speaks.
pub const API_VERSION: &str = "2024-06-20";
/// For how long a repeated key surely does nothing twice. Stripe says "at least 24 hours"; some are left for clocks that differ.
pub const KEY_LIFE_HOURS: i64 = 20;

/// A payment as it is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge<'a> {
    /// Whose card it is: `cus_…`.
    pub customer: &'a str,
    /// The card: `pm_…`.
    pub method: &'a str,
    /// In minor units; above 0.
    pub amount: i64,
    /// ISO 4217, in any case.
    pub currency: &'a str,
    /// What the payment is for: its metadata.
    pub tags: &'a [(&'a str, &'a str)],
}

/// A payment at Stripe: its `PaymentIntent`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Payment {
    /// `pi_…`.
    pub id: String,
    /// How far it is, in Stripe's words.
    pub status: String,
    /// In minor units.
    pub amount: i64,
    /// ISO 4217, in lower case.
    pub currency: String,
    /// What it was tagged with.
    #[serde(default)]
    pub metadata: std::collections::BTreeMap<String, String>,
    /// Why it failed last.
    #[serde(default)]
    pub last_payment_error: Option<Failure>,
}

/// Why a payment failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Failure {
    /// Stripe's word for it.
    #[serde(default)]
    pub code: Option<String>,
    /// The bank's, where it gave one.
    #[serde(default)]
    pub decline_code: Option<String>,
}

impl Failure {
    /// The word that says most.
    pub fn word(&self) -> String {
        self.decline_code.clone().or_else(|| self.code.clone()).unwrap_or_else(|| "declined".to_owned())
    }
}

/// What a payment has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The money is there.
    Succeeded,
    /// The bank has not said yet.
    Processing,
    /// There is no money, and there will be none without a further attempt: Stripe's or the bank's word for why.
    Declined(String),
}

impl Payment {
    /// Whether it is about this sum: minor units, ISO 4217 in any case.
    pub fn covers(&self, amount: i64, currency: &str) -> bool {
        self.amount == amount && self.currency.eq_ignore_ascii_case(currency)
    }

    /// What it has come to. One that waits for its holder is declined: nobody is there to be asked, and nobody is given
    /// what it takes to go on with it.
    pub fn outcome(&self) -> Outcome {
        match self.status.as_str() {
            "succeeded" => Outcome::Succeeded,
            "processing" => Outcome::Processing,
            "requires_action" => Outcome::Declined("authentication_required".to_owned()),
            _ => Outcome::Declined(self.last_payment_error.clone().unwrap_or_default().word()),
        }
    }
}

/// A card, as far as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// `pm_…`.
    pub id: String,
    /// The customer that it is attached to.
    pub customer: Option<String>,
    /// Whose kind it is: `visa`, for example.
    pub brand: String,
    /// The end of its number.
    pub last4: String,
    /// The last month in which it is good, from 1.
    pub exp_month: u32,
    /// The year of that.
    pub exp_year: i32,
}

/// Why there is no answer of use. The texts are for logs; they hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// The card is refused: Stripe's or the bank's word for why.
    #[error("the card was declined: {0}")]
    Declined(String),
    /// It may have happened or not, or Stripe does not let this service in. The same call with the same key finds out, some
    /// time later.
    #[error("nothing is known of what was asked of Stripe: {0}")]
    Later(String),
    /// Stripe does not do this however often it is asked: something that is not there, or not this customer's.
    #[error("Stripe refuses: {0}")]
    Refused(String),
}
