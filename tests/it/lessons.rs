//! What users complained about elsewhere, and what attackers used. Each test is a row of that list.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn no_get_uses_a_link_up() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    for _ in 0..3 {
        let page = cloud.public().get(&format!("/accept-invitation?token={token}")).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.expect(200);
    }
    let verify = cloud.link(admin.email()).await;
    cloud.public().get(&format!("/verify-email?token={verify}")).await.expect(200);
    assert_eq!(admin.get("/v1/me").await.expect(200)["email_verified"], false);
    cloud.accept("ben@example.com", "Ben").await;
    cloud.public().post("/v1/email/verify", json!({ "token": verify })).await.expect(204);
    cloud.public().post("/v1/email/verify", json!({ "token": verify })).await.refused(404, "not_found");
}

#[tokio::test]
async fn the_user_has_exactly_the_invited_address() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let body = json!({ "token": token, "name": "Ben", "password": PASSWORD, "email": "mallory@example.com" });
    cloud.public().post("/v1/invitations/accept", body).await.bad_field("email", "unknown_field");
    let ben = cloud.accept("ben@example.com", "mallory@example.com").await;
    assert_eq!(ben.user["email"], "ben@example.com");
    assert_eq!(ben.user["login"], "ben@example.com");
}

/// Neither by the old address, nor by a profile, a sign-up or a token of another step.
#[tokio::test]
async fn only_the_new_address_changes_an_address() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let asked = ben.post("/v1/me/email", json!({ "email": "new@example.com", "password": PASSWORD })).await;
    let confirms = cloud.link("new@example.com").await;
    assert!(!asked.text.contains(&confirms) && !ben.get("/v1/me/email").await.text.contains(&confirms), "only mailed");
    let told = cloud.mails("ben@example.com").await[0].clone();
    assert_eq!(told["template"], "email_change_requested");
    assert!(!told["text"].as_str().unwrap().contains("token="), "the old address confirms nothing");
    let user = format!("/v1/users/{}", ben.id());
    ben.patch("/v1/me", json!({ "email": "new@example.com" })).await.bad_field("email", "unknown_field");
    admin.patch(&user, json!({ "email": "new@example.com" })).await.bad_field("email", "unknown_field");
    let path = format!("{user}/email");
    admin
        .post(&path, json!({ "email": "new@example.com", "verified": true }))
        .await
        .bad_field("verified", "unknown_field");
    for setting in [json!({ "self_requires_accept": false }), json!({ "admin_allowed": "always" })] {
        admin.policy(json!({ "email_change": setting })).await;
        ben.post("/v1/me/email/accept", json!({})).await.refused(409, "not_confirmed");
    }
    cloud.public().post("/v1/email/verify", json!({ "token": confirms })).await.refused(404, "not_found");
    assert_eq!(ben.get("/v1/me").await.expect(200)["email"], "ben@example.com");
}

#[tokio::test]
async fn an_invitations_link_is_only_mailed() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "emails": ["ben@example.com"], "type": "member" });
    let created = admin.post("/v1/invitations", body).await;
    let token = cloud.link("ben@example.com").await;
    let id = created.body["results"][0]["invitation"]["id"].as_str().unwrap().to_owned();
    let resent = admin.post(&format!("/v1/invitations/{id}/resend"), json!({})).await;
    let newer = cloud.link("ben@example.com").await;
    let listed = admin.get("/v1/invitations").await;
    for answer in [created, resent, listed] {
        assert!(!answer.text.contains(&token) && !answer.text.contains(&newer), "{}", answer.text);
        assert!(!answer.text.contains("digest"), "{}", answer.text);
    }
}

#[tokio::test]
async fn addresses_differ_in_nothing_that_people_do_not_see() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.welcome("Anna.Berg@Example.com", "member").await;
    for same in ["anna.berg@example.com", " ANNA.BERG@EXAMPLE.COM ", "ａnna.berg@example.com"] {
        let body = json!({ "emails": [same], "type": "member" });
        let row = admin.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
        assert_eq!(row["code"], "already_member", "{same}");
        let body = json!({ "login": same, "password": PASSWORD });
        cloud.public().post("/v1/sessions", body).await.expect(201);
    }
}

#[tokio::test]
async fn inviting_a_deactivated_user_says_what_to_do() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    admin.deactivate(ben.id()).await.expect(200);
    let body = json!({ "emails": ["ben@example.com"], "type": "member" });
    let row = admin.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
    assert_eq!(row["code"], "already_member");
    assert!(row["detail"].as_str().unwrap().contains("reactivate"), "{row}");
}

#[tokio::test]
async fn a_deactivation_counts_from_the_next_request_on() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "admin").await;
    let other_device = cloud.sign_in("ben@example.com").await;
    admin.deactivate(ben.id()).await.expect(200);
    for session in [&ben, &other_device] {
        session.get("/v1/me").await.refused(401, "unauthenticated");
        session.patch("/v1/account", json!({ "name": "Mine" })).await.refused(401, "unauthenticated");
    }
    // Reactivated, the old sessions stay dead.
    admin.reactivate(ben.id()).await.expect(200);
    ben.get("/v1/me").await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn wrong_logins_and_wrong_passwords_answer_alike() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.invite("pending@example.com", "member").await;
    let slug = admin.account["slug"].as_str().unwrap();
    let tries = [
        json!({ "login": admin.email(), "password": "wrong wrong wrong" }),
        json!({ "login": "nobody@example.com", "password": PASSWORD }),
        json!({ "login": "pending@example.com", "password": PASSWORD }),
        json!({ "login": admin.email(), "password": "wrong wrong wrong", "account": slug }),
        json!({ "login": "nobody@example.com", "password": PASSWORD, "account": slug }),
        json!({ "login": admin.email(), "password": PASSWORD, "account": "no-such-account" }),
        json!({ "login": "", "password": "" }),
    ];
    let mut said = Vec::new();
    for body in tries {
        let answer = cloud.public().post("/v1/sessions", body).await;
        said.push(answer.refused(401, "invalid_credentials"));
    }
    said.dedup();
    assert_eq!(said.len(), 1, "{said:?}");
}

#[tokio::test]
async fn the_same_pair_in_two_accounts_needs_the_account_and_only_then_says_so() {
    let cloud = Cloud::start().await;
    let one = cloud.sign_up("unlimited", 1).await;
    let other = cloud.sign_up("unlimited", 1).await;
    one.welcome("both@example.com", "member").await;
    other.welcome("both@example.com", "member").await;
    let wrong = json!({ "login": "both@example.com", "password": "wrong wrong wrong" });
    cloud.public().post("/v1/sessions", wrong).await.refused(401, "invalid_credentials");
    let right = json!({ "login": "both@example.com", "password": PASSWORD });
    let said = cloud.public().post("/v1/sessions", right).await.refused(409, "account_required");
    assert!(!said.to_string().contains("acme"), "{said}");
    let named = json!({ "login": "both@example.com", "password": PASSWORD, "account": other.account["slug"] });
    let body = cloud.public().post("/v1/sessions", named).await.expect(201);
    assert_eq!(body["user"]["account_id"], other.account["id"]);
}

#[tokio::test]
async fn accounts_opened_under_somebodys_address_do_not_keep_him_out() {
    let cloud = Cloud::start().await;
    let late = "verspätet und trotzdem drin";
    let squatter = "Besetzer der Adresse 4711";
    let mut slug = json!(null);
    for (index, password) in [PASSWORD].into_iter().chain([squatter; 8]).chain([late]).enumerate() {
        cloud.advance(1).await;
        let owner = json!({ "name": "V", "email": "victim@example.com", "password": password });
        let body = json!({ "name": format!("A{index}"), "plan_id": "basic", "owner": owner });
        slug = cloud.public().post("/v1/accounts", body).await.expect(201)["account"]["slug"].clone();
    }
    let sign_in = async |password: &str, account: serde_json::Value| {
        let body = json!({ "login": "victim@example.com", "password": password, "account": account });
        cloud.public().post("/v1/sessions", body).await
    };
    // Who was there first gets in as ever; who came late is told how, in the words that everybody is told who is wrong.
    sign_in(PASSWORD, json!(null)).await.expect(201);
    let said = sign_in(late, json!(null)).await.refused(401, "invalid_credentials");
    assert!(said["detail"].as_str().unwrap().contains("account"), "{said}");
    sign_in(late, slug).await.expect(201);
}

#[tokio::test]
async fn strangers_who_claim_an_address_first_keep_its_holder_out_of_nothing() {
    let cloud = Cloud::start().await;
    // Ten accounts of strangers have the address as a login that nobody ever showed to be theirs.
    let login = json!({ "name": "X", "login": "vic@example.com", "type": "viewer", "sign_in": "password",
        "password": PASSWORD });
    for _ in 0..10 {
        cloud.sign_up("unlimited", 1).await.post("/v1/users", login.clone()).await.expect(201);
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    let vic = admin.welcome("vic@example.com", "member").await;
    let own = "eine ganz andere Wolke";
    vic.put("/v1/me/password", json!({ "current_password": PASSWORD, "new_password": own })).await.expect(204);
    assert_eq!(cloud.try_sign_in("vic@example.com", own).await.expect(201)["user"]["id"], vic.id());
    cloud.forgot("vic@example.com").await.expect(202);
    assert!(cloud.templates("vic@example.com").await.contains(&"password_reset_requested".to_owned()));
}

#[tokio::test]
async fn a_longer_policy_revives_no_session() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.policy(json!({ "sessions": { "ttl_hours": 1 } })).await;
    let old = cloud.sign_in(admin.email()).await;
    cloud.advance(2 * 3_600).await;
    old.get("/v1/me").await.refused(401, "unauthenticated");
    let fresh = cloud.sign_in(admin.email()).await;
    fresh.policy(json!({ "sessions": { "ttl_hours": 720 } })).await;
    old.get("/v1/me").await.refused(401, "unauthenticated");
    fresh.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn a_token_of_one_step_is_worthless_in_another() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let verify = cloud.link(admin.email()).await;
    admin.invite("ben@example.com", "member").await;
    let invitation = cloud.link("ben@example.com").await;
    let session = admin.token.clone().unwrap();
    for token in [&verify, &session] {
        let body = json!({ "token": token, "name": "M", "password": PASSWORD });
        cloud.public().post("/v1/invitations/accept", body).await.refused(404, "not_found");
        cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.refused(404, "not_found");
    }
    for token in [&invitation, &session] {
        cloud.public().post("/v1/email/verify", json!({ "token": token })).await.refused(404, "not_found");
    }
    for token in [&invitation, &verify] {
        let mut thief = cloud.public();
        thief.token = Some(token.clone());
        thief.get("/v1/me").await.refused(401, "unauthenticated");
    }
}

#[tokio::test]
async fn links_come_from_the_configuration_never_from_the_host() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let evil = admin.with("host", "evil.example").with("x-forwarded-host", "evil.example");
    evil.post("/v1/invitations", json!({ "emails": ["ben@example.com"], "type": "member" })).await.expect(201);
    let mail = cloud.mails("ben@example.com").await[0].clone();
    assert!(!mail.to_string().contains("evil.example"), "{mail}");
    let text = mail["text"].as_str().unwrap();
    assert!(text.lines().any(|line| line.starts_with(cloud.local.app_url())), "{text}");
}

#[tokio::test]
async fn no_hard_limit_and_whole_pages() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for batch in 0..3 {
        let emails: Vec<String> = (0..50).map(|number| format!("u{}@example.com", batch * 50 + number)).collect();
        admin.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/users?limit=40".to_owned();
    loop {
        let body = admin.get(&path).await.expect(200);
        let page = body["items"].as_array().unwrap();
        assert!(page.len() <= 40);
        seen.extend(page.iter().map(|user| user["email"].as_str().unwrap().to_owned()));
        let Some(cursor) = body["next_cursor"].as_str() else { break };
        path = format!("/v1/users?limit=40&cursor={cursor}");
    }
    assert_eq!(seen.len(), 151);
    let mut unique = seen.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), 151);
}

#[tokio::test]
async fn names_cannot_forge_a_mail() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.patch("/v1/me", json!({ "name": "O\r\nBcc: x@example.com" })).await.bad_field("name", "invalid_characters");
    admin.patch("/v1/me", json!({ "name": "<b>O</b> http://evil.example/?token=x" })).await.expect(200);
    admin.invite("ben@example.com", "member").await;
    let mail = cloud.mails("ben@example.com").await[0].clone();
    assert!(!mail["html"].as_str().unwrap().contains("<b>O</b>"), "{mail}");
    assert!(cloud.link("ben@example.com").await.len() == 43);
}

#[tokio::test]
async fn a_reset_takes_one_address_and_mails_the_one_that_is_kept() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let two = json!({ "email": [olga.email(), "mallory@example.com"] });
    cloud.public().post("/v1/password/forgot", two).await.bad_field("email", "invalid_type");
    let twice = format!("{{\"email\":\"{}\",\"email\":\"mallory@example.com\"}}", olga.email());
    let answer = cloud.public().send("POST", "/v1/password/forgot", Some(twice.into_bytes())).await;
    answer.bad_field("email", "duplicate_field");
    cloud.forgot("ＯＷＮＥＲ0@EXAMPLE.com").await.expect(202);
    assert_eq!(cloud.templates(olga.email()).await[0], "password_reset_requested");
    assert_eq!(cloud.mails("mallory@example.com").await.len(), 0);
}

#[tokio::test]
async fn a_forgotten_password_reveals_nobody() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let mut seen = Vec::new();
    for email in [olga.email(), "nobody@example.com"] {
        for account in [json!(null), olga.account["slug"].clone(), json!("no-such-account")] {
            let body = json!({ "email": email, "account": account });
            let answer = cloud.public().post("/v1/password/forgot", body).await;
            // As much is read and written for nobody as for somebody: the time tells nothing either.
            let writes = (answer.units.write, answer.units.transactions);
            seen.push((answer.status, answer.text.clone(), writes));
        }
    }
    // The first of each address makes its tally; the others add to it.
    assert!(seen.iter().all(|it| it.0 == 202 && it.1.is_empty() && it.2.1 == 1), "{seen:?}");
    assert_eq!(seen[..3], seen[3..], "{seen:?}");
}

#[tokio::test]
async fn tokens_of_resets_are_worthless_elsewhere() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let verify = cloud.link(olga.email()).await;
    cloud.forgot(olga.email()).await.expect(202);
    let reset = cloud.link(olga.email()).await;
    let choose = |token: &str| json!({ "token": token, "password": "zweite Wolken über Kyjiw" });
    cloud.public().post("/v1/password/reset", choose(&verify)).await.refused(404, "not_found");
    cloud.public().post("/v1/email/verify", json!({ "token": reset })).await.refused(404, "not_found");
    let mut thief = cloud.public();
    thief.token = Some(reset.clone());
    thief.get("/v1/me").await.refused(401, "unauthenticated");
    for _ in 0..3 {
        assert_eq!(cloud.public().get(&format!("/reset-password?token={reset}")).await.status, 200);
    }
    cloud.public().post("/v1/password/reset", choose(&reset)).await.expect(204);
}

#[tokio::test]
async fn a_deactivation_covers_sessions_in_customers_accounts() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let customer = partner.customer("Bakery", "otto@example.com").await;
    let petra = partner.welcome("petra@example.com", "admin").await;
    let acting = petra.enter(&customer).await;
    acting.get("/v1/users").await.expect(200);
    partner.deactivate(petra.id()).await.expect(200);
    acting.get("/v1/users").await.refused(401, "unauthenticated");
    acting
        .post("/v1/invitations", json!({ "emails": ["x@example.com"], "type": "member" }))
        .await
        .refused(401, "unauthenticated");
    // Nor does it come to life again with her.
    partner.reactivate(petra.id()).await.expect(200);
    acting.get("/v1/users").await.refused(401, "unauthenticated");
}
