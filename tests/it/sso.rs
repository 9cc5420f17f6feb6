//! Signing in with Google and Microsoft: what is refused. The provider is the local cloud's own, which can misbehave;
//! `.ci/sso.sh` runs the protocol against a certified one.

use local::idp::Misbehaviour;
use serde_json::{Value, json};

use crate::support::{Browser, Client, Cloud};

/// An account with a user who has confirmed who she is at Google.
async fn with_cora(cloud: &std::sync::Arc<Cloud>) -> (Client, Value) {
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Cora", "email": "cora@example.com", "type": "member", "sign_in": "google" });
    let cora = admin.post("/v1/users", body).await.expect(201);
    let token = cloud.link("cora@example.com").await;
    cloud.browser().sign_in_at("google", json!({ "token": token }), "cora@example.com").await.expect(200);
    (admin, cora)
}

#[tokio::test]
async fn no_answer_of_a_provider_is_taken_that_proves_nobody() {
    let cloud = Cloud::start().await;
    with_cora(&cloud).await;
    let Some(idp) = cloud.local.idp() else { return };
    for misbehaviour in [
        Misbehaviour::WrongNonce,
        Misbehaviour::WrongAudience,
        Misbehaviour::WrongIssuer,
        Misbehaviour::Expired,
        Misbehaviour::Unsigned,
        Misbehaviour::SignedByAnotherKey,
        Misbehaviour::HmacWithClientSecret,
    ] {
        idp.misbehave(Some(misbehaviour));
        let answer = cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await;
        assert_eq!((answer.status, answer.code()), (401, "sso_failed"), "{misbehaviour:?}");
    }
    idp.misbehave(Some(Misbehaviour::Unreachable));
    let answer = cloud.public().post("/v1/sso/google/start", json!({})).await;
    answer.refused(503, "unavailable");
    idp.misbehave(None);
    idp.rotate_key().unwrap();
    cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await.expect(200);
}

#[tokio::test]
async fn only_the_browser_that_began_ends_it_once_and_in_time() {
    let cloud = Cloud::start().await;
    with_cora(&cloud).await;
    let mut browser = cloud.browser();
    let back = browser.go("google", json!({}), "cora@example.com").await;
    // The address that the provider sent the browser to is worth nothing in another one.
    cloud.public().get(&back).await.refused(401, "sso_failed");
    let mut stranger = cloud.browser();
    stranger.go("google", json!({}), "mallory@example.com").await;
    stranger.get(&back).await.refused(401, "sso_failed");
    // Nor with another state, or at another provider.
    for (from, to) in [("state=", "state=A"), ("code=", "code=A"), ("/google/", "/microsoft/"), ("state=", "stat=")] {
        browser.get(&back.replacen(from, to, 1)).await.refused(401, "sso_failed");
    }
    let mut browser = cloud.browser();
    let back = browser.go("google", json!({}), "cora@example.com").await;
    browser.get(&back).await.expect(200);
    browser.get(&back).await.refused(401, "sso_failed");
    let late = browser.go("google", json!({}), "cora@example.com").await;
    cloud.advance(601).await;
    browser.get(&late).await.refused(401, "sso_failed");
    browser.get("/v1/sso/google/callback?error=access_denied&state=x").await.refused(401, "sso_failed");
    cloud.public().post("/v1/sso/facebook/start", json!({})).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_alone_links_nobody() {
    let cloud = Cloud::start().await;
    let (admin, _) = with_cora(&cloud).await;
    // Ben has a password. Whoever has his address at Google is nobody here.
    admin.welcome("ben@example.com", "member").await;
    cloud.browser().sign_in_at("google", json!({}), "ben@example.com").await.refused(401, "identity_unknown");
    // Nor does the same address at another provider make one Cora.
    cloud.browser().sign_in_at("microsoft", json!({}), "cora@example.com").await.refused(401, "identity_unknown");
}

#[tokio::test]
async fn whoever_has_not_confirmed_asks_for_another_link_and_a_reset_ends_the_older_ones() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Dora", "email": "dora@example.com", "type": "member", "sign_in": "google" });
    let dora = admin.post("/v1/users", body).await.expect(201);
    let first = cloud.link("dora@example.com").await;
    cloud.forgot("dora@example.com").await.expect(202);
    assert_eq!(cloud.templates("dora@example.com").await, ["sso_confirmation", "sso_confirmation"]);
    assert_ne!(cloud.link("dora@example.com").await, first);
    let path = format!("/v1/users/{}/password-reset", dora["id"].as_str().unwrap());
    admin.post(&path, json!({})).await.expect(202);
    let begin = async |token: &str| cloud.public().post("/v1/sso/google/start", json!({ "token": token })).await;
    begin(&first).await.refused(410, "link_expired");
    let last = cloud.link("dora@example.com").await;
    cloud.browser().sign_in_at("google", json!({ "token": last }), "dora@example.com").await.expect(200);
    admin.post(&path, json!({})).await.expect(202);
    begin(&first).await.refused(410, "link_expired");
}

#[tokio::test]
async fn a_policy_that_demands_a_second_factor_wants_the_confirmation() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.set_up_totp().await;
    admin.policy(json!({ "two_factor": "required" })).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let body = json!({ "token": token, "name": "Ben", "sign_in": "google" });
    let ben = cloud.signed_in(&cloud.public().post("/v1/invitations/accept", body).await.expect(201));
    ben.get("/v1/users").await.refused(403, "two_factor_setup_required");
    let token = cloud.link("ben@example.com").await;
    cloud.browser().sign_in_at("google", json!({ "token": token }), "ben@example.com").await.expect(200);
    ben.get("/v1/users").await.expect(200);
}

#[tokio::test]
async fn a_link_binds_one_identity_of_its_own_address_once() {
    let cloud = Cloud::start().await;
    let (admin, cora) = with_cora(&cloud).await;
    let used = cloud.link("cora@example.com").await;
    let answer = cloud.public().post("/v1/sso/google/start", json!({ "token": used })).await;
    answer.refused(404, "not_found");
    let body = json!({ "name": "Dora", "email": "dora@example.com", "type": "member", "sign_in": "google" });
    let dora = admin.post("/v1/users", body).await.expect(201);
    let token = cloud.link("dora@example.com").await;
    // Somebody who is signed in there as another is told so, and nothing is bound.
    let browser = cloud.browser();
    browser.sign_in_at("google", json!({ "token": token }), "cora@example.com").await.refused(403, "identity_mismatch");
    let wrong = cloud.public().post("/v1/sso/microsoft/start", json!({ "token": token })).await;
    wrong.refused(403, "sign_in_method_not_allowed");
    // Deactivated users do not come in by it either.
    cloud.browser().sign_in_at("google", json!({ "token": token }), "dora@example.com").await.expect(200);
    admin.deactivate(dora["id"].as_str().unwrap()).await.expect(200);
    cloud.browser().sign_in_at("google", json!({}), "dora@example.com").await.refused(403, "user_deactivated");
    admin.patch("/v1/account", json!({ "policy": { "sign_in_methods": ["password"] } })).await.expect(200);
    let answer = cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await;
    answer.refused(403, "sign_in_method_not_allowed");
    assert_eq!(cora["name"], "Cora");
}

#[tokio::test]
async fn whoever_has_confirmed_in_two_accounts_names_one() {
    let cloud = Cloud::start().await;
    let (one, _) = with_cora(&cloud).await;
    let (other, there) = with_cora(&cloud).await;
    cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await.refused(409, "account_required");
    let named = json!({ "account": other.account["slug"] });
    let signed_in = cloud.browser().sign_in_at("google", named, "cora@example.com").await.expect(200);
    assert_eq!(signed_in["user"]["id"], there["id"]);
    let nowhere = json!({ "account": "no-such-account" });
    cloud.browser().sign_in_at("google", nowhere, "cora@example.com").await.refused(401, "identity_unknown");
    assert_ne!(one.account["id"], other.account["id"]);
}

#[tokio::test]
async fn a_browser_gets_a_page() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Cora <b>", "email": "cora@example.com", "type": "member", "sign_in": "google" });
    admin.post("/v1/users", body).await.expect(201);
    let token = cloud.link("cora@example.com").await;
    let page = cloud.public().get(&format!("/confirm-sign-in?token={token}")).await;
    assert!(page.text.contains("Google") && page.text.contains("cora@example.com"), "{}", page.text);
    let mut browser: Browser = cloud.browser();
    browser.wants_page();
    let done = browser.sign_in_at("google", json!({ "token": token }), "cora@example.com").await;
    assert_eq!((done.status, done.header("content-type")), (200, "text/html; charset=utf-8"));
    assert!(done.text.contains("Cora &#60;b&#62;") && !done.text.contains("token"), "{}", done.text);
    // A page hands no session over: there is none but the one that a program asked for.
    let cora = cloud.signed_in(&cloud.browser().sign_in_at("google", json!({}), "cora@example.com").await.expect(200));
    assert_eq!(cora.get("/v1/sessions").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let failed = browser.get("/v1/sso/google/callback?error=access_denied").await;
    assert_eq!((failed.status, failed.header("content-type")), (200, "text/html; charset=utf-8"));
}

#[tokio::test]
async fn a_confirmation_that_fails_is_told_in_the_language_of_its_mail() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body =
        json!({ "name": "Cora", "email": "cora@example.com", "type": "member", "sign_in": "google", "locale": "uk" });
    admin.post("/v1/users", body).await.expect(201);
    let token = cloud.link("cora@example.com").await;
    let mut browser: Browser = cloud.browser();
    browser.wants_page();
    // Somebody else at the provider: refused once it has said who. Without a code: refused before.
    let mismatch = browser.sign_in_at("google", json!({ "token": token }), "else@example.com").await;
    let back = browser.go("google", json!({ "token": token }), "cora@example.com").await;
    let (_, state) = back.split_once("state=").expect("a state");
    let cancelled = browser.get(&format!("/v1/sso/google/callback?error=access_denied&state={state}")).await;
    for (page, heading) in [(mismatch, "Це інша адреса"), (cancelled, "Увійти не вдалося")] {
        assert!(page.text.contains("<html lang=\"uk\">") && page.text.contains(heading), "{}", page.text);
    }
    // A sign-in without a mail is told in the language that the browser asks for.
    let unknown = browser.sign_in_at("google", json!({}), "cora@example.com").await;
    assert!(unknown.text.contains("<html lang=\"en\">"), "{}", unknown.text);
}
