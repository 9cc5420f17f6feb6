//! Passwords, second factors, confirmed addresses: what people prove themselves with.

use serde_json::{Value, json};

use crate::support::{Cloud, PASSWORD, secret_of};

const NEXT: &str = "zweite Wolken über Kyjiw";

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let other = cloud.sign_in(olga.email()).await;
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    olga.put("/v1/me/password", change("wrong wrong wrong", NEXT)).await.refused(403, "invalid_credentials");
    for weak in ["password1234", "short", "Olga Owner Olga", "Acme Trackers", olga.email()] {
        let answer = olga.put("/v1/me/password", change(PASSWORD, weak)).await;
        answer.bad_field("new_password", "weak_password");
    }
    other.get("/v1/me").await.expect(200);
    olga.put("/v1/me/password", change(PASSWORD, NEXT)).await.expect(204);
    other.get("/v1/me").await.refused(401, "unauthenticated");
    olga.get("/v1/me").await.expect(200);
    assert_eq!(olga.get("/v1/sessions").await.expect(200)["items"].as_array().unwrap().len(), 1);
    assert_eq!(cloud.templates(olga.email()).await[0], "password_changed");
    cloud.try_sign_in(olga.email(), PASSWORD).await.refused(401, "invalid_credentials");
    cloud.try_sign_in(olga.email(), NEXT).await.expect(201);
}

#[tokio::test]
async fn a_link_to_choose_a_password_is_good_once_and_for_an_hour() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    cloud.forgot(olga.email()).await.expect(202);
    let (first, early) = (cloud.link(olga.email()).await, cloud.now().await);
    cloud.advance(60).await;
    cloud.forgot(olga.email()).await.expect(202);
    let second = cloud.link(olga.email()).await;
    assert_ne!(first, second);
    let reset = async |token: &str, password: &str| {
        cloud.public().post("/v1/password/reset", json!({ "token": token, "password": password })).await
    };
    reset(&second, "password1234").await.bad_field("password", "weak_password");
    reset(&second, NEXT).await.expect(204);
    reset(&second, NEXT).await.refused(404, "not_found");
    // Nor is any other link that was mailed before.
    reset(&first, NEXT).await.refused(410, "link_expired");
    assert!(cloud.now().await > early);

    cloud.forgot(olga.email()).await.expect(202);
    let last = cloud.link(olga.email()).await;
    cloud.advance(3_601).await;
    reset(&last, PASSWORD).await.refused(410, "link_expired");
    cloud.try_sign_in(olga.email(), NEXT).await.expect(201);
}

#[tokio::test]
async fn a_forgotten_password_of_several_accounts_is_asked_for_one_or_for_all() {
    let cloud = Cloud::start().await;
    let (one, other) = (cloud.sign_up("unlimited", 1).await, cloud.sign_up("unlimited", 1).await);
    one.welcome("both@example.com", "member").await;
    other.welcome("both@example.com", "member").await;
    let before = cloud.mails("both@example.com").await.len();
    let slug = &other.account["slug"];
    cloud
        .public()
        .post("/v1/password/forgot", json!({ "email": "both@example.com", "account": slug }))
        .await
        .expect(202);
    assert_eq!(cloud.mails("both@example.com").await.len(), before + 1);
    cloud.forgot("both@example.com").await.expect(202);
    assert_eq!(cloud.mails("both@example.com").await.len(), before + 3);
}

#[tokio::test]
async fn a_second_factor_is_set_up_used_and_turned_off() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2031-01-01T09:00:10Z").await;
    let olga = cloud.sign_up("unlimited", 1).await;
    olga.post("/v1/me/totp/confirm", json!({ "code": "123456" })).await.refused(409, "two_factor_not_started");
    let setup = olga.post("/v1/me/totp", json!({})).await.expect(200);
    assert!(setup["qr_svg"].as_str().unwrap().contains("<svg"), "{setup}");
    assert!(setup["otpauth_uri"].as_str().unwrap().starts_with("otpauth://totp/Roster:"));
    // Until the first code it is not asked for.
    cloud.try_sign_in(olga.email(), PASSWORD).await.expect(201);
    olga.post("/v1/me/totp/confirm", json!({ "code": "000000" })).await.refused(401, "invalid_code");
    let (secret, recovery) = olga.set_up_totp().await;
    assert_ne!(secret, secret_of(&setup), "begun again, the secret is another");
    assert_eq!(recovery.len(), 10);
    assert_eq!(olga.get("/v1/me").await.expect(200)["two_factor_enabled"], true);
    assert_eq!(cloud.templates(olga.email()).await[0], "two_factor_enabled");
    olga.post("/v1/me/totp", json!({})).await.refused(409, "two_factor_already_enabled");

    // The password alone is enough no more, and only whoever has it learns that a code is missing.
    cloud.try_sign_in(olga.email(), PASSWORD).await.refused(401, "second_factor_required");
    cloud.try_sign_in(olga.email(), "wrong wrong wrong").await.refused(401, "invalid_credentials");
    let now = cloud.now().await;
    // The code that turned it on is used up.
    cloud.try_code(olga.email(), &secret.code_at(now)).await.refused(401, "invalid_code");
    cloud.advance(30).await;
    let code = secret.code_at(cloud.now().await);
    cloud.try_code(olga.email(), &code).await.expect(201);
    cloud.try_code(olga.email(), &code).await.refused(401, "invalid_code");
    // A recovery code counts once, however it is typed.
    cloud.try_code(olga.email(), &recovery[0].to_uppercase()).await.expect(201);
    cloud.try_code(olga.email(), &recovery[0]).await.refused(401, "invalid_code");
    cloud.try_code(olga.email(), &recovery[1].replace('-', " ")).await.expect(201);
    let told = olga.get("/v1/audit?action=user.recovery_code_used").await.expect(200)["items"].clone();
    assert_eq!((&told[0]["actor"], &told[0]["after"]), (&olga.user["id"], &json!({ "recovery_codes_left": 8 })));

    olga.delete_with("/v1/me/totp", json!({ "password": "wrong wrong wrong" }))
        .await
        .refused(403, "invalid_credentials");
    olga.delete_with("/v1/me/totp", json!({ "password": PASSWORD })).await.expect(204);
    assert_eq!(olga.get("/v1/me").await.expect(200)["two_factor_enabled"], false);
    assert_eq!(cloud.templates(olga.email()).await[0], "two_factor_disabled");
    cloud.try_sign_in(olga.email(), PASSWORD).await.expect(201);
}

#[tokio::test]
async fn a_reset_does_not_get_around_the_second_factor() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    olga.set_up_totp().await;
    cloud.forgot(olga.email()).await.expect(202);
    cloud.reset(olga.email(), NEXT).await.expect(204);
    cloud.try_sign_in(olga.email(), NEXT).await.refused(401, "second_factor_required");
}

#[tokio::test]
async fn a_policy_that_demands_a_second_factor_leads_into_the_setup() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let ben = olga.welcome("ben@example.com", "member").await;
    olga.set_up_totp().await;
    olga.policy(json!({ "two_factor": "required" })).await;
    // At once, for whoever is signed in already too.
    ben.get("/v1/users").await.refused(403, "two_factor_setup_required");
    ben.patch("/v1/me", json!({ "title": "X" })).await.refused(403, "two_factor_setup_required");
    let ben = cloud.sign_in("ben@example.com").await;
    ben.get("/v1/users").await.refused(403, "two_factor_setup_required");
    ben.get("/v1/me").await.expect(200);
    ben.get("/v1/sessions").await.expect(200);
    ben.set_up_totp().await;
    ben.get("/v1/users").await.expect(200);
    olga.get("/v1/users").await.expect(200);
}

#[tokio::test]
async fn no_policy_keeps_its_author_out() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let policy = |methods: Value| json!({ "policy": { "sign_in_methods": methods } });
    let answer = olga.patch("/v1/account", policy(json!(["google"]))).await;
    answer.bad_field("policy.sign_in_methods", "locks_you_out");
    olga.patch("/v1/account", policy(json!(["password", "google"]))).await.expect(200);
    let body = json!({ "name": "M", "email": "m@example.com", "type": "member", "sign_in": "microsoft" });
    olga.post("/v1/users", body).await.refused(403, "sign_in_method_not_allowed");
}

#[tokio::test]
async fn a_confirmation_can_be_asked_for_again() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let first = cloud.link(olga.email()).await;
    olga.post("/v1/me/email/verification", json!({})).await.expect(202);
    let second = cloud.link(olga.email()).await;
    assert_ne!(first, second);
    cloud.public().post("/v1/email/verify", json!({ "token": second })).await.expect(204);
    assert_eq!(olga.get("/v1/me").await.expect(200)["email_verified"], true);
    let mails = cloud.mails(olga.email()).await.len();
    olga.post("/v1/me/email/verification", json!({})).await.expect(202);
    assert_eq!(cloud.mails(olga.email()).await.len(), mails, "nothing is left to confirm");
}

#[tokio::test]
async fn nobody_takes_over_who_holds_more_rights() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let own = format!("/v1/users/{}", olga.id());
    olga.put(&format!("{own}/password"), json!({ "password": NEXT })).await.refused(409, "cannot_change_self");
    olga.post(&format!("{own}/password-reset"), json!({})).await.refused(409, "cannot_change_self");
    olga.delete(&format!("{own}/two-factor")).await.refused(409, "cannot_change_self");
    let invited = olga.invite("ben@example.com", "member").await;
    let path = format!("/v1/users/{}", invited["user_id"].as_str().unwrap());
    olga.put(&format!("{path}/password"), json!({ "password": NEXT })).await.refused(409, "user_pending");
    olga.post(&format!("{path}/password-reset"), json!({})).await.refused(409, "user_pending");
}
