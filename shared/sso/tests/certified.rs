//! Signing in with a certified provider. `.ci/sso.sh` starts one and says where; without it there is nothing to test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::collections::BTreeMap;

use domain::identity::Provider;
use http::header::{COOKIE, LOCATION, SET_COOKIE};
use platform::World;
use platform::config::{ProviderConfig, variable};
use platform::web::Web;
use sso::{Flow, Identity, SsoError, authorization_url, identity};

struct Certified {
    web: Web,
    world: World,
    provider: ProviderConfig,
    redirect_uri: String,
}

impl Certified {
    fn running(kind: Provider) -> Option<Self> {
        let issuer = variable("OIDC_ISSUER")?;
        let provider = ProviderConfig {
            kind,
            issuer,
            client_id: variable("OIDC_CLIENT_ID").expect("OIDC_CLIENT_ID"),
            client_secret: variable("OIDC_CLIENT_SECRET").expect("OIDC_CLIENT_SECRET"),
        };
        let redirect_uri = variable("OIDC_REDIRECT_URI").expect("OIDC_REDIRECT_URI");
        Some(Self { web: Web::lazy(), world: World::default(), provider, redirect_uri })
    }

    fn flow(&self) -> Flow {
        let secret = || {
            let half = || u128::from_be_bytes(self.world.random());
            format!("{:032x}{:032x}", half(), half())
        };
        Flow { state: secret(), nonce: secret(), verifier: secret() }
    }

    /// Goes where a browser would go, and answers the query that it comes back with.
    async fn walk(&self, flow: &Flow, email: &str) -> BTreeMap<String, String> {
        let url = authorization_url(&self.web, &self.provider, &self.redirect_uri, flow, Some(email)).await.unwrap();
        let mut cookies = BTreeMap::new();
        let mut next = url;
        for _ in 0..10 {
            if let Some(query) = next.strip_prefix(&format!("{}?", self.redirect_uri)) {
                let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
                return pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            }
            next = self.step(&next, &mut cookies).await;
        }
        panic!("the way back was not found: {next}");
    }

    async fn step(&self, url: &str, cookies: &mut BTreeMap<String, String>) -> String {
        let sent: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = http::Request::get(url).header(COOKIE, sent.join("; ")).body(Vec::new()).unwrap();
        let answer = self.web.call(request).await.unwrap();
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = String::from_utf8_lossy(answer.body());
        assert!(answer.status().is_redirection(), "{url} answered {}: {body}", answer.status());
        let location = answer.headers()[LOCATION].to_str().unwrap();
        if location.starts_with('/') { format!("{}{location}", self.provider.issuer) } else { location.to_owned() }
    }

    async fn redeem(&self, flow: &Flow, code: &str) -> Result<Identity, SsoError> {
        identity(&self.web, &self.provider, &self.redirect_uri, flow, code, self.world.now()).await
    }
}

fn assert_refused(outcome: &Result<Identity, SsoError>, what: &str) {
    assert!(matches!(outcome, Err(SsoError::Refused(_))), "{what}: {outcome:?}");
}

#[tokio::test]
async fn a_certified_provider_says_who_it_is() {
    let Some(certified) = Certified::running(Provider::Google) else { return };
    for (email, verified) in [("verified@example.com", true), ("doubtful@example.com", false)] {
        let flow = certified.flow();
        let back = certified.walk(&flow, email).await;
        assert_eq!(back["state"], flow.state);
        let found = certified.redeem(&flow, &back["code"]).await.unwrap();
        assert_eq!(
            found,
            Identity {
                issuer: certified.provider.issuer.clone(),
                subject: email.to_owned(),
                email: Some(email.to_owned()),
                email_verified: verified,
                name: Some("Ada Lovelace".to_owned()),
            }
        );
        assert_refused(&certified.redeem(&flow, &back["code"]).await, "the code again");
    }
    let Some(microsoft) = Certified::running(Provider::Microsoft) else { return };
    let flow = microsoft.flow();
    let back = microsoft.walk(&flow, "verified@example.com").await;
    assert!(!microsoft.redeem(&flow, &back["code"]).await.unwrap().email_verified);
}

#[tokio::test]
async fn a_certified_provider_holds_to_what_was_agreed() {
    let Some(certified) = Certified::running(Provider::Google) else { return };
    let email = "verified@example.com";
    let flow = certified.flow();

    let code = &certified.walk(&flow, email).await["code"];
    let thief = Flow { verifier: certified.flow().verifier, ..flow.clone() };
    assert_refused(&certified.redeem(&thief, code).await, "another verifier");

    let code = &certified.walk(&flow, email).await["code"];
    let other = Flow { nonce: certified.flow().nonce, ..flow.clone() };
    assert_refused(&certified.redeem(&other, code).await, "another sign-in");

    let code = &certified.walk(&flow, email).await["code"];
    let mut stranger = Certified::running(Provider::Google).unwrap();
    stranger.provider.client_secret.push('x');
    assert_refused(&stranger.redeem(&flow, code).await, "another secret");

    let code = &certified.walk(&flow, email).await["code"];
    certified.world.set_offset_ms(2 * 3_600_000);
    assert_refused(&certified.redeem(&flow, code).await, "two hours late");
}
