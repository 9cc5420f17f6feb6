//! What resources cost does not grow with how many somebody owns.

use serde_json::json;

use super::costs::MOST_WRITE_UNITS;
use crate::support::Cloud;

#[tokio::test]
async fn to_end_the_access_of_an_owner_of_more_costs_no_more() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut number = 0;
    for held in [1, 2, 3, 100] {
        let ben = admin.welcome(&format!("ben{held}@example.com"), "member").await;
        let carla = admin.welcome(&format!("carla{held}@example.com"), "member").await;
        admin.register(ben.id(), "automation", number..number + held).await;
        number += held;
        let keyed = |key: &str| admin.with("idempotency-key", format!("{key}{held}"));
        let choice = json!({ "resources": { "strategy": "reassign", "to": carla.id() } });
        let left = keyed("left").post(&format!("/v1/users/{}/deactivate", ben.id()), choice).await;
        let all = json!({ "from": carla.id(), "to": admin.id() });
        let given = keyed("given").post("/v1/resources/transfer", all).await;
        for answer in [left, given] {
            assert!(answer.units.write <= MOST_WRITE_UNITS, "{held}: {}", answer.units.write);
            assert_eq!(answer.units.transactions, 1);
            answer.expect(200);
        }
    }
}

#[tokio::test]
async fn a_page_of_resources_costs_the_same_for_an_owner_of_more() {
    let mut units = Vec::new();
    for number in [60, 300] {
        let cloud = Cloud::start().await;
        let admin = cloud.sign_up("unlimited", 1).await;
        admin.register(admin.id(), "lead", 0..number).await;
        let mut row = Vec::new();
        for query in ["", "?state=active", "?kind=lead", &format!("?owner={}", admin.id()), "?state=unassigned"] {
            let answer = admin.get(&format!("/v1/resources{query}")).await;
            row.push(answer.units.read);
            answer.expect(200);
        }
        row.push(admin.get(&format!("/v1/users/{}/impact", admin.id())).await.units.read);
        units.push(row);
    }
    for (small, large) in units[0].iter().zip(&units[1]) {
        assert!((large / small - 1.0).abs() <= 0.1, "{units:?}");
    }
}
