//! The main job, end to end, as an admin lives it.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn an_admin_runs_an_account() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("licensed-monthly", 2).await;
    assert_eq!(olga.user["type"], "admin");
    assert_eq!(olga.user["status"], "active");
    assert_eq!(olga.licenses().await, (2, 1, 0, 1));

    // She confirms her address with the link in her mail.
    assert_eq!(olga.user["email_verified"], false);
    let token = cloud.link(olga.email()).await;
    cloud.public().post("/v1/email/verify", json!({ "token": token })).await.expect(204);
    assert_eq!(olga.get("/v1/me").await.expect(200)["email_verified"], true);

    // She signs in on another device.
    let second = cloud.sign_in(olga.email()).await;
    assert_eq!(second.get("/v1/sessions").await.expect(200)["items"].as_array().unwrap().len(), 2);

    // She invites Ben: a license is reserved and a mail goes out.
    let invitation = olga.invite("ben@example.com", "member").await;
    assert_eq!(invitation["status"], "pending");
    assert_eq!(olga.licenses().await, (2, 1, 1, 0));
    let statuses = olga.statuses().await;
    assert!(statuses.contains(&("ben@example.com".into(), "pending".into())), "{statuses:?}");

    // Ben looks at what the link leads to, and accepts.
    let token = cloud.link("ben@example.com").await;
    let preview = cloud.public().get(&format!("/v1/invitations/lookup?token={token}")).await.expect(200);
    assert_eq!(preview["account_name"], "Acme Trackers");
    assert_eq!(preview["email"], "ben@example.com");
    assert_eq!(preview["invited_by_name"], "Olga Owner");
    assert_eq!(preview["type"], "member");
    let ben = cloud.accept("ben@example.com", "Ben").await;
    assert_eq!(ben.user["status"], "active");
    assert_eq!(ben.user["email_verified"], true);
    assert_eq!(ben.get("/v1/me").await.expect(200)["name"], "Ben");
    assert_eq!(olga.licenses().await, (2, 2, 0, 0));

    // No license is left for Carla.
    let body = olga.post("/v1/invitations", json!({ "emails": ["carla@example.com"], "type": "member" })).await;
    assert_eq!(body.expect(201)["results"][0]["code"], "no_license_available");

    // Ben leaves: his sessions are dead at once, his license is free, Carla takes his place.
    let left = olga.deactivate(ben.id()).await.expect(200);
    assert_eq!(left["status"], "deactivated");
    ben.get("/v1/me").await.refused(401, "unauthenticated");
    let again = cloud.public().post("/v1/sessions", json!({ "login": "ben@example.com", "password": PASSWORD })).await;
    again.refused(403, "user_deactivated");
    assert_eq!(olga.licenses().await, (2, 1, 0, 1));
    olga.welcome("carla@example.com", "member").await;

    // Ben cannot come back without a license; with one bought, he can.
    olga.reactivate(ben.id()).await.refused(409, "no_license_available");
    let bought = olga.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    assert_eq!(bought["licenses"]["available"], 1);
    assert_eq!(bought["invoice"]["number"], 2);
    assert_eq!(olga.reactivate(ben.id()).await.expect(200)["status"], "active");
    assert_eq!(olga.licenses().await, (3, 3, 0, 0));
    let ben = cloud.sign_in("ben@example.com").await;
    assert_eq!(ben.get("/v1/me").await.expect(200)["status"], "active");

    let account = olga.get("/v1/account").await.expect(200);
    assert_eq!(account["counts"], json!({ "active": 3, "pending": 0, "deactivated": 0, "admins": 1 }));
}
