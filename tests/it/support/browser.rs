//! Somebody at a browser, who goes to a provider and comes back.

use std::sync::Arc;

use serde_json::Value;

use super::answer::Answer;
use super::client::Client;
use super::cloud::Cloud;

#[derive(Clone)]
pub struct Browser {
    client: Client,
    cookie: Option<String>,
}

impl Browser {
    pub fn new(cloud: &Arc<Cloud>) -> Self {
        Self { client: Client::new(cloud, None), cookie: None }
    }

    /// From now on pages are asked for, as browsers do.
    pub fn wants_page(&mut self) {
        self.client = self.client.with("accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
    }

    /// Who calls, with the cookie that was set.
    pub fn client(&self) -> Client {
        match &self.cookie {
            Some(cookie) => self.client.with("cookie", format!("other=1; {cookie}")),
            None => self.client.clone(),
        }
    }

    /// What the cookie holds.
    pub fn secret(&self) -> &str {
        self.cookie.as_ref().and_then(|cookie| cookie.split_once('=')).expect("a cookie").1
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.client().get(path).await
    }

    /// Begins a sign-in and signs in at the provider as this address; the path that the provider sends the browser to.
    pub async fn go(&mut self, provider: &str, body: Value, email: &str) -> String {
        let started = self.client.post(&format!("/v1/sso/{provider}/start"), body).await;
        let cookie = started.header("set-cookie");
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        self.cookie = cookie.split(';').next().map(str::to_owned);
        let url = started.expect(200)["authorization_url"].as_str().expect("a URL").to_owned();
        let query = url.split_once('?').expect("a query").1;
        let idp = self.client.cloud.local.idp().expect("the local provider");
        let back = idp.authorize_as(query, email, true, "Somebody").expect("signed in there");
        format!("/v1/sso/{provider}/callback?{back}")
    }

    /// Signs in at a provider as this address, and comes back.
    pub async fn sign_in_at(&self, provider: &str, body: Value, email: &str) -> Answer {
        let mut browser = self.clone();
        let back = browser.go(provider, body, email).await;
        browser.get(&back).await
    }
}
