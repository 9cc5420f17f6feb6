//! Where Microsoft departs from the standard: one document for many issuers, and addresses that nobody vouches for.

use serde_json::{Value, json};

use super::hostile::{Answers, CALLBACK, Hostile, ISSUER, Key, claims, document, flow, header, now, provider};
use super::{Changes, assert_refused, assert_unreachable, changed};
use crate::{Identity, SsoError, identity};
use domain::identity::Provider;

const COMMON: &str = "https://login.microsoftonline.com/common/v2.0";
const TEMPLATE: &str = "https://login.microsoftonline.com/{tenantid}/v2.0";
const TENANT: &str = "https://login.microsoftonline.com/7a1c/v2.0";

/// What comes of a token with these claims, when `configured` is the issuer, and `stated` what its document says.
async fn asked(configured: &str, stated: &str, signs_for: Value, changes: Changes<'_>) -> Result<Identity, SsoError> {
    let key = Key::new();
    let tenant = [("iss", json!(TENANT)), ("tid", json!("7a1c")), ("oid", json!("0b2d"))];
    let token = key.sign(&header(), &changed(changed(claims(), &tenant), changes));
    let mut answers = Answers::of(&key, &token);
    answers.document.1 = document(stated).to_string();
    answers.keys.1 = json!({ "keys": [changed(key.public("one"), &[("issuer", signs_for)])] }).to_string();
    let microsoft = provider(Provider::Microsoft, configured);
    identity(&Hostile::new(answers).web(), &microsoft, CALLBACK, &flow(), "code", now()).await
}

async fn common(changes: Changes<'_>) -> Result<Identity, SsoError> {
    asked(COMMON, TEMPLATE, json!(TEMPLATE), changes).await
}

#[tokio::test]
async fn the_issuer_is_that_of_the_token_s_tenant() {
    let found = common(&[]).await.unwrap();
    assert_eq!((found.issuer.as_str(), found.subject.as_str()), (TENANT, "7a1c:0b2d"));
    let cases: &[(&str, Changes<'_>)] = &[
        ("another tenant's", &[("tid", json!("9999"))]),
        ("the template itself", &[("iss", json!(TEMPLATE)), ("tid", json!("{tenantid}"))]),
        ("common itself", &[("iss", json!(COMMON)), ("tid", json!("common/x"))]),
        ("elsewhere", &[("iss", json!("https://evil.example/7a1c/v2.0"))]),
        ("a path", &[("iss", json!("https://login.microsoftonline.com/a/../7a1c/v2.0")), ("tid", json!("a/../7a1c"))]),
        ("no tenant", &[("tid", Value::Null)]),
        ("an empty tenant", &[("iss", json!("https://login.microsoftonline.com//v2.0")), ("tid", json!(""))]),
        ("nobody", &[("oid", Value::Null)]),
        ("an empty person", &[("oid", json!(""))]),
    ];
    for (what, changes) in cases {
        assert_refused(&common(changes).await, what);
    }
}

#[tokio::test]
async fn a_key_signs_for_its_own_issuer_alone() {
    for signs_for in [Value::Null, json!(TEMPLATE), json!(TENANT)] {
        let outcome = asked(COMMON, TEMPLATE, signs_for.clone(), &[]).await;
        assert!(outcome.is_ok(), "{signs_for}: {outcome:?}");
    }
    let personal = json!("https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
    assert_refused(&asked(COMMON, TEMPLATE, personal, &[]).await, "a key of personal accounts");
}

#[tokio::test]
async fn the_template_is_for_those_that_stand_for_many() {
    assert!(asked("https://login.microsoftonline.com/organizations/v2.0", TEMPLATE, Value::Null, &[]).await.is_ok());
    assert!(asked(TENANT, TENANT, Value::Null, &[]).await.is_ok());
    assert_unreachable(&asked(TENANT, TEMPLATE, Value::Null, &[]).await, "a tenant");
    assert_unreachable(&asked(ISSUER, TEMPLATE, Value::Null, &[]).await, "elsewhere");
    assert_unreachable(&asked(COMMON, "https://evil.example/{tenantid}/v2.0", Value::Null, &[]).await, "a template");
    let other = [("iss", json!("https://login.microsoftonline.com/9999/v2.0")), ("tid", json!("9999"))];
    assert_refused(&asked(TENANT, TENANT, Value::Null, &other).await, "another tenant");
}

#[tokio::test]
async fn a_standard_provider_can_stand_in() {
    let standard = [("iss", json!(ISSUER)), ("tid", Value::Null), ("oid", Value::Null)];
    let found = asked(ISSUER, ISSUER, Value::Null, &standard).await.unwrap();
    assert_eq!((found.issuer.as_str(), found.subject.as_str()), (ISSUER, "person"));
}

#[tokio::test]
async fn an_address_counts_only_when_its_domain_was_proved() {
    let with = |edov: Value| async move { common(&[("xms_edov", edov)]).await.unwrap().email_verified };
    assert!(!common(&[]).await.unwrap().email_verified, "email_verified says nothing here");
    assert!(with(json!(true)).await);
    for odd in [json!(false), json!("true"), json!("1"), json!(1), json!({}), json!([true])] {
        assert!(!with(odd.clone()).await, "{odd}");
    }
    assert!(!common(&[("xms_edov", json!(true)), ("email", Value::Null)]).await.unwrap().email_verified);
}
