//! Mentions, and guests: of whom an action looks up what they share with whom they name.

use serde_json::{Value, json};

use super::Measured;
use crate::support::{Client, PASSWORD};

/// Whom to mention on a board, and a mention that brings somebody in who is no contact yet.
pub(super) async fn mentions(run: &mut Measured, admin: &Client, ben: &Client) {
    for (one, other) in [(admin, ben), (ben, admin)] {
        one.delete(&format!("/v1/contacts/{}", other.id())).await.expect(204);
    }
    let board = "/v1/resources/board/1";
    run.call(
        "mentions_add",
        &ben.with("idempotency-key", "at"),
        &format!("{board}/mentions"),
        json!({ "user_id": admin.id() }),
    )
    .await;
    for query in ["", "?q=olga", "?scope=team", "?scope=team&q=olga"] {
        run.call("mentionable_list", ben, &format!("{board}/mentionable{query}"), Value::Null).await;
    }
    admin.delete(&format!("{board}/participants/{}", admin.id())).await.expect(200);
}

/// A guest with every right, who is on a board, and another who is on another: wherever the one names the other, it is
/// looked up what they share.
pub(super) async fn guests(run: &mut Measured, admin: &Client, ben: &Client) {
    let keyed = |key: &str| admin.with("idempotency-key", key);
    let gus = keyed("gus").welcome("gus@example.com", "guest").await;
    let hidden = keyed("hidden").welcome("hidden@example.com", "guest").await;
    let rights = [
        "users.read",
        "users.write",
        "users.status",
        "users.delete",
        "users.credentials",
        "roles.write",
        "resources.write",
    ];
    let role = keyed("desk").role("Desk", &rights).await;
    admin.put(&format!("/v1/users/{}/role", gus.id()), json!({ "role_id": role })).await.expect(200);
    for (id, guest) in [("4", &gus), ("5", &hidden)] {
        let board = json!({ "name": "Four", "owner_id": guest.id(), "co_owner_ids": [ben.id()] });
        admin.put(&format!("/v1/resources/board/{id}"), board).await.expect(200);
    }
    let (user, id, none) = (format!("/v1/users/{}", hidden.id()), json!(hidden.id()), Value::Null);
    let board = "/v1/resources/board/4";
    for (name, path, body) in [
        ("users_get", user.clone(), none.clone()),
        ("users_update", user.clone(), json!({ "title": "X" })),
        ("users_set_type", format!("{user}/type"), json!({ "type": "viewer" })),
        ("users_set_role", format!("{user}/role"), json!({ "role_id": role })),
        ("users_deactivate", format!("{user}/deactivate"), json!({})),
        ("users_reactivate", format!("{user}/reactivate"), json!({})),
        ("users_withdraw", format!("{user}/withdraw"), json!({})),
        ("users_delete", user.clone(), none.clone()),
        ("users_reset_password", format!("{user}/password-reset"), json!({})),
        ("users_set_password", format!("{user}/password"), json!({ "password": PASSWORD })),
        ("users_disable_two_factor", format!("{user}/two-factor"), none.clone()),
        ("users_impact", format!("{user}/impact"), none.clone()),
        ("users_batch", "/v1/users/batch".into(), json!({ "select": { "q": "newc" }, "set": { "type": "guest" } })),
        ("users_list", "/v1/users".into(), none.clone()),
        ("users_export", "/v1/users/export".into(), none.clone()),
        ("users_assignable", "/v1/users/assignable".into(), none.clone()),
        ("contacts_add", format!("/v1/contacts/{}", hidden.id()), none.clone()),
        ("resources_put", "/v1/resources/lead/4".into(), json!({ "name": "X", "owner_id": id })),
        ("resources_transfer", "/v1/resources/transfer".into(), json!({ "from": id, "to": null })),
        ("participants_add", format!("{board}/participants"), json!({ "user_id": id })),
        ("mentions_add", format!("{board}/mentions"), json!({ "user_id": id })),
        ("mentionable_list", format!("{board}/mentionable?scope=team"), none.clone()),
    ] {
        run.used(name, &gus, &path, body).await;
    }
    for board in [board, "/v1/resources/board/5"] {
        admin.delete(board).await.expect(204);
    }
}
