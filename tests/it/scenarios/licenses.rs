//! Licenses and what they cost (L1, L2, L5, L7, B11, R1, W5), period by period.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// A cloud in which it is the morning of 31 January 2027.
async fn january() -> Arc<Cloud> {
    let cloud = Cloud::start().await;
    cloud.set_clock("2027-01-31T09:00:00Z").await;
    cloud
}

/// What the ledger says, newest first: kind, quantity, and what it charges.
async fn ledger(admin: &Client, query: &str) -> Vec<(String, i64, Option<i64>)> {
    let body = admin.get(&format!("/v1/licenses/ledger?limit=200{query}")).await.expect(200);
    let entry = |entry: &Value| {
        let kind = entry["kind"].as_str().expect("a kind").to_owned();
        (kind, entry["quantity"].as_i64().expect("a number"), entry["charge"]["amount"]["amount"].as_i64())
    };
    body["items"].as_array().expect("items").iter().map(entry).collect()
}

/// The amounts that were charged, oldest first.
async fn charged(admin: &Client) -> Vec<i64> {
    ledger(admin, "").await.into_iter().rev().filter_map(|(_, _, amount)| amount).collect()
}

async fn assert_consistent(admin: &Client) {
    let found = admin.get("/v1/licenses/ledger/verify").await.expect(200);
    assert_eq!((&found["consistent"], &found["differences"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn l1_l7_a_license_moves_from_a_leaver_to_a_successor_at_no_cost() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 2).await;
    olga.invite("ben@example.com", "member").await;
    let ben = cloud.accept("ben@example.com", "Ben").await;
    assert_eq!(olga.licenses().await, (2, 2, 0, 0));
    olga.deactivate(ben.id()).await.expect(200);
    olga.invite("cleo@example.com", "member").await;
    let cleo = cloud.accept("cleo@example.com", "Cleo").await;
    assert_eq!(olga.licenses().await, (2, 2, 0, 0));
    assert_eq!(charged(&olga).await, [2_400]);
    // Every step is told, with whose license it was.
    let body = olga.get("/v1/licenses/ledger").await.expect(200);
    let told: Vec<_> =
        body["items"].as_array().unwrap().iter().map(|it| (it["kind"].clone(), it["user_id"].clone())).collect();
    let step = |kind: &str, user: &str| (json!(kind), json!(user));
    let expected = [
        step("assigned", cleo.id()),
        step("reserved", cleo.id()),
        step("released", ben.id()),
        step("assigned", ben.id()),
        step("reserved", ben.id()),
        (json!("purchased"), Value::Null),
        (json!("charged"), Value::Null),
        step("assigned", olga.id()),
    ];
    assert_eq!(told, expected);
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn l2_licenses_are_bought_by_days() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 1).await;
    cloud.set_clock("2027-02-14T23:50:00Z").await;
    let bought = olga.post("/v1/licenses", json!({ "quantity": 3 })).await.expect(201);
    assert_eq!(bought["licenses"]["purchased"], 4);
    let invoice = &bought["invoice"];
    assert_eq!(
        (&invoice["reason"], &invoice["number"], &invoice["status"]),
        (&json!("purchase"), &json!(2), &json!("open"))
    );
    assert_eq!(
        (&invoice["period_start"], &invoice["period_end"]),
        (&json!("2027-02-14T00:00:00Z"), &json!("2027-02-28T00:00:00Z"))
    );
    // 3 × 12.00 × 14 of 28 days.
    assert_eq!(invoice["total"], json!({ "amount": 1_800, "currency": "EUR" }));
    assert_eq!(invoice["lines"][0]["proration"], json!({ "numerator_days": 14, "denominator_days": 28 }));
    let id = invoice["id"].as_str().unwrap();
    let entries = ledger(&olga, &format!("&invoice_id={id}")).await;
    assert_eq!(entries, [("purchased".to_owned(), 3, None), ("charged".to_owned(), 3, Some(1_800))]);
    // A stranger's invoice is none.
    let other = cloud.sign_up("licensed-monthly", 1).await;
    other.get(&format!("/v1/licenses/ledger?invoice_id={id}")).await.refused(404, "not_found");
    // A dry run tells and does nothing.
    let told = olga.post("/v1/licenses?dry_run=true", json!({ "quantity": 1 })).await.expect(200);
    assert_eq!(told["effects"]["charges"][0]["total"]["amount"], 600);
    assert_eq!(olga.licenses().await, (4, 1, 0, 3));
    for quantity in [json!(0), json!(-1), json!(10_001), json!("3"), Value::Null] {
        olga.post("/v1/licenses", json!({ "quantity": quantity })).await.refused(400, "invalid_request");
    }
    assert_eq!(charged(&olga).await, [1_200, 1_800]);
}

#[tokio::test]
async fn l5_what_nobody_uses_at_the_renewal_is_dropped_and_not_invoiced() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 5).await;
    olga.policy(json!({ "invitations": { "ttl_hours": 2160 } })).await;
    olga.invite("ben@example.com", "member").await;
    let ben = cloud.accept("ben@example.com", "Ben").await;
    olga.invite("cleo@example.com", "member").await;
    olga.deactivate(ben.id()).await.expect(200);
    assert_eq!(olga.licenses().await, (5, 1, 1, 3));
    let preview = olga.get("/v1/billing/renewal-preview").await.expect(200);
    assert_eq!(
        (&preview["dropped_licenses"], &preview["quantity"], &preview["total"]["amount"]),
        (&json!(3), &json!(2), &json!(2_400))
    );
    assert_eq!(
        (&preview["period_start"], &preview["period_end"]),
        (&json!("2027-02-28T00:00:00Z"), &json!("2027-03-31T00:00:00Z"))
    );
    assert_eq!(preview["lines"][0]["quantity"], 2);
    for (quantity, dropped, total) in [(1, 4, 1_200), (5, 0, 6_000), (8, 0, 9_600), (0, 4, 1_200)] {
        let what_if = olga.get(&format!("/v1/billing/renewal-preview?quantity={quantity}")).await.expect(200);
        assert_eq!(
            (&what_if["dropped_licenses"], &what_if["total"]["amount"]),
            (&json!(dropped), &json!(total)),
            "{quantity}"
        );
    }
    olga.get("/v1/billing/renewal-preview?quantity=10001").await.refused(400, "invalid_request");

    // Nothing before the time; a reminder seven days before, once.
    cloud.set_clock("2027-02-20T23:50:00Z").await;
    assert_eq!(cloud.worker().await["reminders"], 0);
    cloud.set_clock("2027-02-21T00:00:01Z").await;
    assert_eq!(cloud.worker().await["reminders"], 1);
    assert_eq!(cloud.worker().await["reminders"], 0);
    let mails = cloud.mails(olga.email()).await;
    let reminder = mails.iter().find(|mail| mail["template"] == "renewal_reminder").expect("a reminder");
    let text = reminder["text"].as_str().unwrap();
    assert!(text.contains("3 licenses that nobody uses are dropped") && text.contains("€24.00"), "{text}");

    cloud.set_clock("2027-02-27T23:50:00Z").await;
    assert_eq!(cloud.worker().await["renewals"], 0);
    assert_eq!(olga.licenses().await, (5, 1, 1, 3));
    cloud.set_clock("2027-02-28T00:00:01Z").await;
    assert_eq!(cloud.worker().await["renewals"], 1);
    assert_eq!(cloud.worker().await["renewals"], 0);
    assert_eq!(olga.licenses().await, (2, 1, 1, 0));
    let figures = olga.get("/v1/licenses").await.expect(200);
    assert_eq!(
        (&figures["period_start"], &figures["renews_at"]),
        (&json!("2027-02-28T00:00:00Z"), &json!("2027-03-31T00:00:00Z"))
    );
    let entries = ledger(&olga, "&period=1").await;
    let expected =
        [("dropped".to_owned(), 3, None), ("renewed".to_owned(), 2, None), ("charged".to_owned(), 2, Some(2_400))];
    assert_eq!(entries, expected);
    assert_eq!(charged(&olga).await, [6_000, 2_400]);
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn l8_after_the_renewal_a_reactivation_needs_a_license_again() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 2).await;
    olga.invite("ben@example.com", "member").await;
    let ben = cloud.accept("ben@example.com", "Ben").await;
    olga.deactivate(ben.id()).await.expect(200);
    cloud.set_clock("2027-03-01T08:00:00Z").await;
    assert_eq!(cloud.worker().await["renewals"], 1);
    let olga = cloud.sign_in(olga.email()).await;
    olga.reactivate(ben.id()).await.refused(409, "no_license_available");
    olga.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    olga.reactivate(ben.id()).await.expect(200);
    // 30 of 31 days.
    assert_eq!(charged(&olga).await, [2_400, 1_200, 1_161]);
}

#[tokio::test]
async fn missed_periods_are_renewed_in_order_and_once() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 3).await;
    let yearly = cloud.sign_up("licensed-yearly", 2).await;
    cloud.set_clock("2027-05-01T12:00:00Z").await;
    let reports = futures::future::join_all((0..4).map(|_| cloud.worker())).await;
    let renewals: i64 = reports.iter().filter_map(|report| report["renewals"].as_i64()).sum();
    assert_eq!(renewals, 3, "{reports:?}");
    let olga = cloud.sign_in(olga.email()).await;
    let body = olga.get("/v1/licenses/ledger?limit=200").await.expect(200);
    let charges = body["items"].as_array().unwrap().iter().rev().filter(|it| it["kind"] == "charged");
    let told: Vec<_> = charges.map(|it| (it["period"].as_i64(), it["quantity"].as_i64())).collect();
    assert_eq!(told, [(Some(0), Some(3)), (Some(1), Some(1)), (Some(2), Some(1)), (Some(3), Some(1))]);
    let figures = olga.get("/v1/licenses").await.expect(200);
    assert_eq!(
        (&figures["period_start"], &figures["renews_at"]),
        (&json!("2027-04-30T00:00:00Z"), &json!("2027-05-31T00:00:00Z"))
    );
    assert_eq!(cloud.worker().await["renewals"], 0);
    let yearly = cloud.sign_in(yearly.email()).await;
    assert_eq!(yearly.licenses().await, (2, 1, 0, 1));
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn b11_users_are_charged_by_days_once_in_a_period() {
    let cloud = january().await;
    let olga = cloud.sign_up("metered-monthly", 1).await;
    olga.policy(json!({ "invitations": { "ttl_hours": 2160 } })).await;
    // The owner is active from the first day on.
    assert_eq!(charged(&olga).await, [900]);
    cloud.set_clock("2027-02-14T10:00:00Z").await;
    // From the invitation on, whatever becomes of it within the period.
    olga.invite("ben@example.com", "member").await;
    assert_eq!(charged(&olga).await, [900, 450]);
    let ben = cloud.accept("ben@example.com", "Ben").await;
    olga.deactivate(ben.id()).await.expect(200);
    olga.reactivate(ben.id()).await.expect(200);
    // Who looks on and who comes from outside is free.
    olga.invite("vera@example.com", "viewer").await;
    olga.invite("gus@example.net", "guest").await;
    cloud.accept("vera@example.com", "Vera").await;
    assert_eq!(charged(&olga).await, [900, 450]);
    let vera = olga.get("/v1/users?q=vera").await.expect(200)["items"][0]["id"].clone();
    let path = format!("/v1/users/{}/type", vera.as_str().unwrap());
    olga.put(&path, json!({ "type": "member" })).await.expect(200);
    assert_eq!(charged(&olga).await, [900, 450, 450]);
    olga.put(&path, json!({ "type": "viewer" })).await.expect(200);
    olga.put(&path, json!({ "type": "member" })).await.expect(200);
    olga.put(&path, json!({ "type": "viewer" })).await.expect(200);
    let preview = olga.get("/v1/billing/renewal-preview").await.expect(200);
    assert_eq!(
        (&preview["quantity"], &preview["total"]["amount"], &preview["dropped_licenses"]),
        (&json!(2), &json!(1_800), &json!(0))
    );

    // The next period begins with the two that are active; whoever was charged for in the last is not in this one.
    olga.invite("dan@example.com", "member").await;
    cloud.set_clock("2027-02-28T00:00:01Z").await;
    assert_eq!(cloud.worker().await["renewals"], 1);
    cloud.set_clock("2027-03-01T00:00:00Z").await;
    let before = charged(&olga).await;
    assert_eq!(before, [900, 450, 450, 450, 1_800]);
    olga.put(&path, json!({ "type": "member" })).await.expect(200);
    cloud.accept("dan@example.com", "Dan").await;
    olga.deactivate(ben.id()).await.expect(200);
    olga.reactivate(ben.id()).await.expect(200);
    let olga_again = charged(&olga).await;
    // 30 of 31 days, for Vera and for Dan.
    assert_eq!(olga_again[before.len()..], [871, 871]);
    assert_eq!(olga.licenses().await, (-1, 4, 0, -1));
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn b11_with_the_acceptance_where_the_policy_says_so() {
    let cloud = january().await;
    let olga = cloud.sign_up("metered-monthly", 1).await;
    olga.policy(json!({ "invitations": { "license_reserved_on": "acceptance" } })).await;
    cloud.set_clock("2027-02-14T10:00:00Z").await;
    olga.invite("ben@example.com", "member").await;
    assert_eq!(charged(&olga).await, [900]);
    cloud.set_clock("2027-02-18T10:00:00Z").await;
    let told =
        olga.post("/v1/invitations?dry_run=true", json!({ "emails": ["x@example.com"], "type": "member" })).await;
    assert_eq!(told.expect(200)["effects"]["charges"], json!([]));
    cloud.accept("ben@example.com", "Ben").await;
    // 10 of 28 days: 3.214…
    assert_eq!(charged(&olga).await, [900, 321]);
    // A batch is charged in one invoice, and told before it is done.
    for name in ["cora", "dora", "emma"] {
        olga.invite(&format!("{name}@example.com"), "member").await;
        cloud.accept(&format!("{name}@example.com"), name).await;
    }
    let before = charged(&olga).await.len();
    let ids: Vec<Value> = olga.get("/v1/users?q=ora").await.expect(200)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].clone())
        .collect();
    assert!(ids.is_empty(), "words are found by their beginning");
    let ids: Vec<String> = {
        let body = olga.get("/v1/users?type=member").await.expect(200);
        body["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
    };
    olga.post("/v1/users/batch", json!({ "user_ids": ids, "set": { "status": "deactivated" } })).await.expect(200);
    cloud.set_clock("2027-03-10T00:00:00Z").await;
    assert_eq!(cloud.worker().await["renewals"], 1);
    let olga = cloud.sign_in(olga.email()).await;
    let set = json!({ "user_ids": ids, "set": { "status": "active" } });
    let told = olga.post("/v1/users/batch?dry_run=true", set.clone()).await.expect(200);
    assert_eq!(told["effects"]["charges"][0]["lines"][0]["quantity"], 4);
    olga.post("/v1/users/batch", set).await.expect(200);
    // Four times 9.00 for 21 of 31 days, rounded once.
    assert_eq!(charged(&olga).await[before..], [900, 2_439]);
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn r1_free_plans_are_never_invoiced() {
    let cloud = january().await;
    for plan in ["unlimited", "basic"] {
        let olga = cloud.sign_up(plan, 1).await;
        olga.invite(&format!("ben-{plan}@example.com"), "member").await;
        cloud.set_clock("2027-06-01T00:00:00Z").await;
        let report = cloud.worker().await;
        assert_eq!((&report["renewals"], &report["reminders"]), (&json!(0), &json!(0)));
        let olga = cloud.sign_in(olga.email()).await;
        let preview = olga.get("/v1/billing/renewal-preview").await.expect(200);
        assert_eq!(
            (&preview["total"]["amount"], &preview["lines"], &preview["number"]),
            (&json!(0), &json!([]), &Value::Null)
        );
        let figures = olga.get("/v1/licenses").await.expect(200);
        assert!(figures["renews_at"].as_str().unwrap() > "2027-06-01", "{figures}");
        assert!(charged(&olga).await.is_empty());
        cloud.set_clock("2027-01-31T09:00:00Z").await;
    }
}

#[tokio::test]
async fn the_ledger_is_paged_and_only_for_whom_it_concerns() {
    let cloud = january().await;
    let olga = cloud.sign_up("licensed-monthly", 9).await;
    for name in ["a", "b", "c"] {
        olga.invite(&format!("{name}@example.com"), "member").await;
    }
    let whole = ledger(&olga, "").await;
    assert_eq!(whole.len(), 6);
    for limit in 1..=4 {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let body = olga.get(&format!("/v1/licenses/ledger?limit={limit}{cursor}")).await.expect(200);
            let items = body["items"].as_array().unwrap();
            assert!(items.len() <= limit);
            found.extend(items.iter().map(|it| it["kind"].as_str().unwrap().to_owned()));
            let Some(next) = body["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(found, whole.iter().map(|it| it.0.clone()).collect::<Vec<_>>(), "{limit}");
    }
    assert!(ledger(&olga, "&period=1").await.is_empty());
    olga.get("/v1/licenses/ledger?period=-1").await.refused(400, "invalid_request");
    olga.get("/v1/licenses/ledger?invoice_id=bil_x").await.refused(400, "invalid_request");
    olga.get("/v1/licenses/ledger?cursor=x").await.refused(400, "invalid_cursor");
    let member = cloud.accept("a@example.com", "Anna").await;
    for path in ["/v1/licenses/ledger", "/v1/licenses/ledger/verify", "/v1/billing/renewal-preview"] {
        member.get(path).await.refused(403, "forbidden");
        cloud.public().get(path).await.refused(401, "unauthenticated");
    }
}
