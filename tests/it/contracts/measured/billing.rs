//! Licenses, and what they cost.

use serde_json::{Value, json};

use super::Measured;
use crate::support::Client;

/// Licenses are shown and bought, their ledger is read and verified, the renewal is previewed; the plan is switched, by another
/// account to one without guests too.
pub(super) async fn measure(run: &mut Measured, admin: &Client) {
    run.call("licenses_get", admin, "/v1/licenses", Value::Null).await;
    run.call("licenses_purchase", admin, "/v1/licenses", json!({ "quantity": 1 })).await;
    run.call("licenses_ledger", admin, "/v1/licenses/ledger", Value::Null).await;
    run.call("licenses_verify", admin, "/v1/licenses/ledger/verify", Value::Null).await;
    run.call("billing_preview", admin, "/v1/billing/renewal-preview", Value::Null).await;
    run.call("plan_switch", admin, "/v1/billing/plan", json!({ "plan_id": "licensed-yearly" })).await;
    let alone = run.cloud.sign_up("licensed-monthly", 1).await;
    run.call("plan_switch", &alone, "/v1/billing/plan", json!({ "plan_id": "basic" })).await;
}
