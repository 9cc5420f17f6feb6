//! What each action costs in DynamoDB's own units. The table is `docs/costs.md`; a change of it shows as a difference.

use std::fmt::Write as _;

use edge::catalogue::CATALOGUE;
use serde_json::json;
use store::meter::Units;

use super::measured::measure;
use crate::support::{Cloud, PASSWORD};

/// Most write units of an action that is no batch.
pub const MOST_WRITE_UNITS: f64 = 40.0;
/// The same of a customer's account with an invitation: what `accounts_create` and `invitations_create` do, in one.
const MOST_FOR_A_CUSTOMER: f64 = 62.0;
/// The same of the two largest that move a license: each is explained by a posting of the ledger, which is two units, and an
/// account and its first invoice each have a place among what falls due.
const MOST_WITH_A_POSTING: f64 = 44.0;
/// Most read units that being signed in costs.
const MOST_SIGNED_IN_READ_UNITS: f64 = 3.0;

#[tokio::test]
async fn the_table_of_costs_is_current_and_within_bounds() {
    let Some(costs) = measure().await else { return };
    let mut page = String::from(
        "# What each action costs\n\nIn DynamoDB's own units, one request each, with an `Idempotency-Key` where the \
         method is `POST`, as the embedded engine reports its `ConsumedCapacity`. A transactional write of an item with \
         an entry in an index counts 2 + 1 here; AWS counts 2 + 2. This page is made by a test \
         (`tests/it/contracts/costs.rs`); a change of it is a change of what the service costs.\n\n\
         | action | read units | write units | transactions |\n| --- | ---: | ---: | ---: |\n",
    );
    for action in CATALOGUE {
        let cost = costs.get(action.name).unwrap_or_else(|| panic!("{} has not been measured", action.name));
        let Units { read, write, transactions } = cost.units;
        let _ = writeln!(page, "| `{}` | {read} | {write} | {transactions} |", action.name);
        let most = match action.name {
            "users_batch" => f64::INFINITY,
            "customers_create" => MOST_FOR_A_CUSTOMER,
            "accounts_create" | "invitations_accept" => MOST_WITH_A_POSTING,
            _ => MOST_WRITE_UNITS,
        };
        assert!(write <= most, "{} writes {write} units", action.name);
    }
    assert!(costs["me_get"].units.read <= MOST_SIGNED_IN_READ_UNITS, "being signed in reads too much");
    super::compare("docs/costs.md", &page);
}

#[tokio::test]
async fn a_page_costs_the_same_in_a_larger_account() {
    const USERS: [&str; 10] = [
        "",
        "&sort=-name",
        "&sort=last_active",
        "&sort=-last_active",
        "&sort=created",
        "&sort=-created",
        "&sort=-last_active&status=pending&type=member",
        "&sort=created&status=pending&type=member",
        "&q=exa",
        "&q=exa&sort=-last_active&type=member",
    ];
    let mut units: Vec<Vec<(String, f64)>> = Vec::new();
    for people in [60, 300] {
        let cloud = Cloud::start().await;
        let admin = cloud.sign_up("unlimited", 1).await;
        for batch in 0..=people / 50 {
            let emails: Vec<String> = (0..50).map(|number| format!("u{}@example.com", batch * 50 + number)).collect();
            admin.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await.expect(201);
        }
        // Somebody with a history of his own, whatever the size of the account.
        let user = admin.create("cora", None).await;
        let id = user["id"].as_str().unwrap();
        for _ in 0..10 {
            admin.put(&format!("/v1/users/{id}/password"), json!({ "password": PASSWORD })).await.expect(204);
        }
        let mut paths: Vec<String> = USERS.iter().map(|asked| format!("/v1/users?limit=50{asked}")).collect();
        let subject = format!("subject={id}");
        let actor = format!("actor={}", admin.id());
        for filter in
            ["", &actor, &subject, "action=invitation.", "to=2100-01-01T00:00:00Z", &format!("{actor}&{subject}")]
        {
            paths.push(format!("/v1/audit?limit=10&{filter}"));
        }
        let mut pages = Vec::new();
        for path in paths {
            let answer = admin.get(&path).await;
            let read = answer.units.read;
            let body = answer.expect(200);
            let full = if path.starts_with("/v1/users") { 50 } else { 10 };
            assert_eq!(body["items"].as_array().unwrap().len(), full, "{path}");
            pages.push((path, read));
        }
        units.push(pages);
    }
    for ((path, small), (_, large)) in units[0].iter().zip(&units[1]) {
        assert!((large / small - 1.0).abs() <= 0.1, "{path}: {small} and {large}");
    }
}
