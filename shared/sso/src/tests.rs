mod hostile;
mod microsoft;

use platform::web::Web;
use ring::{digest, hmac};
use serde_json::{Value, json};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;

use self::hostile::{
    Answers, CALLBACK, CLIENT, Hostile, ISSUER, Key, NOW, SECRET, claims, document, flow, header, now, provider,
    unsigned,
};
use crate::{Identity, SsoError, authorization_url, identity};
use domain::identity::Provider;

/// A claim or a member of a header, and what it is changed to; null takes it away.
type Changes<'a> = &'a [(&'a str, Value)];

fn changed(mut value: Value, changes: Changes<'_>) -> Value {
    for (name, new) in changes {
        value[name] = new.clone();
    }
    value.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    value
}

async fn asked(answers: Answers) -> Result<Identity, SsoError> {
    let google = provider(Provider::Google, ISSUER);
    identity(&Hostile::new(answers).web(), &google, CALLBACK, &flow(), "code", now()).await
}

async fn with_claims(changes: Changes<'_>) -> Result<Identity, SsoError> {
    let key = Key::new();
    asked(Answers::of(&key, &key.sign(&header(), &changed(claims(), changes)))).await
}

fn assert_refused(outcome: &Result<Identity, SsoError>, what: &str) {
    assert!(matches!(outcome, Err(SsoError::Refused(_))), "{what}: {outcome:?}");
}

fn assert_unreachable(outcome: &Result<Identity, SsoError>, what: &str) {
    assert!(matches!(outcome, Err(SsoError::Unreachable(_))), "{what}: {outcome:?}");
}

#[tokio::test]
async fn the_browser_is_sent_with_everything_that_binds_its_answer() {
    let key = Key::new();
    let hostile = Hostile::new(Answers::of(&key, ""));
    let google = provider(Provider::Google, ISSUER);
    let url = authorization_url(&hostile.web(), &google, CALLBACK, &flow(), Some("ada@example.com")).await.unwrap();
    let challenge = BASE64.encode(digest::digest(&digest::SHA256, flow().verifier.as_bytes()));
    assert!(url.starts_with("https://idp.example/authorize?tenant=x&"), "{url}");
    for part in [
        "response_type=code",
        "client_id=roster",
        "redirect_uri=https%3A%2F%2Froster.example%2Fv1%2Fsso%2Fgoogle%2Fcallback",
        "scope=openid+email+profile",
        &format!("state={}", flow().state),
        &format!("nonce={}", flow().nonce),
        &format!("code_challenge={challenge}"),
        "code_challenge_method=S256",
        "login_hint=ada%40example.com",
    ] {
        assert!(url.contains(part), "{part}: {url}");
    }
    assert!(!url.contains(&flow().verifier) && !url.contains("secret"));

    let short = crate::Flow { verifier: "short".to_owned(), ..flow() };
    let url = authorization_url(&hostile.web(), &google, CALLBACK, &short, None).await;
    assert!(matches!(url, Err(SsoError::Refused(_))));
    assert!(!format!("{:?}", flow()).contains("vvv"));
}

#[tokio::test]
async fn a_code_is_redeemed_with_the_verifier_and_the_secret() {
    let key = Key::new();
    for (methods, header, body) in [
        (json!(["client_secret_basic"]), true, false),
        (json!(["private_key_jwt", "client_secret_post"]), false, true),
        (Value::Null, true, false),
    ] {
        let mut answers = Answers::of(&key, &key.sign(&hostile::header(), &claims()));
        let document = changed(document(ISSUER), &[("token_endpoint_auth_methods_supported", methods)]);
        answers.document.1 = document.to_string();
        let hostile = Hostile::new(answers);
        let google = provider(Provider::Google, ISSUER);
        let found = identity(&hostile.web(), &google, CALLBACK, &flow(), "the code", now()).await.unwrap();
        assert_eq!(
            found,
            Identity {
                issuer: ISSUER.to_owned(),
                subject: "person".to_owned(),
                email: Some("ada@example.com".to_owned()),
                email_verified: true,
                name: Some("Ada".to_owned()),
            }
        );
        let asked = hostile.asked.lock().unwrap();
        assert!(asked[0].starts_with("GET https://idp.example/.well-known/openid-configuration"), "{asked:?}");
        assert!(asked[1].starts_with("GET https://idp.example/keys"), "{asked:?}");
        assert!(asked[2].starts_with("POST https://idp.example/token"), "{asked:?}");
        for part in
            ["grant_type=authorization_code", "code=the+code", "code_verifier=vvvv", "redirect_uri=https%3A%2F%2F"]
        {
            assert!(asked[2].contains(part), "{part}: {asked:?}");
        }
        assert_eq!(asked[2].contains(" Basic "), header);
        assert_eq!(asked[2].contains("client_secret="), body);
    }
}

#[tokio::test]
async fn a_token_for_anything_else_proves_nobody() {
    let cases: &[(&str, Changes<'_>)] = &[
        ("another nonce", &[("nonce", json!("x"))]),
        ("no nonce", &[("nonce", Value::Null)]),
        ("another audience", &[("aud", json!("another"))]),
        ("no audience", &[("aud", Value::Null)]),
        ("a second audience", &[("aud", json!([CLIENT, "another"])), ("azp", json!(CLIENT))]),
        ("made for another", &[("azp", json!("another"))]),
        ("another issuer", &[("iss", json!("https://evil.example"))]),
        ("nearly the issuer", &[("iss", json!("https://idp.example/"))]),
        ("no issuer", &[("iss", Value::Null)]),
        ("expired", &[("exp", json!(NOW - 61))]),
        ("no expiry", &[("exp", Value::Null)]),
        ("of the future", &[("iat", json!(NOW + 3600))]),
        ("no time", &[("iat", Value::Null)]),
        ("nobody", &[("sub", json!(""))]),
        ("no subject", &[("sub", Value::Null)]),
        ("another access token", &[("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"))]),
    ];
    for (what, changes) in cases {
        assert_refused(&with_claims(changes).await, what);
    }
    let hash = digest::digest(&digest::SHA256, b"access");
    let cases: &[(&str, Changes<'_>)] = &[
        ("as it should be", &[]),
        ("a list of one audience", &[("aud", json!([CLIENT]))]),
        ("made for this service", &[("azp", json!(CLIENT))]),
        ("a clock that is behind", &[("iat", json!(NOW + 59))]),
        ("a clock that is ahead", &[("exp", json!(NOW - 59))]),
        ("this access token", &[("at_hash", json!(BASE64.encode(&hash.as_ref()[..16])))]),
        ("claims of its own", &[("hd", json!("example.com")), ("more", json!({ "a": [1] }))]),
    ];
    for (what, changes) in cases {
        let outcome = with_claims(changes).await;
        assert_eq!(outcome.unwrap().subject, "person", "{what}");
    }
}

#[tokio::test]
async fn an_address_counts_only_when_the_provider_says_so() {
    let verified = |changes| async move { with_claims(changes).await.unwrap() };
    assert!(verified(&[]).await.email_verified);
    assert!(!verified(&[("email_verified", json!(false))]).await.email_verified);
    assert!(!verified(&[("email_verified", Value::Null)]).await.email_verified);
    assert!(!verified(&[("email_verified", Value::Null), ("xms_edov", json!(true))]).await.email_verified);
    let nothing = verified(&[("email", Value::Null), ("name", Value::Null)]).await;
    assert_eq!((nothing.email, nothing.email_verified, nothing.name), (None, false, None));
}

#[tokio::test]
async fn only_the_provider_s_own_signature_counts() {
    let (key, another) = (Key::new(), Key::new());
    let none = json!({ "alg": "none", "typ": "JWT" });
    let hs256 = json!({ "alg": "HS256", "typ": "JWT" });
    let text = unsigned(&hs256, &claims());
    let mac = |secret: &[u8]| {
        let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), text.as_bytes());
        format!("{text}.{}", BASE64.encode(tag))
    };
    let good = key.sign(&header(), &claims());
    let (body, _) = good.rsplit_once('.').unwrap();
    let foreign = key.sign(&header(), &changed(claims(), &[("sub", json!("admin"))]));
    let (_, foreign) = foreign.rsplit_once('.').unwrap();
    let with = |name, value: Value| key.sign(&changed(header(), &[(name, value)]), &claims());
    for (what, token) in [
        ("no signature", format!("{}.", unsigned(&none, &claims()))),
        ("alg none with a signature", key.sign(&none, &claims())),
        ("a signature that is gone", format!("{body}.")),
        ("the signature of another token", format!("{body}.{foreign}")),
        ("another key", another.sign(&header(), &claims())),
        ("a key of another name", with("kid", json!("two"))),
        ("HMAC with the secret", mac(SECRET.as_bytes())),
        ("HMAC with the public key", mac(key.public("one").to_string().as_bytes())),
        ("another algorithm", with("alg", json!("ES384"))),
        ("an algorithm of RSA", with("alg", json!("RS256"))),
        ("a header that must be understood", with("crit", json!(["exp"]))),
        ("a key within the token", another.sign(&changed(header(), &[("jwk", another.public("one"))]), &claims())),
        ("no token", String::new()),
        ("not a token", "a.b.c".to_owned()),
    ] {
        assert_refused(&asked(Answers::of(&key, &token)).await, what);
    }
}

#[tokio::test]
async fn rsa_counts_as_well_in_one_way() {
    let fixed: Value = serde_json::from_str(include_str!("tests/rsa.json")).unwrap();
    let with = |token: &str| {
        let mut answers = Answers::of(&Key::new(), token);
        answers.keys.1 = fixed["keys"].to_string();
        asked(answers)
    };
    let token = fixed["tokens"]["RS256"].as_str().unwrap();
    assert_eq!(with(token).await.unwrap().subject, "rsa-person");
    let damaged = format!("{}AAAA{}", &token[..token.len() - 40], &token[token.len() - 36..]);
    assert_refused(&with(&damaged).await, "a damaged signature");
    // The signatures are good; it is the algorithms that nobody agreed on.
    for other in ["RS512", "PS256"] {
        assert_refused(&with(fixed["tokens"][other].as_str().unwrap()).await, other);
    }
}

#[tokio::test]
async fn a_provider_that_cannot_be_used_is_not_a_refusal() {
    let key = Key::new();
    let good = Answers::of(&key, &key.sign(&header(), &claims()));
    for (status, body) in [(0, ""), (500, "{}"), (404, "{}"), (302, "{}"), (200, "<html>"), (200, "{}"), (200, "")] {
        let answer = (status, body.to_owned());
        let document = Answers { document: answer.clone(), ..good.clone() };
        assert_unreachable(&asked(document).await, &format!("document {status} {body}"));
        let keys = Answers { keys: answer, ..good.clone() };
        assert_unreachable(&asked(keys).await, &format!("keys {status} {body}"));
    }
    for status in [0, 500, 503, 429] {
        let tokens = Answers { tokens: (status, "{}".to_owned()), ..good.clone() };
        assert_unreachable(&asked(tokens).await, &format!("tokens {status}"));
    }
    let no_token = json!({ "access_token": "a", "token_type": "Bearer" }).to_string();
    for (status, body) in
        [(400, r#"{"error":"invalid_grant"}"#), (400, ""), (401, "<html>"), (302, ""), (200, "{}"), (200, &no_token)]
    {
        let tokens = Answers { tokens: (status, body.to_owned()), ..good.clone() };
        assert_refused(&asked(tokens).await, &format!("tokens {status} {body}"));
    }
    assert_refused(&asked(Answers { keys: (200, json!({ "keys": [] }).to_string()), ..good }).await, "no keys at all");
}

#[tokio::test]
async fn a_document_speaks_for_its_own_issuer_and_of_safe_places() {
    let key = Key::new();
    for changes in [
        [("issuer", json!("https://evil.example"))],
        [("issuer", json!("https://login.microsoftonline.com/{tenantid}/v2.0"))],
        [("issuer", json!("https://idp.example/"))],
        [("token_endpoint", json!("http://idp.example/token"))],
        [("token_endpoint", json!("http://localhost/token"))],
        [("jwks_uri", json!("http://127.0.0.1/keys"))],
        [("jwks_uri", json!("file:///etc/passwd"))],
        [("authorization_endpoint", json!("javascript:alert(1)"))],
        [("authorization_endpoint", json!("/authorize"))],
    ] {
        let mut answers = Answers::of(&key, &key.sign(&header(), &claims()));
        answers.document.1 = changed(document(ISSUER), &changes).to_string();
        let hostile = Hostile::new(answers.clone());
        assert_unreachable(&asked(answers).await, &format!("{changes:?}"));
        let google = provider(Provider::Google, ISSUER);
        let url = authorization_url(&hostile.web(), &google, CALLBACK, &flow(), None).await;
        assert!(matches!(url, Err(SsoError::Unreachable(_))), "{changes:?}: {url:?}");
    }
}

#[test]
fn a_sign_in_may_wait_on_any_thread() {
    fn sends<T: Send>(_: T) {}
    let (web, google) = (Web::lazy(), provider(Provider::Google, ISSUER));
    let flow = flow();
    sends(identity(&web, &google, CALLBACK, &flow, "code", now()));
    sends(authorization_url(&web, &google, CALLBACK, &flow, None));
}
