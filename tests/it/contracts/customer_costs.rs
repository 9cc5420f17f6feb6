//! What a partner's customers cost: each action, and a page whatever their number.

use std::sync::Arc;

use serde_json::{Value, json};

use super::measured::Measured;
use crate::support::{Client, Cloud};

/// A partner's life: customers made, chosen, listed and entered.
pub(super) async fn customers(run: &mut Measured) {
    let cloud = run.cloud.clone();
    let partner = cloud.partner().await;
    let keyed = |key: &str| partner.with("idempotency-key", key);
    let body = |owner: &str| {
        json!({ "name": "Bakery North", "plan_id": "licensed-monthly", "licenses": 3,
            "owner": { "name": "Otto Owner", "email": owner } })
    };
    let made = run.call("customers_create", &keyed("first"), "/v1/customers", body("otto@example.com")).await;
    let customer = made["account"]["id"].as_str().unwrap().to_owned();
    let petra = partner.welcome("petra@example.com", "admin").await;
    let access = format!("/v1/users/{}/accessible-accounts", petra.id());
    let chosen = json!({ "mode": "selected", "account_ids": [customer] });
    run.call("users_choose_customers", &partner, &access, chosen.clone()).await;
    let petras = petra.with("idempotency-key", "second");
    run.call("customers_create", &petras, "/v1/customers", body("otta@example.com")).await;
    for query in ["", "?q=bakery"] {
        run.call("customers_list", &partner, &format!("/v1/customers{query}"), Value::Null).await;
        run.call("customers_list", &petra, &format!("/v1/customers{query}"), Value::Null).await;
    }
    let new = json!({ "name": "Nora New", "login": "nora", "type": "member", "sign_in": "google",
        "email": "nora@example.com", "accessible_accounts": chosen });
    run.call("users_create", &keyed("nora"), "/v1/users", new).await;
    let body = json!({ "account_id": customer });
    let switched = run.call("sessions_switch", &keyed("switch"), "/v1/sessions/switch", body.clone()).await;
    run.call("sessions_switch", &petras, "/v1/sessions/switch", body).await;
    let acting = cloud.signed_in(&switched);
    run.call("account_update", &acting, "/v1/account", json!({ "name": "Confectioner" })).await;
    run.call("audit_list", &acting, "/v1/audit", Value::Null).await;
    run.call("sessions_list", &partner, "/v1/sessions", Value::Null).await;
    run.call("users_choose_customers", &partner, &access, json!({ "mode": "all" })).await;
}

/// What is asked of a partner: of one who may enter all, and of one who may enter ten.
const PAGES: [&str; 3] = ["", "&q=baker", "&q=special"];

#[tokio::test]
async fn a_page_of_customers_costs_the_same_for_a_partner_of_more() {
    let mut units: Vec<Vec<f64>> = Vec::new();
    for number in [20, 100] {
        let cloud = Cloud::start().await;
        units.push(pages(&cloud, number).await);
    }
    for (row, (small, large)) in units[0].iter().zip(&units[1]).enumerate() {
        assert!((large / small - 1.0).abs() <= 0.1, "{row}: {small} and {large}");
    }
}

/// The read units of each page, then those of a switch and of a request from there.
async fn pages(cloud: &Arc<Cloud>, number: u32) -> Vec<f64> {
    let partner = cloud.partner().await;
    let mut ids = Vec::new();
    for index in 0..number {
        let name = if index < 12 { format!("Special Baker {index:03}") } else { format!("Usual Baker {index:03}") };
        ids.push(partner.customer(&name, &format!("owner-{index}@example.com")).await);
    }
    let petra = partner.welcome("petra@example.com", "admin").await;
    let chosen: Vec<&str> = ids[..12].iter().map(String::as_str).collect();
    partner.choose(petra.id(), &chosen).await.expect(200);
    let mut units = Vec::new();
    for who in [&partner, &petra] {
        for query in PAGES {
            let answer = who.get(&format!("/v1/customers?limit=10{query}")).await;
            units.push(answer.units.read);
            assert_eq!(answer.expect(200)["items"].as_array().unwrap().len(), 10, "{query}");
        }
        let answer = who.switch(&ids[3]).await;
        units.push(answer.units.read + answer.units.write);
        let acting: Client = cloud.signed_in(&answer.expect(201));
        units.push(acting.get("/v1/me").await.units.read);
    }
    units
}
