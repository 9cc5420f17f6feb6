//! P: sessions that were switched into a customer's account.

use std::sync::Arc;

use local::ses::SesFault;
use serde_json::{Value, json};

use crate::support::{Client, Cloud, PASSWORD};

/// A partner, one of its admins, and a customer with its owner.
async fn portal(cloud: &Arc<Cloud>) -> (Client, Client, String, Client) {
    let partner = cloud.partner().await;
    let petra = partner.welcome("petra@example.com", "admin").await;
    petra.patch("/v1/me", json!({ "name": "Petra" })).await.expect(200);
    let customer = partner.customer("Bakery", "otto@example.com").await;
    let otto = cloud.accept("otto@example.com", "Otto").await;
    (partner, petra, customer, otto)
}

#[tokio::test]
async fn p6_a_switched_session_says_who_acts_for_whom() {
    let cloud = Cloud::start().await;
    let (_, petra, customer, otto) = portal(&cloud).await;
    let told = petra.post("/v1/sessions/switch?dry_run=true", json!({ "account_id": customer })).await.expect(200);
    assert_eq!(told["dry_run"], true);
    let switched = petra.switch(&customer).await.expect(201);
    assert_eq!((&switched["acting_for"], &switched["user"]["id"]), (&json!(customer), &petra.user["id"]));
    let acting = cloud.signed_in(&switched);
    // Herself, in the customer's account.
    let me = acting.get("/v1/me").await.expect(200);
    assert_eq!((&me["name"], &me["acting_for"]), (&json!("Petra"), &json!(customer)));
    assert_eq!(me["account_id"], petra.user["account_id"]);
    assert_eq!(petra.get("/v1/me").await.expect(200)["acting_for"], Value::Null);
    assert_eq!(acting.get("/v1/account").await.expect(200)["id"], customer.as_str());
    let people = acting.get("/v1/users").await.expect(200)["items"].clone();
    assert_eq!(people.as_array().unwrap().len(), 1, "she is none of them");
    acting.get(&format!("/v1/users/{}", petra.id())).await.refused(404, "not_found");
    // What she does stands in the customer's audit, with her name as it is now, and in the mails.
    acting.patch("/v1/account", json!({ "name": "Bakery South" })).await.expect(200);
    acting.invite("ben@example.com", "member").await;
    petra.patch("/v1/me", json!({ "name": "Petra Neu" })).await.expect(200);
    for (action, actor) in [("account.updated", &petra), ("invitation.created", &petra), ("session.switched", &petra)] {
        let entry = otto.get(&format!("/v1/audit?action={action}&actor={}", actor.id())).await.expect(200);
        let entry = entry["items"][0].clone();
        assert_eq!((&entry["acting_for"], &entry["actor"]), (&json!(customer), &actor.user["id"]), "{action}");
        assert_eq!(entry["actor_name"], "Petra Neu (Acme Trackers)", "{action}");
    }
    let mail = cloud.mails("ben@example.com").await[0]["text"].as_str().unwrap().to_owned();
    assert!(mail.contains("Petra (Acme Trackers)"), "{mail}");
    let made = json!({ "name": "Gina", "email": "gina@example.com", "type": "member", "sign_in": "google" });
    acting.post("/v1/users", made).await.expect(201);
    // Who accepts has none of the partner's people as a contact.
    let ben = cloud.accept("ben@example.com", "Ben").await;
    assert_eq!(ben.get("/v1/contacts").await.expect(200)["items"], json!([]));
    assert_eq!(otto.get("/v1/audit?action=account.updated").await.expect(200)["items"][0]["ip"], "127.0.0.1");
    // At home it is one of her devices, and what she did there is nobody else's to see.
    let devices = petra.get("/v1/sessions").await.expect(200)["items"].clone();
    let device = devices.as_array().unwrap().iter().find(|it| it["id"] == switched["id"]).unwrap().clone();
    assert_eq!((&device["acting_for"], &device["current"]), (&json!(customer), &json!(false)));
    assert_eq!(acting.get("/v1/sessions").await.expect(200)["items"][0]["current"], true);
    assert_eq!(otto.get("/v1/sessions").await.expect(200)["items"].as_array().unwrap().len(), 1);
    let path = format!("/v1/sessions/{}", switched["id"].as_str().unwrap());
    otto.delete(&path).await.refused(404, "not_found");
    petra.delete(&path).await.expect(204);
    acting.get("/v1/me").await.refused(401, "unauthenticated");
    // She leaves by herself, too.
    let again = petra.switch(&customer).await.expect(201);
    let path = format!("/v1/sessions/{}", again["id"].as_str().unwrap());
    cloud.signed_in(&again).delete(&path).await.expect(204);
    cloud.signed_in(&again).get("/v1/me").await.refused(401, "unauthenticated");
    petra.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn p1_what_is_the_customers_own_is_closed_to_whoever_acts_for_it() {
    let cloud = Cloud::start().await;
    let (_, petra, customer, otto) = portal(&cloud).await;
    let acting = petra.enter(&customer).await;
    let user = format!("/v1/users/{}", otto.id());
    let closed = "not_while_acting_for";
    acting
        .put("/v1/me/password", json!({ "current_password": PASSWORD, "new_password": "eine ganz andere Wolke" }))
        .await
        .refused(403, closed);
    acting.post("/v1/me/totp", json!({})).await.refused(403, closed);
    acting.put(&format!("{user}/password"), json!({ "password": PASSWORD })).await.refused(403, closed);
    acting.post(&format!("{user}/password-reset"), json!({})).await.refused(403, closed);
    acting.delete(&format!("{user}/two-factor")).await.refused(403, closed);
    acting.delete(&user).await.refused(403, closed);
    acting.switch(&customer).await.refused(403, closed);
    acting.get("/v1/customers").await.refused(403, closed);
    acting.patch("/v1/me", json!({ "name": "X" })).await.refused(403, closed);
    // Nor by what leads to the same: a login, a password for somebody new, the policy.
    acting.patch(&user, json!({ "login": "mine" })).await.refused(403, closed);
    // Its admins are edited by its own; others by whoever acts for it.
    acting.patch(&user, json!({ "title": "Baker" })).await.refused(403, "cannot_grant");
    let ben = otto.welcome("ben@example.com", "member").await;
    acting.patch(&format!("/v1/users/{}", ben.id()), json!({ "title": "Baker" })).await.expect(200);
    let new = json!({ "name": "N", "login": "n", "type": "member", "sign_in": "password", "password": PASSWORD });
    acting.post("/v1/users", new).await.refused(403, closed);
    for policy in [
        json!({ "sign_in_methods": ["google"] }),
        json!({ "two_factor": "required" }),
        json!({ "email_change": { "admin_allowed": "always" } }),
        json!({ "deletion": "forbidden" }),
        json!({ "sessions": { "ttl_hours": 1 } }),
    ] {
        acting.patch("/v1/account", json!({ "policy": policy })).await.refused(403, closed);
    }
    acting.policy(json!({ "invitations": { "who": "members" }, "two_factor": "optional" })).await;
    assert_eq!(otto.get("/v1/me").await.expect(200)["login"], "otto@example.com");
}

#[tokio::test]
async fn p6_rights_in_a_customers_account_are_those_at_home() {
    let cloud = Cloud::start().await;
    let (partner, _, customer, otto) = portal(&cloud).await;
    let role = partner.role("Desk", &["users.read", "customers.access"]).await;
    let mia = partner.welcome("mia@example.com", "member").await;
    partner.put(&format!("/v1/users/{}/role", mia.id()), json!({ "role_id": role })).await.expect(200);
    let acting = mia.enter(&customer).await;
    acting.get("/v1/users").await.expect(200);
    acting.get("/v1/audit").await.refused(403, "forbidden");
    acting.deactivate(otto.id()).await.refused(403, "forbidden");
    // What a policy lets members do is for the customer's members.
    otto.policy(json!({ "invitations": { "who": "members" } })).await;
    acting
        .post("/v1/invitations", json!({ "emails": ["x@example.com"], "type": "member" }))
        .await
        .refused(403, "forbidden");
    // Nobody makes himself, or anybody, one of the customer's admins, and nobody puts one of them out.
    let admin = partner.enter(&customer).await;
    let second = otto.welcome("second@example.com", "admin").await;
    let ben = otto.welcome("bob@example.com", "member").await;
    let sock = json!({ "emails": ["sock@example.com"], "type": "admin" });
    admin.post("/v1/invitations", sock).await.refused(403, "cannot_grant");
    let sock = json!({ "name": "S", "email": "sock@example.com", "type": "admin", "sign_in": "google" });
    admin.post("/v1/users", sock).await.refused(403, "cannot_grant");
    admin.put(&format!("/v1/users/{}/type", ben.id()), json!({ "type": "admin" })).await.refused(403, "cannot_grant");
    let rights = json!({ "name": "Keys", "permissions": ["users.credentials"] });
    admin.post("/v1/roles", rights).await.refused(403, "cannot_grant");
    for owner in [&otto, &second] {
        admin.deactivate(owner.id()).await.refused(403, "cannot_grant");
        let down = json!({ "type": "member" });
        admin.put(&format!("/v1/users/{}/type", owner.id()), down).await.refused(403, "cannot_grant");
    }
    admin.deactivate(ben.id()).await.expect(200);
    admin.reactivate(ben.id()).await.expect(200);
    // A customer gets another admin when its owner does not come.
    let empty = partner.customer("Empty", "nobody@example.com").await;
    let admin = partner.enter(&empty).await;
    let invitation = admin.get("/v1/invitations").await.expect(200)["items"][0].clone();
    admin.delete(&format!("/v1/invitations/{}", invitation["id"].as_str().unwrap())).await.expect(204);
    let eva = admin.welcome("eva@example.com", "admin").await;
    assert_eq!(eva.get("/v1/account").await.expect(200)["counts"]["admins"], 1);
    // What an admin does on a board makes nobody his contact.
    let ben = otto.welcome("ben@example.com", "member").await;
    otto.register(otto.id(), "board", 0..1).await;
    let admin = partner.enter(&customer).await;
    let path = "/v1/resources/board/board-0000/participants";
    admin.post(path, json!({ "user_id": ben.id() })).await.expect(200);
    let known = ben.get("/v1/contacts").await.expect(200)["items"].clone();
    assert_eq!(known.as_array().unwrap().len(), 1, "whoever invited him: {known}");
    // A customer that demands a second factor demands it of whoever comes in.
    otto.set_up_totp().await;
    otto.policy(json!({ "two_factor": "required" })).await;
    acting.get("/v1/users").await.refused(403, "two_factor_setup_required");
    mia.switch(&customer).await.refused(403, "two_factor_setup_required");
    mia.set_up_totp().await;
    acting.get("/v1/users").await.expect(200);
}

#[tokio::test]
async fn p6_a_switched_session_ends_with_the_access_the_user_and_the_session_at_home() {
    let cloud = Cloud::start().await;
    let (partner, petra, customer, _) = portal(&cloud).await;
    let other = partner.customer("Other", "other@example.com").await;
    let path = format!("/v1/users/{}", petra.id());
    let role = partner.role("Indoors", &["users.read"]).await;
    let less = json!({ "type": "member", "role_id": role });
    let enter = async || cloud.sign_in("petra@example.com").await.enter(&customer).await;
    let over = async |acting: &Client| acting.get("/v1/account").await.refused(401, "unauthenticated");
    // The access.
    let acting = enter().await;
    partner.choose(petra.id(), &[&customer]).await.expect(200);
    acting.get("/v1/account").await.expect(200);
    partner.choose(petra.id(), &[&other]).await.expect(200);
    over(&acting).await;
    partner.choose_all(petra.id()).await.expect(200);
    acting.get("/v1/account").await.expect(200);
    // The right.
    partner.put(&format!("{path}/type"), less).await.expect(200);
    over(&acting).await;
    partner.put(&format!("{path}/type"), json!({ "type": "admin" })).await.expect(200);
    acting.get("/v1/account").await.expect(200);
    // The session at home: signed out, and all of them.
    let home = cloud.sign_in("petra@example.com").await;
    let acting = home.enter(&customer).await;
    let id = home.get("/v1/sessions").await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["current"] == true)
        .unwrap()["id"]
        .clone();
    petra.delete(&format!("/v1/sessions/{}", id.as_str().unwrap())).await.expect(204);
    over(&acting).await;
    let shown = petra.get("/v1/sessions").await.expect(200)["items"].to_string();
    assert!(!shown.contains(&format!("\"id\":\"{}\"", id.as_str().unwrap())), "{shown}");
    let acting = enter().await;
    cloud.sign_in("petra@example.com").await.delete("/v1/sessions").await.expect(204);
    over(&acting).await;
    // The user: a password that an admin sets, a deactivation.
    let acting = enter().await;
    partner.put(&format!("{path}/password"), json!({ "password": PASSWORD })).await.expect(204);
    over(&acting).await;
    let acting = enter().await;
    partner.deactivate(petra.id()).await.expect(200);
    over(&acting).await;
    partner.reactivate(petra.id()).await.expect(200);
    // Time: either policy, and use keeps both alive.
    partner.policy(json!({ "sessions": { "ttl_hours": 2 } })).await;
    let home = cloud.sign_in("petra@example.com").await;
    let acting = home.enter(&customer).await;
    for _ in 0..3 {
        cloud.advance(3_600).await;
        acting.get("/v1/account").await.expect(200);
    }
    home.get("/v1/me").await.expect(200);
    cloud.advance(2 * 3_600).await;
    over(&acting).await;
}

#[tokio::test]
async fn p6_entering_twice_with_one_key_is_entering_once() {
    let cloud = Cloud::start().await;
    let (_, petra, customer, _) = portal(&cloud).await;
    let keyed = petra.with("idempotency-key", "enter");
    let first = keyed.switch(&customer).await.expect(201);
    let again = keyed.switch(&customer).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201), first);
    // A token from there is one of the customer's account, and of no other.
    let acting = cloud.signed_in(&first);
    acting.switch(petra.user["account_id"].as_str().unwrap()).await.refused(403, "not_while_acting_for");
    assert_ne!(acting.token, petra.token);
    assert!(!cloud.dump().await.contains(first["token"].as_str().unwrap()), "a token is kept as a hash");
}

#[tokio::test]
async fn w6_a_partners_user_is_erased_in_customers_accounts_too() {
    let cloud = Cloud::start().await;
    let (partner, petra, customer, otto) = portal(&cloud).await;
    petra.patch("/v1/me", json!({ "name": "Quixzemark" })).await.expect(200);
    let acting = petra.enter(&customer).await.from("203.0.113.77");
    let body = json!({ "emails": ["ben@example.com"], "type": "member", "message": "call quixzemark" });
    acting.post("/v1/invitations", body).await.expect(201);
    cloud.local.settle().await;
    // A mail that names her and has not left.
    cloud.local.ses().fail_next(4, SesFault::InternalError);
    acting.invite("pal@example.com", "member").await;
    cloud.local.settle().await;
    cloud.local.ses().recover();
    let traces = |dump: &str| {
        let marked = |line: &&str| line.to_lowercase().contains("quixzemark") || line.contains("203.0.113.77");
        dump.lines().filter(marked).filter(|line| line.contains(&customer)).count()
    };
    assert!(traces(&cloud.dump().await) >= 4, "there is something to erase");
    partner.deactivate(petra.id()).await.expect(200);
    partner.delete_with(&format!("/v1/users/{}", petra.id()), json!({ "display_name": "Somebody" })).await.expect(200);
    // Readers there see nothing of her, though the worker has not come.
    let read = async || otto.get("/v1/audit?limit=200").await.expect(200)["items"].clone();
    let seen = read().await;
    assert!(!seen.to_string().contains("203.0.113.77") && !seen.to_string().contains("Quixzemark"), "{seen}");
    assert!(seen.to_string().contains("Somebody (Acme Trackers)"), "{seen}");
    let invitations = otto.get("/v1/invitations").await.expect(200).to_string();
    assert!(!invitations.contains("quixzemark"), "{invitations}");
    let token = cloud.link("ben@example.com").await;
    let lookup = cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.expect(200);
    assert_eq!(lookup["invited_by_name"], "Somebody");
    for _ in 0..3 {
        let report = cloud.worker().await;
        assert_eq!(report["failures"], 0, "{report}");
        cloud.advance(61).await;
    }
    let dump = cloud.dump().await;
    assert_eq!(dump.to_lowercase().matches("quixzemark").count(), 0, "{dump}");
    let visits = format!("#VISIT#{}", petra.id());
    let left = |line: &&str| ["203.0.113.77", &visits, "#ERASE"].iter().any(|mark| line.contains(mark));
    assert_eq!(dump.lines().find(left), None);
    cloud.advance(3_600).await;
    cloud.worker().await;
    let mail = cloud.mails("pal@example.com").await[0]["text"].as_str().unwrap().to_owned();
    assert!(mail.contains("Somebody") && !mail.contains("Quixzemark"), "{mail}");
}
