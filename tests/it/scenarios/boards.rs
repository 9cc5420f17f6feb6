//! B: the boards tool. Roles and invitations.

use serde_json::{Value, json};

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn b1_members_have_not_the_admins_rights() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("member@example.com", "member").await;
    assert_eq!(member.user["permissions"], json!(["users.read", "resources.write"]));
    member.deactivate(admin.id()).await.refused(403, "forbidden");
    member.patch("/v1/account", json!({ "name": "Mine" })).await.refused(403, "forbidden");
    let said = member.post("/v1/licenses", json!({ "quantity": 1 })).await.refused(403, "forbidden");
    assert!(said["detail"].as_str().unwrap().contains("billing.write"));
}

#[tokio::test]
async fn b4_guests_and_viewers_need_a_professional_plan() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("basic", 1).await;
    for user_type in ["guest", "viewer"] {
        let body = json!({ "emails": ["a@example.com"], "type": user_type });
        admin.post("/v1/invitations", body).await.refused(403, "professional_plan_required");
    }
    admin.invite("a@example.com", "member").await;
}

#[tokio::test]
async fn b8_open_invitations_are_resent_and_revoked() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let invitation = admin.invite("ben@example.com", "member").await;
    let id = invitation["id"].as_str().unwrap();
    let old = cloud.link("ben@example.com").await;

    // Six days later the mail goes out again: a fresh window, a fresh link, the old one dead.
    cloud.advance(6 * 86_400).await;
    let resent = admin.post(&format!("/v1/invitations/{id}/resend"), json!({})).await.expect(200);
    assert_eq!(resent["times_sent"], 2);
    assert_ne!(resent["expires_at"], invitation["expires_at"]);
    assert_eq!(cloud.mails("ben@example.com").await.len(), 2);
    let accept = json!({ "token": old, "name": "Ben", "password": crate::support::PASSWORD });
    cloud.public().post("/v1/invitations/accept", accept).await.refused(410, "invitation_revoked");
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));

    // It is in the list of open invitations, until it is taken back: then the license is free and the link dead.
    let open = admin.get("/v1/invitations").await.expect(200);
    assert_eq!(open["items"][0]["id"], id);
    admin.delete(&format!("/v1/invitations/{id}")).await.expect(204);
    assert_eq!(admin.get("/v1/invitations").await.expect(200)["items"], json!([]));
    assert_eq!(admin.get("/v1/invitations?status=revoked").await.expect(200)["items"][0]["id"], id);
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    let new = cloud.link("ben@example.com").await;
    cloud.public().get(&format!("/v1/invitations/lookup?token={new}")).await.refused(410, "invitation_revoked");
    let accept = json!({ "token": new, "name": "Ben", "password": crate::support::PASSWORD });
    cloud.public().post("/v1/invitations/accept", accept).await.refused(410, "invitation_revoked");
    assert!(!admin.statuses().await.iter().any(|(email, _)| email == "ben@example.com"));

    // The address can be invited anew.
    admin.welcome("ben@example.com", "member").await;
}

#[tokio::test]
async fn b9_several_addresses_at_once_and_only_admins_make_admins() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let emails: Vec<String> = (0..50).map(|number| format!("person{number}@example.com")).collect();
    let results = admin.post("/v1/invitations", json!({ "emails": emails, "type": "guest" })).await.expect(201);
    let results = results["results"].as_array().unwrap().clone();
    assert_eq!(results.len(), 50);
    for (row, email) in results.iter().zip(&emails) {
        assert_eq!((row["email"].as_str(), row["outcome"].as_str()), (Some(email.as_str()), Some("invited")));
    }
    let too_many: Vec<String> = (0..51).map(|number| format!("other{number}@example.com")).collect();
    admin
        .post("/v1/invitations", json!({ "emails": too_many, "type": "guest" }))
        .await
        .bad_field("emails", "out_of_range");
    admin.post("/v1/invitations", json!({ "emails": [], "type": "guest" })).await.bad_field("emails", "out_of_range");

    admin.policy(json!({ "invitations": { "who": "members" } })).await;
    let member = admin.welcome("member@example.com", "member").await;
    let body = json!({ "emails": ["boss@example.com"], "type": "admin" });
    member.post("/v1/invitations", body.clone()).await.refused(403, "cannot_grant");
    admin.post("/v1/invitations", body).await.expect(201);
}

#[tokio::test]
async fn b10_by_default_only_admins_invite() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let member = admin.welcome("member@example.com", "member").await;
    let guest = admin.welcome("guest@example.com", "guest").await;
    let body = json!({ "emails": ["a@example.com"], "type": "guest" });
    let said = member.post("/v1/invitations", body.clone()).await.refused(403, "forbidden");
    assert!(said["detail"].as_str().unwrap().contains("users.invite"));
    admin.policy(json!({ "invitations": { "who": "members" } })).await;
    assert_eq!(member.post("/v1/invitations", body.clone()).await.expect(201)["results"][0]["outcome"], "invited");
    guest.post("/v1/invitations", body).await.refused(403, "forbidden");
}

#[tokio::test]
async fn b10_with_approval_the_invitation_goes_out_by_itself() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 3).await;
    admin.policy(json!({ "invitations": { "who": "members_with_approval" } })).await;
    let member = admin.welcome("member@example.com", "member").await;
    let ask = async |email: &str| -> Value {
        let body = json!({ "emails": [email], "type": "member" });
        let row = member.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
        assert_eq!(row["outcome"], "awaiting_approval");
        row["invitation"].clone()
    };
    let wanted = ask("wanted@example.com").await;
    assert!(cloud.mails("wanted@example.com").await.is_empty());
    assert_eq!(cloud.mails(admin.email()).await[0]["template"], "invitation_approval_requested");
    assert_eq!(admin.licenses().await, (3, 2, 0, 1), "nothing is reserved before the approval");

    let path = format!("/v1/invitations/{}", wanted["id"].as_str().unwrap());
    member.post(&format!("{path}/approve"), json!({})).await.refused(403, "forbidden");
    let approved = admin.post(&format!("{path}/approve"), json!({})).await.expect(200);
    assert_eq!((approved["status"].clone(), approved["approved_by"].clone()), (json!("pending"), json!(admin.id())));
    assert_eq!(admin.licenses().await, (3, 2, 1, 0));
    admin.post(&format!("{path}/approve"), json!({})).await.refused(409, "invitation_not_open");
    cloud.accept("wanted@example.com", "Wanted").await;

    let unwanted = ask("unwanted@example.com").await;
    let path = format!("/v1/invitations/{}", unwanted["id"].as_str().unwrap());
    admin.post(&format!("{path}/approve"), json!({})).await.refused(409, "no_license_available");
    assert_eq!(admin.post(&format!("{path}/reject"), json!({})).await.expect(200)["status"], "rejected");
    assert_eq!(cloud.mails("member@example.com").await[0]["template"], "invitation_rejected");
    assert!(cloud.mails("unwanted@example.com").await.is_empty());
}

#[tokio::test]
async fn b11_a_new_user_counts_from_the_invitation_on_unless_the_policy_says_otherwise() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.policy(json!({ "invitations": { "license_reserved_on": "acceptance" } })).await;
    admin.invite("one@example.com", "member").await;
    admin.invite("two@example.com", "member").await;
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    cloud.accept("one@example.com", "One").await;
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
    let token = cloud.link("two@example.com").await;
    let body = json!({ "token": token, "name": "Two", "password": crate::support::PASSWORD });
    cloud.public().post("/v1/invitations/accept", body.clone()).await.refused(409, "no_license_available");
    admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    cloud.public().post("/v1/invitations/accept", body).await.expect(201);
    assert_eq!(admin.licenses().await, (3, 3, 0, 0));
}

#[tokio::test]
async fn an_invitation_ends_with_its_last_moment() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.policy(json!({ "invitations": { "ttl_hours": 24 } })).await;
    let invitation = admin.invite("ben@example.com", "member").await;
    let token = cloud.link("ben@example.com").await;
    let lookup = format!("/v1/invitations/lookup?token={token}");
    let accept = json!({ "token": token, "name": "Ben", "password": crate::support::PASSWORD });

    // A minute before the end the worker leaves it alone and the link is good.
    cloud.advance(24 * 3_600 - 60).await;
    assert_eq!(cloud.worker().await["expired_invitations"], 0);
    cloud.public().get(&lookup).await.expect(200);

    // After the end the link is dead before the worker has come.
    cloud.advance(61).await;
    cloud.public().get(&lookup).await.refused(410, "invitation_expired");
    cloud.public().post("/v1/invitations/accept", accept.clone()).await.refused(410, "invitation_expired");
    assert_eq!(admin.get("/v1/invitations").await.expect(200)["items"], json!([]));
    assert_eq!(admin.licenses().await, (2, 1, 1, 0), "the license is still kept");
    let expired = admin.get("/v1/invitations?status=expired").await.expect(200);
    assert_eq!(expired["items"][0]["status"], "expired");

    // The worker frees the license, once.
    assert_eq!(cloud.worker().await["expired_invitations"], 1);
    assert_eq!(cloud.worker().await["expired_invitations"], 0);
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    cloud.public().post("/v1/invitations/accept", accept).await.refused(410, "invitation_expired");
    let expired = admin.get("/v1/invitations?status=expired").await.expect(200);
    assert_eq!(expired["items"][0]["id"], invitation["id"]);

    // Sent again, it is alive again.
    let path = format!("/v1/invitations/{}/resend", invitation["id"].as_str().unwrap());
    assert_eq!(admin.post(&path, json!({})).await.expect(200)["status"], "pending");
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));
    cloud.accept("ben@example.com", "Ben").await;
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test]
async fn an_overdue_invitation_does_not_stand_in_the_way_of_a_new_one() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    admin.invite("ben@example.com", "member").await;
    cloud.advance(169 * 3_600).await;
    admin.invite("ben@example.com", "member").await;
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));
    cloud.accept("ben@example.com", "Ben").await;
    assert_eq!(cloud.worker().await["expired_invitations"], 0);
}

#[tokio::test]
async fn b9_many_with_a_role_of_the_accounts_own_are_invited_at_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let role = admin.role("Desk", &[]).await;
    // Addresses of one word each: the more of them go into one transaction.
    let emails: Vec<String> = (10..60).map(|number| format!("x{number}@x{number}.example")).collect();
    let body = json!({ "emails": emails, "type": "member", "role_id": role });
    let answer = admin.with("idempotency-key", "desk").post("/v1/invitations", body).await.expect(201);
    let invited = answer["results"].as_array().unwrap().iter().filter(|row| row["outcome"] == "invited").count();
    assert_eq!(invited, 50);
}

#[tokio::test]
async fn b8_whoever_was_let_go_in_any_way_can_be_invited_again_and_only_the_new_link_opens() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let email = "ben@example.com";
    let token = |token: &str| json!({ "token": token, "name": "Ben", "password": PASSWORD });
    let id = |invitation: &Value| format!("/v1/invitations/{}", invitation["id"].as_str().unwrap());
    for how in ["expired unseen", "expired", "revoked", "rejected", "deleted"] {
        let mut dead = Vec::new();
        match how {
            "rejected" => {
                admin.policy(json!({ "invitations": { "who": "members_with_approval" } })).await;
                let asking = admin.invite("mona@example.com", "viewer").await;
                let mona = cloud.accept("mona@example.com", "Mona").await;
                assert_eq!(asking["type"], "viewer");
                admin.put(&format!("/v1/users/{}/type", mona.id()), json!({ "type": "member" })).await.expect(200);
                let body = json!({ "emails": [email], "type": "member" });
                let row = mona.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
                admin.post(&format!("{}/reject", id(&row["invitation"])), json!({})).await.expect(200);
                admin.deactivate(mona.id()).await.expect(200);
            }
            "deleted" => {
                let ben = admin.welcome(email, "member").await;
                dead.push((cloud.link(email).await, "invitation_used"));
                admin.deactivate(ben.id()).await.expect(200);
                // Deactivated he is a member still, and it is said what to do instead.
                let body = json!({ "emails": [email], "type": "member" });
                let row = admin.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
                assert_eq!(row["code"], "already_member");
                assert!(row["detail"].as_str().unwrap().contains("reactivate"), "{row}");
                admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
                cloud.worker().await;
            }
            how => {
                let invitation = admin.invite(email, "member").await;
                let old = cloud.link(email).await;
                if how == "revoked" {
                    admin.delete(&id(&invitation)).await.expect(204);
                } else {
                    cloud.advance(169 * 3_600).await;
                }
                if how == "expired" {
                    assert_eq!(cloud.worker().await["expired_invitations"], 1);
                }
                dead.push((old, if how == "revoked" { "invitation_revoked" } else { "invitation_expired" }));
            }
        }
        assert_eq!(admin.licenses().await.1, 1, "{how}");
        let again = admin.invite(email, "member").await;
        assert_eq!(admin.licenses().await, (2, 1, 1, 0), "{how}");
        for (old, code) in &dead {
            let answer = cloud.public().post("/v1/invitations/accept", token(old)).await;
            assert_eq!(answer.code(), *code, "{how}: {}", answer.text);
        }
        assert_eq!(admin.get("/v1/invitations").await.expect(200)["items"].as_array().unwrap().len(), 1, "{how}");
        let ben = cloud.accept(email, "Ben").await;
        assert_eq!((&ben.user["email"], &ben.user["id"]), (&json!(email), &again["user_id"]), "{how}");
        admin.deactivate(ben.id()).await.expect(200);
        admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
        cloud.worker().await;
    }
}
