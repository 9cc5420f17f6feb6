//! A cloud of its own for each test: the functions, the worker, the table and the inbox, in this process.
//!
//! With `AWS_ENDPOINT_URL_DYNAMODB` (or `AWS_ENDPOINT_URL`) set, the table is a fresh one there; else the embedded one.

use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use domain::plan::Catalogue;
use http::{Request, Response};
use serde_json::{Value, json};

use super::answer::Answer;
use super::browser::Browser;
use super::client::Client;

/// A password that is good enough for everybody.
pub const PASSWORD: &str = "grüne Wolken über Odessa";

pub struct Cloud {
    pub local: local::Cloud,
    accounts: AtomicU32,
    answers: Mutex<Vec<String>>,
}

impl Cloud {
    pub async fn start() -> Arc<Self> {
        Self::open(local::Options::for_tests()).await
    }

    /// A cloud whose operator offers other plans: a file's text.
    pub async fn offering(plans: &Value) -> Arc<Self> {
        let plans = Some(Catalogue::parse(&plans.to_string()).expect("a catalogue"));
        Self::open(local::Options { plans, ..local::Options::for_tests() }).await
    }

    /// A cloud in which payments are taken.
    pub async fn with_payments() -> Arc<Self> {
        Self::open(local::Options { payments: true, ..local::Options::for_tests() }).await
    }

    /// A cloud set up in some way.
    pub async fn open(options: local::Options) -> Arc<Self> {
        let local = local::Cloud::open(options).await.expect("a cloud");
        Arc::new(Self { local, accounts: AtomicU32::new(0), answers: Mutex::default() })
    }

    /// A cloud that nobody operates.
    pub async fn without_operator() -> Arc<Self> {
        Self::open(local::Options { operator: None, ..local::Options::for_tests() }).await
    }

    pub async fn call(&self, request: Request<Bytes>) -> Answer {
        let asked = format!("{} {}", request.method(), request.uri());
        let (parts, body) = Response::into_parts(self.local.call(request).await);
        let answer = Answer::new(asked, parts, &body);
        if !answer.asked.contains("/_local/") {
            let heard = format!("{:?} {}", answer.headers, answer.text);
            self.answers.lock().expect("no panic").push(heard);
        }
        answer
    }

    /// Everything that the API has answered, each with its headers.
    pub fn answers(&self) -> Vec<String> {
        self.answers.lock().expect("no panic").clone()
    }

    pub fn public(self: &Arc<Self>) -> Client {
        Client::new(self, None)
    }

    /// Whoever runs the service.
    pub fn operator(self: &Arc<Self>) -> Client {
        Client::new(self, Some(local::Options::TEST_OPERATOR.to_owned()))
    }

    /// Somebody at a browser.
    pub fn browser(self: &Arc<Self>) -> Browser {
        Browser::new(self)
    }

    /// Signs up an account with so many licenses; its owner.
    pub async fn sign_up(self: &Arc<Self>, plan: &str, licenses: i64) -> Client {
        self.sign_up_as("standard", plan, licenses).await
    }

    /// Signs up a partner; its owner.
    pub async fn partner(self: &Arc<Self>) -> Client {
        self.sign_up_as("partner", "unlimited", 1).await
    }

    async fn sign_up_as(self: &Arc<Self>, kind: &str, plan: &str, licenses: i64) -> Client {
        let number = self.accounts.fetch_add(1, Ordering::Relaxed);
        let email = format!("owner{number}@example.com");
        let body = json!({ "name": "Acme Trackers", "plan_id": plan, "licenses": licenses, "kind": kind,
            "owner": { "name": "Olga Owner", "email": email, "password": PASSWORD } });
        let body = self.public().post("/v1/accounts", body).await.expect(201);
        let mut client = Client::new(self, body["session"]["token"].as_str().map(str::to_owned));
        client.user = body["user"].clone();
        client.account = body["account"].clone();
        client
    }

    pub async fn sign_in(self: &Arc<Self>, login: &str) -> Client {
        let body = self.try_sign_in(login, PASSWORD).await.expect(201);
        self.signed_in(&body)
    }

    /// Tries a pair.
    pub async fn try_sign_in(self: &Arc<Self>, login: &str, password: &str) -> Answer {
        self.public().post("/v1/sessions", json!({ "login": login, "password": password })).await
    }

    /// Tries a pair with a code.
    pub async fn try_code(self: &Arc<Self>, login: &str, code: &str) -> Answer {
        let body = json!({ "login": login, "password": PASSWORD, "code": code });
        self.public().post("/v1/sessions", body).await
    }

    /// Asks for a link to choose a new password.
    pub async fn forgot(self: &Arc<Self>, email: &str) -> Answer {
        self.public().post("/v1/password/forgot", json!({ "email": email })).await
    }

    /// Chooses a new password with the newest link that was mailed to an address.
    pub async fn reset(self: &Arc<Self>, email: &str, password: &str) -> Answer {
        let token = self.link(email).await;
        self.public().post("/v1/password/reset", json!({ "token": token, "password": password })).await
    }

    /// What time it is.
    pub async fn now(self: &Arc<Self>) -> domain::Instant {
        let clock = self.public().post("/_local/clock", json!({ "advance_seconds": 0 })).await.expect(200);
        clock["now"].as_str().expect("a moment").parse().expect("a moment")
    }

    pub fn signed_in(self: &Arc<Self>, body: &Value) -> Client {
        let mut client = Client::new(self, body["token"].as_str().map(str::to_owned));
        client.user = body["user"].clone();
        client
    }

    /// The mails to an address, newest first.
    pub async fn mails(self: &Arc<Self>, to: &str) -> Vec<Value> {
        let to: String = form(to);
        let body = self.public().get(&format!("/_local/mails?to={to}")).await.expect(200);
        body["items"].as_array().expect("items").clone()
    }

    /// The templates of the mails to an address, newest first.
    pub async fn templates(self: &Arc<Self>, to: &str) -> Vec<String> {
        let mails = self.mails(to).await;
        mails.iter().map(|mail| mail["template"].as_str().expect("a template").to_owned()).collect()
    }

    /// The token of the newest mail's link to an address.
    pub async fn link(self: &Arc<Self>, to: &str) -> String {
        let mails = self.mails(to).await;
        let text = mails.first().unwrap_or_else(|| panic!("no mail to {to}"))["text"].as_str().expect("text");
        token_in(text)
    }

    /// Accepts the newest invitation to an address; signed in.
    pub async fn accept(self: &Arc<Self>, email: &str, name: &str) -> Client {
        let token = self.link(email).await;
        let body = json!({ "token": token, "name": name, "password": PASSWORD });
        let body = self.public().post("/v1/invitations/accept", body).await.expect(201);
        self.signed_in(&body)
    }

    /// Everything that the table holds, as text, mails on their way aside.
    pub async fn dump(&self) -> String {
        self.local.settle().await;
        let (client, table) = self.local.table();
        let mut pages = client.scan().table_name(table).into_paginator().items().send();
        let mut items = Vec::new();
        while let Some(item) = pages.next().await {
            let mut item = item.expect("an item");
            for value in item.values_mut() {
                if let AttributeValue::B(bytes) = value {
                    // What is packed says what it says all the same.
                    let plain = store::packed::unpack(bytes.as_ref()).unwrap_or_else(|| bytes.as_ref().to_vec());
                    *value = AttributeValue::S(String::from_utf8_lossy(&plain).into_owned());
                }
            }
            let item: Value = serde_dynamo::from_item(item).expect("plain values");
            items.push(item.to_string());
        }
        items.sort();
        items.join("\n")
    }

    /// Lets time pass.
    pub async fn advance(self: &Arc<Self>, seconds: i64) {
        self.public().post("/_local/clock", json!({ "advance_seconds": seconds })).await.expect(200);
    }

    /// Sets the clock.
    pub async fn set_clock(self: &Arc<Self>, now: &str) {
        self.public().post("/_local/clock", json!({ "now": now })).await.expect(200);
    }

    /// Runs the scheduled worker once.
    pub async fn worker(self: &Arc<Self>) -> Value {
        self.public().post("/_local/worker", json!({})).await.expect(200)
    }
}

/// Whatever a test did, counts and invoices follow from the ledgers: reckoned up when it is over.
impl Drop for Cloud {
    fn drop(&mut self) {
        let Some(engine) = self.local.embedded().filter(|_| !std::thread::panicking()) else { return };
        // Whatever a test had it suffer from is over.
        engine.inject(None);
        let store = self.local.worker().store.clone();
        let (client, table) = self.local.table();
        let (client, table) = (client.clone(), table.to_owned());
        let reckoned = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(reckon(&store, &client, &table))
        });
        let differences = reckoned.join().expect("the ledgers can be read");
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

/// What does not follow from the ledgers, of all accounts.
async fn reckon(store: &store::Store, client: &aws_sdk_dynamodb::Client, table: &str) -> Vec<String> {
    let counts = client.scan().table_name(table).filter_expression("sk = :counts");
    let counts = counts.expression_attribute_values(":counts", AttributeValue::S("COUNTS".to_owned()));
    let mut pages = counts.into_paginator().items().send();
    let mut found = Vec::new();
    while let Some(item) = pages.next().await {
        let key = item.expect("an item")["pk"].as_s().expect("a key").clone();
        let account = key.trim_start_matches("A#").parse().expect("an account");
        let (_, differences) = store.reckon(account).await.expect("a ledger").expect("nobody writes any more");
        found.extend(differences.into_iter().map(|it| format!("{account}: {}: {}", it.subject, it.detail)));
    }
    found
}

/// The token of a mail's link: on a line of its own.
pub fn token_in(text: &str) -> String {
    let line = text.lines().find(|line| line.starts_with("http") && line.contains("?token=")).expect("a link");
    line.rsplit_once("?token=").expect("a token").1.to_owned()
}

fn form(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
