use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::ses::{LocalSes, SEND_PATH};

struct Cloud {
    controls: Controls,
    clock: Arc<MovableClock>,
    ses: LocalSes,
    settled: Arc<AtomicUsize>,
}

fn cloud() -> Cloud {
    cloud_with(Arc::new(|| Box::pin(async { Ok(json!({ "expired_invitations": 2 })) })))
}

fn cloud_with(run_worker: RunWorker) -> Cloud {
    let (clock, inbox) = (Arc::new(MovableClock::default()), Arc::new(Inbox::in_memory()));
    let settled = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&settled);
    let settle: Settle = Arc::new(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async {})
    });
    let ses = LocalSes::new(Arc::clone(&inbox), Arc::clone(&clock));
    Cloud { controls: Controls::new(Arc::clone(&clock), inbox, run_worker, settle), clock, ses, settled }
}

impl Cloud {
    async fn ask(&self, method: &str, path: &str, body: &str, headers: &[(&str, &str)]) -> Response<Bytes> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.controls.call(&request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()).await
    }

    async fn get(&self, path: &str) -> Response<Bytes> {
        self.ask("GET", path, "", &[]).await
    }

    fn mail(&self, to: &str, template: &str) {
        let mail = json!({
            "FromEmailAddress": "no-reply@example.com",
            "Destination": { "ToAddresses": [to] },
            "Content": { "Simple": {
                "Subject": { "Data": "Hello" },
                "Body": { "Text": { "Data": "hi" }, "Html": { "Data": "<!doctype html><html><head></head><a href=x>hi</a>" } },
                "Headers": [{ "Name": "X-Template", "Value": template }],
            } },
        });
        let request = Request::post(SEND_PATH).body(Bytes::from(mail.to_string())).unwrap();
        assert_eq!(self.ses.call(&request).status(), 200);
    }
}

fn body(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn the_inbox_is_read_after_it_has_settled() {
    let cloud = cloud();
    cloud.mail("a@example.com", "invitation");
    cloud.mail("b@example.com", "invitation");
    cloud.mail("a+b@example.com", "verify_email");
    let count =
        async |query: &str| body(&cloud.get(&format!("/_local/mails{query}")).await)["items"].as_array().unwrap().len();
    assert_eq!(count("").await, 3);
    assert_eq!(count("?to=&template=").await, 3);
    assert_eq!(count("?to=a%40example.com").await, 1);
    assert_eq!(count("?to=a%2Bb@example.com&template=verify_email").await, 1);
    assert_eq!(count("?template=invitation").await, 2);
    assert_eq!(count("?template=invitation&limit=1").await, 1);
    assert_eq!(cloud.settled.load(Ordering::SeqCst), 6);

    let items = &body(&cloud.get("/_local/mails?to=b@example.com").await)["items"];
    assert!(
        ["id", "to", "template", "subject", "text", "html", "locale", "sent_at"]
            .iter()
            .all(|key| items[0].get(key).is_some())
    );
}

#[tokio::test]
async fn the_clock_is_moved_and_set() {
    let cloud = cloud();
    let before = cloud.clock.now();
    let moved = cloud.ask("POST", "/_local/clock", r#"{"advance_seconds": 3600}"#, &[]).await;
    assert_eq!(moved.status(), 200);
    let now: DateTime<Utc> = body(&moved)["now"].as_str().unwrap().parse().unwrap();
    assert!((now - before).num_seconds() >= 3600);

    let set = cloud.ask("POST", "/_local/clock", r#"{"now": "2031-03-31T12:00:00+02:00"}"#, &[]).await;
    assert_eq!(body(&set)["now"], "2031-03-31T10:00:00.000Z");
    assert!(body(&cloud.get("/_local/clock").await)["now"].as_str().unwrap().starts_with("2031-03-31T10:00"));

    for bad in [
        "",
        "{}",
        "[]",
        r#"{"advance_seconds": 1, "now": "2031-03-31T12:00:00Z"}"#,
        r#"{"advance_seconds": 1.5}"#,
        r#"{"advance": 1}"#,
        r#"{"now": "tomorrow"}"#,
        r#"{"advance_seconds": 9223372036854775807}"#,
    ] {
        let refused = cloud.ask("POST", "/_local/clock", bad, &[]).await;
        assert_eq!(refused.status(), 400, "{bad}");
        assert_eq!(body(&refused)["code"], "invalid_request");
    }
}

#[tokio::test]
async fn the_worker_runs_and_reports() {
    let report = cloud().ask("POST", "/_local/worker", "", &[]).await;
    assert_eq!((report.status().as_u16(), body(&report)), (200, json!({ "expired_invitations": 2 })));
    let failing: [RunWorker; 2] =
        [Arc::new(|| Box::pin(async { Err("no".to_owned()) })), Arc::new(|| Box::pin(async { panic!("it panics") }))];
    for worker in failing {
        let failed = cloud_with(worker).ask("POST", "/_local/worker", "{}", &[]).await;
        assert_eq!((failed.status().as_u16(), &body(&failed)["code"]), (500, &json!("worker_failed")));
    }
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let cloud = cloud();
    let own = [
        &[("host", "localhost:3000")][..],
        &[("host", "127.0.0.1:3000"), ("origin", "http://127.0.0.1:3000"), ("sec-fetch-site", "same-origin")],
        &[("host", "[::1]:3000"), ("sec-fetch-site", "none")],
    ];
    let foreign = [
        &[("host", "evil.example")][..],
        &[("host", "localhost:3000"), ("origin", "http://evil.example")],
        &[("host", "localhost:3000"), ("origin", "http://localhost:5173")],
        &[("host", "localhost:3000"), ("origin", "null")],
        &[("host", "localhost:3000"), ("sec-fetch-site", "cross-site")],
        &[("host", "localhost:3000"), ("sec-fetch-site", "same-site")],
    ];
    for (method, path) in [("GET", "/_local/mails"), ("GET", "/_local/health"), ("POST", "/_local/worker")] {
        for headers in own {
            assert_eq!(cloud.ask(method, path, "", headers).await.status(), 200, "{path} {headers:?}");
        }
        for headers in foreign {
            assert_eq!(cloud.ask(method, path, "", headers).await.status(), 403, "{path} {headers:?}");
        }
    }
    let offset = cloud.clock.offset_ms();
    let moved = cloud.ask("POST", "/_local/clock", r#"{"advance_seconds": 60}"#, foreign[1]).await;
    assert_eq!((moved.status().as_u16(), cloud.clock.offset_ms()), (403, offset));
}

#[tokio::test]
async fn the_page_needs_nothing_from_elsewhere() {
    let cloud = cloud();
    for path in ["/_local", "/_local/", "/_local/local.css", "/_local/local.js"] {
        let page = cloud.ask("GET", path, "", &[("host", "localhost:3000"), ("sec-fetch-site", "cross-site")]).await;
        assert_eq!(page.status(), 200, "{path}");
        let policy = page.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        let text = std::str::from_utf8(page.body()).unwrap();
        assert!(!text.contains("http://") && !text.contains("https://"), "{path} names another address");
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{path} has what its policy forbids");
    }
}

#[tokio::test]
async fn a_mails_html_is_shown_apart() {
    let cloud = cloud();
    cloud.mail("a@example.com", "invitation");
    let id = body(&cloud.get("/_local/mails").await)["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = cloud.get(&format!("/_local/mails/{id}/html")).await;
    assert!(shown.headers()["content-security-policy"].to_str().unwrap().starts_with("sandbox allow-popups"));
    assert_eq!(shown.body(), r#"<!doctype html><html><head><base target="_blank"></head><a href=x>hi</a>"#);
    assert_eq!(cloud.get("/_local/mails/msg_none/html").await.status(), 404);
}

#[tokio::test]
async fn other_paths_and_methods_are_no_controls() {
    let cloud = cloud();
    for (method, path, status) in [
        ("GET", "/_local/nothing", 404),
        ("DELETE", "/_local/mails", 405),
        ("GET", "/_local/worker", 405),
        ("POST", "/_local", 405),
        ("GET", "/_local/health", 200),
    ] {
        assert_eq!(cloud.ask(method, path, "", &[]).await.status().as_u16(), status, "{method} {path}");
    }
}
