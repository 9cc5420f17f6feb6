//! What the measurements have in common.

use std::error::Error;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};
use store::meter::Units;

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Somebody who is signed in.
pub(crate) struct Client<'a> {
    pub(crate) cloud: &'a local::Cloud,
    pub(crate) user: Value,
    token: String,
}

impl<'a> Client<'a> {
    /// The owner of a new account.
    pub(crate) async fn sign_up(cloud: &'a local::Cloud, plan: &str) -> Result<Self, Failure> {
        let mut admin = Self { cloud, user: Value::Null, token: String::new() };
        let owner = json!({ "name": "Olga", "email": "olga@example.com", "password": PASSWORD });
        let body = json!({ "name": "Bench", "plan_id": plan, "owner": owner });
        let (up, _) = admin.call(Method::POST, "/v1/accounts", &body).await?;
        up["session"]["token"].as_str().ok_or("no token")?.clone_into(&mut admin.token);
        admin.user = up["user"].clone();
        Ok(admin)
    }

    /// The body of an answer of success, and what it took.
    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value) -> Result<(Value, Units), Failure> {
        let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {}", self.token)).body(body)?;
        let answer = self.cloud.call(request).await;
        if !answer.status().is_success() {
            return Err(format!("{path}: {}", String::from_utf8_lossy(answer.body())).into());
        }
        let units = answer.extensions().get().copied().unwrap_or_default();
        Ok((serde_json::from_slice(answer.body()).unwrap_or_default(), units))
    }
}
