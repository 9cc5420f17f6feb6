#![allow(clippy::unwrap_used)]
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use platform::config::StripeAccess;
use platform::web::Web;

use crate::{Charge, Outcome, Payment, Stripe, StripeError, verify};

/// Answers in turn what it was given; a status of 0 is no answer at all. It notes what it was asked.
#[derive(Clone, Debug, Default)]
struct Scripted {
    answers: Arc<Mutex<Vec<(u16, String)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        let body = String::from_utf8_lossy(request.body().bytes().unwrap()).into_owned();
        let line = format!("{} {} {body}", request.method(), request.uri());
        let headers = [header("authorization"), header("stripe-version"), header("idempotency-key")].join("|");
        self.asked.lock().unwrap().push(format!("{} [{headers}]", line.trim_end()));
        let (status, body) = self.answers.lock().unwrap().remove(0);
        if status == 0 {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("nobody answers".into())));
        }
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))))
    }
}

impl Scripted {
    fn new(answers: &[(u16, &str)]) -> Self {
        let answers = answers.iter().map(|(status, body)| (*status, (*body).to_owned())).collect();
        Self { answers: Arc::new(Mutex::new(answers)), asked: Arc::default() }
    }

    fn web(&self) -> Web {
        Web::with(SharedHttpConnector::new(self.clone()))
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn access() -> StripeAccess {
    StripeAccess { api: "https://stripe.example".to_owned(), secret_key: "sk_hidden".to_owned() }
}

const INTENT: &str =
    r#"{"id":"pi_1","status":"succeeded","amount":1200,"currency":"eur","metadata":{"invoice":"bil_1"}}"#;

async fn paid(answer: (u16, &str)) -> (Result<Payment, StripeError>, Vec<String>) {
    let scripted = Scripted::new(&[answer]);
    let (web, access) = (scripted.web(), access());
    let charge = Charge {
        customer: "cus_1",
        method: "pm_1",
        amount: 1200,
        currency: "EUR",
        tags: &[("account", "acc_1"), ("invoice", "bil_1")],
    };
    let payment = Stripe::new(&web, &access).pay(&charge, "bil_1-1").await;
    (payment, scripted.asked())
}

#[tokio::test]
async fn a_card_is_charged_without_its_holder_under_a_key() {
    let (payment, asked) = paid((200, INTENT)).await;
    assert_eq!(payment.unwrap().outcome(), Outcome::Succeeded);
    assert_eq!(
        asked,
        ["POST https://stripe.example/v1/payment_intents amount=1200&currency=eur&customer=cus_1&payment_method=pm_1\
          &payment_method_types%5B%5D=card&confirm=true&off_session=true&metadata%5Baccount%5D=acc_1\
          &metadata%5Binvoice%5D=bil_1 [Bearer sk_hidden|2024-06-20|bil_1-1]"]
    );
}

#[tokio::test]
async fn what_fails_is_told_apart() {
    let declined = r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}}"#;
    let plain = r#"{"error":{"type":"card_error","code":"expired_card","message":"sk_hidden"}}"#;
    let bad = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"4242424242424242"}}"#;
    for (answer, wanted) in [
        ((402, declined), StripeError::Declined("insufficient_funds".to_owned())),
        ((402, plain), StripeError::Declined("expired_card".to_owned())),
        ((402, "<html>"), StripeError::Declined("declined".to_owned())),
        ((404, bad), StripeError::Refused("404 Not Found, invalid_request_error, resource_missing".to_owned())),
    ] {
        assert_eq!(paid(answer).await.0, Err(wanted), "{answer:?}");
    }
    for status in [0, 401, 403, 408, 409, 429, 500, 502, 503, 302] {
        let (outcome, _) = paid((status, bad)).await;
        let Err(StripeError::Later(text)) = outcome else { panic!("{status}: {outcome:?}") };
        assert!(!text.contains("4242") && !text.contains("hidden"), "{text}");
    }
    // It has happened, and nothing of it can be read: the same call finds out.
    assert!(matches!(paid((200, "<html>")).await.0, Err(StripeError::Later(_))));
}

#[test]
fn a_payment_is_over_or_not() {
    let payment = |status: &str, error: &str| -> Payment {
        serde_json::from_str(&format!(
            r#"{{"id":"pi_1","status":"{status}","amount":1,"currency":"eur","last_payment_error":{error}}}"#
        ))
        .unwrap()
    };
    let declined = |word: &str| Outcome::Declined(word.to_owned());
    for (status, error, outcome) in [
        ("succeeded", "null", Outcome::Succeeded),
        ("processing", "null", Outcome::Processing),
        ("requires_action", "null", declined("authentication_required")),
        ("requires_payment_method", r#"{"code":"card_declined","decline_code":"lost_card"}"#, declined("lost_card")),
        ("requires_payment_method", r#"{"code":"expired_card"}"#, declined("expired_card")),
        ("canceled", "null", declined("declined")),
    ] {
        assert_eq!(payment(status, error).outcome(), outcome, "{status}");
    }
}

#[tokio::test]
async fn a_payment_is_found_by_its_tags_on_any_page() {
    let other = INTENT.replace("bil_1", "bil_2").replace("pi_1", "pi_0");
    let first = format!(r#"{{"data":[{other}],"has_more":true}}"#);
    let second = format!(r#"{{"data":[{INTENT}],"has_more":false}}"#);
    let scripted = Scripted::new(&[(200, &first), (200, &second), (200, r#"{"data":[],"has_more":false}"#)]);
    let (web, access) = (scripted.web(), access());
    let stripe = Stripe::new(&web, &access);
    let found = stripe.find_payment("cus_1", &[("invoice", "bil_1")], 1_700_000_000).await.unwrap();
    assert_eq!(found.unwrap().id, "pi_1");
    assert!(stripe.find_payment("cus_1", &[("invoice", "bil_1")], 1_700_000_000).await.unwrap().is_none());
    let query = "GET https://stripe.example/v1/payment_intents?customer=cus_1&created%5Bgte%5D=1700000000&limit=100";
    assert!(scripted.asked()[0].starts_with(&format!("{query} [")), "{:?}", scripted.asked());
    assert!(scripted.asked()[1].starts_with(&format!("{query}&starting_after=pi_0 [")), "{:?}", scripted.asked());
}

#[tokio::test]
async fn a_card_is_shown_by_its_end_and_an_id_leads_nowhere_else() {
    let card = r#"{"id":"pm_1","customer":null,"card":{"brand":"visa","last4":"4242","exp_month":12,"exp_year":2030}}"#;
    let gone = r#"{"error":{"type":"invalid_request_error"}}"#;
    let scripted = Scripted::new(&[(200, card), (200, r#"{"id":"pm_1"}"#), (400, gone)]);
    let (web, access) = (scripted.web(), access());
    let stripe = Stripe::new(&web, &access);
    let shown = stripe.card("pm_1").await.unwrap();
    assert_eq!((shown.brand.as_str(), shown.last4.as_str(), shown.exp_year), ("visa", "4242", 2030));
    assert!(matches!(stripe.card("pm_1").await, Err(StripeError::Refused(_))), "no card");
    assert_eq!(stripe.detach("pm_1").await, Ok(()), "what is gone is gone");
    for id in ["", "pm_1/attach", "pm_1?x", "..", "pm_ä", "pm_1%2f"] {
        assert!(matches!(stripe.card(id).await, Err(StripeError::Refused(_))), "{id}");
    }
    assert_eq!(scripted.asked().len(), 3, "the other ids were never asked for");
}

#[test]
fn events_are_signed() {
    const NOW: i64 = 1_492_774_577;
    const BODY: &[u8] = br#"{"id": "evt_test"}"#;
    // HMAC-SHA256 of "1492774577." and the body, made by another program; the second with another secret.
    const GOOD: &str = "9cd9b9866f890d44beea3cacd2e70f88c4a822eebc7b13495732174589be6cfc";
    const OTHER: &str = "ecc371ce0ad61fb2a65047fa3a98911b33363c7c23b40d069ddc3193eb01f0db";
    let shifted = GOOD.replacen('9', "8", 1);
    for (header, body, now, good) in [
        (format!("t={NOW},v1={GOOD}"), BODY, NOW, true),
        (format!("t={NOW}, v1={OTHER}, v1={GOOD}"), BODY, NOW, true),
        (format!("v1={GOOD},t={NOW},v0=x"), BODY, NOW, true),
        (format!("t={NOW},v1={}", GOOD.to_uppercase()), BODY, NOW, true),
        (format!("t={NOW},v1={GOOD}"), BODY, NOW + 300, true),
        (format!("t={NOW},v1={GOOD}"), BODY, NOW - 300, true),
        (format!("t={NOW},v1={GOOD}"), BODY, NOW + 301, false),
        (format!("t={NOW},v1={GOOD}"), BODY, NOW - 301, false),
        (format!("t={NOW},v1={OTHER}"), BODY, NOW, false),
        (format!("t={NOW},v1={shifted}"), BODY, NOW, false),
        (format!("t={NOW},v1={}", &GOOD[..62]), BODY, NOW, false),
        (format!("t={NOW},v1={}", &GOOD[..63]), BODY, NOW, false),
        (format!("t={NOW},v1="), BODY, NOW, false),
        (format!("t={NOW},v1=äöü"), BODY, NOW, false),
        (format!("t={NOW},v0={GOOD}"), BODY, NOW, false),
        (format!("t={},v1={GOOD}", NOW + 1), BODY, NOW, false),
        (format!("t= {NOW},v1={GOOD}"), BODY, NOW, false),
        (format!("v1={GOOD}"), BODY, NOW, false),
        (format!("t={},v1={GOOD}", i64::MIN), BODY, i64::MAX, false),
        (format!("t=soon,v1={GOOD}"), BODY, NOW, false),
        (String::new(), BODY, NOW, false),
        (format!("t={NOW},v1={GOOD}"), br#"{"id":"evt_test"}"#, NOW, false),
        (format!("t={NOW},v1={GOOD}"), b"", NOW, false),
    ] {
        assert_eq!(verify(b"whsec_test_secret", &header, body, now), good, "{header} {now}");
    }
}
