//! Changes of address, one's own and by an admin, to the end and back.

use serde_json::{Value, json};

use super::Measured;
use crate::support::{Client, PASSWORD};

pub async fn changes(run: &mut Measured, admin: &Client) {
    let cloud = run.cloud.clone();
    let keyed = |key: &str| cloud.public().with("idempotency-key", key);
    let eva = admin.with("idempotency-key", "eva").welcome("eva@example.com", "viewer").await;
    let own = |key: &str| eva.with("idempotency-key", key);
    let body = |to: &str| json!({ "email": to, "password": PASSWORD });
    run.call("me_email_change", &own("one"), "/v1/me/email", body("one@example.com")).await;
    run.call("me_email_cancel", &eva, "/v1/me/email", Value::Null).await;
    run.call("me_email_change", &own("two"), "/v1/me/email", body("eva.two@example.org")).await;
    run.call("me_email_get", &eva, "/v1/me/email", Value::Null).await;
    let token = cloud.link("eva.two@example.org").await;
    run.call("pages_confirm_email", &cloud.public(), &format!("/confirm-email?token={token}"), Value::Null).await;
    let token = json!({ "token": token });
    run.call("email_changes_confirm", &keyed("confirm"), "/v1/email-changes/confirm", token).await;
    run.call("me_email_accept", &own("accept"), "/v1/me/email/accept", json!({})).await;
    let path = format!("/v1/users/{}/email", eva.id());
    let admin = |key: &str| admin.with("idempotency-key", key);
    run.call("users_change_email", &admin("email one"), &path, json!({ "email": "three@example.com" })).await;
    run.call("users_cancel_email", &admin("cancel"), &path, Value::Null).await;
    run.call("users_change_email", &admin("email two"), &path, json!({ "email": "eva.three@example.net" })).await;
    let token = json!({ "token": cloud.link("eva.three@example.net").await });
    run.call("email_changes_confirm", &keyed("confirm two"), "/v1/email-changes/confirm", token).await;
    // The first link undoes both.
    let token = cloud.link("eva@example.com").await;
    run.call("pages_revert_email", &cloud.public(), &format!("/revert-email?token={token}"), Value::Null).await;
    run.call("email_changes_revert", &keyed("revert"), "/v1/email-changes/revert", json!({ "token": token })).await;
    run.call("pages_email", &cloud.public(), "/email", Value::Null).await;
}
