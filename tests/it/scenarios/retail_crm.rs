//! R: the retail CRM. Free users, blocking.

use serde_json::json;

use crate::support::Cloud;

#[tokio::test]
async fn r1_users_are_free_and_unlimited() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let emails: Vec<String> = (0..20).map(|number| format!("p{number}@example.com")).collect();
    let body = admin.post("/v1/invitations", json!({ "emails": emails, "type": "member" })).await.expect(201);
    assert!(body["results"].as_array().unwrap().iter().all(|row| row["outcome"] == "invited"));
    let licenses = admin.get("/v1/licenses").await.expect(200);
    assert_eq!(licenses["model"], "unlimited");
    assert_eq!((licenses["purchased"].clone(), licenses["available"].clone()), (json!(null), json!(null)));
}

#[tokio::test]
async fn r6_pending_until_the_acceptance_then_active() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let invitation = admin.invite("anna@example.com", "member").await;
    let path = format!("/v1/users/{}", invitation["user_id"].as_str().unwrap());
    let pending = admin.get(&path).await.expect(200);
    assert_eq!((pending["status"].clone(), pending["activated_at"].clone()), (json!("pending"), json!(null)));
    admin.post(&format!("{path}/deactivate"), json!({})).await.refused(409, "user_pending");
    cloud.accept("anna@example.com", "Anna").await;
    let active = admin.get(&path).await.expect(200);
    assert_eq!((active["status"].clone(), active["name"].clone()), (json!("active"), json!("Anna")));
    assert!(active["activated_at"].is_string());
}

#[tokio::test]
async fn r10_r12_the_blocked_stand_at_the_lists_end_and_can_come_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let mut ids = Vec::new();
    for name in ["Zoe", "anna", "Émile", "Bert"] {
        admin.invite(&format!("{}@example.com", ids.len()), "member").await;
        let user = cloud.accept(&format!("{}@example.com", ids.len()), name).await;
        ids.push(user.id().to_owned());
    }
    admin.invite("waiting@example.com", "member").await;
    admin.deactivate(&ids[1]).await.expect(200);
    let names = async |query: &str| -> Vec<String> {
        let body = admin.get(&format!("/v1/users{query}")).await.expect(200);
        body["items"].as_array().unwrap().iter().map(|user| user["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names("").await, ["Bert", "Olga Owner", "Zoe", "Émile", "waiting@example.com", "anna"]);
    assert_eq!(names("?sort=name").await, ["anna", "Bert", "Olga Owner", "waiting@example.com", "Zoe", "Émile"]);
    assert_eq!(names("?sort=-name&status=active").await, ["Émile", "Zoe", "Olga Owner", "Bert"]);
    assert_eq!(names("?status=deactivated&status=pending").await, ["waiting@example.com", "anna"]);
    assert_eq!(names("?type=admin").await, ["Olga Owner"]);
    admin.deactivate(&ids[1]).await.expect(200);
    assert_eq!(admin.reactivate(&ids[1]).await.expect(200)["status"], "active");
    assert_eq!(names("?status=deactivated").await, [] as [&str; 0]);
}
