//! P: the partner portal. Ways to sign in.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn p4_a_user_signs_in_with_google_or_microsoft_and_needs_no_password() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for provider in ["google", "microsoft"] {
        let email = format!("cora@{provider}.example");
        let body = json!({ "name": "Cora", "email": email, "type": "member", "sign_in": provider });
        let mut with_password = body.clone();
        with_password["password"] = json!(PASSWORD);
        admin.post("/v1/users", with_password).await.bad_field("password", "not_allowed");
        let cora = admin.post("/v1/users", body).await.expect(201);
        assert_eq!((cora["status"].clone(), cora["sign_in"].clone()), (json!("pending"), json!(provider)));
        assert_eq!(cloud.templates(&email).await, ["sso_confirmation"]);

        // Before the confirmation nobody gets in, whatever address the provider tells.
        let browser = cloud.browser();
        browser.sign_in_at(provider, json!({}), &email).await.refused(401, "identity_unknown");
        // The link confirms who she is there, and signs her in.
        let token = cloud.link(&email).await;
        let confirmed = browser.sign_in_at(provider, json!({ "token": token }), &email).await.expect(200);
        assert_eq!(confirmed["user"]["id"], cora["id"]);
        assert_eq!(
            (&confirmed["user"]["status"], &confirmed["user"]["email_verified"]),
            (&json!("active"), &json!(true))
        );
        let cora = cloud.signed_in(&confirmed);
        cora.get("/v1/me").await.expect(200);
        // From now on she signs in there.
        let again = cloud.browser().sign_in_at(provider, json!({}), &email).await.expect(200);
        assert_eq!(again["user"]["id"], cora.user["id"]);
        // She has no password, and nobody gives her one but an admin.
        cloud.try_sign_in(&email, PASSWORD).await.refused(401, "invalid_credentials");
        let change = json!({ "current_password": "", "new_password": PASSWORD });
        cora.put("/v1/me/password", change).await.refused(403, "sign_in_method_not_allowed");
        let mails = cloud.mails(&email).await.len();
        cloud.forgot(&email).await.expect(202);
        assert_eq!(cloud.mails(&email).await.len(), mails);
    }
}

#[tokio::test]
async fn p4_an_invitation_is_accepted_without_a_password() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let body = json!({ "token": token, "name": "Ben", "sign_in": "google" });
    let mut both = body.clone();
    both["password"] = json!(PASSWORD);
    cloud.public().post("/v1/invitations/accept", both).await.bad_field("password", "not_allowed");
    let accepted = cloud.public().post("/v1/invitations/accept", body).await.expect(201);
    assert_eq!((&accepted["user"]["sign_in"], &accepted["user"]["status"]), (&json!("google"), &json!("active")));
    let ben = cloud.signed_in(&accepted);
    ben.get("/v1/me").await.expect(200);
    assert_eq!(cloud.templates("ben@example.com").await[0], "sso_confirmation");
    let token = cloud.link("ben@example.com").await;
    cloud.browser().sign_in_at("google", json!({ "token": token }), "ben@example.com").await.expect(200);
    let again = cloud.browser().sign_in_at("google", json!({}), "ben@example.com").await.expect(200);
    assert_eq!(again["user"]["id"], ben.user["id"]);
}

#[tokio::test]
async fn p4_an_admin_puts_a_sign_in_right() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Cora", "email": "cora@example.com", "type": "member", "sign_in": "google" });
    let cora = admin.post("/v1/users", body).await.expect(201);
    let path = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    let confirm = async || {
        let token = cloud.link("cora@example.com").await;
        cloud.browser().sign_in_at("google", json!({ "token": token }), "cora@example.com").await
    };
    let session = cloud.signed_in(&confirm().await.expect(200));
    // A reset ends the sessions, forgets who she is there, and asks her anew.
    admin.post(&format!("{path}/password-reset"), json!({})).await.expect(202);
    session.get("/v1/me").await.refused(401, "unauthenticated");
    cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await.refused(401, "identity_unknown");
    confirm().await.expect(200);
    // A password by hand ends the signing in there.
    admin.put(&format!("{path}/password"), json!({ "password": PASSWORD })).await.expect(204);
    cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await.refused(401, "identity_unknown");
    let signed_in = cloud.try_sign_in("cora@example.com", PASSWORD).await.expect(201);
    assert_eq!(signed_in["user"]["sign_in"], "password");
}

#[tokio::test]
async fn p5_a_role_is_the_administrators_less_some() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let all = admin.get("/v1/permissions").await.expect(200)["items"].as_array().unwrap().clone();
    let names: Vec<&str> = all.iter().map(|it| it["name"].as_str().unwrap()).collect();
    let less: Vec<&str> = names.iter().copied().filter(|name| *name != "billing.write").collect();
    let role = admin.role("Office", &less).await;
    let body = json!({ "emails": ["ben@example.com"], "type": "admin", "role_id": role });
    admin.post("/v1/invitations", body).await.expect(201);
    let ben = cloud.accept("ben@example.com", "Ben").await;
    assert_eq!((&ben.user["type"], &ben.user["role_name"]), (&json!("admin"), &json!("Office")));
    ben.post("/v1/licenses", json!({ "quantity": 1 })).await.refused(403, "forbidden");
    // He gives nobody what he lacks, on no path, and makes no admin.
    let member = ben.welcome("carla@example.com", "member").await;
    let path = format!("/v1/users/{}", member.id());
    ben.post("/v1/roles", json!({ "name": "Buyer", "permissions": ["billing.write"] }))
        .await
        .refused(403, "cannot_grant");
    let buyer = admin.role("Buyer", &["users.read", "billing.write"]).await;
    ben.put(&format!("{path}/role"), json!({ "role_id": buyer })).await.refused(403, "cannot_grant");
    ben.put(&format!("{path}/type"), json!({ "type": "admin" })).await.refused(403, "cannot_grant");
    ben.patch(&format!("/v1/roles/{buyer}"), json!({ "permissions": [] })).await.refused(403, "cannot_grant");
    ben.delete(&format!("/v1/roles/{buyer}")).await.refused(403, "cannot_grant");
    let user = json!({ "name": "D", "login": "d", "type": "member", "role_id": buyer, "sign_in": "password",
        "password": crate::support::PASSWORD });
    ben.post("/v1/users", user).await.refused(403, "cannot_grant");
    let invite = json!({ "emails": ["d@example.com"], "type": "member", "role_id": buyer });
    ben.post("/v1/invitations", invite).await.refused(403, "cannot_grant");
}
