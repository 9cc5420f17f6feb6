//! The plans on offer: a file that an operator replaces, and accounts that keep what they agreed to.

use domain::Change;
use domain::ledger::{Entry, EntryKind};
use domain::plan::Model;
use domain::stamp::Origin;
use serde_json::{Value, json};
use store::CommitError;

use crate::support::{Client, Cloud, PASSWORD};

/// A row of a catalogue.
fn plan(id: &str, model: &str, term: &str, amount: i64, professional: bool) -> Value {
    let unit_price = json!({ "amount": amount, "currency": "EUR" });
    json!({ "id": id, "model": model, "term": term, "unit_price": unit_price, "professional": professional })
}

#[tokio::test]
async fn the_plans_on_offer_are_those_of_the_operators_file_in_its_order() {
    let offered = [plan("silver", "licensed", "monthly", 1_000, false), plan("gold", "metered", "yearly", 2_345, true)];
    let cloud = Cloud::offering(&json!({ "plans": offered })).await;
    assert_eq!(cloud.public().get("/v1/plans").await.expect(200), json!({ "items": offered }));
    let admin = cloud.sign_up("silver", 3).await;
    let invoices = admin.post("/v1/licenses?dry_run=true", json!({ "quantity": 2 })).await.expect(200);
    assert_eq!(invoices["effects"]["charges"][0]["total"]["amount"], 2_000);
    // The product's own are not there beside them.
    let owner = json!({ "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
    let body = json!({ "name": "Acme", "plan_id": "unlimited", "owner": owner });
    cloud.public().post("/v1/accounts", body).await.bad_field("plan_id", "unknown_plan");
    let partner = json!({ "name": "Partner", "plan_id": "gold", "kind": "partner", "owner": owner });
    let partner = cloud.public().post("/v1/accounts", partner).await.expect(201);
    let partner = Client::new(&cloud, partner["session"]["token"].as_str().map(str::to_owned));
    let customer =
        |plan: &str| json!({ "name": "Shop", "plan_id": plan, "owner": { "name": "Otto", "email": "o@example.com" } });
    partner.post("/v1/customers", customer("basic")).await.bad_field("plan_id", "unknown_plan");
    let customer = partner.post("/v1/customers", customer("silver")).await.expect(201);
    assert_eq!(customer["account"]["plan_id"], "silver");
}

#[tokio::test]
async fn an_account_keeps_what_it_agreed_to_when_its_plan_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = async |plans: Option<&Value>| {
        let plans = plans.map(|plans| domain::plan::Catalogue::parse(&plans.to_string()).expect("a catalogue"));
        let data = Some(folder.path().join("data"));
        Cloud::open(local::Options { data, plans, ..local::Options::for_tests() }).await
    };
    let cloud = open(None).await;
    if cloud.local.embedded().is_none() {
        // A table elsewhere is a fresh one for each cloud.
        return;
    }
    cloud.set_clock("2031-01-01T09:00:00Z").await;
    let token = cloud.sign_up("licensed-monthly", 2).await.token;
    let agreed = Client::new(&cloud, token.clone()).get("/v1/licenses").await.expect(200);
    drop(cloud);

    let cloud = open(Some(&json!({ "plans": [plan("gold", "unlimited", "yearly", 0, false)] }))).await;
    let admin = Client::new(&cloud, token);
    assert_eq!(admin.get("/v1/account").await.expect(200)["plan_id"], "licensed-monthly");
    assert_eq!(admin.get("/v1/licenses").await.expect(200), agreed);
    let bought = admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(bought["invoice"]["total"]["amount"], 1_200);
    admin.welcome("member@example.com", "member").await;
    // Its plan is still a professional one.
    admin.invite("guest@elsewhere.example", "guest").await;
    admin.get("/v1/team").await.expect(200);
}

/// Item, quantity and amount of an invoice's lines.
fn lines(invoice: &Value) -> Vec<(String, i64, i64)> {
    let line = |line: &Value| {
        let item = line["item"].as_str().expect("an item").to_owned();
        (item, line["quantity"].as_i64().expect("a quantity"), line["amount"]["amount"].as_i64().expect("an amount"))
    };
    invoice["lines"].as_array().expect("lines").iter().map(line).collect()
}

fn line(item: &str, quantity: i64, amount: i64) -> (String, i64, i64) {
    (item.to_owned(), quantity, amount)
}

async fn assert_consistent(admin: &Client) {
    let found = admin.get("/v1/licenses/ledger/verify").await.expect(200);
    assert_eq!((&found["consistent"], &found["differences"]), (&json!(true), &json!([])));
}

async fn switch(admin: &Client, body: Value) -> Value {
    admin.put("/v1/billing/plan", body).await.expect(200)
}

#[tokio::test]
async fn from_months_to_years_a_new_period_begins_and_the_rest_is_set_off() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2031-03-01T09:00:00Z").await;
    let admin = cloud.sign_up("licensed-monthly", 4).await;
    admin.welcome("member@example.com", "member").await;
    cloud.set_clock("2031-03-11T23:59:59Z").await;
    let yearly = json!({ "plan_id": "licensed-yearly" });
    let told = admin.put("/v1/billing/plan?dry_run=true", yearly.clone()).await.expect(200);
    assert_eq!(told["effects"]["charges"][0]["total"], json!({ "amount": 20_748, "currency": "EUR" }));
    assert_eq!(told["effects"]["licenses"]["purchased"], -2);
    assert_eq!(admin.licenses().await, (4, 2, 0, 2));

    let switched = switch(&admin, yearly.clone()).await;
    let invoice = &switched["invoice"];
    assert_eq!((&invoice["reason"], &invoice["number"]), (&json!("plan_change"), &json!(2)));
    // 21 of 31 days of four licenses, then two for a year.
    assert_eq!(lines(invoice), [line("unused_time", -4, -3_252), line("licenses", 2, 24_000)]);
    assert_eq!(invoice["lines"][0]["proration"], json!({ "numerator_days": 21, "denominator_days": 31 }));
    assert_eq!(invoice["lines"][1]["proration"], Value::Null);
    assert_eq!(invoice["total"]["amount"], 20_748);
    assert_eq!(switched["account"]["plan_id"], "licensed-yearly");
    assert_eq!(switched["licenses"], admin.get("/v1/licenses").await.expect(200));
    assert_eq!(switched["licenses"]["term"], "yearly");
    assert_eq!(switched["licenses"]["period_start"], "2031-03-11T00:00:00Z");
    assert_eq!(switched["licenses"]["renews_at"], "2032-03-11T00:00:00Z");
    assert_eq!(switched["licenses"]["unit_price"]["amount"], 12_000);
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
    let body = json!({ "emails": ["third@example.com"], "type": "member" });
    let refused = admin.post("/v1/invitations", body).await.expect(201);
    assert_eq!(refused["results"][0]["code"], "no_license_available");

    let entries = admin.get("/v1/audit?action=plan.changed").await.expect(200);
    assert_eq!(entries["items"].as_array().expect("items").len(), 1);
    assert_eq!(entries["items"][0]["before"]["plan_id"], "licensed-monthly");
    assert_eq!(entries["items"][0]["after"]["plan_id"], "licensed-yearly");

    admin.put("/v1/billing/plan", yearly).await.refused(409, "plan_unchanged");
    let unknown = json!({ "plan_id": "gold" });
    admin.put("/v1/billing/plan", unknown).await.bad_field("plan_id", "unknown_plan");
    for (licenses, code) in [(json!(0), "out_of_range"), (json!(10_001), "out_of_range"), (json!("2"), "invalid_type")]
    {
        let body = json!({ "plan_id": "licensed-monthly", "licenses": licenses });
        admin.put("/v1/billing/plan", body).await.bad_field("licenses", code);
    }
    let one = json!({ "plan_id": "licensed-monthly", "licenses": 1 });
    admin.put("/v1/billing/plan", one).await.refused(409, "no_license_available");
    let counted = json!({ "plan_id": "metered-monthly", "licenses": 5 });
    admin.put("/v1/billing/plan", counted).await.refused(409, "model_has_no_licenses");
    let earlier = admin.with("if-match", "\"1\"");
    earlier.put("/v1/billing/plan", json!({ "plan_id": "unlimited" })).await.refused(412, "version_conflict");
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test]
async fn between_two_plans_by_the_month_the_period_stays_and_credit_is_used() {
    let plans = [
        plan("silver", "licensed", "monthly", 1_000, true),
        plan("gold", "licensed", "monthly", 3_000, true),
        plan("counted", "metered", "monthly", 2_000, true),
    ];
    let cloud = Cloud::offering(&json!({ "plans": plans })).await;
    cloud.set_clock("2031-04-01T09:00:00Z").await;
    let admin = cloud.sign_up("silver", 4).await;
    admin.welcome("member@example.com", "member").await;
    cloud.set_clock("2031-04-16T09:00:00Z").await;

    let up = switch(&admin, json!({ "plan_id": "gold", "licenses": 4 })).await;
    assert_eq!(lines(&up["invoice"]), [line("unused_time", -4, -2_000), line("licenses", 4, 6_000)]);
    assert_eq!(up["licenses"]["renews_at"], "2031-05-01T00:00:00Z");
    assert_eq!(up["licenses"]["period_start"], "2031-04-01T00:00:00Z");
    assert_eq!(admin.licenses().await, (4, 2, 0, 2));

    let down = switch(&admin, json!({ "plan_id": "silver" })).await;
    let kept = [line("unused_time", -4, -6_000), line("licenses", 2, 1_000), line("credit_kept", 1, 5_000)];
    assert_eq!(lines(&down["invoice"]), kept);
    assert_eq!((&down["invoice"]["total"]["amount"], &down["invoice"]["status"]), (&json!(0), &json!("paid")));
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));

    // The next purchase uses some of it, the next switch the rest.
    let bought = admin.post("/v1/licenses", json!({ "quantity": 3 })).await.expect(201);
    assert_eq!(lines(&bought["invoice"]), [line("licenses", 3, 1_500), line("credit_used", 1, -1_500)]);
    assert_eq!(bought["invoice"]["total"]["amount"], 0);
    let counted = switch(&admin, json!({ "plan_id": "counted" })).await;
    let kept = [line("unused_time", -5, -2_500), line("users", 2, 2_000), line("credit_kept", 1, 500)];
    assert_eq!(lines(&counted["invoice"]), kept);
    assert_eq!(counted["licenses"]["purchased"], Value::Null);
    let back = switch(&admin, json!({ "plan_id": "gold", "licenses": 10 })).await;
    let used = [line("unused_time", -2, -2_000), line("licenses", 10, 15_000), line("credit_used", 1, -4_000)];
    assert_eq!(lines(&back["invoice"]), used);
    assert_eq!((&back["invoice"]["total"]["amount"], &back["invoice"]["number"]), (&json!(9_000), &json!(6)));
    assert_eq!(admin.licenses().await, (10, 2, 0, 8));

    switch(&admin, json!({ "plan_id": "silver" })).await;
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));

    // Between the period's end and its renewal nothing is switched. The renewal uses credit too.
    cloud.set_clock("2031-05-01T00:00:00Z").await;
    admin.put("/v1/billing/plan", json!({ "plan_id": "gold" })).await.refused(409, "renewal_due");
    let preview = admin.get("/v1/billing/renewal-preview").await.expect(200);
    assert_eq!(lines(&preview), [line("licenses", 2, 2_000), line("credit_used", 1, -2_000)]);
    assert_eq!((&preview["total"]["amount"], &preview["credit_left"]), (&json!(0), &json!(12_000)));
    assert_eq!(cloud.worker().await["renewals"], 1);
    let entries = admin.get("/v1/licenses/ledger?limit=3").await.expect(200);
    let told: Vec<_> = entries["items"].as_array().expect("entries").iter().map(|it| it["kind"].clone()).collect();
    assert_eq!(told, [json!("renewed"), json!("charged"), json!("charged")]);
    let up = switch(&admin, json!({ "plan_id": "gold" })).await;
    let used = [line("unused_time", -2, -2_000), line("licenses", 2, 6_000), line("credit_used", 1, -4_000)];
    assert_eq!((lines(&up["invoice"]), &up["invoice"]["number"]), (used.to_vec(), &json!(9)));
    assert_consistent(&admin).await;
}

#[tokio::test]
async fn a_free_plan_is_left_at_full_price_and_what_was_paid_is_kept_on_it() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2031-01-31T09:00:00Z").await;
    let admin = cloud.sign_up("unlimited", 1).await;
    for number in 0..3 {
        admin.welcome(&format!("m{number}@example.com"), "member").await;
    }
    cloud.set_clock("2031-02-10T09:00:00Z").await;
    let free = switch(&admin, json!({ "plan_id": "basic" })).await;
    assert_eq!((&free["invoice"], &free["account"]["plan_id"]), (&Value::Null, &json!("basic")));
    let bought = switch(&admin, json!({ "plan_id": "licensed-monthly", "licenses": 6 })).await;
    assert_eq!(lines(&bought["invoice"]), [line("licenses", 6, 7_200)]);
    assert_eq!(bought["licenses"]["renews_at"], "2031-03-10T00:00:00Z");
    assert_eq!(admin.licenses().await, (6, 4, 0, 2));
    admin.welcome("fifth@example.com", "member").await;
    admin.invite("sixth@example.com", "member").await;
    let body = json!({ "emails": ["seventh@example.com"], "type": "member" });
    let refused = admin.post("/v1/invitations", body).await.expect(201);
    assert_eq!(refused["results"][0]["code"], "no_license_available");

    cloud.set_clock("2031-02-24T09:00:00Z").await;
    let free = switch(&admin, json!({ "plan_id": "unlimited" })).await;
    assert_eq!(lines(&free["invoice"]), [line("unused_time", -6, -3_600), line("credit_kept", 1, 3_600)]);
    assert_eq!(
        (free["licenses"]["purchased"].clone(), free["licenses"]["available"].clone()),
        (json!(null), json!(null))
    );
    for number in 0..3 {
        admin.invite(&format!("free{number}@example.com"), "member").await;
    }
    // Years later the credit is still there; whoever is invited has a license kept.
    cloud.set_clock("2032-02-29T09:00:00Z").await;
    let admin = cloud.sign_in(admin.email()).await;
    let yearly = switch(&admin, json!({ "plan_id": "licensed-yearly" })).await;
    let (_, in_use, reserved, available) = admin.licenses().await;
    assert_eq!((in_use, available), (5, 0));
    let all = in_use + reserved;
    assert_eq!(lines(&yearly["invoice"]), [line("licenses", all, all * 12_000), line("credit_used", 1, -3_600)]);
    assert_eq!(yearly["licenses"]["renews_at"], "2033-02-28T00:00:00Z");
    assert_consistent(&admin).await;
}

#[tokio::test]
async fn b4_guests_and_viewers_keep_an_account_on_a_professional_plan() {
    let cloud = Cloud::start().await;
    let basic = json!({ "plan_id": "basic" });
    for user_type in ["guest", "viewer"] {
        let admin = cloud.sign_up("unlimited", 1).await;
        admin.welcome("member@example.com", "member").await;
        let switch = async || admin.put("/v1/billing/plan", basic.clone()).await;
        let invitation = admin.invite("outside@elsewhere.example", user_type).await;
        switch().await.refused(409, "plan_lacks_guests_and_viewers");
        let outsider = cloud.accept("outside@elsewhere.example", "Out Sider").await;
        assert_eq!(outsider.id(), invitation["user_id"]);
        switch().await.refused(409, "plan_lacks_guests_and_viewers");
        admin.deactivate(outsider.id()).await.expect(200);
        switch().await.refused(409, "plan_lacks_guests_and_viewers");
        assert_eq!(admin.get("/v1/account").await.expect(200)["plan_id"], "unlimited");
        // Another plan that has them is open, and this one too once they are gone for good.
        admin.delete(&format!("/v1/users/{}", outsider.id())).await.expect(200);
        switch().await.expect(200);
        let body = json!({ "emails": ["next@elsewhere.example"], "type": user_type });
        let refused = admin.post("/v1/invitations", body).await;
        assert_eq!(refused.code(), "professional_plan_required", "{}", refused.text);
    }
}

/// Accounts may be read as they were a moment ago: whatever was decided on the plan of before does not happen.
#[tokio::test]
async fn nothing_moves_by_a_plan_that_is_over() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let store = &cloud.local.worker().store;
    let id = admin.account["id"].as_str().expect("an id").parse().expect("an id");
    let moved = async |model: Model, purchased: i64| {
        let seen = store.counts(id).await.expect("counts");
        let mut change = Change::new(id, model);
        change.counts = change.counts.purchased(purchased).on(&seen);
        change.facts.push(Entry::bought(EntryKind::Purchased, purchased, purchased));
        let world = platform::World::default();
        store.settle(&mut change, &mut world.stamp(Origin::default())).await.expect("settled");
        store.commit(&change, None).await
    };
    let plans =
        [("licensed-monthly", Model::Unlimited, Model::Licensed), ("unlimited", Model::Licensed, Model::Unlimited)];
    for (plan, over, now) in plans {
        switch(&admin, json!({ "plan_id": plan })).await;
        let before = cloud.dump().await;
        for purchased in [1, -1] {
            assert!(matches!(moved(over, purchased).await, Err(CommitError::Stale)), "{plan} {purchased}");
        }
        assert_eq!(cloud.dump().await, before);
        assert!(moved(now, 1).await.is_ok(), "{plan}");
    }
}
