//! Guessing: whoever fails too often waits, and nobody is kept out by the failures of others.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Answer, Client, Cloud, PASSWORD};

const WRONG: &str = "wrong wrong wrong";

async fn guess(client: &Client, login: &str, password: &str) -> Answer {
    client.post("/v1/sessions", json!({ "login": login, "password": password })).await
}

/// Fails until there is a pause; how often, and the pause in seconds.
async fn fail_until_paused(client: &Client, login: &str) -> (u32, i64) {
    for failures in 0..50 {
        let answer = guess(client, login, WRONG).await;
        if answer.status == 429 {
            let seconds = answer.header("retry-after").parse().unwrap();
            answer.refused(429, "too_many_attempts");
            return (failures, seconds);
        }
        answer.refused(401, "invalid_credentials");
    }
    panic!("fifty failures and no pause");
}

#[tokio::test]
async fn failures_cost_pauses_that_grow_and_end() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let (failures, pause) = fail_until_paused(&cloud.public(), olga.email()).await;
    assert_eq!((failures, pause), (10, 30));
    // Even the right password waits: nobody learns by trying.
    guess(&cloud.public(), olga.email(), PASSWORD).await.refused(429, "too_many_attempts");
    cloud.advance(pause).await;
    let (failures, longer) = fail_until_paused(&cloud.public(), olga.email()).await;
    assert_eq!((failures, longer), (1, 60));
    cloud.advance(longer).await;
    // Whoever gets in begins anew.
    guess(&cloud.public(), olga.email(), PASSWORD).await.expect(201);
    assert_eq!(fail_until_paused(&cloud.public(), olga.email()).await, (10, 30));
}

#[tokio::test]
async fn successes_do_not_count() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    for _ in 0..25 {
        guess(&cloud.public(), olga.email(), PASSWORD).await.expect(201);
    }
}

#[tokio::test]
async fn an_unknown_login_is_held_up_like_a_known_one() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let stranger = cloud.public().from("203.0.113.7");
    let known = fail_until_paused(&stranger, olga.email()).await;
    let unknown = fail_until_paused(&stranger, "nobody@example.com").await;
    assert_eq!(known, unknown);
}

#[tokio::test]
async fn strangers_do_not_lock_anybody_out() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    fail_until_paused(&cloud.public().from("203.0.113.7"), olga.email()).await;
    // Another stranger shares the pause; she herself, where she always is, does not notice.
    guess(&cloud.public().from("203.0.113.8"), olga.email(), WRONG).await.refused(429, "too_many_attempts");
    guess(&cloud.public(), olga.email(), PASSWORD).await.expect(201);
    // On a journey she would have to wait; whoever reads her mail does not.
    let journey = cloud.public().from("2001:db8:1:2::1");
    guess(&journey, olga.email(), PASSWORD).await.refused(429, "too_many_attempts");
    journey.post("/v1/password/forgot", json!({ "email": olga.email() })).await.expect(202);
    let next = "zweite Wolken über Kyjiw";
    let token = cloud.link(olga.email()).await;
    journey.post("/v1/password/reset", json!({ "token": token, "password": next })).await.expect(204);
    guess(&cloud.public().from("2001:db8:1:2:ffff::9"), olga.email(), next).await.expect(201);
    guess(&cloud.public().from("2001:db8:1:3::1"), olga.email(), next).await.refused(429, "too_many_attempts");
}

#[tokio::test]
async fn codes_are_guessed_no_better_than_passwords() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    olga.set_up_totp().await;
    let mut failures = 0;
    while cloud.try_code(olga.email(), "000000").await.status == 401 {
        failures += 1;
    }
    assert_eq!(failures, 10);
    for _ in 0..10 {
        let wrong = json!({ "current_password": WRONG, "new_password": "zweite Wolken über Kyjiw" });
        olga.put("/v1/me/password", wrong).await.refused(403, "invalid_credentials");
    }
    let body = json!({ "password": PASSWORD });
    olga.delete_with("/v1/me/totp", body).await.refused(429, "too_many_attempts");
}

#[tokio::test]
async fn mails_to_one_address_are_limited_and_tell_nobody() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let before = cloud.mails(olga.email()).await.len();
    for email in [olga.email(), "nobody@example.com"] {
        for _ in 0..5 {
            cloud.forgot(email).await.expect(202);
        }
        let answer = cloud.forgot(email).await;
        assert_eq!(answer.header("retry-after"), "300");
        answer.refused(429, "too_many_attempts");
    }
    assert_eq!(cloud.mails(olga.email()).await.len(), before + 5);
    cloud.advance(300).await;
    cloud.forgot(olga.email()).await.expect(202);
}

#[tokio::test]
async fn a_source_may_fail_far_more_often_than_a_login() {
    let cloud = Cloud::start().await;
    let source = cloud.public().from("203.0.113.7");
    for number in 0..60 {
        let token = format!("{number:043}");
        source.post("/v1/email/verify", json!({ "token": token })).await.refused(404, "not_found");
    }
    let mut failures = 60;
    while source.post("/v1/email/verify", json!({ "token": "x" })).await.status == 404 {
        failures += 1;
        assert!(failures < 1_000, "there is a limit");
    }
    assert!((100..200).contains(&failures), "{failures}");
    let answer = source.post("/v1/password/reset", json!({ "token": "x", "password": "y" })).await;
    answer.refused(429, "too_many_attempts");
    cloud
        .public()
        .from("203.0.113.8")
        .post("/v1/email/verify", json!({ "token": "x" }))
        .await
        .refused(404, "not_found");
}

#[tokio::test]
async fn getting_in_as_one_forgets_no_failures_on_another() {
    let cloud = Cloud::start().await;
    let victim = cloud.sign_up("unlimited", 1).await;
    // Whoever owns an account can give a user of his any login, and sign up with any address.
    let mallory = cloud.sign_up("unlimited", 1).await;
    let own = "Mallorys eigenes Passwort 7";
    let body =
        json!({ "name": "M", "login": victim.email(), "type": "member", "sign_in": "password", "password": own });
    mallory.post("/v1/users", body).await.expect(201);
    let place = cloud.public().from("203.0.113.7");
    let try_in = async |account: &Client, password: &str| {
        let body = json!({ "account": account.account["slug"], "login": victim.email(), "password": password });
        place.post("/v1/sessions", body).await
    };
    let mut failures = 0;
    for round in 0..5 {
        for guess in 0..4 {
            failures += u32::from(try_in(&victim, &format!("guess {round} {guess}")).await.status == 401);
        }
        try_in(&mallory, own).await.expect(201);
        let owner = json!({ "name": "M", "email": victim.email(), "password": own });
        let body = json!({ "name": "Another", "plan_id": "basic", "owner": owner });
        place.post("/v1/accounts", body).await.expect(201);
    }
    assert_eq!(failures, 10);
    try_in(&victim, PASSWORD).await.refused(429, "too_many_attempts");
    // Nor is the password of another under the same login tried for nothing by getting in without naming the account.
    let other = cloud.public().from("203.0.113.8");
    let second = cloud.sign_up("unlimited", 1).await;
    let body =
        json!({ "name": "M", "login": second.email(), "type": "member", "sign_in": "password", "password": own });
    mallory.post("/v1/users", body).await.expect(201);
    let answers = join_all((0..12).map(|_| guess(&other, second.email(), own))).await;
    assert!(answers.iter().any(|answer| answer.status == 201));
    guess(&other, second.email(), own).await.refused(429, "too_many_attempts");
    guess(&cloud.public(), second.email(), PASSWORD).await.expect(201);
}

#[tokio::test]
async fn accounts_under_somebodys_address_tell_nobody_whether_it_is_known() {
    let cloud = Cloud::start().await;
    let mallory = cloud.sign_up("unlimited", 1).await;
    cloud.sign_up("unlimited", 1).await.welcome("known@example.com", "member").await;
    let mut said = Vec::new();
    for login in ["known@example.com", "unknown@example.com"] {
        for _ in 0..9 {
            let owner = json!({ "name": "M", "email": login, "password": "Mallorys eigenes Passwort 7" });
            let body = json!({ "name": "Another", "plan_id": "basic", "owner": owner });
            cloud.public().post("/v1/accounts", body).await.expect(201);
        }
        said.push(guess(&cloud.public(), login, WRONG).await.refused(401, "invalid_credentials"));
    }
    assert_eq!(said[0], said[1]);
    mallory.get("/v1/me").await.expect(200);
}

#[tokio::test]
async fn nobody_uses_up_the_mails_of_another_without_sending_them() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    for _ in 0..6 {
        let body = json!({ "email": olga.email(), "account": "no-such-account" });
        cloud.public().post("/v1/password/forgot", body).await;
    }
    cloud.forgot(olga.email()).await.expect(202);
    assert_eq!(cloud.templates(olga.email()).await[0], "password_reset_requested");
    for _ in 0..6 {
        cloud.forgot(olga.email()).await;
    }
    olga.post("/v1/me/email/verification", json!({})).await.expect(202);
}

/// So many at once, of which the last but a few is right; the statuses.
async fn burst(
    client: &Client,
    method: &'static str,
    path: &'static str,
    body: impl Fn(usize) -> serde_json::Value,
) -> Vec<u16> {
    let calls = (0..40).map(|number| {
        let (client, body) = (client.clone(), body(number).to_string().into_bytes());
        async move { client.send(method, path, Some(body)).await.status }
    });
    join_all(calls).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_of_somebody_signed_in_are_no_better_either() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    let next = "zweite Wolken über Kyjiw";
    let answers = burst(&olga, "PUT", "/v1/me/password", |number| {
        let guess = if number == 35 { PASSWORD.to_owned() } else { format!("wrong wrong {number}") };
        json!({ "current_password": guess, "new_password": next })
    })
    .await;
    // The right one either came before the tenth failure, or it waits like all others.
    let told = answers.iter().filter(|status| **status == 403).count();
    assert!(told <= 10, "{answers:?}");
    assert!(answers.iter().all(|status| matches!(status, 204 | 401 | 403 | 429)), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_guesses_at_once_are_no_better_than_one_after_the_other() {
    let cloud = Cloud::start().await;
    let olga = cloud.sign_up("unlimited", 1).await;
    for source in ["203.0.113.7", "127.0.0.1"] {
        let stranger = cloud.public().from(source);
        let answers = join_all((0..60).map(|number| {
            let (stranger, email) = (stranger.clone(), olga.email().to_owned());
            async move { guess(&stranger, &email, &format!("wrong wrong {number}")).await.status }
        }))
        .await;
        let told = answers.iter().filter(|status| **status == 401).count();
        assert!((1..=10).contains(&told), "{told} of {answers:?}");
        assert!(answers.iter().all(|status| matches!(status, 401 | 429)), "{answers:?}");
        guess(&stranger, olga.email(), PASSWORD).await.refused(429, "too_many_attempts");
    }
}
