//! The demo: an account for each of the five systems, made through the API as anybody would.

use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::cloud::Cloud;

/// The password of every demo owner.
pub const PASSWORD: &str = "five-systems-one-roster";

/// A demo account.
struct Seed {
    name: &'static str,
    plan_id: &'static str,
    kind: &'static str,
    licenses: u32,
    email: &'static str,
    locale: &'static str,
    policy: fn() -> Value,
}

const SEEDS: [Seed; 5] = [
    Seed {
        name: "Lead Tracker",
        plan_id: "licensed-monthly",
        kind: "standard",
        licenses: 5,
        email: "admin@leads.example",
        locale: "en",
        policy: || json!({}),
    },
    Seed {
        name: "Boards",
        plan_id: "metered-monthly",
        kind: "standard",
        licenses: 1,
        email: "admin@boards.example",
        locale: "de",
        policy: || json!({ "invitations": { "who": "members_with_approval" } }),
    },
    Seed {
        name: "Retail CRM",
        plan_id: "unlimited",
        kind: "standard",
        licenses: 1,
        email: "admin@retail.example",
        locale: "ru",
        policy: || json!({ "deletion": "forbidden" }),
    },
    Seed {
        name: "Partner Portal",
        plan_id: "unlimited",
        kind: "partner",
        licenses: 1,
        email: "admin@partner.example",
        locale: "uk",
        policy: || json!({ "email_change": { "self_window_hours": 24 } }),
    },
    Seed {
        name: "Work Platform",
        plan_id: "licensed-yearly",
        kind: "standard",
        licenses: 10,
        email: "admin@work.example",
        locale: "en",
        policy: || json!({ "guests": { "company_domains": ["work.example"] } }),
    },
];

/// How to sign in to a demo account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The account's name.
    pub name: &'static str,
    /// Its slug.
    pub account: String,
    /// The owner's address.
    pub login: &'static str,
}

/// Makes the demo accounts, unless they are there, and tells how to sign in to each.
///
/// # Errors
/// What the API answered, when it refused.
pub async fn seed(cloud: &Cloud) -> Result<Vec<SignIn>, String> {
    let mut made = Vec::new();
    for seed in &SEEDS {
        let account = match existing(cloud, seed).await? {
            Some(account) => account,
            None => make(cloud, seed).await?,
        };
        made.push(SignIn { name: seed.name, account, login: seed.email });
    }
    Ok(made)
}

async fn existing(cloud: &Cloud, seed: &Seed) -> Result<Option<String>, String> {
    let body = json!({ "login": seed.email, "password": PASSWORD });
    let (status, body) = call(cloud, "POST", "/v1/sessions", None, &body).await?;
    if status != StatusCode::CREATED {
        return Ok(None);
    }
    let (_, account) = call(cloud, "GET", "/v1/account", body["token"].as_str(), &Value::Null).await?;
    Ok(account["slug"].as_str().map(str::to_owned))
}

async fn make(cloud: &Cloud, seed: &Seed) -> Result<String, String> {
    let owner = json!({ "name": "Alex Admin", "email": seed.email, "password": PASSWORD });
    let body = json!({ "name": seed.name, "plan_id": seed.plan_id, "kind": seed.kind, "licenses": seed.licenses,
        "locale": seed.locale, "owner": owner });
    let made = done(call(cloud, "POST", "/v1/accounts", None, &body).await?)?;
    let token = made["session"]["token"].as_str();
    done(call(cloud, "PATCH", "/v1/account", token, &json!({ "policy": (seed.policy)() })).await?)?;
    let domain = seed.email.rsplit('@').next().unwrap_or_default();
    let emails = json!([format!("mia@{domain}"), format!("max@{domain}")]);
    done(call(cloud, "POST", "/v1/invitations", token, &json!({ "emails": emails, "type": "member" })).await?)?;
    made["account"]["slug"].as_str().map(str::to_owned).ok_or_else(|| "the account has no slug".to_owned())
}

fn done((status, body): (StatusCode, Value)) -> Result<Value, String> {
    if status.is_success() { Ok(body) } else { Err(format!("{status}: {body}")) }
}

async fn call(
    cloud: &Cloud,
    method: &str,
    path: &str,
    token: Option<&str>,
    body: &Value,
) -> Result<(StatusCode, Value), String> {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
    let request = request.body(bytes).map_err(|error| error.to_string())?;
    let (parts, body) = cloud.call(request).await.into_parts();
    Ok((parts.status, serde_json::from_slice(&body).unwrap_or_default()))
}
