//! Taking payments at a Stripe that others wrote. `.ci/stripe.sh` starts one and says where; without it there is nothing to
//! test. It knows no idempotency keys and no filters of lists: `src/tests.rs` has those.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use payments::{Charge, Outcome, Stripe, StripeError};
use platform::config::StripeConfig;
use platform::web::Web;

macro_rules! running {
    ($stripe:ident) => {
        let Some(access) = StripeConfig::from_env().unwrap().access else { return };
        let web = Web::lazy();
        let $stripe = Stripe::new(&web, &access);
    };
}

#[tokio::test]
async fn a_card_is_attached_shown_charged_and_let_go() {
    running!(stripe);
    let customer = stripe.create_customer("Acme & Söhne", &[("account", "acc_1")], "acc_1").await.unwrap();
    // The name of a test stands for a fresh card.
    let card = stripe.attach("pm_card_visa", &customer).await.unwrap();
    assert_eq!((card.brand.as_str(), card.last4.as_str(), card.exp_month, card.exp_year), ("visa", "4242", 12, 2030));
    assert_eq!(card.customer.as_deref(), Some(customer.as_str()));
    assert_eq!(stripe.card(&card.id).await.unwrap(), card);
    stripe.make_default(&card.id, &customer).await.unwrap();
    let tags = [("account", "acc_1"), ("invoice", "bil_1"), ("attempt", "1")];
    let charge = Charge { customer: &customer, method: &card.id, amount: 1234, currency: "EUR", tags: &tags };
    let payment = stripe.pay(&charge, "bil_1-1").await.unwrap();
    assert_eq!((payment.amount, payment.currency.as_str(), payment.outcome()), (1234, "eur", Outcome::Succeeded));
    assert_eq!(payment.metadata.get("invoice").map(String::as_str), Some("bil_1"));
    assert_eq!(stripe.payment(&payment.id).await.unwrap(), payment);
    stripe.detach(&card.id).await.unwrap();
    assert_eq!(stripe.card(&card.id).await.unwrap().customer, None);
}

#[tokio::test]
async fn cards_are_declined_when_they_come_and_when_they_are_charged() {
    running!(stripe);
    let customer = stripe.create_customer("Beta", &[], "acc_2").await.unwrap();
    let declined = Err(StripeError::Declined("card_declined".to_owned()));
    assert_eq!(stripe.attach("pm_card_visa_chargeDeclined", &customer).await, declined);
    let card = stripe.attach("pm_card_chargeCustomerFail", &customer).await.unwrap();
    let charge = Charge { customer: &customer, method: &card.id, amount: 1, currency: "EUR", tags: &[] };
    assert_eq!(
        stripe.pay(&charge, "bil_2-1").await.map(|_| ()),
        Err(StripeError::Declined("card_declined".to_owned()))
    );
}

#[tokio::test]
async fn what_is_not_there_is_refused() {
    running!(stripe);
    assert!(matches!(stripe.card("pm_nothing").await, Err(StripeError::Refused(_))));
    assert!(matches!(stripe.attach("pm_card_visa", "cus_nothing").await, Err(StripeError::Refused(_))));
    let charge = Charge { customer: "cus_nothing", method: "pm_nothing", amount: 1, currency: "EUR", tags: &[] };
    assert!(matches!(stripe.pay(&charge, "bil_3-1").await, Err(StripeError::Refused(_))));
    assert!(matches!(stripe.payment("pi_nothing").await, Err(StripeError::Refused(_))));
    assert_eq!(stripe.detach("pm_nothing").await, Ok(()));
}
