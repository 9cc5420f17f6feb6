//! P: partners, their customers, and who may enter which.

use serde_json::{Value, json};

use crate::support::{Client, Cloud, PASSWORD};

/// Another admin of a partner, with the built-in role.
async fn colleague(partner: &Client, name: &str) -> Client {
    partner.welcome(&format!("{name}@example.com"), "admin").await
}

#[tokio::test]
async fn p6_a_partner_makes_a_customer_and_its_owner_is_invited() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let body = json!({ "name": "Bakery North", "plan_id": "licensed-monthly", "licenses": 2, "region": "eu",
        "owner": { "name": "Otto Owner", "email": "Otto@Example.com" } });
    let told = partner.post("/v1/customers?dry_run=true", body.clone()).await.expect(200);
    assert_eq!(told["effects"]["mails"][0]["template"], "invitation", "{told}");
    let made = partner.post("/v1/customers", body).await.expect(201)["account"].clone();
    assert_eq!((&made["kind"], &made["parent_account_id"]), (&json!("customer"), &partner.account["id"]));
    assert_eq!(made["counts"], json!({ "active": 0, "pending": 1, "deactivated": 0, "admins": 0 }));
    assert_eq!((&made["region"], &made["plan_id"]), (&json!("eu"), &json!("licensed-monthly")));
    let listed = partner.get("/v1/customers").await.expect(200)["items"].clone();
    assert_eq!(listed, json!([made]));
    let mail = cloud.mails("otto@example.com").await[0].clone();
    assert_eq!(mail["template"], "invitation");
    assert!(mail["text"].as_str().unwrap().contains("Olga Owner (Acme Trackers)"), "{mail}");
    let token = cloud.link("otto@example.com").await;
    let lookup = cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.expect(200);
    assert_eq!(lookup["invited_by_name"], "Olga Owner (Acme Trackers)");
    let otto = cloud.accept("otto@example.com", "Otto").await;
    assert_eq!((&otto.user["type"], &otto.user["role_name"]), (&json!("admin"), &json!("administrator")));
    assert_eq!(otto.licenses().await, (2, 1, 0, 1));
    let account = otto.get("/v1/account").await.expect(200);
    assert_eq!((&account["id"], &account["kind"]), (&made["id"], &json!("customer")));
    assert_eq!(account["counts"]["admins"], 1);
    // Nobody from another account is a contact of his, and he has no customers himself.
    assert_eq!(otto.get("/v1/contacts").await.expect(200)["items"], json!([]));
    otto.get("/v1/customers").await.refused(403, "not_a_partner");
    otto.switch(made["id"].as_str().unwrap()).await.refused(404, "not_found");
    // Both audits tell of it.
    let entry = |client: &Client, action: &'static str| {
        let client = client.clone();
        async move { client.get(&format!("/v1/audit?action={action}")).await.expect(200)["items"][0].clone() }
    };
    let there = entry(&otto, "account.created").await;
    assert_eq!((&there["actor"], &there["acting_for"]), (&partner.user["id"], &made["id"]));
    assert_eq!(there["actor_name"], "Olga Owner (Acme Trackers)");
    let here = entry(&partner, "customer.created").await;
    assert_eq!((&here["actor"], &here["subject"]), (&partner.user["id"], &made["id"]));
    assert_eq!((&here["acting_for"], &here["actor_name"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn p6_only_partners_have_customers_and_nobody_signs_up_as_one() {
    let cloud = Cloud::start().await;
    let owner = json!({ "name": "O", "email": "o@example.com", "password": PASSWORD });
    let body = json!({ "name": "A", "plan_id": "basic", "kind": "customer", "owner": owner });
    cloud.public().post("/v1/accounts", body).await.bad_field("kind", "invalid_value");
    let partner = cloud.partner().await;
    assert_eq!(partner.account["kind"], "partner");
    assert_eq!(partner.user["accessible_accounts"], json!({ "mode": "all", "account_ids": [] }));
    let standard = cloud.sign_up("unlimited", 1).await;
    let customer = json!({ "name": "C", "plan_id": "basic", "owner": { "name": "O", "email": "c@example.com" } });
    standard.get("/v1/customers").await.refused(403, "not_a_partner");
    standard.post("/v1/customers", customer.clone()).await.refused(403, "not_a_partner");
    standard.choose_all(standard.id()).await.refused(403, "not_a_partner");
    standard.choose(standard.id(), &[]).await.refused(403, "not_a_partner");
    let member = partner.welcome("mia@example.com", "member").await;
    for (method, path) in [("GET", "/v1/customers"), ("POST", "/v1/customers")] {
        let body = customer.to_string().into_bytes();
        let said = member.send(method, path, Some(body)).await.refused(403, "forbidden");
        assert!(said["detail"].as_str().unwrap().contains("customers.access"), "{said}");
    }
    for (body, field, code) in [
        (json!({ "name": " ", "plan_id": "basic", "owner": customer["owner"] }), "name", "empty"),
        (json!({ "name": "C", "plan_id": "gold", "owner": customer["owner"] }), "plan_id", "unknown_plan"),
        (
            json!({ "name": "C", "plan_id": "basic", "owner": { "name": "O", "email": "x" } }),
            "owner.email",
            "invalid_email",
        ),
        (
            json!({ "name": "C", "plan_id": "basic", "owner": customer["owner"], "kind": "partner" }),
            "kind",
            "unknown_field",
        ),
        (
            json!({ "name": "C", "plan_id": "basic", "owner": customer["owner"], "licenses": 0 }),
            "licenses",
            "out_of_range",
        ),
    ] {
        partner.post("/v1/customers", body).await.bad_field(field, code);
    }
    assert_eq!(partner.customers("limit=10").await, [""; 0]);
    // Whoever may enter none is told of none.
    let made = partner.customer("Bakery", "otto@example.com").await;
    member.post("/v1/sessions/switch", json!({ "account_id": made })).await.refused(404, "not_found");
}

#[tokio::test]
async fn p6_all_are_preselected_later_ones_included_and_some_can_be_chosen() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let [a, b] = [partner.customer("Alpha", "a@example.com").await, partner.customer("Beta", "b@example.com").await];
    let petra = colleague(&partner, "petra").await;
    assert_eq!(petra.user["accessible_accounts"]["mode"], "all");
    let c = partner.customer("Gamma", "c@example.com").await;
    assert_eq!(petra.customers("limit=2").await, ["Alpha", "Beta", "Gamma"]);
    petra.enter(&c).await.get("/v1/account").await.expect(200);
    // Two are chosen: those, and none that comes later.
    let shown = partner.choose(petra.id(), &[&a, &b, &a]).await.expect(200);
    let chosen = json!({ "mode": "selected", "account_ids": [a, b] });
    assert_eq!(shown["accessible_accounts"], chosen);
    for shown in [petra.get("/v1/me").await, partner.get(&format!("/v1/users/{}", petra.id())).await] {
        assert_eq!(shown.expect(200)["accessible_accounts"], chosen);
    }
    partner.customer("Delta", "d@example.com").await;
    assert_eq!(petra.customers("limit=1").await, ["Alpha", "Beta"]);
    // What she makes herself she may enter.
    petra.customer("Aachen", "e@example.com").await;
    assert_eq!(petra.customers("limit=2").await, ["Aachen", "Alpha", "Beta"]);
    assert_eq!(partner.customers("limit=2").await, ["Aachen", "Alpha", "Beta", "Delta", "Gamma"]);
    // Of a list only the mode; and for whoever only reads.
    let rows = partner.get("/v1/users?q=petra").await.expect(200)["items"].clone();
    assert_eq!(rows[0]["accessible_accounts"], json!({ "mode": "selected", "account_ids": null }));
    let viewer = partner.welcome("vera@example.com", "viewer").await;
    let seen = viewer.get(&format!("/v1/users/{}", petra.id())).await.expect(200);
    assert_eq!(seen["accessible_accounts"], json!({ "mode": "selected", "account_ids": null }));
    // None, and all again.
    partner.choose(petra.id(), &[]).await.expect(200);
    assert_eq!(petra.customers("limit=10").await, [""; 0]);
    let all = partner.choose_all(petra.id()).await.expect(200);
    assert_eq!(all["accessible_accounts"], json!({ "mode": "all", "account_ids": [] }));
    assert_eq!(petra.customers("limit=10").await.len(), 5);
    let history = partner.get("/v1/audit?action=user.customers_chosen").await.expect(200)["items"].clone();
    assert_eq!(history.as_array().unwrap().len(), 3);
    assert_eq!(history[0]["before"], json!({ "mode": "selected", "accounts": 0 }));
}

#[tokio::test]
async fn p6_what_was_chosen_for_somebody_invited_outlives_the_invitation() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let [a, b] = [partner.customer("Alpha", "a@example.com").await, partner.customer("Beta", "b@example.com").await];
    let invitation = partner.invite("ira@example.com", "admin").await;
    partner.choose(invitation["user_id"].as_str().unwrap(), &[&a]).await.expect(200);
    cloud.advance(8 * 86_400).await;
    cloud.worker().await;
    let path = format!("/v1/invitations/{}/resend", invitation["id"].as_str().unwrap());
    partner.post(&path, json!({})).await.expect(200);
    let ira = cloud.accept("ira@example.com", "Ira").await;
    assert_eq!(ira.customers("limit=10").await, ["Alpha"]);
    ira.switch(&b).await.refused(404, "not_found");
    partner.choose(ira.id(), &[&b]).await.expect(200);
    partner.choose_all(ira.id()).await.expect(200);
    assert_eq!(ira.customers("limit=10").await.len(), 2);
}

#[tokio::test]
async fn p6_whom_one_may_not_enter_is_as_absent_as_nobody() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let mine = partner.customer("Alpha", "a@example.com").await;
    let unchosen = partner.customer("Beta", "b@example.com").await;
    let other = cloud.partner().await;
    let foreign = other.customer("Alpha", "c@example.com").await;
    let standard = cloud.sign_up("unlimited", 1).await;
    let petra = colleague(&partner, "petra").await;
    partner.choose(petra.id(), &[&mine]).await.expect(200);
    let mut answers = Vec::new();
    for account in [
        &unchosen,
        &foreign,
        standard.account["id"].as_str().unwrap(),
        other.account["id"].as_str().unwrap(),
        partner.account["id"].as_str().unwrap(),
        "acc_00000000000000000000000001",
    ] {
        let answer = petra.switch(account).await;
        answers.push((answer.status, answer.text.clone()));
        if account != unchosen {
            partner.switch(account).await.refused(404, "not_found");
        }
    }
    assert_eq!(answers[0].0, 404);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    petra.post("/v1/sessions/switch", json!({ "account_id": "usr_1" })).await.bad_field("account_id", "invalid_value");
    // Nor is anybody else's account chosen for somebody.
    for unknown in [foreign.as_str(), standard.account["id"].as_str().unwrap(), "acc_00000000000000000000000001"] {
        let refused = partner.choose(petra.id(), &[&mine, unknown]).await;
        refused.bad_field("account_ids[1]", "unknown_account");
    }
    let path = format!("/v1/users/{}/accessible-accounts", petra.id());
    for (body, field, code) in [
        (json!({ "mode": "selected" }), "account_ids", "missing_field"),
        (json!({ "mode": "all", "account_ids": [mine] }), "account_ids", "not_allowed"),
        (json!({ "mode": "some" }), "mode", "invalid_value"),
        (json!({ "mode": "selected", "account_ids": vec![&mine; 501] }), "account_ids", "out_of_range"),
        (json!({ "mode": "selected", "account_ids": ["x"] }), "account_ids[0]", "invalid_value"),
        (json!({ "account_ids": [] }), "mode", "missing_field"),
    ] {
        partner.put(&path, body).await.bad_field(field, code);
    }
    other.choose_all(petra.id()).await.refused(404, "not_found");
    let stale = partner.with("if-match", "\"1\"").put(&path, json!({ "mode": "all" })).await;
    stale.refused(412, "version_conflict");
    let me = petra.get("/v1/me").await.expect(200);
    assert_eq!(me["accessible_accounts"]["account_ids"], json!([mine]), "nothing has changed");
}

#[tokio::test]
async fn p6_nobody_gives_customers_whom_he_may_not_enter_on_any_path() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let [a, b] = [partner.customer("Alpha", "a@example.com").await, partner.customer("Beta", "b@example.com").await];
    let petra = colleague(&partner, "petra").await;
    let mia = partner.welcome("mia@example.com", "member").await;
    partner.choose(petra.id(), &[&a]).await.expect(200);
    partner.choose(mia.id(), &[]).await.expect(200);
    // To others, and to oneself: what there is beside one's own makes no difference.
    petra.choose(mia.id(), &[&a]).await.expect(200);
    for beyond in [&b, "acc_00000000000000000000000001"] {
        petra.choose(mia.id(), &[&a, beyond]).await.refused(403, "cannot_grant");
        petra.choose(petra.id(), &[&a, beyond]).await.refused(403, "cannot_grant");
    }
    petra.choose_all(mia.id()).await.refused(403, "cannot_grant");
    petra.choose_all(petra.id()).await.refused(403, "cannot_grant");
    // By making users.
    let new = |login: &str, access: Value| {
        json!({ "name": "New", "login": login, "type": "member", "sign_in": "password", "password": PASSWORD,
            "accessible_accounts": access })
    };
    let chosen = |ids: &[&str]| json!({ "mode": "selected", "account_ids": ids });
    let made = petra.post("/v1/users", new("one", chosen(&[&a]))).await.expect(201);
    assert_eq!(made["accessible_accounts"], chosen(&[&a]));
    let made = format!("/v1/users/{}", made["id"].as_str().unwrap());
    assert_eq!(partner.get(&made).await.expect(200)["accessible_accounts"], chosen(&[&a]));
    petra.post("/v1/users", new("two", chosen(&[&b]))).await.refused(403, "cannot_grant");
    petra.post("/v1/users", new("two", json!({ "mode": "all" }))).await.refused(403, "cannot_grant");
    let unknown = partner.post("/v1/users", new("two", chosen(&["acc_00000000000000000000000001"]))).await;
    unknown.bad_field("accessible_accounts.account_ids[0]", "unknown_account");
    partner.post("/v1/users", new("two", json!({ "mode": "all" }))).await.expect(201);
    let standard = cloud.sign_up("unlimited", 1).await;
    standard.post("/v1/users", new("two", chosen(&[]))).await.refused(403, "not_a_partner");
    standard.post("/v1/users", new("two", json!({ "mode": "all" }))).await.expect(201);
    // By the right to enter, whichever way it is given.
    let role = partner.role("Entering", &["users.read", "customers.access"]).await;
    let noras = partner.welcome("nora@example.com", "member").await;
    petra.put(&format!("/v1/users/{}/role", noras.id()), json!({ "role_id": role })).await.refused(403, "cannot_grant");
    petra.put(&format!("/v1/users/{}/type", noras.id()), json!({ "type": "admin" })).await.refused(403, "cannot_grant");
    let more = json!({ "name": "Own", "permissions": ["customers.access"] });
    petra.post("/v1/roles", more).await.refused(403, "cannot_grant");
    let invited = json!({ "emails": ["x@example.com"], "type": "member", "role_id": role });
    petra.post("/v1/invitations", invited).await.refused(403, "cannot_grant");
    // By signing in as somebody who may enter more.
    let eva = colleague(&partner, "eva").await;
    let password = json!({ "password": "eine ganz andere Wolke" });
    petra.put(&format!("/v1/users/{}/password", eva.id()), password).await.refused(403, "forbidden");
    eva.choose(partner.id(), &[]).await.expect(200);
    // Somebody is left who may enter all, and can give all.
    eva.choose(eva.id(), &[]).await.refused(409, "last_admin");
    partner.deactivate(eva.id()).await.refused(409, "last_admin");
    eva.choose_all(partner.id()).await.expect(200);
}

#[tokio::test]
async fn p6_customers_are_listed_by_name_and_found_by_how_a_word_begins() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let mut ids = Vec::new();
    for (index, name) in
        ["zebra Ltd", "Ärztehaus Nord", "Bäckerei Müller", "bakery south", "Ltd Zoo"].iter().enumerate()
    {
        ids.push(partner.customer(name, &format!("o{index}@example.com")).await);
    }
    let other = cloud.partner().await;
    other.customer("Bakery of others", "oo@example.com").await;
    let petra = colleague(&partner, "petra").await;
    partner.choose(petra.id(), &[&ids[2], &ids[0]]).await.expect(200);
    let by_name = ["bakery south", "Bäckerei Müller", "Ltd Zoo", "zebra Ltd", "Ärztehaus Nord"];
    for (query, all, some) in [
        ("limit=2", by_name.to_vec(), vec!["Bäckerei Müller", "zebra Ltd"]),
        ("limit=1&q=", by_name.to_vec(), vec!["Bäckerei Müller", "zebra Ltd"]),
        ("limit=1&q=ltd", vec!["Ltd Zoo", "zebra Ltd"], vec!["zebra Ltd"]),
        ("q=BA", vec!["bakery south", "Bäckerei Müller"], vec!["Bäckerei Müller"]),
        ("q=mull%20ba", vec!["Bäckerei Müller"], vec!["Bäckerei Müller"]),
        ("q=nord", vec!["Ärztehaus Nord"], vec![]),
        ("q=others", vec![], vec![]),
        ("q=aker", vec![], vec![]),
        ("q=%21%21", vec![], vec![]),
    ] {
        assert_eq!(partner.customers(query).await, all, "{query}");
        assert_eq!(petra.customers(query).await, some, "{query}");
    }
    partner.get(&format!("/v1/customers?q={}", "x".repeat(201))).await.bad_field("q", "too_long");
    let page = partner.get("/v1/customers?limit=1").await.expect(200);
    let cursor = page["next_cursor"].as_str().unwrap();
    for (who, query) in [(&partner, "limit=1&q=ba"), (&petra, "limit=1"), (&other, "limit=1")] {
        who.get(&format!("/v1/customers?{query}&cursor={cursor}")).await.refused(400, "invalid_cursor");
    }
    // A new name is found at its new place, and the old one is not.
    let acting = partner.enter(&ids[0]).await;
    acting.patch("/v1/account", json!({ "name": "Aardvark" })).await.expect(200);
    assert_eq!(partner.customers("limit=50").await[0], "Aardvark");
    assert_eq!((partner.customers("q=zeb").await, petra.customers("q=aard").await.len()), (vec![], 1));
}
