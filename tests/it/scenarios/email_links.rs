//! The links of a change of address: what the old address can take back, and what is left of it all.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Cloud, PASSWORD};

/// Asks for another address of one's own.
pub async fn ask_for(client: &Client, email: &str) -> Answer {
    client.post("/v1/me/email", json!({ "email": email, "password": PASSWORD })).await
}

/// Asks for another address of one's own, and gets what is pending.
pub async fn ask(client: &Client, email: &str) -> serde_json::Value {
    ask_for(client, email).await.expect(202)
}

/// The token of the newest mail of a template to an address.
pub async fn mailed(cloud: &Arc<Cloud>, to: &str, template: &str) -> String {
    let mails = cloud.mails(to).await;
    let mail =
        mails.iter().find(|mail| mail["template"] == template).unwrap_or_else(|| panic!("no {template} to {to}"));
    let text = mail["text"].as_str().expect("a text");
    let link = text.lines().find(|line| line.contains("?token=")).expect("a link");
    link.rsplit_once("?token=").expect("a token").1.to_owned()
}

/// How often an address was told that another has taken its place.
pub async fn effective(cloud: &Arc<Cloud>, old: &str) -> usize {
    cloud.templates(old).await.iter().filter(|template| *template == "email_changed").count()
}

/// Confirms with the newest link that was mailed to a new address.
pub async fn confirm(cloud: &Arc<Cloud>, email: &str) -> Answer {
    let token = mailed(cloud, email, "email_change_confirm").await;
    cloud.public().post("/v1/email-changes/confirm", json!({ "token": token })).await
}

/// Takes a change back with the newest link that was mailed to an old address.
async fn revert(cloud: &Arc<Cloud>, old: &str) -> Answer {
    let token = mailed(cloud, old, "email_changed").await;
    cloud.public().post("/v1/email-changes/revert", json!({ "token": token })).await
}

/// The last second in which an address can be put back, as the table has it.
async fn ends_of(cloud: &Arc<Cloud>, old: &str) -> domain::Instant {
    let dump = cloud.dump().await;
    let row = dump.lines().find(|line| line.contains("#FORMER#") && line.contains(old)).expect("a row");
    let row: serde_json::Value = serde_json::from_str(row).expect("an item");
    row["until"].as_str().expect("a moment").parse().expect("a moment")
}

/// Changes an address to the end.
async fn change(cloud: &Arc<Cloud>, client: &Client, email: &str) {
    ask(client, email).await;
    confirm(cloud, email).await.expect(200);
    client.post("/v1/me/email/accept", json!({})).await.expect(200);
}

#[tokio::test]
async fn the_old_address_takes_a_change_back_for_72_hours() {
    let cloud = Cloud::start().await;
    // The clock runs on, and an answer has to come within a second: from no slower engine than this.
    if cloud.local.embedded().is_none() {
        return;
    }
    let admin = cloud.sign_up("unlimited", 1).await;
    for (number, (second, open)) in [(-1, true), (0, true), (1, false)].into_iter().enumerate() {
        cloud.set_clock(&format!("2031-0{}-01T10:00:00Z", number + 1)).await;
        let admin = cloud.sign_in(admin.email()).await;
        let (old, new) = (format!("ben{number}@example.com"), format!("thief{number}@example.com"));
        let ben = admin.welcome(&old, "member").await;
        change(&cloud, &ben, &new).await;
        ask(&ben, "later@example.com").await;
        cloud.forgot(&new).await.expect(202);
        let reset = mailed(&cloud, &new, "password_reset_requested").await;
        // Nobody gets the address while it can be put back.
        let body = json!({ "emails": [old], "type": "member" });
        assert_eq!(
            admin.post("/v1/invitations", body.clone()).await.expect(201)["results"][0]["code"],
            "already_member"
        );
        let squatter =
            json!({ "name": "S", "login": old, "type": "member", "sign_in": "password", "password": PASSWORD });
        admin.post("/v1/users", squatter).await.refused(409, "login_taken");
        let left = cloud.now().await;
        let ends = ends_of(&cloud, &old).await;
        assert!((72 * 3_600 - 60..=72 * 3_600).contains(&(ends - left).num_seconds()));
        let at = ends + chrono::TimeDelta::seconds(second);
        cloud.set_clock(&at.to_rfc3339()).await;
        cloud.worker().await;
        let admin = cloud.sign_in(admin.email()).await;
        if !open {
            revert(&cloud, &old).await.refused(410, "email_change_expired");
            ben.get("/v1/me").await.expect(200);
            assert_eq!(admin.post("/v1/invitations", body).await.expect(201)["results"][0]["outcome"], "invited");
            continue;
        }
        cloud.set_clock(&at.to_rfc3339()).await;
        assert_eq!(revert(&cloud, &old).await.expect(200)["status"], "reverted");
        ben.get("/v1/me").await.refused(401, "unauthenticated");
        let ben = cloud.sign_in(&old).await;
        let me = ben.get("/v1/me").await.expect(200);
        assert_eq!((&me["email"], &me["login"], &me["pending_email_change"]), (&json!(old), &json!(old), &json!(null)));
        cloud.try_sign_in(&new, PASSWORD).await.refused(401, "invalid_credentials");
        let body = json!({ "token": reset, "password": PASSWORD });
        cloud.public().post("/v1/password/reset", body).await.refused(410, "link_expired");
        confirm(&cloud, "later@example.com").await.refused(410, "email_change_expired");
        revert(&cloud, &old).await.refused(410, "link_expired");
        // The address that was taken is free at once.
        admin.invite(&new, "member").await;
    }
}

#[tokio::test]
async fn whoever_changes_twice_does_not_defeat_the_way_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    change(&cloud, &ben, "thief@example.com").await;
    change(&cloud, &ben, "accomplice@example.com").await;
    change(&cloud, &ben, "another@example.com").await;
    ask_for(&ben, "fourth@example.com").await.refused(409, "email_changed_too_often");
    let path = format!("/v1/users/{}/email", ben.id());
    admin.post(&path, json!({ "email": "fourth@example.com" })).await.refused(409, "email_changed_too_often");
    assert_eq!(revert(&cloud, "ben@example.com").await.expect(200)["status"], "reverted");
    // The addresses in between have nothing to put back any more, and are free.
    for thief in ["thief@example.com", "accomplice@example.com"] {
        revert(&cloud, thief).await.refused(410, "link_expired");
        admin.invite(thief, "member").await;
    }
    admin.invite("another@example.com", "member").await;
    let ben = cloud.sign_in("ben@example.com").await;
    assert_eq!(ben.get("/v1/me").await.expect(200)["login"], "ben@example.com");
    // An earlier address of one's own can be had again, as well as put back.
    change(&cloud, &ben, "home@example.com").await;
    change(&cloud, &ben, "ben@example.com").await;
    revert(&cloud, "ben@example.com").await.refused(410, "link_expired");
    assert_eq!(revert(&cloud, "home@example.com").await.expect(200)["status"], "reverted");
    assert_eq!(cloud.sign_in("home@example.com").await.get("/v1/me").await.expect(200)["email"], "home@example.com");
}

#[tokio::test]
async fn a_way_back_is_taken_once_however_many_try() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    change(&cloud, &ben, "new@example.com").await;
    ask(&ben, "newer@example.com").await;
    confirm(&cloud, "newer@example.com").await.expect(200);
    let (one, other, accepted) = futures::join!(
        revert(&cloud, "ben@example.com"),
        revert(&cloud, "ben@example.com"),
        ben.post("/v1/me/email/accept", json!({}))
    );
    assert_eq!(
        [one.status, other.status].iter().filter(|status| **status == 200).count(),
        1,
        "{} {}",
        one.text,
        other.text
    );
    let told = format!("{} {}", accepted.status, accepted.text);
    assert!([200, 401, 404].contains(&accepted.status), "{told}");
    // Whichever came first, the old address holds in the end, and the others are free.
    let ben = cloud.sign_in("ben@example.com").await;
    assert_eq!(ben.get("/v1/me").await.expect(200)["email"], "ben@example.com", "{told}");
    for free in ["new@example.com", "newer@example.com"] {
        admin.invite(free, "member").await;
    }
}

#[tokio::test]
async fn a_link_of_one_step_is_worthless_in_another() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    change(&cloud, &ben, "new@example.com").await;
    ask(&ben, "newer@example.com").await;
    let confirms = mailed(&cloud, "newer@example.com", "email_change_confirm").await;
    let reverts = mailed(&cloud, "ben@example.com", "email_changed").await;
    let before = cloud.dump().await;
    for (path, token) in [
        ("/v1/email-changes/confirm", &reverts),
        ("/v1/email-changes/revert", &confirms),
        ("/v1/email/verify", &confirms),
        ("/v1/email/verify", &reverts),
    ] {
        cloud.public().post(path, json!({ "token": token })).await.refused(404, "not_found");
    }
    for token in [&confirms, &reverts] {
        let body = json!({ "token": token, "password": PASSWORD });
        cloud.public().post("/v1/password/reset", body).await.refused(404, "not_found");
    }
    // Opening a page uses nothing up; the failures above were counted, and nothing else was written.
    for page in [format!("/confirm-email?token={confirms}"), format!("/revert-email?token={reverts}")] {
        let page = cloud.public().get(&page).await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    }
    let counted =
        |dump: &str| dump.lines().filter(|line| !line.contains("TALLY#")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(counted(&cloud.dump().await), counted(&before));
    assert_eq!(confirm(&cloud, "newer@example.com").await.expect(200)["status"], "awaiting_accept");
}

/// What the script of the page does, call by call.
#[tokio::test]
async fn p3_the_page_with_the_button_does_what_its_script_asks_for() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    ask(&ben, "new@example.com").await;
    let link = mailed(&cloud, "new@example.com", "email_change_confirm").await;
    let mut browser = cloud.browser();
    browser.wants_page();
    let page = browser.get(&format!("/confirm-email?token={link}&lang=de")).await;
    assert!(page.text.contains("Ein Schritt fehlt noch") && page.text.contains("new@example.com"), "{}", page.text);
    confirm(&cloud, "new@example.com").await.expect(200);
    // Opened once more, it leads on to the page with the button.
    let page = browser.get(&format!("/confirm-email?token={link}&lang=en")).await;
    assert!(page.text.contains("href=\"email?lang=en\"") && !page.text.contains("<form"), "{}", page.text);
    let page = browser.get("/email?lang=en").await;
    assert_eq!((page.status, page.header("cache-control")), (200, "no-store"));
    let policy = page.header("content-security-policy");
    assert!(policy.contains("connect-src 'self'") && policy.contains("form-action 'none'"), "{policy}");
    assert!(page.headers.get("set-cookie").is_none() && !page.text.contains("ben@example.com"));
    // A signed-out visitor presses nothing: it takes the token that the page alone has.
    for (method, path) in [("POST", "/v1/me/email/accept"), ("DELETE", "/v1/me/email"), ("GET", "/v1/me/email")] {
        browser.client().send(method, path, None).await.refused(401, "unauthenticated");
    }
    let visit = cloud.sign_in("ben@example.com").await;
    let own = visit.get("/v1/me/email").await.expect(200);
    assert_eq!((&own["email"], &own["pending"]["status"]), (&json!("ben@example.com"), &json!("awaiting_accept")));
    visit.post("/v1/me/email/accept", json!({})).await.expect(200);
    let sessions = visit.get("/v1/sessions").await.expect(200);
    let this = sessions["items"].as_array().unwrap().iter().find(|it| it["current"] == true).unwrap();
    visit.delete(&format!("/v1/sessions/{}", this["id"].as_str().unwrap())).await.expect(204);
    visit.get("/v1/me/email").await.refused(401, "unauthenticated");
    // The way back is a page too.
    let link = mailed(&cloud, "ben@example.com", "email_changed").await;
    let page = browser.get(&format!("/revert-email?token={link}&lang=uk")).await;
    assert!(page.text.contains("Повернути адресу") && page.text.contains("ben@example.com"), "{}", page.text);
    cloud.advance(73 * 3_600).await;
    let page = browser.get(&format!("/revert-email?token={link}&lang=en")).await;
    assert!(page.text.contains("no longer valid") && !page.text.contains("<form"), "{}", page.text);
}

#[tokio::test]
async fn what_a_deleted_person_left_is_free_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("ben@example.com", "member").await;
    change(&cloud, &ben, "new@example.com").await;
    ask(&ben, "newer@example.com").await;
    let confirms = mailed(&cloud, "newer@example.com", "email_change_confirm").await;
    let reverts = mailed(&cloud, "ben@example.com", "email_changed").await;
    admin.deactivate(ben.id()).await.expect(200);
    admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
    let dead = async |token: &str, verb: &str, status, code| {
        let answer = cloud.public().post(&format!("/v1/email-changes/{verb}"), json!({ "token": token })).await;
        answer.refused(status, code);
    };
    dead(&confirms, "confirm", 410, "link_expired").await;
    dead(&reverts, "revert", 410, "link_expired").await;
    cloud.worker().await;
    dead(&confirms, "confirm", 404, "not_found").await;
    dead(&reverts, "revert", 404, "not_found").await;
    for free in ["ben@example.com", "new@example.com", "newer@example.com"] {
        admin.invite(free, "member").await;
    }
    // Nothing of it falls due any more.
    cloud.advance(80 * 3_600).await;
    let report = cloud.worker().await;
    assert_eq!((&report["failures"], &report["expired_email_changes"]), (&json!(0), &json!(0)), "{report}");
}

#[tokio::test]
async fn p1_what_was_asked_for_with_a_password_ends_with_it() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin.policy(json!({ "email_change": { "self_requires_accept": false } })).await;
    let ends: [&str; 5] = ["reset by admin", "set by admin", "forgot", "changed", "signed out"];
    for (number, how) in ends.into_iter().enumerate() {
        let email = format!("ben{number}@example.com");
        let ben = admin.welcome(&email, "member").await;
        let thief = format!("thief{number}@example.com");
        ben.post("/v1/me/email", json!({ "email": thief, "password": PASSWORD })).await.expect(202);
        let token = cloud.link(&thief).await;
        let user = format!("/v1/users/{}", ben.id());
        let new = "eine ganz andere Wolke";
        match how {
            "reset by admin" => {
                admin.post(&format!("{user}/password-reset"), json!({})).await.expect(202);
            }
            "set by admin" => {
                admin.put(&format!("{user}/password"), json!({ "password": new })).await.expect(204);
            }
            "forgot" => {
                cloud.forgot(&email).await.expect(202);
                cloud.reset(&email, new).await.expect(204);
            }
            "changed" => {
                let body = json!({ "current_password": PASSWORD, "new_password": new });
                ben.put("/v1/me/password", body).await.expect(204);
            }
            _ => {
                ben.delete("/v1/sessions").await.expect(204);
            }
        }
        let body = json!({ "token": token });
        cloud.public().post("/v1/email-changes/confirm", body).await.refused(410, "link_expired");
        let shown = admin.get(&user).await.expect(200);
        assert_eq!((&shown["email"], &shown["pending_email_change"]), (&json!(email), &Value::Null), "{how}");
    }
}
