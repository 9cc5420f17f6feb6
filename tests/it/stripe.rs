//! Payments at a Stripe that others wrote (localstripe), over HTTP. `.ci/stripe.sh` starts one and says where; without it there
//! is nothing to tell. It knows no idempotency keys: `scenarios/payments.rs` has what goes wrong.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

const PATH: &str = "/v1/billing/payment-method";

fn is_running() -> bool {
    platform::config::variable("STRIPE_API").is_some()
}

async fn give(admin: &Client, card: &str) -> Value {
    admin.put(PATH, json!({ "payment_method": card })).await.expect(200)
}

async fn templates(cloud: &std::sync::Arc<Cloud>, admin: &Client) -> Vec<String> {
    cloud.templates(admin.email()).await
}

#[tokio::test]
async fn a_card_is_charged_for_what_is_bought() {
    if !is_running() {
        return;
    }
    let cloud = Cloud::with_payments().await;
    assert!(cloud.local.stripe().is_none(), "nothing stands in for it");
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    let shown = give(&admin, "pm_card_visa").await;
    assert_eq!(
        (&shown["payment_method"]["brand"], &shown["payment_method"]["last4"]),
        (&json!("visa"), &json!("4242"))
    );
    admin.post("/v1/licenses", json!({ "quantity": 2 })).await.expect(201);
    assert_eq!(cloud.worker().await["payments"], 2);
    assert_eq!(cloud.worker().await["payments"], 0);
    let audit = admin.get("/v1/audit?action=invoice.paid").await.expect(200);
    let references = audit["items"].as_array().expect("entries").iter().map(|it| it["after"]["reference"].as_str());
    assert_eq!(references.filter(|it| it.is_some_and(|it| it.starts_with("pi_"))).count(), 2);
    admin.delete(PATH).await.expect(204);
    assert_eq!(admin.get(PATH).await.expect(200)["payment_method"], Value::Null);
}

#[tokio::test]
async fn a_card_is_declined_until_the_account_is_past_due_and_another_pays() {
    if !is_running() {
        return;
    }
    let cloud = Cloud::with_payments().await;
    let admin = cloud.sign_up("licensed-yearly", 1).await;
    let declined = json!({ "payment_method": "pm_card_visa_chargeDeclined" });
    admin.put(PATH, declined).await.refused(409, "payment_method_declined");
    let unknown = json!({ "payment_method": "pm_nobody" });
    admin.put(PATH, unknown).await.bad_field("payment_method", "invalid_value");
    assert_eq!(give(&admin, "pm_card_chargeCustomerFail").await["payment_method"]["last4"], "0341");
    for days in [0, 1, 3, 5, 7] {
        cloud.advance(days * 24 * 60 * 60).await;
        assert_eq!(cloud.worker().await["payments"], 0);
    }
    let told = templates(&cloud, &admin).await;
    assert_eq!(told.iter().filter(|it| *it == "payment_failed").count(), 4, "{told:?}");
    assert_eq!(told.iter().filter(|it| *it == "account_past_due").count(), 1, "{told:?}");
    assert_eq!(admin.get("/v1/account").await.expect(200)["billing_status"], "past_due");
    give(&admin, "pm_card_visa").await;
    assert_eq!(cloud.worker().await["payments"], 1);
    assert_eq!(admin.get("/v1/account").await.expect(200)["billing_status"], "current");
}
