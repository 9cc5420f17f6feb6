//! Licenses, and what is paid for them.

use local::stripe::Fault;
use serde_json::{Value, json};

use super::Measured;
use crate::support::Client;

pub(super) async fn measure(run: &mut Measured, admin: &Client) {
    run.call("licenses_get", admin, "/v1/licenses", Value::Null).await;
    // Somebody who may see the billing by a role of the account's own is told too.
    let plain = Client::new(&run.cloud, admin.token.clone());
    let role = plain.role("Accounting", &["billing.read"]).await;
    let ira = plain.welcome("ira@example.com", "viewer").await;
    plain.put(&format!("/v1/users/{}/role", ira.id()), json!({ "role_id": role })).await.expect(200);
    let bought = run.call("licenses_purchase", admin, "/v1/licenses", json!({ "quantity": 1 })).await;
    run.call("licenses_ledger", admin, "/v1/licenses/ledger", Value::Null).await;
    run.call("licenses_verify", admin, "/v1/licenses/ledger/verify", Value::Null).await;
    run.call("billing_preview", admin, "/v1/billing/renewal-preview", Value::Null).await;
    let invoice = bought["invoice"]["id"].as_str().unwrap().to_owned();
    run.call("invoices_list", &ira, "/v1/invoices?status=open", Value::Null).await;
    run.call("invoices_get", &ira, &format!("/v1/invoices/{invoice}"), Value::Null).await;
    run.call("invoices_pdf", &ira, &format!("/v1/invoices/{invoice}/pdf"), Value::Null).await;
    marks(run, &plain, &invoice).await;
    run.call("plan_switch", admin, "/v1/billing/plan", json!({ "plan_id": "licensed-yearly" })).await;
    // To a plan without guests, whom somebody looks for.
    let alone = run.cloud.sign_up("licensed-monthly", 1).await;
    run.call("plan_switch", &alone, "/v1/billing/plan", json!({ "plan_id": "basic" })).await;
    payments(run, admin).await;
}

/// A card, a charge of which nobody has heard, and what Stripe tells of it: first that it failed, then that it did not.
async fn payments(run: &mut Measured, admin: &Client) {
    const PATH: &str = "/v1/billing/payment-method";
    let cloud = run.cloud.clone();
    let Some(stripe) = cloud.local.stripe() else { return };
    for _ in 0..2 {
        run.call("payment_method_set", admin, PATH, json!({ "payment_method": "pm_card_visa" })).await;
    }
    run.call("payment_method_get", admin, PATH, Value::Null).await;
    stripe.fail(&[Fault::AnswerLost; 20]);
    cloud.worker().await;
    for (kind, payment) in ["payment_intent.payment_failed", "payment_intent.succeeded"].iter().zip(stripe.payments()) {
        let body = json!({ "type": kind, "data": { "object": payment } });
        let hook = cloud.public().with("stripe-signature", stripe.sign(&body.to_string()));
        run.call("stripe_webhook", &hook, "/v1/stripe/webhook", body).await;
    }
    run.call("payment_method_remove", admin, PATH, Value::Null).await;
}

/// The operator looks at invoices, and marks one as paid and one as void.
async fn marks(run: &mut Measured, admin: &Client, invoice: &str) {
    let operator = run.cloud.operator().with("idempotency-key", "mark");
    let account = admin.get("/v1/account").await.expect(200)["id"].as_str().unwrap().to_owned();
    let invoices = format!("/v1/operator/accounts/{account}/invoices");
    run.call("operator_invoices", &operator, &invoices, Value::Null).await;
    let paid = format!("{invoices}/{invoice}/paid");
    run.call("operator_invoice_paid", &operator, &paid, json!({ "reference": "wire 7" })).await;
    let body = json!({ "quantity": 2 });
    let bought = admin.post("/v1/licenses", body).await.expect(201);
    let void = format!("{invoices}/{}/void", bought["invoice"]["id"].as_str().unwrap());
    run.call("operator_invoice_void", &operator, &void, json!({ "reason": "bought by mistake" })).await;
}
