//! W6: of whoever is deleted for good nothing is left, in any item of the table and before any reader.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use local::embedded::{Failure, Fault};
use local::ses::SesFault;
use serde_json::{Value, json};

use super::email_links::confirm;
use crate::support::{Client, Cloud, PASSWORD};

/// What stands in everything that is personal: in names as people type them, in addresses, telephones, source addresses.
const MARKS: [&str; 4] = ["quixzémark", "quixzemark", "7777123", "198.51.100.77"];

/// The marks as they are typed, spelled differently from how they are kept folded.
const NAME: &str = "QUIXZÉMARK Müller";
const EMAIL: &str = "Quixzemark.M@Example.com";
const SOURCE: &str = "198.51.100.77";
/// The address that he moves to.
const MOVED: &str = "Quixzemark.Neu@Example.com";

/// Where the marks are: what the keys of the marked items begin with.
fn marked(dump: &str) -> BTreeSet<String> {
    let lines = dump.lines().filter(|line| MARKS.iter().any(|mark| line.to_lowercase().contains(mark)));
    let kind = |line: &str| {
        let item: Value = serde_json::from_str(line).expect("an item");
        let (pk, sk) = (item["pk"].as_str().unwrap(), item["sk"].as_str().unwrap());
        let family = |key: &str| key.split(['#', '_']).find(|part| part.len() > 1 && *part != "acc").map(str::to_owned);
        // What is kept by user says what it is before that.
        let of_account = pk.rsplit('#').find(|part| !part.starts_with("usr_")).unwrap_or_default();
        match pk.starts_with("A#") {
            true if of_account.starts_with("acc_") => sk.split('#').next().unwrap().to_owned(),
            true => of_account.to_owned(),
            false => family(pk).unwrap_or_default(),
        }
    };
    lines.map(kind).collect()
}

async fn fail_mails(cloud: &Cloud, fault: SesFault) {
    cloud.local.settle().await;
    cloud.local.ses().fail_next(if fault == SesFault::Rejected { 1 } else { 4 }, fault);
}

async fn mails_work(cloud: &Cloud) {
    cloud.local.settle().await;
    cloud.local.ses().recover();
}

/// Invites by way of an approval.
async fn ask(by: &Client, email: &str, message: &str) -> String {
    let body = json!({ "emails": [email], "type": "member", "message": message });
    let row = by.post("/v1/invitations", body).await.expect(201)["results"][0].clone();
    assert_eq!(row["outcome"], "awaiting_approval", "{row}");
    row["invitation"]["id"].as_str().unwrap().to_owned()
}

/// Somebody whose name, addresses and words are everywhere: invited three times, a member who edits, invites and fails.
async fn somebody(cloud: &Arc<Cloud>, admin: &Client) -> Client {
    let mona = admin.welcome("mona@example.com", "member").await;
    admin.policy(json!({ "invitations": { "who": "members_with_approval" } })).await;
    // A request that was declined, with mails that tell the address and have not left.
    fail_mails(cloud, SesFault::InternalError).await;
    let declined = ask(&mona, EMAIL, "for QUIXZÉMARK").await;
    fail_mails(cloud, SesFault::InternalError).await;
    admin.post(&format!("/v1/invitations/{declined}/reject"), json!({})).await.expect(200);
    // An invitation that was taken back, whose mail was refused.
    fail_mails(cloud, SesFault::Rejected).await;
    let revoked = admin.invite(EMAIL, "member").await;
    mails_work(cloud).await;
    admin.delete(&format!("/v1/invitations/{}", revoked["id"].as_str().unwrap())).await.expect(204);
    admin.invite(EMAIL, "member").await;
    let token = cloud.link(EMAIL).await;
    let agent = "Quixzemark/1.0";
    let body = json!({ "token": token, "name": NAME, "password": PASSWORD });
    let accepting = cloud.public().from(SOURCE).with("user-agent", agent).with("idempotency-key", "accepted");
    let ben = cloud.signed_in(&accepting.post("/v1/invitations/accept", body).await.expect(201));
    let ben = ben.from(SOURCE).with("user-agent", agent);
    let profile = json!({ "name": "Quixzémark Moved", "title": "QUIXZÉMARK", "phone": "+49 7777123" });
    ben.patch("/v1/me", profile).await.expect(200);
    ben.patch("/v1/me", json!({ "name": NAME, "title": "Head of quixzémark", "phone": "7777123" })).await.expect(200);
    let user = format!("/v1/users/{}", ben.id());
    admin.patch(&user, json!({ "login": "Quixzemark-Login", "title": "quixzemark" })).await.expect(200);
    ben
}

/// What somebody does who is signed in, and what an admin does to him.
async fn lives(cloud: &Arc<Cloud>, admin: &Client, ben: &Client) {
    let there = cloud.public().from(SOURCE).with("user-agent", "Other Quixzemark/2.0");
    let wrong = json!({ "login": "quixzemark-login", "password": "quixzemark wrong" });
    there.post("/v1/sessions", wrong).await.refused(401, "invalid_credentials");
    let right = json!({ "login": "quixzemark-login", "password": PASSWORD });
    there.with("idempotency-key", "in").post("/v1/sessions", right).await.expect(201);
    ben.set_up_totp().await;
    moves(cloud, ben).await;
    let words = "QUIXZÉMARK says hello, call +49 7777123";
    fail_mails(cloud, SesFault::InternalError).await;
    ask(ben, "friend@example.com", words).await;
    admin.policy(json!({ "invitations": { "who": "members" } })).await;
    fail_mails(cloud, SesFault::InternalError).await;
    let body = json!({ "emails": ["pal@example.com"], "type": "member", "message": words });
    ben.post("/v1/invitations", body).await.expect(201);
    // Files that name him, one of them his own.
    for (by, message) in [(admin, "Welcome"), (ben, words)] {
        let csv = format!("email,name\n{EMAIL},{NAME}\nnext@example.com,Next\n");
        let body = json!({ "csv": csv, "message": message });
        by.with("idempotency-key", "rows").post("/v1/imports", body).await.expect(201);
    }
    fail_mails(cloud, SesFault::Rejected).await;
    cloud.forgot(MOVED).await.expect(202);
    fail_mails(cloud, SesFault::InternalError).await;
    cloud.forgot(MOVED).await.expect(202);
    let user = format!("/v1/users/{}", ben.id());
    let reset = admin.with("idempotency-key", "reset").post(&format!("{user}/password-reset"), json!({})).await;
    reset.expect(202);
    mails_work(cloud).await;
    let board = json!({ "name": "Board", "owner_id": admin.id(), "co_owner_ids": [ben.id()], "visibility": "private" });
    admin.put("/v1/resources/board/shared", board).await.expect(200);
    admin.register(ben.id(), "lead", 0..3).await;
    admin.register(ben.id(), "automation", 0..1).await;
}

/// His address changes, and is to change once more.
async fn moves(cloud: &Arc<Cloud>, ben: &Client) {
    let keyed = |key: &str| ben.with("idempotency-key", key);
    let to = |email: &str| json!({ "email": email, "password": PASSWORD });
    keyed("move").post("/v1/me/email", to(MOVED)).await.expect(202);
    confirm(cloud, MOVED).await.expect(200);
    keyed("accept").post("/v1/me/email/accept", json!({})).await.expect(200);
    fail_mails(cloud, SesFault::InternalError).await;
    keyed("again").post("/v1/me/email", to("quixzemark.later@example.com")).await.expect(202);
}

async fn deactivated(cloud: &Arc<Cloud>, admin: &Client) -> Client {
    let ben = somebody(cloud, admin).await;
    lives(cloud, admin, &ben).await;
    admin.with("idempotency-key", "out").deactivate(ben.id()).await.expect(200);
    let found = marked(&cloud.dump().await);
    let expected =
        ["AUDIT", "FORMER", "HANDLE", "IMPORT", "INV", "MAIL", "SESSION", "TOKEN", "U", "WORD"].map(str::to_owned);
    assert_eq!(found, expected.into(), "there is something to look for everywhere");
    assert!(cloud.dump().await.contains(&format!("#CONTACT#{}", ben.id())), "contacts hold ids alone");
    ben
}

/// What readers see of him, wherever there is anything to read.
async fn read(admin: &Client, ben: &str) -> Vec<String> {
    let statuses = ["awaiting_approval", "pending", "accepted", "revoked", "expired", "rejected"];
    let mut paths: Vec<String> = statuses.map(|status| format!("/v1/invitations?limit=200&status={status}")).into();
    for filter in ["", &format!("&subject={ben}"), &format!("&actor={ben}"), "&action=user."] {
        paths.push(format!("/v1/audit?limit=200{filter}"));
    }
    for status in ["active", "pending", "deactivated", "deleted"] {
        paths.push(format!("/v1/users?limit=200&status={status}"));
    }
    for import in admin.rows("/v1/imports?").await {
        let id = import["id"].as_str().unwrap();
        paths.extend([format!("/v1/imports/{id}"), format!("/v1/imports/{id}/rows"), "/v1/imports".to_owned()]);
    }
    paths.extend([format!("/v1/users/{ben}"), format!("/v1/users/{ben}/impact"), "/v1/resources".to_owned()]);
    let mut read = Vec::new();
    for path in paths {
        read.push(admin.get(&path).await.expect(200).to_string());
    }
    read
}

#[tokio::test]
async fn w6_no_trace_of_a_deleted_person_is_left_anywhere() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = deactivated(&cloud, &admin).await;
    let told =
        |answers: &[String]| answers.iter().filter(|it| MARKS.iter().any(|m| it.to_lowercase().contains(m))).count();
    assert!(told(&read(&admin, ben.id()).await) >= 8, "readers see him");
    let gone =
        admin.delete_with(&format!("/v1/users/{}", ben.id()), json!({ "display_name": "A former member" })).await;
    let gone = gone.expect(200);
    assert_eq!(told(&[gone.to_string()]), 0, "{gone}");
    // The worker has not been here yet, and readers see nothing of him any more.
    let seen = read(&admin, ben.id()).await;
    assert_eq!(told(&seen), 0, "{:?}", seen.iter().find(|it| told(std::slice::from_ref(it)) > 0));
    let report = cloud.worker().await;
    assert_eq!(report["failures"], 0, "{report}");
    assert!(report["traces_erased"].as_i64().unwrap() > 20, "{report}");
    let dump = cloud.dump().await;
    assert_eq!(marked(&dump), BTreeSet::new(), "{dump}");
    let contacts = |dump: &str| dump.lines().filter(|it| it.contains("#CONTACT#") && it.contains(ben.id())).count();
    assert_eq!(contacts(&dump), 0, "{dump}");
    // A minute later nothing was missed, and nothing is left to do.
    assert!(dump.contains("#ERASE"));
    cloud.advance(61).await;
    assert_eq!(cloud.worker().await["traces_erased"], 0);
    let dump = cloud.dump().await;
    assert!(!dump.contains("#ERASE") && marked(&dump).is_empty());
    assert_eq!(told(&read(&admin, ben.id()).await), 0);
    // What others wait for is not lost: it goes out under the name that was chosen.
    cloud.advance(3_600).await;
    cloud.worker().await;
    let mail = cloud.mails("pal@example.com").await[0].to_string();
    assert!(mail.contains("A former member") && told(std::slice::from_ref(&mail)) == 0, "{mail}");
    assert_eq!(
        cloud.public().get(&format!("/_local/mails?to={}", "mona%40example.com")).await.expect(200)["items"][0]["template"],
        "invitation"
    );
}

#[tokio::test]
async fn w6_an_erasure_that_was_cut_off_goes_on() {
    let cloud = Cloud::start().await;
    let Some(engine) = cloud.local.embedded() else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = deactivated(&cloud, &admin).await;
    admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
    let mut runs = 0;
    loop {
        // Each run is cut off a few writes further on; every step is done again by the next.
        let left = AtomicU32::new(3);
        engine.inject(Some(Arc::new(move |operation, _| {
            let writes = ["DeleteItem", "PutItem", "UpdateItem", "TransactWriteItems"].contains(&operation);
            let cut =
                writes && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_err();
            cut.then_some(Fault::Before(Failure::Answer { status: 400, body: json!({ "__type": "Stopped" }) }))
        })));
        let report = cloud.worker().await;
        engine.inject(None);
        runs += 1;
        let seen = read(&admin, ben.id()).await;
        assert!(seen.iter().all(|it| MARKS.iter().all(|mark| !it.to_lowercase().contains(mark))), "run {runs}");
        if report["failures"] == 0 {
            break;
        }
        assert!(runs < 60, "{report}");
    }
    assert!(runs > 5, "it was cut off {runs} times");
    assert_eq!(marked(&cloud.dump().await), BTreeSet::new());
}

#[tokio::test]
async fn w6_a_mail_that_has_waited_goes_out_without_the_deleted() {
    let cloud = Cloud::start().await;
    let Some(engine) = cloud.local.embedded() else { return };
    let admin = cloud.sign_up("unlimited", 1).await;
    let ben = admin.welcome("quixzemark@example.com", "admin").await;
    ben.patch("/v1/me", json!({ "name": NAME })).await.expect(200);
    fail_mails(&cloud, SesFault::InternalError).await;
    let body = json!({ "emails": ["pal@example.com"], "type": "member", "message": "call quixzemark" });
    ben.post("/v1/invitations", body).await.expect(201);
    fail_mails(&cloud, SesFault::InternalError).await;
    cloud.forgot("quixzemark@example.com").await.expect(202);
    mails_work(&cloud).await;
    let before = cloud.mails("quixzemark@example.com").await.len();
    admin.deactivate(ben.id()).await.expect(200);
    admin.delete(&format!("/v1/users/{}", ben.id())).await.expect(200);
    // The job that erases does not come, the one that sends does.
    engine.inject(Some(Arc::new(|operation, body| {
        let erasing = operation == "Query" && String::from_utf8_lossy(body).contains("DUE#erasure");
        erasing.then_some(Fault::Before(Failure::Answer { status: 400, body: json!({ "__type": "Stopped" }) }))
    })));
    cloud.advance(300).await;
    let report = cloud.worker().await;
    assert_eq!((&report["mails_sent"], &report["traces_erased"]), (&json!(1), &json!(0)), "{report}");
    let mail = cloud.mails("pal@example.com").await[0].to_string();
    assert!(mail.contains("Deleted member") && !mail.to_lowercase().contains("quixz"), "{mail}");
    assert_eq!(cloud.mails("quixzemark@example.com").await.len(), before);
}

#[tokio::test]
async fn r6_who_never_signed_in_is_withdrawn() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 2).await;
    let cora = admin.create("Quixzemark", Some("Quixzemark@example.com")).await;
    assert_eq!(admin.licenses().await, (2, 1, 1, 0));
    let link = cloud.link("Quixzemark@example.com").await;
    let user = format!("/v1/users/{}", cora["id"].as_str().unwrap());
    admin.deactivate(cora["id"].as_str().unwrap()).await.refused(409, "user_pending");
    admin.post(&format!("/v1/users/{}/withdraw", admin.id()), json!({})).await.refused(409, "user_not_pending");
    let told = admin.post(&format!("{user}/withdraw?dry_run=true"), json!({})).await.expect(200);
    assert_eq!(told["effects"]["licenses"]["available"], 1);
    admin.post(&format!("{user}/withdraw"), json!({})).await.expect(204);
    assert_eq!(admin.licenses().await, (2, 1, 0, 1));
    admin.get(&user).await.refused(404, "not_found");
    admin.post(&format!("{user}/withdraw"), json!({})).await.refused(404, "not_found");
    cloud.try_sign_in("Quixzemark", PASSWORD).await.refused(401, "invalid_credentials");
    cloud.public().post("/v1/email/verify", json!({ "token": link })).await.refused(404, "not_found");
    cloud.worker().await;
    assert_eq!(marked(&cloud.dump().await), BTreeSet::new());
    // Login, address and seat are somebody's again; an invitation is taken back in its own way.
    admin.create("Quixzemark", None).await;
    let other = cloud.sign_up("unlimited", 1).await;
    let invited = other.invite("dora@example.com", "member").await;
    let path = format!("/v1/users/{}/withdraw", invited["user_id"].as_str().unwrap());
    other.post(&path, json!({})).await.refused(409, "user_invited");
}

#[tokio::test]
async fn w6_an_identity_at_a_provider_is_free_again() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let email = "quixzemark@example.com";
    let make = async |name: &str| {
        let body = json!({ "name": name, "email": email, "type": "member", "sign_in": "google", "phone": "7777123" });
        let user = admin.post("/v1/users", body).await.expect(201);
        let token = cloud.link(email).await;
        let mut browser = cloud.browser();
        let back = browser.go("google", json!({ "token": token }), email).await;
        browser.get(&back).await.expect(200);
        user["id"].as_str().unwrap().to_owned()
    };
    let gina = make(NAME).await;
    let credential = format!("CRED#{gina}");
    let kept = cloud.dump().await;
    assert!(kept.contains(&credential) && kept.contains("IDENTITY#"), "what Google calls her is kept");
    admin.deactivate(&gina).await.expect(200);
    admin.delete(&format!("/v1/users/{gina}")).await.expect(200);
    cloud.worker().await;
    let kept = cloud.dump().await;
    assert!(!kept.contains(&credential) && !kept.contains("IDENTITY#"), "{kept}");
    assert_eq!(marked(&kept), BTreeSet::new());
    let mut browser = cloud.browser();
    let back = browser.go("google", json!({}), email).await;
    browser.get(&back).await.refused(401, "identity_unknown");
    assert_ne!(make(NAME).await, gina);
}
