//! P1–P3, W9: an address changes safely in exactly its window.

use serde_json::{Value, json};

use super::email_links::{ask, ask_for, confirm, effective, mailed};
use crate::support::{Client, Cloud, PASSWORD};

const NEW: &str = "new@example.com";

/// What is pending of one's own address: the address and its status.
async fn pending(client: &Client) -> Option<(String, String)> {
    let own = client.get("/v1/me/email").await.expect(200);
    let me = client.get("/v1/me").await.expect(200);
    assert_eq!((&own["pending"], &own["email"]), (&me["pending_email_change"], &me["email"]), "one and the same");
    let text = |name: &str| Some(own["pending"][name].as_str()?.to_owned());
    text("email").zip(text("status"))
}

fn of(email: &str, status: &str) -> (String, String) {
    (email.to_owned(), status.to_owned())
}

#[tokio::test]
async fn p1_people_change_their_own_address_with_their_password() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let before = cloud.dump().await;
    let wrong = json!({ "email": NEW, "password": "not the password" });
    let dry = ben.post("/v1/me/email?dry_run=true", json!({ "email": NEW, "password": PASSWORD })).await.expect(200);
    let told: Vec<_> = dry["effects"]["mails"].as_array().unwrap().iter().map(|mail| &mail["to"]).collect();
    assert_eq!(told, [NEW, "ben@example.com"]);
    for (body, field, code) in [
        (json!({ "email": NEW }), "password", "missing_field"),
        (json!({ "password": PASSWORD }), "email", "missing_field"),
        (json!({ "email": "nowhere", "password": PASSWORD }), "email", "invalid_email"),
        (json!({ "email": "BEN@Example.com", "password": PASSWORD }), "email", "same_address"),
        (json!({ "email": NEW, "password": PASSWORD, "user_id": admin.id() }), "user_id", "unknown_field"),
    ] {
        ben.post("/v1/me/email", body).await.bad_field(field, code);
    }
    ask_for(&ben, admin.email()).await.refused(409, "email_taken");
    // An admin does not get around the password by way of himself.
    let path = format!("/v1/users/{}/email", admin.id());
    admin.post(&path, json!({ "email": NEW })).await.refused(409, "cannot_change_self");
    assert_eq!(cloud.dump().await, before, "nothing was changed");
    assert_eq!(cloud.mails(NEW).await.len(), 0);
    ben.post("/v1/me/email", wrong.clone()).await.refused(403, "invalid_credentials");
    // Guesses cost pauses, as everywhere.
    for _ in 0..11 {
        ben.post("/v1/me/email", wrong.clone()).await;
    }
    ask_for(&ben, NEW).await.refused(429, "too_many_attempts");
    assert_eq!(pending(&ben).await, None);
}

#[tokio::test]
async fn p1_who_signs_in_at_a_provider_signs_in_again_first() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let body = json!({ "name": "Gina", "email": "gina@example.com", "type": "member", "sign_in": "google" });
    admin.post("/v1/users", body).await.expect(201);
    let token = cloud.link("gina@example.com").await;
    let signed_in = cloud.browser().sign_in_at("google", json!({ "token": token }), "gina@example.com").await;
    let gina = cloud.signed_in(&signed_in.expect(200));
    gina.post("/v1/me/email", json!({ "email": NEW, "password": "x" })).await.bad_field("password", "not_allowed");
    cloud.advance(15 * 60 + 1).await;
    gina.post("/v1/me/email", json!({ "email": NEW })).await.refused(403, "fresh_sign_in_required");
    let signed_in = cloud.browser().sign_in_at("google", json!({}), "gina@example.com").await;
    let gina = cloud.signed_in(&signed_in.expect(200));
    gina.post("/v1/me/email", json!({ "email": NEW })).await.expect(202);
    confirm(&cloud, NEW).await.expect(200);
    assert_eq!(gina.post("/v1/me/email/accept", json!({})).await.expect(200)["email"], NEW);
    // Who he is there stays as it is: an identity is no address.
    cloud.browser().sign_in_at("google", json!({}), "gina@example.com").await.expect(200);
}

#[tokio::test]
async fn p2_the_old_address_holds_until_the_new_one_confirms() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let asked = ask(&ben, NEW).await;
    assert_eq!((&asked["email"], &asked["status"]), (&json!(NEW), &json!("awaiting_confirmation")));
    assert_eq!(cloud.templates(NEW).await, ["email_change_confirm"]);
    assert_eq!(cloud.templates("ben@example.com").await[0], "email_change_requested");
    assert!(cloud.mails("ben@example.com").await[0]["text"].as_str().unwrap().contains(NEW));
    assert!(!cloud.mails("ben@example.com").await[0]["text"].as_str().unwrap().contains("token="));
    assert_eq!(pending(&ben).await, Some(of(NEW, "awaiting_confirmation")));
    let seen = admin.get(&format!("/v1/users/{}", ben.id())).await.expect(200);
    assert_eq!(seen["pending_email_change"]["email"], NEW, "an admin sees it");
    let colleague = admin.welcome("carla@example.com", "member").await;
    let seen = colleague.get(&format!("/v1/users/{}", ben.id())).await.expect(200);
    assert!(seen["pending_email_change"].is_null(), "a colleague does not");
    ben.post("/v1/me/email/accept", json!({})).await.refused(409, "not_confirmed");
    cloud.try_sign_in(NEW, PASSWORD).await.refused(401, "invalid_credentials");
    cloud.sign_in("ben@example.com").await;
    // A newer request supersedes; the link of the first is dead, and so is one that was called off.
    let first = mailed(&cloud, NEW, "email_change_confirm").await;
    ask(&ben, "newer@example.com").await;
    let by = |token: &str| json!({ "token": token });
    cloud.public().post("/v1/email-changes/confirm", by(&first)).await.refused(410, "link_expired");
    ben.delete("/v1/me/email").await.expect(204);
    ben.delete("/v1/me/email").await.expect(204);
    assert_eq!(pending(&ben).await, None);
    confirm(&cloud, "newer@example.com").await.refused(410, "link_expired");
    ben.post("/v1/me/email/accept", json!({})).await.refused(404, "not_found");
    for junk in ["", "junk", &"A".repeat(43), ben.token.as_ref().unwrap()] {
        cloud.public().post("/v1/email-changes/confirm", by(junk)).await.refused(404, "not_found");
        cloud.public().post("/v1/email-changes/revert", by(junk)).await.refused(404, "not_found");
    }
    assert_eq!(ben.get("/v1/me").await.expect(200)["email"], "ben@example.com");
}

/// The last second of a window is inside, the next is not: on the way of a request, and of the worker.
#[tokio::test]
async fn p2_a_window_ends_to_the_second() {
    let cloud = Cloud::start().await;
    // The clock runs on, and an answer has to come within a second: from no slower engine than this.
    if cloud.local.embedded().is_none() {
        return;
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut weeks = 0;
    for (hours, by_admin) in [(24, false), (72, true)] {
        for (second, open) in [(-1, true), (0, true), (1, false)] {
            for worker in [false, true] {
                let case = format!("{hours} h {second:+} s, worker {worker}");
                weeks += 1;
                cloud.advance(7 * 86_400).await;
                cloud.worker().await;
                let admin = cloud.sign_in(admin.email()).await;
                let ben = admin.welcome(&format!("ben.{weeks}@example.com"), "member").await;
                let new = format!("new.{weeks}@example.com");
                let before = cloud.now().await;
                let asked = if by_admin {
                    let path = format!("/v1/users/{}/email", ben.id());
                    admin.post(&path, json!({ "email": new })).await.expect(202)
                } else {
                    ask(&ben, &new).await
                };
                let ends: domain::Instant = asked["expires_at"].as_str().unwrap().parse().unwrap();
                assert!((hours * 3_600 - 1..hours * 3_600 + 30).contains(&(ends - before).num_seconds()), "{asked}");
                // The clock runs on: each step begins at that moment.
                let then = (ends + chrono::TimeDelta::seconds(second)).to_rfc3339();
                if worker {
                    for times in [i32::from(!open), 0] {
                        cloud.set_clock(&then).await;
                        assert_eq!(cloud.worker().await["expired_email_changes"], times, "{case}");
                    }
                }
                cloud.set_clock(&then).await;
                assert_eq!(pending(&ben).await.is_some(), open, "{case}");
                cloud.set_clock(&then).await;
                let answer = confirm(&cloud, &new).await;
                cloud.set_clock(&then).await;
                if !open {
                    answer.refused(410, "email_change_expired");
                    ben.post("/v1/me/email/accept", json!({})).await.refused(410, "email_change_expired");
                } else if by_admin {
                    assert_eq!(answer.expect(200)["status"], "changed", "{case}");
                } else {
                    assert_eq!(answer.expect(200)["status"], "awaiting_accept", "{case}");
                    ben.post("/v1/me/email/accept", json!({})).await.expect(200);
                }
            }
        }
    }
}

#[tokio::test]
async fn p3_the_accept_button_makes_it_effective() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    cloud.forgot("ben@example.com").await.expect(202);
    let reset = cloud.link("ben@example.com").await;
    ask(&ben, NEW).await;
    assert_eq!(confirm(&cloud, NEW).await.expect(200)["status"], "awaiting_accept");
    assert_eq!(confirm(&cloud, NEW).await.expect(200)["status"], "awaiting_accept", "once more is nothing new");
    assert_eq!(pending(&ben).await, Some(of(NEW, "awaiting_accept")));
    assert_eq!(ben.get("/v1/me").await.expect(200)["email"], "ben@example.com", "not yet");
    let own = ben.with("idempotency-key", "a").post("/v1/me/email/accept", json!({})).await.expect(200);
    assert_eq!((&own["email"], &own["pending"]), (&json!(NEW), &Value::Null));
    ben.with("idempotency-key", "a").post("/v1/me/email/accept", json!({})).await.expect(200);
    ben.post("/v1/me/email/accept", json!({})).await.refused(404, "not_found");
    confirm(&cloud, NEW).await.refused(410, "link_expired");
    let me = ben.get("/v1/me").await.expect(200);
    assert_eq!((&me["email"], &me["login"], &me["email_verified"]), (&json!(NEW), &json!(NEW), &json!(true)));
    // The old address lets nobody in, finds nobody and resets nothing; it was told, with the way back.
    cloud.try_sign_in("ben@example.com", PASSWORD).await.refused(401, "invalid_credentials");
    cloud.sign_in(NEW).await;
    let body = json!({ "token": reset, "password": PASSWORD });
    cloud.public().post("/v1/password/reset", body).await.refused(410, "link_expired");
    let mails = cloud.mails("ben@example.com").await.len();
    cloud.forgot("ben@example.com").await.expect(202);
    assert_eq!(cloud.mails("ben@example.com").await.len(), mails);
    assert_eq!(cloud.templates("ben@example.com").await[0], "email_changed");
    let found =
        async |q: &str| admin.get(&format!("/v1/users?q={q}")).await.expect(200)["items"].as_array().unwrap().len();
    assert_eq!((found("new%40example").await, found("ben%40example").await), (1, 0), "the search follows");
    let audit = admin.get("/v1/audit?action=user.email_changed").await.expect(200)["items"][0].clone();
    assert_eq!((&audit["before"]["email"], &audit["after"]["email"]), (&json!("ben@example.com"), &json!(NEW)));
    assert_eq!(audit["actor"], ben.id());
}

#[tokio::test]
async fn p3_a_policy_can_do_without_the_accept_button() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.policy(json!({ "email_change": { "self_requires_accept": false, "self_window_hours": 1 } })).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    ask(&ben, NEW).await;
    assert_eq!(confirm(&cloud, NEW).await.expect(200)["status"], "changed");
    assert_eq!(ben.get("/v1/me").await.expect(200)["email"], NEW);
}

#[tokio::test]
async fn w9_an_admin_changes_anothers_address_outside_the_eu() {
    let cloud = Cloud::start().await;
    let owner = json!({ "name": "Eve", "email": "eve@example.com", "password": PASSWORD });
    let body = json!({ "name": "EU", "plan_id": "unlimited", "region": "eu", "owner": owner });
    let up = cloud.public().post("/v1/accounts", body).await.expect(201);
    let eve = cloud.signed_in(&json!({ "token": up["session"]["token"], "user": up["user"] }));
    let admin = cloud.sign_up("unlimited", 1).await;
    for (admin, name) in [(&eve, "eu"), (&admin, "us")] {
        let ben = admin.welcome(&format!("ben@{name}.example"), "member").await;
        let path = format!("/v1/users/{}/email", ben.id());
        let to = json!({ "email": format!("new@{name}.example") });
        if name == "eu" {
            admin.post(&path, to.clone()).await.refused(403, "email_change_not_available");
            // The first address of somebody without one is no change of another; and the policy decides.
            let cora = admin.create("cora", None).await;
            let first = json!({ "email": "cora@eu.example" });
            let path = format!("/v1/users/{}/email", cora["id"].as_str().unwrap());
            admin.post(&path, first).await.expect(202);
            assert_eq!(confirm(&cloud, "cora@eu.example").await.expect(200)["status"], "changed");
            let seen = admin.get(&format!("/v1/users/{}", cora["id"].as_str().unwrap())).await.expect(200);
            assert_eq!((&seen["email"], &seen["login"]), (&json!("cora@eu.example"), &json!("cora")));
            admin.policy(json!({ "email_change": { "admin_allowed": "always" } })).await;
        }
        admin.post(&path, to.clone()).await.expect(202);
        let new = to["email"].as_str().unwrap();
        assert_eq!(confirm(&cloud, new).await.expect(200)["status"], "changed");
        assert_eq!(ben.get("/v1/me").await.expect(200)["email"], new);
        admin.policy(json!({ "email_change": { "admin_allowed": "never" } })).await;
        admin.post(&path, json!({ "email": "x@example.com" })).await.refused(403, "email_change_not_available");
    }
}

#[tokio::test]
async fn w9_whose_address_an_admin_changes() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let to = json!({ "email": NEW });
    let path = |id: &str| format!("/v1/users/{id}/email");
    let invited = admin.invite("ivy@example.com", "member").await;
    admin.post(&path(invited["user_id"].as_str().unwrap()), to.clone()).await.refused(409, "user_pending");
    let ben = admin.welcome("ben@example.com", "member").await;
    let desk = admin.role("Desk", &["users.read", "users.credentials"]).await;
    let dora = admin.welcome("dora@example.com", "member").await;
    admin.put(&format!("/v1/users/{}/role", dora.id()), json!({ "role_id": desk })).await.expect(200);
    dora.post(&path(admin.id()), to.clone()).await.refused(403, "forbidden");
    dora.delete(&path(admin.id())).await.refused(403, "forbidden");
    // A typing error of somebody who has never signed in is put right.
    let cora = admin.create("cora", Some("typo@example.com")).await;
    admin.post(&path(cora["id"].as_str().unwrap()), json!({ "email": "cora@example.com" })).await.expect(202);
    assert_eq!(confirm(&cloud, "cora@example.com").await.expect(200)["status"], "changed");
    // Whoever has lost the right changes nobody's address any more.
    let told = admin.post(&format!("{}?dry_run=true", path(ben.id())), to.clone()).await.expect(200);
    assert_eq!(told["effects"]["mails"].as_array().unwrap().len(), 2);
    assert_eq!(cloud.mails(NEW).await.len(), 0);
    admin.post(&path(ben.id()), to.clone()).await.expect(202);
    admin.delete(&path(ben.id())).await.expect(204);
    confirm(&cloud, NEW).await.refused(410, "link_expired");
    let assistant = admin.welcome("max@example.com", "admin").await;
    assistant.post(&path(ben.id()), to.clone()).await.expect(202);
    admin.deactivate(assistant.id()).await.expect(200);
    confirm(&cloud, NEW).await.refused(410, "link_expired");
    // Nor does anybody answer for a user who is deactivated.
    admin.post(&path(ben.id()), to.clone()).await.expect(202);
    admin.deactivate(ben.id()).await.expect(200);
    confirm(&cloud, NEW).await.refused(410, "link_expired");
    admin.post(&path(ben.id()), to).await.refused(403, "user_deactivated");
}

#[tokio::test]
async fn w8_a_guests_new_address_obeys_the_policy_to_the_end() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.policy(json!({ "guests": { "deny_domains": ["bad.example"] } })).await;
    let gus = admin.welcome("gus@good.example", "guest").await;
    ask_for(&gus, "gus@bad.example").await.refused(422, "guest_domain_not_allowed");
    let path = format!("/v1/users/{}/email", gus.id());
    admin.post(&path, json!({ "email": "gus@bad.example" })).await.refused(422, "guest_domain_not_allowed");
    ask(&gus, "gus@soon.example").await;
    admin.policy(json!({ "guests": { "company_domains": ["soon.example"] } })).await;
    confirm(&cloud, "gus@soon.example").await.refused(422, "guest_domain_not_allowed");
    admin.policy(json!({ "guests": { "company_domains": [] } })).await;
    confirm(&cloud, "gus@soon.example").await.expect(200);
    admin.policy(json!({ "guests": { "allow_domains": ["good.example"] } })).await;
    gus.post("/v1/me/email/accept", json!({})).await.refused(422, "guest_domain_not_allowed");
    assert_eq!(gus.get("/v1/me").await.expect(200)["email"], "gus@good.example");
}

#[tokio::test]
async fn two_who_want_the_same_address_get_one_winner() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.policy(json!({ "email_change": { "self_requires_accept": false } })).await;
    let mut links = Vec::new();
    let mut rivals = Vec::new();
    for name in ["ben", "cora", "dan"] {
        let rival = admin.welcome(&format!("{name}@example.com"), "member").await;
        ask(&rival, NEW).await;
        links.push(cloud.link(NEW).await);
        rivals.push(rival);
    }
    // Until it takes effect nobody has it: an invitation to it goes out, and is taken back.
    let invited = admin.invite(NEW, "member").await;
    let one = json!({ "token": links[0] });
    cloud.public().post("/v1/email-changes/confirm", one).await.refused(409, "email_taken");
    admin.delete(&format!("/v1/invitations/{}", invited["id"].as_str().unwrap())).await.expect(204);
    let public = cloud.public();
    let answers = futures::future::join_all(
        links.iter().map(|token| public.post("/v1/email-changes/confirm", json!({ "token": token }))),
    )
    .await;
    let won: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(won.iter().filter(|status| **status == 200).count(), 1, "{won:?}");
    for (answer, rival) in answers.into_iter().zip(&rivals) {
        let email = rival.get("/v1/me").await.expect(200)["email"].clone();
        if answer.status == 200 {
            assert_eq!(email, NEW);
        } else {
            answer.refused(409, "email_taken");
            assert_ne!(email, NEW);
            assert_eq!(pending(rival).await, Some(of(NEW, "awaiting_confirmation")));
        }
    }
    let body = json!({ "emails": [NEW], "type": "member" });
    assert_eq!(admin.post("/v1/invitations", body).await.expect(201)["results"][0]["code"], "already_member");
}

#[tokio::test]
async fn a_change_takes_effect_once_and_never_beside_its_end() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for round in 0..4 {
        let ben = admin.welcome(&format!("ben{round}@example.com"), "member").await;
        let new = format!("new{round}@example.com");
        ask(&ben, &new).await;
        confirm(&cloud, &new).await.expect(200);
        let (accepted, again, cancelled) = futures::join!(
            ben.post("/v1/me/email/accept", json!({})),
            ben.post("/v1/me/email/accept", json!({})),
            ben.delete("/v1/me/email")
        );
        let times = [&accepted, &again].iter().filter(|answer| answer.status == 200).count();
        assert!(times <= 1 && cancelled.status == 204, "{} {}", accepted.text, again.text);
        let email = ben.get("/v1/me").await.expect(200)["email"].clone();
        assert_eq!(email == json!(new), times == 1, "{email}");
        assert_eq!(pending(&ben).await, None);
        assert_eq!(effective(&cloud, &format!("ben{round}@example.com")).await, times, "told as often as it happened");
    }
}
