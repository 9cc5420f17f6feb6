//! Invitations out of a file, and users into one.

use serde_json::{Value, json};

use super::Measured;
use crate::support::Client;

/// A file of a few people who are looked at, begun to be invited, and stopped.
pub(super) async fn measure(run: &mut Measured, admin: &Client) {
    run.call("imports_upload", &admin.with("idempotency-key", "rows"), "/v1/imports/uploads", json!({})).await;
    let form = admin.with("idempotency-key", "rows 2").post("/v1/imports/uploads", json!({})).await.expect(201);
    // One who is there already, one who is invited.
    let file = b"email,name,type\nolga@example.com,,\nida@example.com,Ida Imported,viewer\ncora@example.com,,\n";
    admin.submit(&form, &[("Content-Type", "text/csv")], file).await;
    let body = json!({ "upload": form["id"] });
    let import = run.call("imports_create", &admin.with("idempotency-key", "look"), "/v1/imports", body).await;
    let path = format!("/v1/imports/{}", import["id"].as_str().unwrap());
    run.call("imports_list", admin, "/v1/imports", Value::Null).await;
    run.call("imports_get", admin, &path, Value::Null).await;
    run.call("imports_rows", admin, &format!("{path}/rows"), Value::Null).await;
    run.call("imports_report", admin, &format!("{path}/report"), Value::Null).await;
    let dry = format!("{path}/commit?dry_run=true");
    run.call("imports_commit", &admin.with("idempotency-key", "dry"), &dry, json!({})).await;
    run.call("imports_commit", &admin.with("idempotency-key", "go"), &format!("{path}/commit"), json!({})).await;
    run.call("imports_stop", &admin.with("idempotency-key", "stop"), &format!("{path}/stop"), json!({})).await;
    for query in ["", "?q=olga", "?sort=created", "?sort=last_active"] {
        run.call("users_export", admin, &format!("/v1/users/export{query}"), Value::Null).await;
    }
}
