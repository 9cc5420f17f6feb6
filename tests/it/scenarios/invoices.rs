//! Invoices: listed, shown, as files, mailed, and marked by the vendor.

use std::sync::Arc;

use domain::locale::Locale;
use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// A cloud on the morning of 15 February 2027, with an account that has bought three times: 1, 2 and 3 licenses.
async fn buyer() -> (Arc<Cloud>, Client) {
    let cloud = Cloud::start().await;
    cloud.set_clock("2027-02-15T09:00:00Z").await;
    let olga = cloud.sign_up("licensed-monthly", 1).await;
    for quantity in [2, 3] {
        olga.post("/v1/licenses", json!({ "quantity": quantity })).await.expect(201);
    }
    (cloud, olga)
}

async fn numbers(client: &Client, query: &str) -> Vec<i64> {
    let body = client.get(&format!("/v1/invoices{query}")).await.expect(200);
    body["items"].as_array().unwrap().iter().map(|it| it["number"].as_i64().unwrap()).collect()
}

async fn ids(client: &Client) -> Vec<String> {
    let body = client.get("/v1/invoices").await.expect(200);
    body["items"].as_array().unwrap().iter().map(|it| it["id"].as_str().unwrap().to_owned()).collect()
}

/// The operator's path to an invoice of an account.
fn path(account: &Value, invoice: &str) -> String {
    format!("/v1/operator/accounts/{}/invoices/{invoice}", account["id"].as_str().unwrap())
}

async fn assert_consistent(admin: &Client) {
    let found = admin.get("/v1/licenses/ledger/verify").await.expect(200);
    assert_eq!((&found["consistent"], &found["differences"]), (&json!(true), &json!([])));
}

#[tokio::test]
async fn invoices_are_listed_newest_first_and_shown_to_who_may_see_them() {
    let (cloud, olga) = buyer().await;
    assert_eq!(numbers(&olga, "").await, [3, 2, 1]);
    assert_eq!(numbers(&olga, "?reason=purchase&status=open&status=paid").await, [3, 2, 1]);
    assert_eq!(numbers(&olga, "?status=void").await, [0; 0]);
    assert_eq!(numbers(&olga, "?reason=renewal").await, [0; 0]);
    olga.get("/v1/invoices?status=lost").await.refused(400, "invalid_request");
    // Page by page, also where some are left out.
    for filter in ["", "&status=open"] {
        let mut seen = Vec::new();
        let mut query = format!("?limit=1{filter}");
        loop {
            let page = olga.get(&format!("/v1/invoices{query}")).await.expect(200);
            seen.extend(page["items"].as_array().unwrap().iter().map(|it| it["number"].as_i64().unwrap()));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("?limit=1{filter}&cursor={cursor}");
        }
        assert_eq!(seen, [3, 2, 1], "{filter}");
    }
    let id = ids(&olga).await.remove(0);
    let answer = olga.get(&format!("/v1/invoices/{id}")).await;
    assert_eq!(answer.header("etag"), "\"1\"");
    let invoice = answer.expect(200);
    assert_eq!((&invoice["status"], &invoice["reason"]), (&json!("open"), &json!("purchase")));
    // Members see none of it, nor does another account.
    let ben = olga.welcome("ben@example.com", "member").await;
    let stranger = cloud.sign_up("licensed-monthly", 1).await;
    for path in ["/v1/invoices".to_owned(), format!("/v1/invoices/{id}"), format!("/v1/invoices/{id}/pdf")] {
        ben.get(&path).await.refused(403, "forbidden");
        if path.contains(&id) {
            stranger.get(&path).await.refused(404, "not_found");
        }
    }
}

#[tokio::test]
async fn an_invoice_is_a_file_in_the_accounts_language() {
    let (_cloud, olga) = buyer().await;
    let id = ids(&olga).await.remove(0);
    for (locale, name) in [("en", "invoice-3.pdf"), ("de", "rechnung-3.pdf"), ("uk", "rakhunok-3.pdf")] {
        olga.patch("/v1/account", json!({ "locale": locale })).await.expect(200);
        let answer = olga.get(&format!("/v1/invoices/{id}/pdf")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/pdf");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("content-disposition"), format!("attachment; filename=\"{name}\""));
        assert!(answer.bytes.starts_with(b"%PDF-") && answer.bytes.len() > 10_000, "{} octets", answer.bytes.len());
    }
}

#[tokio::test]
async fn whoever_may_see_the_billing_gets_the_invoice_by_mail() {
    let (cloud, olga) = buyer().await;
    olga.patch("/v1/account", json!({ "locale": "de" })).await.expect(200);
    let role = olga.role("Accounting", &["billing.read"]).await;
    let blind = olga.role("Writing", &["resources.write"]).await;
    let mut people = Vec::new();
    for (email, role) in [("ira@example.com", &role), ("ben@example.com", &blind), ("quiet@example.com", &role)] {
        let user = olga.welcome(email, "viewer").await;
        olga.put(&format!("/v1/users/{}/role", user.id()), json!({ "role_id": role })).await.expect(200);
        people.push(user);
    }
    let quiet = json!({ "notifications": { "billing": false, "approvals": true } });
    olga.patch(&format!("/v1/users/{}", people[2].id()), quiet).await.expect(200);
    people[0].patch("/v1/me", json!({ "locale": "ru" })).await.expect(200);
    olga.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(cloud.worker().await["invoices_announced"], 4);
    assert_eq!(cloud.worker().await["invoices_announced"], 0);
    let told = async |email: &str| {
        let mails = cloud.mails(email).await;
        mails.into_iter().find(|mail| {
            mail["attachments"][0]["file_name"] == "rechnung-4.pdf" && mail["template"] == "invoice_issued"
        })
    };
    let mail = told("ira@example.com").await.expect("a mail");
    assert_eq!(mail["locale"], Locale::Ru.tag());
    assert!(mail["subject"].as_str().unwrap().starts_with("Счёт № 4"), "{mail}");
    let attached = &mail["attachments"][0];
    assert_eq!(
        (&attached["file_name"], &attached["content_type"]),
        (&json!("rechnung-4.pdf"), &json!("application/pdf"))
    );
    assert!(attached["size"].as_u64().unwrap() > 10_000, "{attached}");
    assert!(told(olga.email()).await.is_some(), "an admin is told");
    assert!(told("ben@example.com").await.is_none() && told("quiet@example.com").await.is_none());
    // Who has lost the role, or is not there any more, is told no more.
    olga.deactivate(people[0].id()).await.expect(200);
    olga.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(cloud.worker().await["invoices_announced"], 1);
    let mails = cloud.mails("ira@example.com").await;
    assert_eq!(mails.iter().filter(|mail| mail["template"] == "invoice_issued").count(), 4);
}

#[tokio::test]
async fn the_operator_marks_invoices_and_the_account_sees_it() {
    let (cloud, olga) = buyer().await;
    let (operator, ids) = (cloud.operator(), ids(&olga).await);
    let body = operator.get(&path(&olga.account, "").replace("/invoices/", "/invoices?limit=2")).await.expect(200);
    assert_eq!(body["items"].as_array().unwrap().len(), 2);

    let paid = format!("{}/paid", path(&olga.account, &ids[0]));
    let told = operator.post(&format!("{paid}?dry_run=true"), json!({})).await.expect(200);
    assert_eq!(told["dry_run"], true);
    assert_eq!(numbers(&olga, "?status=paid").await, [0; 0], "a dry run marks nothing");
    let marked = operator.post(&paid, json!({ "reference": "wire 7" })).await.expect(200);
    assert_eq!((&marked["status"], &marked["version"]), (&json!("paid"), &json!(2)));
    let again = operator.post(&paid, json!({ "reference": "another" })).await.expect(200);
    assert_eq!(again, marked, "it is paid once");
    operator.post(&paid.replace("/paid", "/void"), json!({})).await.refused(409, "invoice_not_open");

    let void = format!("{}/void", path(&olga.account, &ids[1]));
    let marked = operator.post(&void, json!({ "reason": "bought by mistake" })).await.expect(200);
    assert_eq!(marked["status"], "void");
    operator.post(&void.replace("/void", "/paid"), json!({})).await.refused(409, "invoice_not_open");

    assert_eq!(numbers(&olga, "?status=paid").await, [3]);
    assert_eq!(numbers(&olga, "?status=void").await, [2]);
    assert_eq!(numbers(&olga, "?status=open").await, [1]);
    let audit = olga.get("/v1/audit?action=invoice.").await.expect(200);
    let [voided, paid] = &audit["items"].as_array().unwrap()[..] else { panic!("{audit}") };
    assert_eq!(
        (&voided["action"], &voided["after"]["reason"]),
        (&json!("invoice.voided"), &json!("bought by mistake"))
    );
    assert_eq!((&paid["action"], &paid["after"]["reference"]), (&json!("invoice.paid"), &json!("wire 7")));
    assert_eq!((&paid["actor"], &paid["subject"]), (&Value::Null, &json!(ids[0])));
    assert_consistent(&olga).await;
}

#[tokio::test]
async fn nobody_but_the_operator_marks_invoices() {
    let (cloud, olga) = buyer().await;
    let ids = ids(&olga).await;
    let other = cloud.sign_up("licensed-monthly", 1).await;
    let before = cloud.dump().await;
    let list = path(&olga.account, "").trim_end_matches('/').to_owned();
    let mut nearly = cloud.operator();
    nearly.token = nearly.token.map(|token| token.to_uppercase());
    let mut cut = cloud.operator();
    cut.token = cut.token.map(|token| token[1..].to_owned());
    for caller in [&olga, &cloud.public(), &nearly, &cut] {
        caller.get(&list).await.refused(401, "unauthenticated");
        for mark in ["paid", "void"] {
            let mark = format!("{}/{mark}", path(&olga.account, &ids[0]));
            caller.post(&mark, json!({})).await.refused(401, "unauthenticated");
            caller.post(&format!("{mark}?dry_run=true"), json!({})).await.refused(401, "unauthenticated");
        }
    }
    // What he marks has to be there, and in that account.
    let operator = cloud.operator();
    for (account, invoice) in [
        (&other.account["id"], ids[0].as_str()),
        (&json!("acc_00000000000000000000000001"), ids[0].as_str()),
        (&olga.account["id"], "bil_00000000000000000000000001"),
        (&olga.account["id"], "x"),
    ] {
        let mark = format!("{}/paid", path(&json!({ "id": account }), invoice));
        operator.post(&mark, json!({})).await.refused(404, "not_found");
    }
    operator.get("/v1/operator/accounts/acc_00000000000000000000000001/invoices").await.refused(404, "not_found");
    let mark = format!("{}/paid", path(&olga.account, &ids[0]));
    let long = json!({ "reference": "x".repeat(201) });
    operator.post(&mark, long).await.bad_field("reference", "too_long");
    operator.post(&mark, json!({ "paid": true })).await.refused(400, "invalid_request");
    // His token is no session.
    operator.get("/v1/invoices").await.refused(401, "unauthenticated");
    assert_eq!(cloud.dump().await, before, "nothing was changed");
}

#[tokio::test]
async fn without_an_operator_there_is_nothing_for_one() {
    let cloud = Cloud::without_operator().await;
    let olga = cloud.sign_up("licensed-monthly", 1).await;
    let id = ids(&olga).await.remove(0);
    for caller in [&cloud.operator(), &olga, &cloud.public()] {
        caller.post(&format!("{}/paid", path(&olga.account, &id)), json!({})).await.refused(404, "not_found");
    }
    assert_eq!(numbers(&olga, "?status=open").await, [1]);
}

#[tokio::test]
async fn what_a_change_of_plan_has_set_off_is_not_void_any_more() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2027-02-01T09:00:00Z").await;
    let olga = cloud.sign_up("licensed-monthly", 1).await;
    olga.post("/v1/licenses", json!({ "quantity": 1_000 })).await.expect(201);
    let bought = ids(&olga).await.remove(0);
    let void = format!("{}/void", path(&olga.account, &bought));
    let operator = cloud.operator();
    assert_eq!(
        operator.post(&format!("{void}?dry_run=true"), json!({})).await.expect(200)["effects"]["refusals"],
        json!([])
    );
    olga.put("/v1/billing/plan", json!({ "plan_id": "unlimited" })).await.expect(200);
    // Otherwise its price would stay as credit, and nobody would have paid it.
    operator.post(&void, json!({})).await.refused(409, "invoice_set_off");
    let paid = path(&olga.account, &bought) + "/paid";
    operator.post(&paid, json!({})).await.expect(200);
    // A renewal sets nothing off.
    let other = cloud.sign_up("licensed-monthly", 2).await;
    let first = ids(&other).await.remove(0);
    cloud.set_clock("2027-03-01T09:00:00Z").await;
    cloud.worker().await;
    operator.post(&format!("{}/void", path(&other.account, &first)), json!({})).await.expect(200);
    let other = cloud.sign_in(other.email()).await;
    assert_consistent(&other).await;
}
