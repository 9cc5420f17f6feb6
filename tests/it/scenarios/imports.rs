//! Invitations out of a file, and users into one.

use serde_json::{Value, json};

use crate::support::{Client, Cloud};

/// The cells of a file of CSV, without its first line.
fn cells(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("the mark of UTF-8");
    let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
    reader.records().map(|record| record.expect("a row").iter().map(str::to_owned).collect()).collect()
}

/// Looks at a file; the import.
async fn look(client: &Client, csv: &str) -> Value {
    client.post("/v1/imports", json!({ "csv": csv, "message": "Welcome aboard" })).await.expect(201)
}

/// Address, outcome and code of each row.
async fn outcomes(client: &Client, import: &Value, query: &str) -> Vec<(String, String, String)> {
    let rows = client.rows(&format!("/v1/imports/{}/rows?{query}", id(import))).await;
    let text = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows.iter().map(|row| (text(row, "email"), text(row, "outcome"), text(row, "code"))).collect()
}

fn id(import: &Value) -> &str {
    import["id"].as_str().expect("an id")
}

fn figures(import: &Value) -> (i64, i64, i64, i64) {
    let figure = |name: &str| import[name].as_i64().expect("a figure");
    (figure("rows"), figure("ready"), figure("invited"), figure("refused"))
}

impl Client {
    async fn begin(&self, import: &Value) -> Value {
        self.post(&format!("/v1/imports/{}/commit", id(import)), json!({})).await.expect(200)
    }

    async fn import(&self, import: &Value) -> Value {
        self.get(&format!("/v1/imports/{}", id(import))).await.expect(200)
    }
}

const FILE: &str = "Email;Name;Type;Role;Language\r\n\
    anna@example.com;Anna Admin;admin;;de\r\n\
    ben@example.com;;;;\r\n\
    olga@other.example;Ольга;guest;Desk;uk-UA\r\n\
    BEN@example.com;Again;;;\r\n\
    owner0@example.com;;;;\r\n\
    leaver@example.com;;;;\r\n\
    nobody;;;;\r\n\
    carl@example.com;;boss;;\r\n\
    dora@example.com;;;Nothing;\r\n\
    emil@example.com;;;;fr\r\n";

#[tokio::test]
async fn b9_a_file_is_looked_at_first_and_invited_as_it_was_shown() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 9).await;
    admin.role("Desk", &[]).await;
    let leaver = admin.welcome("leaver@example.com", "member").await;
    admin.deactivate(leaver.id()).await.expect(200);
    let import = look(&admin, FILE).await;
    assert_eq!((import["status"].as_str(), figures(&import)), (Some("checked"), (10, 3, 0, 7)));
    assert_eq!(import["cost"], json!({ "licenses": 2, "mails": 3 }), "guests take no license");
    let shown = |ready: &str| -> Vec<(String, String, String)> {
        [
            ("anna@example.com", ready, ""),
            ("ben@example.com", ready, ""),
            ("olga@other.example", ready, ""),
            ("BEN@example.com", "refused", "already_invited"),
            ("owner0@example.com", "refused", "already_member"),
            ("leaver@example.com", "refused", "already_member"),
            ("nobody", "refused", "invalid_email"),
            ("carl@example.com", "refused", "unknown_type"),
            ("dora@example.com", "refused", "unknown_role"),
            ("emil@example.com", "refused", "unknown_language"),
        ]
        .map(|(email, outcome, code)| (email.to_owned(), outcome.to_owned(), code.to_owned()))
        .to_vec()
    };
    assert_eq!(outcomes(&admin, &import, "limit=3").await, shown("ready"));
    assert_eq!(outcomes(&admin, &import, "outcome=ready").await, shown("ready")[..3]);
    let first = admin.get(&format!("/v1/imports/{}/rows?limit=1&outcome=refused", id(&import))).await.expect(200);
    assert_eq!(first["items"][0]["line"], 5);
    // Nobody is invited yet, whatever the worker does.
    cloud.worker().await;
    assert_eq!((cloud.mails("anna@example.com").await.len(), admin.licenses().await), (0, (9, 1, 0, 8)));
    let begun = admin.begin(&import).await;
    assert_eq!((begun["status"].as_str(), figures(&begun)), (Some("running"), (10, 3, 0, 7)));
    let report = cloud.worker().await;
    assert_eq!((report["rows_imported"].as_i64(), report["failures"].as_i64()), (Some(3), Some(0)), "{report}");
    let done = admin.import(&import).await;
    assert_eq!((done["status"].as_str(), figures(&done)), (Some("done"), (10, 0, 3, 7)));
    assert_eq!(outcomes(&admin, &import, "").await, shown("invited"));
    assert_eq!(admin.licenses().await, (9, 1, 2, 6));
    // Each is invited as the file says.
    for (email, locale, user_type, name, role) in [
        ("anna@example.com", "de", "admin", "Anna Admin", "administrator"),
        ("ben@example.com", "en", "member", "ben@example.com", "member"),
        ("olga@other.example", "uk", "guest", "Ольга", "Desk"),
    ] {
        let mail = cloud.mails(email).await[0].clone();
        assert_eq!((mail["template"].as_str(), mail["locale"].as_str()), (Some("invitation"), Some(locale)));
        assert!(mail["text"].as_str().unwrap().contains("Welcome aboard"), "{mail}");
        let user = &admin.rows(&format!("/v1/users?status=pending&type={user_type}")).await[0];
        let found = ["email", "name", "role_name", "locale"].map(|field| user[field].as_str().unwrap());
        assert_eq!(found, [email, name, role, locale]);
    }
    let anna = cloud.accept("anna@example.com", "Anna").await;
    assert_eq!(anna.get("/v1/me").await.expect(200)["type"], "admin");
    // The audit says who invited them.
    let entries = admin.rows("/v1/audit?action=invitation.created").await;
    assert!(entries.len() == 4 && entries.iter().all(|entry| entry["actor"] == admin.id()), "{entries:?}");
    for action in ["import.started", "import.finished"] {
        assert_eq!(admin.rows(&format!("/v1/audit?action={action}")).await.len(), 1, "{action}");
    }
    // Once more it is the same, and nobody is invited twice.
    assert_eq!(admin.begin(&import).await, done);
    cloud.worker().await;
    assert_eq!(cloud.mails("ben@example.com").await.len(), 1);
}

#[tokio::test]
async fn a_report_can_be_mended_and_imported() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let import = look(&admin, "email,name\n=cmd@example.com,\"=HYPERLINK(\"\"x\"\")\"\nnobody,+49 30").await;
    admin.begin(&import).await;
    cloud.worker().await;
    let answer = admin.get(&format!("/v1/imports/{}/report", id(&import))).await;
    assert_eq!(answer.status, 200);
    let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/csv; charset=utf-8; header=present");
    assert_eq!(header("content-disposition"), format!("attachment; filename=\"{}.csv\"", id(&import)));
    assert_eq!(header("cache-control"), "no-store");
    let rows = cells(&answer.text);
    assert_eq!(rows[0][..7], ["2", "'=cmd@example.com", "'=HYPERLINK(\"x\")", "", "", "", "invited"]);
    assert_eq!(rows[1][..8], ["3", "nobody", "'+49 30", "", "", "", "refused", "invalid_email"]);
    let mended = answer.text.replace("nobody", "ben@example.com");
    let again = look(&admin, &mended).await;
    let found = outcomes(&admin, &again, "").await;
    let expected = [("=cmd@example.com", "refused", "already_invited"), ("ben@example.com", "ready", "")];
    assert_eq!(found, expected.map(|(one, two, three)| (one.to_owned(), two.to_owned(), three.to_owned())));
    let names = admin.rows(&format!("/v1/imports/{}/rows?", id(&again))).await;
    assert_eq!((&names[0]["name"], &names[1]["name"]), (&json!("=HYPERLINK(\"x\")"), &json!("+49 30")));
}

#[tokio::test]
async fn b11_an_import_takes_no_more_licenses_than_there_are_when_it_comes_to_a_row() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 4).await;
    let file = "email\na@example.com\nb@example.com\nc@example.com\nd@example.com\n";
    let import = look(&admin, file).await;
    assert_eq!((figures(&import), &import["cost"]["licenses"]), ((4, 3, 0, 1), &json!(3)));
    let dry = admin.post(&format!("/v1/imports/{}/commit?dry_run=true", id(&import)), json!({})).await.expect(200);
    let effects = &dry["effects"];
    assert_eq!((&effects["licenses"]["reserved"], effects["mails"].as_array().unwrap().len()), (&json!(3), 3));
    // One is taken before it begins; one row has been invited by hand; a license more does not revive a row.
    admin.invite("other@example.com", "member").await;
    admin.invite("a@example.com", "viewer").await;
    admin.begin(&import).await;
    cloud.worker().await;
    let done = admin.import(&import).await;
    assert_eq!((done["status"].as_str(), figures(&done)), (Some("done"), (4, 0, 2, 2)));
    let codes: Vec<String> = outcomes(&admin, &import, "").await.into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes, ["already_invited", "", "", "no_license_available"]);
    assert_eq!(admin.licenses().await, (4, 1, 3, 0));
}

#[tokio::test]
async fn a_dry_run_of_an_import_tells_what_it_would_take_and_keeps_nothing() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("licensed-monthly", 3).await;
    let before = cloud.dump().await;
    let told = admin.post("/v1/imports?dry_run=true", json!({ "csv": "email\na@example.com\nx\n" })).await.expect(200);
    assert_eq!(told["effects"]["licenses"]["reserved"], 1);
    assert_eq!(told["effects"]["mails"], json!([{ "template": "invitation", "to": "a@example.com" }]));
    assert_eq!(told["effects"]["refusals"][0]["code"], "invalid_email");
    assert_eq!(cloud.dump().await, before);
}

#[tokio::test]
async fn b10_only_who_invites_without_asking_imports_and_nobody_confers_more_than_he_has() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let file = "email,type\na@example.com,admin\nb@example.com,member\n";
    let member = admin.welcome("mia@example.com", "member").await;
    let guest = admin.welcome("gus@example.com", "guest").await;
    for who in ["admins", "members_with_approval"] {
        admin.policy(json!({ "invitations": { "who": who } })).await;
        member.post("/v1/imports", json!({ "csv": file })).await.refused(403, "forbidden");
    }
    admin.policy(json!({ "invitations": { "who": "members" } })).await;
    guest.post("/v1/imports", json!({ "csv": file })).await.refused(403, "forbidden");
    let import = look(&member, file).await;
    let codes: Vec<String> = outcomes(&member, &import, "").await.into_iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes, ["cannot_grant", ""]);
    // It is the member's, and an admin's to see, but not to begin; nobody else's.
    let other = admin.welcome("max@example.com", "member").await;
    let stranger = cloud.sign_up("unlimited", 1).await;
    for nobody in [&other, &guest, &stranger] {
        for verb in ["", "/rows", "/report"] {
            nobody.get(&format!("/v1/imports/{}{verb}", id(&import))).await.refused(404, "not_found");
        }
        for verb in ["commit", "stop"] {
            nobody.post(&format!("/v1/imports/{}/{verb}", id(&import)), json!({})).await.refused(404, "not_found");
        }
        assert_eq!(nobody.rows("/v1/imports?limit=5").await.len(), 0);
    }
    for client in [&member, &admin] {
        assert_eq!(client.rows("/v1/imports?limit=5").await, std::slice::from_ref(&import));
    }
    let path = format!("/v1/imports/{}", id(&import));
    admin.post(&format!("{path}/commit"), json!({})).await.refused(403, "forbidden");
    // Whoever may invite no more has his import stopped, whatever was shown.
    member.begin(&import).await;
    admin.policy(json!({ "invitations": { "who": "admins" } })).await;
    cloud.worker().await;
    let stopped = admin.import(&import).await;
    assert_eq!((stopped["status"].as_str(), stopped["reason"].as_str()), (Some("stopped"), Some("forbidden")));
    assert_eq!((figures(&stopped), cloud.mails("b@example.com").await.len()), ((2, 1, 0, 1), 0));
    member.post(&format!("{path}/commit"), json!({})).await.refused(409, "import_stopped");
}

#[tokio::test]
async fn an_import_stops_when_it_is_told_to_or_its_maker_leaves() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let boss = admin.welcome("boss@example.com", "admin").await;
    let path = |import: &Value| format!("/v1/imports/{}", id(import));
    let one = look(&boss, "email\na@example.com\n").await;
    boss.begin(&one).await;
    let stopped = admin.post(&format!("{}/stop", path(&one)), json!({})).await.expect(200);
    assert_eq!((stopped["status"].as_str(), stopped["reason"].as_str()), (Some("stopped"), None));
    let two = look(&boss, "email\nb@example.com\n").await;
    boss.begin(&two).await;
    admin.deactivate(boss.id()).await.expect(200);
    let report = cloud.worker().await;
    assert_eq!((report["rows_imported"].as_i64(), report["failures"].as_i64()), (Some(1), Some(0)));
    assert_eq!(admin.import(&two).await["reason"], "user_deactivated");
    for email in ["a@example.com", "b@example.com"] {
        assert_eq!(cloud.mails(email).await.len(), 0, "{email}");
    }
    // What has ended stays as it is.
    let done = look(&admin, "email\nc@example.com\n").await;
    admin.begin(&done).await;
    cloud.worker().await;
    let ended = admin.import(&done).await;
    assert_eq!(admin.post(&format!("{}/stop", path(&done)), json!({})).await.expect(200), ended);
    let stale = admin.with("if-match", "\"1\"");
    stale.post(&format!("{}/commit", path(&done)), json!({})).await.refused(412, "version_conflict");
}

#[tokio::test]
async fn a_file_of_hundreds_is_uploaded_and_carried_out_by_many_workers_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let row = |number| format!("u{number}@example.com,Number {number} of a rather long name,viewer");
    let rows: Vec<String> = (0..300).map(row).collect();
    let file = format!("email,name,type\n{}", rows.join("\n"));
    let form = admin.post("/v1/imports/uploads", json!({})).await.expect(201);
    assert_eq!(admin.submit(&form, &[("Content-Type", "image/png")], file.as_bytes()).await.status, 403);
    let answer = admin.submit(&form, &[("Content-Type", "text/csv")], file.as_bytes()).await;
    assert_eq!(answer.status, 204, "{}", answer.text);
    let upload = json!({ "upload": form["id"] });
    let other = admin.welcome("other@example.com", "admin").await;
    other.post("/v1/imports", upload.clone()).await.refused(400, "invalid_request");
    let import = admin.post("/v1/imports", upload.clone()).await.expect(201);
    assert_eq!(figures(&import), (300, 300, 0, 0));
    admin.begin(&import).await;
    let (one, two, three) = tokio::join!(cloud.worker(), cloud.worker(), cloud.worker());
    let rows: i64 = [one, two, three].iter().map(|report| report["rows_imported"].as_i64().unwrap()).sum();
    // Workers that meet at every step leave some of them to the next run.
    let rest = cloud.worker().await["rows_imported"].as_i64().unwrap();
    assert_eq!(rows + rest, 300);
    let done = admin.import(&import).await;
    assert_eq!((done["status"].as_str(), figures(&done)), (Some("done"), (300, 0, 300, 0)));
    assert_eq!(admin.get("/v1/account").await.expect(200)["counts"]["pending"], 300);
    let invited = outcomes(&admin, &import, "limit=200&outcome=invited").await;
    let addresses: std::collections::BTreeSet<&String> = invited.iter().map(|(email, _, _)| email).collect();
    assert_eq!((invited.len(), addresses.len()), (300, 300));
    for number in [0, 127, 128, 299] {
        assert_eq!(cloud.mails(&format!("u{number}@example.com")).await.len(), 1, "{number}");
    }
    // The file itself is gone, with the worker that came after it was read.
    admin.post("/v1/imports", upload).await.refused(400, "invalid_request");
}

#[tokio::test]
async fn a_file_that_means_nothing_is_refused_and_nothing_is_kept() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    let before = cloud.dump().await;
    for (body, field) in [
        (json!({}), "upload"),
        (json!({ "csv": "email\na@example.com", "upload": "upl_00000000000000000000000000" }), "upload"),
        (json!({ "upload": "upl_00000000000000000000000000" }), "upload"),
        (json!({ "csv": "" }), "csv"),
        (json!({ "csv": "a@example.com\nb@example.com" }), "csv"),
        (json!({ "csv": "email,email\na,b" }), "csv"),
        (json!({ "csv": "\u{0}\u{1}" }), "csv"),
        (json!({ "csv": format!("email\n{}", "x,".repeat(100_000)) }), "csv"),
        (json!({ "csv": "email", "message": "x".repeat(1_001) }), "message"),
    ] {
        let problem = admin.post("/v1/imports", body.clone()).await.refused(400, "invalid_request");
        assert_eq!(problem["errors"][0]["field"], field, "{body}");
    }
    assert_eq!(cloud.dump().await, before);
}

#[tokio::test]
async fn users_are_exported_as_the_caller_sees_them() {
    let cloud = Cloud::start().await;
    let admin = cloud.sign_up("unlimited", 1).await;
    admin
        .patch("/v1/me", json!({ "title": "=1+1", "phone": "+49 30 1", "name": "Ольга, \"die\" Erste" }))
        .await
        .expect(200);
    admin.invite("pia@example.com", "guest").await;
    let gone = admin.welcome("gone@example.com", "member").await;
    admin.deactivate(gone.id()).await.expect(200);
    let answer = admin.get("/v1/users/export").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"users.csv\"");
    assert!(!answer.headers.contains_key("link"));
    let rows = cells(&answer.text);
    let listed: Vec<String> =
        admin.rows("/v1/users?").await.iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(rows.iter().map(|row| row[0].clone()).collect::<Vec<_>>(), listed);
    let me = &rows[0];
    assert_eq!([&me[1], &me[9], &me[10]], ["Ольга, \"die\" Erste", "'=1+1", "'+49 30 1"]);
    assert_eq!(rows.iter().map(|row| row[7].as_str()).collect::<Vec<_>>(), ["active", "pending", "deactivated"]);
    let only = |query: &str| format!("/v1/users/export?{query}");
    assert_eq!(cells(&admin.get(&only("status=pending&type=guest&q=pia&sort=-name")).await.text).len(), 1);
    // Who only reads is told no logins; who may not read is told nothing.
    let role = admin.role("Reader", &["users.read"]).await;
    let reader = admin.welcome("rea@example.com", "member").await;
    admin.put(&format!("/v1/users/{}/role", reader.id()), json!({ "role_id": role })).await.expect(200);
    let rows = cells(&reader.get(&only("type=admin")).await.text);
    assert_eq!((rows[0][2].as_str(), rows[0][3].as_str()), ("", "owner0@example.com"));
    let guest = admin.welcome("gus@example.com", "guest").await;
    guest.get(&only("")).await.refused(403, "forbidden");
    admin.get(&only("cursor=x")).await.refused(400, "invalid_cursor");
    admin.get(&only("sort=up")).await.refused(400, "invalid_request");
}
