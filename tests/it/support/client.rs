//! Somebody who calls the API.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use domain::totp::TotpSecret;
use http::Request;
use serde_json::{Value, json};

use super::answer::Answer;
use super::cloud::{Cloud, PASSWORD};

#[derive(Clone)]
pub struct Client {
    pub cloud: Arc<Cloud>,
    pub token: Option<String>,
    pub user: Value,
    pub account: Value,
    headers: Vec<(&'static str, String)>,
    source: Option<SocketAddr>,
}

impl Client {
    pub fn new(cloud: &Arc<Cloud>, token: Option<String>) -> Self {
        Self { cloud: cloud.clone(), token, user: Value::Null, account: Value::Null, headers: Vec::new(), source: None }
    }

    /// The same caller with one more header.
    pub fn with(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut client = self.clone();
        client.headers.push((name, value.into()));
        client
    }

    /// The same caller from another place on the net.
    pub fn from(&self, address: &str) -> Self {
        Self { source: Some(SocketAddr::new(address.parse().expect("an address"), 4_000)), ..self.clone() }
    }

    pub fn id(&self) -> &str {
        self.user["id"].as_str().expect("a user")
    }

    pub fn email(&self) -> &str {
        self.user["email"].as_str().expect("an address")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body.to_string().into_bytes())).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body.to_string().into_bytes())).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body.to_string().into_bytes())).await
    }

    /// Deletes, with something to say.
    pub async fn delete_with(&self, path: &str, body: Value) -> Answer {
        self.send("DELETE", path, Some(body.to_string().into_bytes())).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub async fn send(&self, method: &str, path: &str, body: Option<Vec<u8>>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let mut request = request.body(Bytes::from(body.unwrap_or_default())).expect("a request");
        request.extensions_mut().extend(
            self.source
                .map(|source| {
                    let mut extensions = http::Extensions::new();
                    extensions.insert(source);
                    extensions
                })
                .unwrap_or_default(),
        );
        self.cloud.call(request).await
    }

    /// Invites one address; the invitation.
    pub async fn invite(&self, email: &str, user_type: &str) -> Value {
        let answer = self.post("/v1/invitations", json!({ "emails": [email], "type": user_type })).await;
        let body = answer.expect(201);
        assert_eq!(body["results"][0]["outcome"], "invited", "{body}");
        body["results"][0]["invitation"].clone()
    }

    /// Invites somebody who accepts; signed in.
    pub async fn welcome(&self, email: &str, user_type: &str) -> Self {
        self.invite(email, user_type).await;
        self.cloud.accept(email, "Newcomer").await
    }

    /// Makes a user at once, who signs in with the password of everybody; not signed in yet.
    pub async fn create(&self, login: &str, email: Option<&str>) -> Value {
        let body = json!({ "name": "Cora Created", "login": login, "email": email, "type": "member",
            "sign_in": "password", "password": PASSWORD });
        self.post("/v1/users", body).await.expect(201)
    }

    /// Makes a role; its id.
    pub async fn role(&self, name: &str, permissions: &[&str]) -> String {
        let body = json!({ "name": name, "permissions": permissions });
        let role = self.post("/v1/roles", body).await.expect(201);
        role["id"].as_str().expect("an id").to_owned()
    }

    /// Sets up a second factor; its secret and the recovery codes.
    pub async fn set_up_totp(&self) -> (TotpSecret, Vec<String>) {
        let setup = self.post("/v1/me/totp", json!({})).await.expect(200);
        let secret = secret_of(&setup);
        let code = secret.code_at(self.cloud.now().await);
        let codes = self.post("/v1/me/totp/confirm", json!({ "code": code })).await.expect(200);
        let codes = codes["recovery_codes"].as_array().expect("codes").iter();
        (secret, codes.map(|code| code.as_str().expect("a code").to_owned()).collect())
    }

    /// Registers resources of one kind with the ids `<kind>-<number>`.
    pub async fn register(&self, owner: &str, kind: &str, numbers: std::ops::Range<u32>) {
        for number in numbers {
            let body = json!({ "name": format!("{kind} {number}"), "owner_id": owner });
            self.put(&format!("/v1/resources/{kind}/{kind}-{number:04}"), body).await.expect(200);
        }
    }

    /// Owner and state of a resource.
    pub async fn resource(&self, place: &str) -> (Value, String) {
        let body = self.get(&format!("/v1/resources/{place}")).await.expect(200);
        (body["owner_id"].clone(), body["state"].as_str().expect("a state").to_owned())
    }

    /// The rows of a list, all pages of it; the path has a query.
    pub async fn rows(&self, path: &str) -> Vec<Value> {
        assert!(path.contains('?'), "{path}");
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let mut page = self.get(&format!("{path}{cursor}")).await.expect(200);
            rows.append(page["items"].as_array_mut().expect("items"));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return rows,
            }
        }
    }

    /// The ids of a list of resources, all pages of it.
    pub async fn resources(&self, query: &str) -> Vec<String> {
        let rows = self.rows(&format!("/v1/resources?{query}&limit=50")).await;
        rows.iter().map(|row| format!("{}/{}", row["kind"].as_str().unwrap(), row["id"].as_str().unwrap())).collect()
    }

    /// Makes a customer whose owner has this address; its id.
    pub async fn customer(&self, name: &str, owner: &str) -> String {
        let body = json!({ "name": name, "plan_id": "unlimited", "owner": { "name": "Otto Owner", "email": owner } });
        let made = self.post("/v1/customers", body).await.expect(201);
        made["account"]["id"].as_str().expect("an id").to_owned()
    }

    /// The names of the customers that a list shows, all pages of it; the query may be empty.
    pub async fn customers(&self, query: &str) -> Vec<String> {
        let rows = self.rows(&format!("/v1/customers?{query}")).await;
        rows.iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
    }

    pub async fn switch(&self, account: &str) -> Answer {
        self.post("/v1/sessions/switch", json!({ "account_id": account })).await
    }

    /// Enters a customer's account.
    pub async fn enter(&self, account: &str) -> Self {
        self.cloud.signed_in(&self.switch(account).await.expect(201))
    }

    /// Chooses the customers that a user may enter.
    pub async fn choose(&self, user: &str, accounts: &[&str]) -> Answer {
        let body = json!({ "mode": "selected", "account_ids": accounts });
        self.put(&format!("/v1/users/{user}/accessible-accounts"), body).await
    }

    /// Lets a user enter all customers.
    pub async fn choose_all(&self, user: &str) -> Answer {
        self.put(&format!("/v1/users/{user}/accessible-accounts"), json!({ "mode": "all" })).await
    }

    pub async fn leave(&self, user: &str, resources: Value) -> Answer {
        self.post(&format!("/v1/users/{user}/deactivate"), json!({ "resources": resources })).await
    }

    pub async fn deactivate(&self, user: &str) -> Answer {
        self.post(&format!("/v1/users/{user}/deactivate"), json!({})).await
    }

    pub async fn reactivate(&self, user: &str) -> Answer {
        self.post(&format!("/v1/users/{user}/reactivate"), json!({})).await
    }

    /// Purchased, in use, reserved, available.
    pub async fn licenses(&self) -> (i64, i64, i64, i64) {
        let body = self.get("/v1/licenses").await.expect(200);
        let figure = |name: &str| body[name].as_i64().unwrap_or(-1);
        (figure("purchased"), figure("in_use"), figure("reserved"), figure("available"))
    }

    pub async fn policy(&self, patch: Value) {
        self.patch("/v1/account", json!({ "policy": patch })).await.expect(200);
    }

    /// The statuses of the account's users by address.
    pub async fn statuses(&self) -> Vec<(String, String)> {
        let body = self.get("/v1/users?limit=200").await.expect(200);
        let row = |user: &Value| {
            let text = |name: &str| user[name].as_str().unwrap_or_default().to_owned();
            (text("email"), text("status"))
        };
        body["items"].as_array().expect("items").iter().map(row).collect()
    }
}

/// The secret of a setup, as an app reads it out of the URI.
pub fn secret_of(setup: &Value) -> TotpSecret {
    let uri = setup["otpauth_uri"].as_str().expect("a URI");
    let text = uri.split_once("secret=").expect("a secret").1.split('&').next().expect("a secret");
    assert_eq!(setup["secret"], text);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let (mut bits, mut held, mut bytes) = (0_u32, 0, Vec::new());
    for letter in text.chars() {
        bits = (bits << 5) | u32::try_from(alphabet.find(letter).expect("base32")).expect("small");
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("an octet"));
        }
    }
    TotpSecret::from_bytes(&bytes).expect("twenty octets")
}
