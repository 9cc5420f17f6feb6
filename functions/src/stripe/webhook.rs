//! `POST /v1/stripe/webhook`

use std::collections::BTreeMap;

use domain::Stamp;
use domain::account::Account;
use domain::change::Change;
use domain::invoice::{Invoice, InvoiceStatus};
use domain::rules::collect_payment::{collected, declined};
use edge::input::Raw;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use payments::{Payment, verify};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::load::NoQuery;
use crate::payment_method::off;

/// Hears from Stripe what has become of a payment. The signature is checked over the body as it came, before anything of it
/// is read. An event may come twice, late, in any order or about what is over: then it changes nothing. Events about
/// anything else are answered with 200, so that Stripe does not send them again.
#[derive(Debug)]
pub struct Webhook;

/// That the event has arrived.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Received {
    received: bool,
}

#[derive(Deserialize)]
struct Event {
    r#type: String,
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    object: Value,
}

/// What an event says of a payment.
enum Said {
    Succeeded,
    Failed,
}

impl Endpoint for Webhook {
    const NAME: &'static str = "stripe_webhook";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Raw;
    type Answer = Received;

    fn read(bytes: &[u8]) -> Result<Raw, Problem> {
        Ok(Raw(bytes.to_vec()))
    }

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Raw>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let Raw(body) = &input.body;
        let secret = context.config.stripe.webhook_secret.as_ref().ok_or_else(off)?;
        let header = context.stripe_signature.as_deref().unwrap_or_default();
        if !verify(secret.as_bytes(), header, body, stamp.now.timestamp()) {
            return Err(Problem::new("invalid_signature", "This is not signed by Stripe, or too old."));
        }
        let received = Reply::json(&Received { received: true })?;
        let Some((said, payment)) = payment(body) else { return Ok(Decision::read(received)) };
        Ok(match heard(context, &said, &payment, stamp).await? {
            Some(change) => Decision::write(change, received),
            None => Decision::read(received),
        })
    }
}

/// The payment that an event is about; none where it is about something else.
fn payment(body: &[u8]) -> Option<(Said, Payment)> {
    let event: Event = serde_json::from_slice(body).ok()?;
    let said = match event.r#type.as_str() {
        "payment_intent.succeeded" => Said::Succeeded,
        "payment_intent.payment_failed" => Said::Failed,
        _ => return None,
    };
    Some((said, serde_json::from_value(event.data.object).ok()?))
}

/// What follows from it; nothing where the payment is none of this service's, or its outcome is known.
async fn heard(
    context: &Context,
    said: &Said,
    payment: &Payment,
    stamp: &mut Stamp,
) -> Result<Option<Change>, Problem> {
    let Some((account, invoice)) = about(context, &payment.metadata).await? else { return Ok(None) };
    match said {
        Said::Succeeded if invoice.status == InvoiceStatus::Void => {
            tracing::error!(invoice = %invoice.id, payment = payment.id, "a payment came for an invoice that is void");
            Ok(None)
        }
        Said::Succeeded if !payment.covers(invoice.total.amount, invoice.total.currency.code()) => {
            tracing::error!(invoice = %invoice.id, payment = payment.id, "a payment is not what the invoice says");
            Ok(None)
        }
        Said::Succeeded => Ok(collected(&account, &invoice, &payment.id, stamp)),
        Said::Failed => {
            let attempt = payment.metadata.get("attempt").and_then(|number| number.parse().ok()).unwrap_or_default();
            let word = payment.last_payment_error.clone().unwrap_or_default().word();
            let store = &context.store;
            let (payer, admins) = tokio::try_join!(store.payer(account.id), store.admins_to_tell(account.id))?;
            Ok(declined(&account, &invoice, payer.as_ref(), (attempt, &word), &admins, stamp))
        }
    }
}

/// The invoice that a payment was tagged with.
async fn about(context: &Context, tags: &BTreeMap<String, String>) -> Result<Option<(Account, Invoice)>, Problem> {
    let (Some(account), Some(invoice)) = (tags.get("account"), tags.get("invoice")) else { return Ok(None) };
    let (Ok(account), Ok(invoice)) = (account.parse(), invoice.parse()) else { return Ok(None) };
    let found = tokio::try_join!(context.store.account(account), context.store.invoice(account, invoice))?;
    Ok(match found {
        (Some(account), Some(invoice)) => Some((account, invoice)),
        _ => None,
    })
}
