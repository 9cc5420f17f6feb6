//! Secrets reach whom they are for, and nothing else: not the table, a log, an audit entry, another answer, another mail.

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Client, Cloud, PASSWORD};

/// Everything that this process logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Our own crates log all they can, those of others what they would in a deployment.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let ours = ["domain", "edge", "functions", "local", "mail", "platform", "sso", "store", "worker"];
        let filter = ours.iter().fold("warn".to_owned(), |filter, name| format!("{filter},{name}=trace"));
        let subscriber = tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(log.clone()).finish();
        let _ = tracing_subscriber::util::SubscriberInitExt::try_init(subscriber);
        log
    })
}

/// What must stay secret: the text, whom it was shown to in how many answers, and in how many mails.
struct Secret {
    what: &'static str,
    text: String,
    answers: usize,
    mails: usize,
}

#[derive(Default)]
struct Secrets(Vec<Secret>);

impl Secrets {
    fn add(&mut self, what: &'static str, text: &str, answers: usize, mails: usize) {
        assert!(text.len() >= 6, "{what}");
        self.0.push(Secret { what, text: text.to_owned(), answers, mails });
    }

    fn session(&mut self, body: &Value) {
        self.add("a session's token", body["token"].as_str().unwrap(), 1, 0);
    }
}

const FIRST: &str = "erste Wolken über Kharkiv";
const SECOND: &str = "zweite Wolken über Kharkiv";
const THIRD: &str = "dritte Wolken über Kharkiv";
const GUESS: &str = "geratene Wolken über Kharkiv";

async fn passwords(cloud: &Arc<Cloud>, olga: &Client, secrets: &mut Secrets) {
    for password in [PASSWORD, FIRST, SECOND, THIRD, GUESS] {
        secrets.add("a password", password, 0, 0);
    }
    cloud.try_sign_in(olga.email(), GUESS).await.refused(401, "invalid_credentials");
    cloud.forgot(olga.email()).await.expect(202);
    secrets.add("a reset's token", &cloud.link(olga.email()).await, 0, 1);
    cloud.reset(olga.email(), FIRST).await.expect(204);
    let keyed = cloud.public().with("idempotency-key", "a-key-that-nobody-stores");
    let body = json!({ "login": olga.email(), "password": FIRST });
    let olga = cloud.signed_in(&keyed.post("/v1/sessions", body).await.expect(201));
    secrets.add("a session's token", olga.token.as_ref().unwrap(), 1, 0);
    secrets.add("an idempotency key", "a-key-that-nobody-stores", 0, 0);
    let change = json!({ "current_password": FIRST, "new_password": SECOND });
    olga.put("/v1/me/password", change).await.expect(204);
    let wrong = json!({ "current_password": GUESS, "new_password": THIRD });
    olga.put("/v1/me/password", wrong).await.refused(403, "invalid_credentials");
}

async fn second_factor(olga: &Client, secrets: &mut Secrets) {
    let (secret, recovery) = olga.set_up_totp().await;
    // In the base32 form and in the URI, which is drawn too.
    secrets.add("a second factor's secret", &secret.base32(), 1, 0);
    for code in &recovery {
        secrets.add("a recovery code", code, 1, 0);
        secrets.add("a recovery code", &code.replace('-', ""), 0, 0);
    }
}

async fn others(cloud: &Arc<Cloud>, olga: &Client, secrets: &mut Secrets) {
    olga.invite("ben@example.com", "member").await;
    secrets.add("an invitation's token", &cloud.link("ben@example.com").await, 0, 1);
    let ben = cloud.accept("ben@example.com", "Ben").await;
    secrets.add("a session's token", ben.token.as_ref().unwrap(), 1, 0);
    let path = format!("/v1/users/{}", ben.id());
    olga.put(&format!("{path}/password"), json!({ "password": THIRD })).await.expect(204);
    olga.post(&format!("{path}/password-reset"), json!({})).await.expect(202);
    secrets.add("a reset's token", &cloud.link("ben@example.com").await, 0, 1);
    olga.create("cora", Some("cora@example.com")).await;
    secrets.add("a confirmation's token", &cloud.link("cora@example.com").await, 0, 1);
    let body = json!({ "login": "cora", "password": PASSWORD });
    secrets.session(&cloud.public().post("/v1/sessions", body).await.expect(201));
    for junk in ["no-token-at-all-but-looks-like-a-secret", &"S".repeat(43)] {
        secrets.add("a token that is wrong", junk, 0, 0);
        cloud.public().post("/v1/email/verify", json!({ "token": junk })).await.refused(404, "not_found");
    }
}

async fn addresses(cloud: &Arc<Cloud>, olga: &Client, secrets: &mut Secrets) {
    let eva = olga.welcome("eva@example.com", "member").await;
    secrets.add("a session's token", eva.token.as_ref().unwrap(), 1, 0);
    eva.post("/v1/me/email", json!({ "email": "eva.new@example.com", "password": PASSWORD })).await.expect(202);
    let token = cloud.link("eva.new@example.com").await;
    secrets.add("a new address's token", &token, 0, 1);
    cloud.public().post("/v1/email-changes/confirm", json!({ "token": token })).await.expect(200);
    eva.post("/v1/me/email/accept", json!({})).await.expect(200);
    let token = cloud.link("eva@example.com").await;
    secrets.add("an old address's token", &token, 0, 1);
    cloud.public().post("/v1/email-changes/revert", json!({ "token": token })).await.expect(200);
}

async fn sso(cloud: &Arc<Cloud>, olga: &Client, secrets: &mut Secrets) {
    let body = json!({ "name": "Gina", "email": "gina@example.com", "type": "member", "sign_in": "google" });
    olga.post("/v1/users", body).await.expect(201);
    let token = cloud.link("gina@example.com").await;
    secrets.add("a confirmation's token", &token, 0, 1);
    let mut browser = cloud.browser();
    let back = browser.go("google", json!({ "token": token }), "gina@example.com").await;
    let (code, state) = back.split_once("code=").unwrap().1.split_once("&state=").unwrap();
    secrets.add("a provider's code", code, 0, 0);
    // The state goes out in the address of the provider, the browser's secret in a cookie.
    secrets.add("a state", state, 1, 0);
    secrets.add("a browser's secret", browser.secret(), 1, 0);
    secrets.session(&browser.get(&back).await.expect(200));
}

#[tokio::test]
async fn secrets_reach_whom_they_are_for_and_nothing_else() {
    let log = log();
    let cloud = Cloud::start().await;
    let mut secrets = Secrets::default();
    let olga = cloud.sign_up("unlimited", 1).await;
    secrets.add("a session's token", olga.token.as_ref().unwrap(), 1, 0);
    secrets.add("a confirmation's token", &cloud.link(olga.email()).await, 0, 1);
    passwords(&cloud, &olga, &mut secrets).await;
    let body = json!({ "login": olga.email(), "password": SECOND });
    let olga = cloud.signed_in(&cloud.public().post("/v1/sessions", body).await.expect(201));
    second_factor(&olga, &mut secrets).await;
    others(&cloud, &olga, &mut secrets).await;
    addresses(&cloud, &olga, &mut secrets).await;
    sso(&cloud, &olga, &mut secrets).await;
    cloud.worker().await;
    let audit = olga.get("/v1/audit?limit=200").await.expect(200);
    assert!(audit["next_cursor"].is_null(), "all of the audit is seen");
    assert!(audit["items"].as_array().unwrap().len() > 10, "{audit}");

    let kept = cloud.dump().await;
    let logged = String::from_utf8_lossy(&log.0.lock().unwrap()).into_owned();
    let answers = cloud.answers();
    let mails = cloud.public().get("/_local/mails").await.expect(200)["items"].as_array().unwrap().clone();
    assert!(logged.contains("password_reset"), "there is a log to look at");
    assert!(mails.len() > 8 && answers.len() > 18, "{} mails, {} answers", mails.len(), answers.len());
    assert!(kept.contains("$argon2id$v=19$m=19456,t=2,p=1$"));
    for Secret { what, text, answers: shown, mails: mailed } in secrets.0 {
        assert!(!kept.contains(&text), "{what} is kept in the clear");
        assert!(!logged.contains(&text), "{what} is logged");
        assert_eq!(answers.iter().filter(|answer| answer.contains(&text)).count(), shown, "answers that tell {what}");
        assert_eq!(mails.iter().filter(|mail| mail.to_string().contains(&text)).count(), mailed, "mails with {what}");
    }
}
