//! L: the lead tracker. Licenses.

use serde_json::json;

use crate::support::{Cloud, PASSWORD};

#[tokio::test]
async fn l1_a_license_moves_from_a_leaver_to_a_successor_at_no_cost() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let leaver = admin.welcome("leaver@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    let effects = admin
        .post("/v1/invitations?dry_run=true", json!({ "emails": ["successor@example.com"], "type": "member" }))
        .await
        .expect(200);
    assert_eq!(effects["effects"]["charges"], json!([]));
    admin.welcome("successor@example.com", "member").await;
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
}

#[tokio::test]
async fn l2_an_admin_buys_licenses_prorated_by_days() {
    let cloud = Cloud::start().await;
    cloud.set_clock("2031-01-01T09:00:00Z").await;
    let admin = cloud.sign_up("licensed-monthly", 1).await;
    cloud.set_clock("2031-01-11T23:59:59Z").await;
    // The owner's session has been used within its life.
    let bought = admin.post("/v1/licenses", json!({ "quantity": 10 })).await.expect(201);
    let invoice = &bought["invoice"];
    assert_eq!(invoice["reason"], "purchase");
    assert_eq!(invoice["status"], "open");
    assert_eq!(invoice["lines"][0]["proration"], json!({ "numerator_days": 21, "denominator_days": 31 }));
    assert_eq!(invoice["total"], json!({ "amount": 8_129, "currency": "EUR" }));
    assert_eq!(bought["licenses"]["renews_at"], "2031-02-01T00:00:00Z");
    assert_eq!(
        (bought["licenses"]["purchased"].clone(), bought["licenses"]["available"].clone()),
        (json!(11), json!(10))
    );
    for (quantity, code) in [(json!(0), "out_of_range"), (json!(10_001), "out_of_range"), (json!("1"), "invalid_type")]
    {
        admin.post("/v1/licenses", json!({ "quantity": quantity })).await.bad_field("quantity", code);
    }
    let unlimited = cloud.sign_up("unlimited", 1).await;
    unlimited.post("/v1/licenses", json!({ "quantity": 1 })).await.refused(409, "model_has_no_licenses");
}

#[tokio::test]
async fn l3_a_user_is_invited_by_address_alone() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 3).await;
    let body = json!({ "emails": ["Anna@Example.com", "nonsense", "anna@example.com"], "type": "member",
        "message": "Welcome\nto us", "locale": "de" });
    let results = admin.post("/v1/invitations", body).await.expect(201)["results"].clone();
    let told: Vec<_> =
        results.as_array().unwrap().iter().map(|row| (row["outcome"].clone(), row["code"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("invited"), json!(null)),
            (json!("refused"), json!("invalid_email")),
            (json!("refused"), json!("already_invited"))
        ]
    );
    let mails = cloud.mails("Anna@Example.com").await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0]["template"], "invitation");
    assert_eq!(mails[0]["locale"], "de");
    assert!(mails[0]["text"].as_str().unwrap().contains("> Welcome\n> to us"), "{}", mails[0]["text"]);
}

#[tokio::test]
async fn l5_a_deactivated_users_license_is_free_at_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let user = admin.welcome("user@example.com", "member").await;
    assert_eq!(admin.licenses().await, (2, 2, 0, 0));
    admin.deactivate(user.id()).await.expect(200);
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    let shown = admin.get(&format!("/v1/users/{}", user.id())).await.expect(200);
    assert_eq!((shown["status"].clone(), shown["licensed"].clone()), (json!("deactivated"), json!(false)));
    assert!(shown["deactivated_at"].is_string());
}

#[tokio::test]
async fn l7_after_a_deactivation_a_new_user_needs_no_purchase() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let user = admin.welcome("one@example.com", "member").await;
    admin.deactivate(user.id()).await.expect(200);
    admin.invite("two@example.com", "member").await;
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));
}

#[tokio::test]
async fn l8_reactivation_from_the_list_needs_a_free_license() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let user = admin.welcome("one@example.com", "member").await;
    admin.deactivate(user.id()).await.expect(200);
    admin.welcome("two@example.com", "member").await;
    let list = admin.get("/v1/users?status=deactivated").await.expect(200);
    assert_eq!(list["items"][0]["id"], user.id());
    let path = format!("/v1/users/{}/reactivate", user.id());
    let dry = admin.post(&format!("{path}?dry_run=true"), json!({})).await.expect(200);
    assert_eq!(dry["effects"]["refusals"][0]["code"], "no_license_available");
    admin.post(&path, json!({})).await.refused(409, "no_license_available");
    admin.post("/v1/licenses", json!({ "quantity": 1 })).await.expect(201);
    let back = admin.post(&path, json!({})).await.expect(200);
    assert_eq!((back["status"].clone(), back["deactivated_at"].clone()), (json!("active"), json!(null)));
    // Whoever was signed in before stays signed out; the password still holds.
    user.get("/v1/me").await.refused(401, "unauthenticated");
    let body = json!({ "login": "one@example.com", "password": PASSWORD });
    cloud.public().post("/v1/sessions", body).await.expect(201);
}

#[tokio::test]
async fn l9_an_admin_resets_a_password_and_every_device_is_signed_out() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    let laptop = cloud.sign_in("ben@example.com").await;
    let path = format!("/v1/users/{}/password-reset", ben.id());
    let told = admin.post(&format!("{path}?dry_run=true"), json!({})).await.expect(200);
    assert_eq!(told["effects"]["mails"][0]["template"], "password_reset_by_admin");
    laptop.get("/v1/me").await.expect(200);
    admin.post(&path, json!({})).await.expect(202);
    for device in [&ben, &laptop] {
        device.get("/v1/me").await.refused(401, "unauthenticated");
    }
    cloud.try_sign_in("ben@example.com", PASSWORD).await.refused(401, "invalid_credentials");
    let mail = cloud.mails("ben@example.com").await[0].clone();
    assert_eq!(mail["template"], "password_reset_by_admin");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("Olga Owner") && text.contains("ben@example.com"), "{text}");
    let next = "zweite Wolken über Kyjiw";
    cloud.reset("ben@example.com", next).await.expect(204);
    cloud.try_sign_in("ben@example.com", next).await.expect(201);
    // Whoever comes too late for the link asks for another.
    admin.post(&path, json!({})).await.expect(202);
    cloud.advance(3_601).await;
    cloud.reset("ben@example.com", next).await.refused(410, "link_expired");
    cloud.forgot("ben@example.com").await.expect(202);
    cloud.reset("ben@example.com", next).await.expect(204);
}

#[tokio::test]
async fn l10_an_admin_turns_a_users_second_factor_off() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    ben.set_up_totp().await;
    let user = format!("/v1/users/{}", ben.id());
    assert_eq!(admin.get(&user).await.expect(200)["two_factor_enabled"], true);
    cloud.try_sign_in("ben@example.com", PASSWORD).await.refused(401, "second_factor_required");
    admin.delete(&format!("{user}/two-factor")).await.expect(204);
    assert_eq!(admin.get(&user).await.expect(200)["two_factor_enabled"], false);
    cloud.try_sign_in("ben@example.com", PASSWORD).await.expect(201);
    let mail = cloud.mails("ben@example.com").await[0].clone();
    assert_eq!(mail["template"], "two_factor_disabled");
    assert!(mail["text"].as_str().unwrap().contains("Olga Owner"), "{mail}");
    // Once more, nothing happens.
    admin.delete(&format!("{user}/two-factor")).await.expect(204);
    assert_eq!(cloud.templates("ben@example.com").await.iter().filter(|it| *it == "two_factor_disabled").count(), 1);
}
