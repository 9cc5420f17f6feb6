//! W: the work platform.

use serde_json::json;

use crate::support::Cloud;

#[tokio::test]
async fn w3_w5_the_deactivated_do_not_count_and_the_reactivated_do_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-yearly", 2).await;
    let user = admin.welcome("user@example.com", "member").await;
    admin.deactivate(user.id()).await.expect(200);
    let account = admin.get("/v1/account").await.expect(200);
    assert_eq!(account["counts"], json!({ "active": 1, "pending": 0, "deactivated": 1, "admins": 1 }));
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    admin.reactivate(user.id()).await.expect(200);
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test]
async fn w7_viewers_and_guests_take_no_license() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    for user_type in ["viewer", "guest"] {
        let user = admin.welcome(&format!("{user_type}@example.com"), user_type).await;
        assert_eq!((user.user["type"].clone(), user.user["licensed"].clone()), (json!(user_type), json!(false)));
    }
    assert_eq!(admin.licenses().await, (1, 1, 0, 0));
}

#[tokio::test]
async fn w8_guest_domains_are_held() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin
        .policy(json!({ "guests": { "allow_domains": ["Partner.example"], "deny_domains": ["rival.example"],
            "company_domains": ["us.example"] } }))
        .await;
    let emails = ["a@partner.example", "a@rival.example", "a@us.example", "a@elsewhere.example", "a@PARTNER.example"];
    let codes = async |user_type: &str| {
        let body = admin.post("/v1/invitations?dry_run=true", json!({ "emails": emails, "type": user_type })).await;
        let refusals = body.expect(200)["effects"]["refusals"].clone();
        refusals.as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let denied = "guest_domain_not_allowed";
    assert_eq!(codes("guest").await, [denied, denied, denied, "already_invited"]);
    assert_eq!(codes("member").await, ["already_invited"]);
}

#[tokio::test]
async fn nobody_deactivates_himself_and_one_admin_always_stays() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.deactivate(admin.id()).await.refused(409, "cannot_change_self");
    let second = admin.welcome("second@example.com", "admin").await;
    second.deactivate(admin.id()).await.expect(200);
    second.deactivate(second.id()).await.refused(409, "cannot_change_self");
    assert_eq!(second.get("/v1/account").await.expect(200)["counts"]["admins"], 1);
}
