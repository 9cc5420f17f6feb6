//! Licenses, and what is paid for them.

use serde_json::{Value, json};

use super::Measured;
use crate::support::Client;

pub(super) async fn measure(run: &mut Measured, admin: &Client) {
    run.call("licenses_get", admin, "/v1/licenses", Value::Null).await;
    run.call("licenses_purchase", admin, "/v1/licenses", json!({ "quantity": 1 })).await;
    run.call("licenses_ledger", admin, "/v1/licenses/ledger", Value::Null).await;
    run.call("licenses_verify", admin, "/v1/licenses/ledger/verify", Value::Null).await;
    run.call("billing_preview", admin, "/v1/billing/renewal-preview", Value::Null).await;
}
