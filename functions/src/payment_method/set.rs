//! `PUT /v1/billing/payment-method`

use domain::Stamp;
use domain::account::Account;
use domain::payment::{Method, Payer};
use domain::rules::give_card::give_card;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use payments::Card;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::payment_method::{HowToPay, refused, stripe, unusable};

/// Most characters of a payment method's name, behind its prefix.
const MAX_NAME: usize = 80;

/// Gives the account a card, in place of any other. The browser has handed it to Stripe, with Stripe.js, and got a name for
/// it. Open invoices are charged to it within a minute or two.
#[derive(Debug)]
pub struct Set;

/// The card.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Stripe's name for it: `pm_…`.
    payment_method: String,
}

impl Endpoint for Set {
    const NAME: &'static str = "payment_method_set";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = HowToPay;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let name = named(&input.body.payment_method).ok_or_else(unusable)?;
        let id = context.caller()?.account.id;
        let (account, payer) = tokio::try_join!(context.store.account(id), context.store.payer(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        let (customer, card) = attached(context, &account, payer.as_ref(), name).await?;
        let Card { id, brand, last4, exp_month, exp_year, .. } = card;
        let method = Method { id, brand, last4, exp_month, exp_year };
        let (now, change) = give_card(&account, payer.as_ref(), &customer, method, stamp);
        Ok(Decision::write(change, Reply::json(&HowToPay::of(context, &account, Some(&now)))?))
    }
}

/// The card as the account's customer at Stripe has it from now on. A dry run asks whether there is such a card, and
/// changes nothing there.
async fn attached(
    context: &Context,
    account: &Account,
    payer: Option<&Payer>,
    name: &str,
) -> Result<(String, Card), Problem> {
    const DONE: &str = "the card that is attached";
    let stripe = stripe(context)?;
    if let Some(done) = context.scratch.get::<(String, Card)>(DONE) {
        return Ok(done);
    }
    let card = stripe.card(name).await.map_err(refused)?;
    let known = payer.map(|payer| payer.customer.as_str());
    if card.customer.is_some() && card.customer.as_deref() != known {
        return Err(unusable());
    }
    if context.dry_run {
        return Ok((known.unwrap_or_default().to_owned(), card));
    }
    let customer = if let Some(customer) = known {
        customer.to_owned()
    } else {
        // Two who come first at once make one customer. What is sent under a key must be the same each time.
        let (id, key) = (account.id.to_string(), format!("customer-{}-{}", account.id, account.version));
        stripe.create_customer(&account.name, &[("account", &id)], &key).await.map_err(refused)?
    };
    let card = match card.customer {
        Some(_) => card,
        None => stripe.attach(&card.id, &customer).await.map_err(refused)?,
    };
    stripe.make_default(&card.id, &customer).await.map_err(refused)?;
    context.scratch.set(DONE, (customer.clone(), card.clone()));
    Ok((customer, card))
}

/// The name of a payment method, if it can be one.
fn named(text: &str) -> Option<&str> {
    let name = text.strip_prefix("pm_")?;
    let plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    ((1..=MAX_NAME).contains(&name.len()) && plain).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_of_stripes() {
        for (text, good) in [
            ("pm_1", true),
            ("pm_card_visa", true),
            (&format!("pm_{}", "x".repeat(80)), true),
            (&format!("pm_{}", "x".repeat(81)), false),
            ("pm_", false),
            ("card_1", false),
            ("4242424242424242", false),
            ("pm_1/attach", false),
            ("pm_1?x", false),
            ("pm_ä", false),
            (" pm_1", false),
            ("pm_1\n", false),
        ] {
            assert_eq!(named(text).is_some(), good, "{text:?}");
        }
    }
}
