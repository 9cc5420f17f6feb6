//! Payments: a card that is charged once for each invoice, declined, given anew, and what Stripe tells. Stripe is the local
//! cloud's own, which can fail; `.ci/stripe.sh` has these stories at one that others wrote.

use std::sync::Arc;

use domain::invoice::{Invoice, InvoiceStatus};
use local::stripe::{Fault, LocalStripe};
use serde_json::{Value, json};

use crate::support::{Client, Cloud};

const PATH: &str = "/v1/billing/payment-method";
const DAY: i64 = 24 * 60 * 60;

fn stripe(cloud: &Cloud) -> &LocalStripe {
    cloud.local.stripe().expect("payments are taken")
}

/// The payments at Stripe that brought money, as the invoices that they are for.
fn charged(cloud: &Cloud) -> Vec<String> {
    let payments = stripe(cloud).payments();
    let good = payments.iter().filter(|it| it["status"] == "succeeded");
    good.map(|it| it["metadata"]["invoice"].as_str().expect("an invoice").to_owned()).collect()
}

async fn give(admin: &Client, card: &str) -> Value {
    admin.put(PATH, json!({ "payment_method": card })).await.expect(200)
}

async fn buy(admin: &Client) -> Value {
    admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201)["invoice"].clone()
}

async fn invoice(cloud: &Cloud, shown: &Value) -> Invoice {
    let id = |name: &str| shown[name].as_str().expect("an id");
    let (account, id) = (id("account_id").parse().expect("an id"), id("id").parse().expect("an id"));
    cloud.local.worker().store.invoice(account, id).await.expect("the table").expect("the invoice")
}

async fn status(cloud: &Cloud, shown: &Value) -> InvoiceStatus {
    invoice(cloud, shown).await.status
}

async fn billing_status(admin: &Client) -> String {
    let account = admin.get("/v1/account").await.expect(200);
    assert_eq!(account["billing_status"], admin.get(PATH).await.expect(200)["billing_status"]);
    account["billing_status"].as_str().expect("a status").to_owned()
}

async fn tell(cloud: &Arc<Cloud>, kind: &str, payment: &Value) {
    let (body, signature) = stripe(cloud).event(kind, payment);
    let hook = cloud.public().with("stripe-signature", signature);
    hook.send("POST", "/v1/stripe/webhook", Some(body.into_bytes())).await.expect(200);
}

#[tokio::test]
async fn payments_are_off_unless_somebody_turns_them_on() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let shown = admin.get(PATH).await.expect(200);
    assert_eq!(shown, json!({ "configured": false, "payment_method": null, "billing_status": "current" }));
    let card = json!({ "payment_method": "pm_card_visa" });
    admin.put(PATH, card).await.refused(409, "payments_not_configured");
    admin.delete(PATH).await.refused(409, "payments_not_configured");
    cloud.public().post("/v1/stripe/webhook", json!({})).await.refused(409, "payments_not_configured");
    let bought = buy(&admin).await;
    assert_eq!(cloud.worker().await["payments"], 0);
    assert_eq!(status(&cloud, &bought).await, InvoiceStatus::Open);
}

#[tokio::test]
async fn a_card_is_shown_by_its_end_and_invoices_are_charged_to_it_once() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let first = buy(&admin).await;
    // Nobody pays yet: the invoice waits, and the worker leaves it alone.
    assert_eq!(cloud.worker().await["payments"], 0);
    assert_eq!(invoice(&cloud, &first).await.collection_due(), None);
    let dry = admin.put(&format!("{PATH}?dry_run=true"), json!({ "payment_method": "pm_card_visa" })).await.expect(200);
    assert_eq!((dry["dry_run"].as_bool(), stripe(&cloud).customers()), (Some(true), 0));
    let card = json!({ "brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034 });
    let shown = json!({ "configured": true, "payment_method": card, "billing_status": "current" });
    assert_eq!(give(&admin, "pm_card_visa").await, shown);
    assert_eq!(admin.get(PATH).await.expect(200), shown);
    // The sign-up's invoice, and the one that was bought before there was a card.
    assert_eq!(cloud.worker().await["payments"], 2);
    let second = buy(&admin).await;
    assert_eq!(cloud.worker().await["payments"], 1);
    for _ in 0..3 {
        assert_eq!(cloud.worker().await["payments"], 0);
    }
    let charged = charged(&cloud);
    for bought in [&first, &second] {
        assert_eq!(status(&cloud, bought).await, InvoiceStatus::Paid);
        assert_eq!(charged.iter().filter(|id| **id == bought["id"]).count(), 1);
    }
    let paid = stripe(&cloud).payments().into_iter().find(|it| it["metadata"]["invoice"] == first["id"]).expect("it");
    assert_eq!((&paid["amount"], paid["currency"].as_str()), (&first["total"]["amount"], Some("eur")));
    // Stripe's names and keys are nobody's business.
    let said = cloud.answers().join("\n");
    for secret in ["pm_local", "cus_local", "sk_test", "whsec"] {
        assert!(!said.contains(secret), "{secret}");
    }
    // The next card is the same customer's, and taking it away leaves nothing to charge.
    give(&admin, "pm_card_visa").await;
    assert_eq!(stripe(&cloud).customers(), 1);
    admin.delete(PATH).await.expect(204);
    admin.delete(PATH).await.expect(204);
    assert_eq!(admin.get(PATH).await.expect(200)["payment_method"], Value::Null);
    let third = buy(&admin).await;
    assert_eq!(cloud.worker().await["payments"], 0);
    assert_eq!(status(&cloud, &third).await, InvoiceStatus::Open);
}

#[tokio::test]
async fn only_cards_of_ones_own_are_taken() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for name in ["", "pm_", "4242424242424242", "card_1", "pm_1/../x", "pm_nobody", &format!("pm_{}", "x".repeat(81))] {
        admin.put(PATH, json!({ "payment_method": name })).await.bad_field("payment_method", "invalid_value");
    }
    let declined = json!({ "payment_method": "pm_card_visa_chargeDeclined" });
    admin.put(PATH, declined).await.refused(409, "payment_method_declined");
    admin.put(PATH, json!({ "payment_method": "pm_1", "number": "4242" })).await.bad_field("number", "unknown_field");
    give(&admin, "pm_card_visa").await;
    // Somebody who has heard of the card's name cannot pay with it.
    let card = stripe(&cloud).card_names().into_iter().next().expect("a card");
    let other = cloud.sign_up("licensed-monthly", 1).await;
    other.put(PATH, json!({ "payment_method": card })).await.bad_field("payment_method", "invalid_value");
    assert_eq!(other.get(PATH).await.expect(200)["payment_method"], Value::Null);
    // The same card once more is the same card.
    give(&admin, &card).await;
    assert_eq!(stripe(&cloud).cards(), 1);
}

#[tokio::test]
async fn a_declined_card_is_tried_again_and_then_the_account_is_past_due_until_it_pays() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-yearly", 1).await;
    give(&admin, "pm_card_chargeCustomerFail").await;
    let mut tried = 0;
    for days in [0, 1, 3, 5, 7] {
        if days > 0 {
            cloud.advance(days * DAY - 120).await;
            cloud.worker().await;
            assert_eq!(stripe(&cloud).payments().len(), tried, "not before its time");
            assert_eq!(billing_status(&admin).await, "current");
            cloud.advance(120).await;
        }
        cloud.worker().await;
        tried += 1;
        assert_eq!(stripe(&cloud).payments().len(), tried, "after {days} days");
    }
    assert_eq!(billing_status(&admin).await, "past_due");
    let templates = cloud.templates(admin.email()).await;
    assert_eq!(templates.iter().filter(|it| *it == "payment_failed").count(), 4);
    assert_eq!(templates.first().map(String::as_str), Some("account_past_due"));
    cloud.advance(30 * DAY).await;
    cloud.worker().await;
    assert_eq!(stripe(&cloud).payments().len(), 5, "no more attempts");
    // Another card pays at once what is open.
    let admin = cloud.sign_in(admin.email()).await;
    give(&admin, "pm_card_visa").await;
    assert_eq!(cloud.worker().await["payments"], 1);
    assert_eq!(billing_status(&admin).await, "current");
    assert_eq!(charged(&cloud).len(), 1);
}

#[tokio::test]
async fn whatever_goes_wrong_an_attempt_charges_once() {
    for faults in [
        vec![Fault::AnswerLost],
        vec![Fault::Unreachable, Fault::Unavailable],
        vec![Fault::Unavailable, Fault::AnswerLost],
        vec![Fault::AnswerLost, Fault::AnswerLost],
    ] {
        let cloud = Cloud::with_payments().await;
        let admin = cloud.sign_up("licensed-monthly", 1).await;
        give(&admin, "pm_card_visa").await;
        stripe(&cloud).fail(&faults);
        for _ in 0..=faults.len() {
            cloud.worker().await;
            // Nobody else takes it up meanwhile.
            cloud.worker().await;
            cloud.advance(15 * 60).await;
        }
        cloud.worker().await;
        assert_eq!(charged(&cloud).len(), 1, "{faults:?}");
        assert_eq!(cloud.worker().await["failures"], 0, "{faults:?}");
        let templates = cloud.templates(admin.email()).await;
        assert!(!templates.iter().any(|it| it == "payment_failed"), "{faults:?}");
    }
}

#[tokio::test]
async fn a_worker_that_was_away_for_days_looks_before_it_charges() {
    for (fault, found) in [(Fault::AnswerLost, 1), (Fault::Unreachable, 0)] {
        let cloud = Cloud::with_payments().await;
        let admin = cloud.sign_up("licensed-monthly", 1).await;
        give(&admin, "pm_card_visa").await;
        stripe(&cloud).fail(&[fault]);
        cloud.worker().await;
        assert_eq!(charged(&cloud).len(), found);
        // Stripe forgets keys after a day; the attempt is not made a second time where it is there.
        stripe(&cloud).forget_keys();
        cloud.advance(3 * DAY).await;
        assert_eq!(cloud.worker().await["payments"], 1, "{fault:?}");
        assert_eq!(charged(&cloud).len(), 1, "{fault:?}");
    }
}

#[tokio::test]
async fn two_workers_charge_once() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    give(&admin, "pm_card_visa").await;
    for _ in 0..5 {
        buy(&admin).await;
    }
    let runs: Vec<_> = (0..4)
        .map(|_| {
            let cloud = cloud.clone();
            tokio::spawn(async move { cloud.local.worker().run_all().await.payments })
        })
        .collect();
    let mut payments = 0;
    for run in runs {
        payments += run.await.expect("no panic");
    }
    assert_eq!((payments, charged(&cloud).len(), stripe(&cloud).payments().len()), (6, 6, 6));
}

#[tokio::test]
async fn a_payment_that_takes_its_time_is_asked_after() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    give(&admin, "pm_card_visa").await;
    stripe(&cloud).fail(&[Fault::Slow]);
    for _ in 0..2 {
        assert_eq!(cloud.worker().await["payments"], 0);
        cloud.advance(15 * 60).await;
    }
    stripe(&cloud).finish();
    assert_eq!(cloud.worker().await["payments"], 1);
    assert_eq!(stripe(&cloud).payments().len(), 1);
}

#[tokio::test]
async fn what_stripe_tells_counts_once_in_any_order() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    give(&admin, "pm_card_visa").await;
    // The worker hears nothing of the charge; Stripe's event comes instead, twice.
    stripe(&cloud).fail(&[Fault::AnswerLost]);
    cloud.worker().await;
    let payment = stripe(&cloud).payments().pop().expect("a payment");
    // One that failed before, and is told of after.
    let mut failed = payment.clone();
    failed["status"] = json!("requires_payment_method");
    failed["metadata"]["attempt"] = json!("7");
    tell(&cloud, "payment_intent.payment_failed", &failed).await;
    for _ in 0..2 {
        tell(&cloud, "payment_intent.succeeded", &payment).await;
    }
    tell(&cloud, "payment_intent.payment_failed", &payment).await;
    cloud.advance(15 * 60).await;
    assert_eq!(cloud.worker().await["payments"], 0, "paid already");
    assert_eq!(charged(&cloud).len(), 1);
    assert_eq!(billing_status(&admin).await, "current");
    let audit = admin.get("/v1/audit?action=invoice.paid").await.expect(200);
    assert_eq!(audit["items"].as_array().map(Vec::len), Some(1), "{audit}");
    assert_eq!(audit["items"][0]["after"]["reference"], payment["id"]);
}

#[tokio::test]
async fn an_event_about_a_failure_is_heard_while_the_attempt_is_under_way() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    give(&admin, "pm_card_visa").await;
    stripe(&cloud).decline(Some("insufficient_funds"));
    stripe(&cloud).fail(&[Fault::AnswerLost]);
    cloud.worker().await;
    let payment = stripe(&cloud).payments().pop().expect("a payment");
    for _ in 0..3 {
        tell(&cloud, "payment_intent.payment_failed", &payment).await;
    }
    cloud.advance(15 * 60).await;
    cloud.worker().await;
    assert_eq!(stripe(&cloud).payments().len(), 1, "the next attempt is tomorrow's");
    let templates = cloud.templates(admin.email()).await;
    assert_eq!(templates.iter().filter(|it| *it == "payment_failed").count(), 1);
}

#[tokio::test]
async fn an_event_is_signed_or_it_is_nothing() {
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    give(&admin, "pm_card_visa").await;
    stripe(&cloud).fail(&[Fault::AnswerLost]);
    cloud.worker().await;
    let payment = stripe(&cloud).payments().pop().expect("a payment");
    let before = cloud.dump().await;
    let (body, signature) = stripe(&cloud).event("payment_intent.succeeded", &payment);
    let hook = |signature: &str| cloud.public().with("stripe-signature", signature);
    let send = async |client: Client, body: &str| {
        client.send("POST", "/v1/stripe/webhook", Some(body.as_bytes().to_vec())).await
    };
    let other = signature.replace("v1=", "v1=0");
    for (client, body) in [
        (cloud.public(), body.clone()),
        (hook(""), body.clone()),
        (hook("t=1,v1=00"), body.clone()),
        (hook(&other), body.clone()),
        // The same JSON in other octets.
        (hook(&signature), format!("{body}\n")),
        (hook(&signature), body.replace(": ", ":")),
        (hook(&signature), String::new()),
        (hook(&signature), "{".to_owned()),
    ] {
        send(client, &body).await.refused(400, "invalid_signature");
    }
    send(hook(&signature), &"x".repeat(256 * 1024 + 1)).await.refused(413, "body_too_large");
    // What is signed and about nothing here is heard, and changes nothing.
    let mut strange = payment.clone();
    strange["metadata"]["invoice"] = json!("bil_00000000000000000000000001");
    tell(&cloud, "payment_intent.succeeded", &strange).await;
    strange["metadata"] = json!({});
    tell(&cloud, "payment_intent.succeeded", &strange).await;
    tell(&cloud, "payment_intent.succeeded", &json!("odd")).await;
    tell(&cloud, "customer.created", &payment).await;
    let mut less = payment.clone();
    less["amount"] = json!(1);
    tell(&cloud, "payment_intent.succeeded", &less).await;
    assert_eq!(cloud.dump().await, before);
    // Five minutes later the signature is worth nothing.
    cloud.advance(301).await;
    send(hook(&signature), &body).await.refused(400, "invalid_signature");
}
