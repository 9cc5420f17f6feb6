//! The payment service: what stands in for Stripe, so that paying needs no account there. It knows the calls that this
//! service makes, does the work once for each idempotency key, and for tests it fails. No card is ever charged.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use platform::World;
use platform::config::{StripeAccess, StripeConfig, WebhookSecret};
use platform::web::Web;
use ring::hmac;
use serde_json::{Value, json};

use crate::idp::LocalIdp;

/// Where it answers, within this process alone.
pub const API: &str = "https://stripe.local";
const SECRET_KEY: &str = "sk_test_local";
const WEBHOOK_SECRET: &str = "whsec_local";

/// How the next charge goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The card is charged, and the connection breaks before the answer.
    AnswerLost,
    /// Nothing arrives.
    Unreachable,
    /// Nothing is done, and the answer is a 503.
    Unavailable,
    /// The bank has not said yet: the payment stands at `processing` until [`LocalStripe::finish`].
    Slow,
}

/// The service. Clones share it.
#[derive(Clone, Debug)]
pub struct LocalStripe {
    world: World,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    made: u32,
    cards: HashMap<String, Card>,
    customers: BTreeMap<String, Value>,
    payments: Vec<Value>,
    /// What was answered under which key.
    answered: HashMap<String, (u16, Value)>,
    faults: Vec<Fault>,
    decline: Option<String>,
}

#[derive(Clone, Debug)]
struct Card {
    last4: &'static str,
    customer: Option<String>,
    declines: bool,
}

/// The web as the service sees it, where this stands in for Stripe: that, and the identity providers.
#[derive(Clone, Debug)]
pub(crate) struct Elsewhere(LocalIdp, LocalStripe);

impl Elsewhere {
    pub(crate) fn web(idp: LocalIdp, stripe: LocalStripe) -> Web {
        Web::with(SharedHttpConnector::new(Self(idp, stripe)))
    }
}

impl HttpConnector for Elsewhere {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with(API) { self.1.call(request) } else { HttpConnector::call(&self.0, request) }
    }
}

type Form = BTreeMap<String, String>;
type Answer = (u16, Value);

impl LocalStripe {
    /// A service at which nobody is known.
    pub fn new(world: World) -> Self {
        Self { world, state: Arc::default() }
    }

    /// How this service is known there.
    pub fn config() -> StripeConfig {
        StripeConfig {
            on: true,
            access: Some(StripeAccess { api: API.to_owned(), secret_key: SECRET_KEY.to_owned() }),
            webhook_secret: Some(WebhookSecret::new(WEBHOOK_SECRET)),
        }
    }

    /// Lets the next charges go wrong, one after the other.
    pub fn fail(&self, faults: &[Fault]) {
        self.state().faults = faults.iter().rev().copied().collect();
    }

    /// Declines every charge with this word from now on; `None` ends that.
    pub fn decline(&self, word: Option<&str>) {
        self.state().decline = word.map(str::to_owned);
    }

    /// Ends what the bank had not said.
    pub fn finish(&self) {
        for payment in self.state().payments.iter_mut().filter(|it| it["status"] == "processing") {
            payment["status"] = json!("succeeded");
        }
    }

    /// Forgets every key, as Stripe does after a day.
    pub fn forget_keys(&self) {
        self.state().answered.clear();
    }

    /// Every payment that was tried, in order, as Stripe shows it.
    pub fn payments(&self) -> Vec<Value> {
        self.state().payments.clone()
    }

    /// The cards that a customer has there.
    pub fn cards(&self) -> usize {
        self.state().cards.values().filter(|card| card.customer.is_some()).count()
    }

    /// The names of those cards.
    pub fn card_names(&self) -> Vec<String> {
        let state = self.state();
        let kept = state.cards.iter().filter(|(_, card)| card.customer.is_some());
        kept.map(|(name, _)| name.clone()).collect()
    }

    /// How many customers were made.
    pub fn customers(&self) -> usize {
        self.state().customers.len()
    }

    /// An event about a payment, as Stripe sends it now: the body, and the header `Stripe-Signature`.
    pub fn event(&self, kind: &str, payment: &Value) -> (String, String) {
        let event = json!({ "id": "evt_1", "object": "event", "type": kind, "data": { "object": payment } });
        let body = format!("{event:#}");
        let signature = self.sign(&body);
        (body, signature)
    }

    /// The header `Stripe-Signature` of a body that is sent now.
    pub fn sign(&self, body: &str) -> String {
        let at = self.world.now().timestamp();
        let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
        let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
        let header = format!("t={at},v1=");
        tag.as_ref().iter().fold(header, |header, octet| header + &format!("{octet:02x}"))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers one request; `None` breaks the connection.
    fn answer(&self, request: &HttpRequest) -> Option<Answer> {
        let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
        if header("authorization") != format!("Bearer {SECRET_KEY}") {
            return Some((401, json!({ "error": { "type": "invalid_request_error" } })));
        }
        let (path, query) =
            request.uri().strip_prefix(API)?.split_once('?').unwrap_or((&request.uri()[API.len()..], ""));
        let body = request.body().bytes().unwrap_or_default();
        let form: Form =
            form_urlencoded::parse(if body.is_empty() { query.as_bytes() } else { body }).into_owned().collect();
        let key = header("idempotency-key");
        let mut state = self.state();
        if let Some(answer) = state.answered.get(&key).filter(|_| !key.is_empty()) {
            return Some(answer.clone());
        }
        let parts: Vec<&str> = path.trim_start_matches("/v1/").split('/').collect();
        let charges = request.method() == "POST" && parts == ["payment_intents"];
        let fault = if charges { state.faults.pop() } else { None };
        match fault {
            Some(Fault::Unreachable) => return None,
            Some(Fault::Unavailable) => return Some((503, json!({ "error": { "type": "api_error" } }))),
            _ => {}
        }
        let at = self.world.now().timestamp();
        let answer = state.serve((request.method(), &parts), &form, fault == Some(Fault::Slow), at);
        if !key.is_empty() {
            state.answered.insert(key, answer.clone());
        }
        (fault != Some(Fault::AnswerLost)).then_some(answer)
    }
}

impl State {
    fn serve(&mut self, (method, parts): (&str, &[&str]), form: &Form, slow: bool, at: i64) -> Answer {
        match (method, parts) {
            ("POST", ["customers"]) => {
                let id = self.id("cus");
                let customer = json!({ "id": id, "name": form.get("name"), "metadata": metadata(form) });
                self.customers.insert(id, customer.clone());
                (200, customer)
            }
            ("POST", ["customers", id]) => self.customers.get(*id).map_or_else(missing, |it| (200, it.clone())),
            ("GET", ["payment_methods", id]) => {
                let id = self.known(id);
                self.shown(&id)
            }
            ("POST", ["payment_methods", id, "attach"]) => self.attach(id, form),
            ("POST", ["payment_methods", id, "detach"]) => match self.cards.get_mut(*id) {
                Some(card) if card.customer.is_some() => {
                    card.customer = None;
                    self.shown(id)
                }
                _ => missing(),
            },
            ("POST", ["payment_intents"]) => self.charge(form, slow, at),
            ("GET", ["payment_intents"]) => {
                let since = form.get("created[gte]").and_then(|text| text.parse::<i64>().ok()).unwrap_or_default();
                let fits = |it: &&Value| {
                    it["customer"].as_str() == form.get("customer").map(String::as_str)
                        && it["created"].as_i64().is_some_and(|created| created >= since)
                };
                let found: Vec<&Value> = self.payments.iter().rev().filter(fits).collect();
                (200, json!({ "object": "list", "data": found, "has_more": false }))
            }
            ("GET", ["payment_intents", id]) => {
                let found = self.payments.iter().find(|payment| payment["id"] == *id);
                found.map_or_else(missing, |payment| (200, payment.clone()))
            }
            _ => missing(),
        }
    }

    fn id(&mut self, kind: &str) -> String {
        self.made += 1;
        format!("{kind}_local{}", self.made)
    }

    /// Like Stripe's test mode: some names make a fresh card of a kind each time.
    fn known(&mut self, id: &str) -> String {
        let (last4, declines) = match id {
            "pm_card_visa" => ("4242", false),
            "pm_card_chargeCustomerFail" => ("0341", true),
            "pm_card_visa_chargeDeclined" => ("0002", true),
            _ => return id.to_owned(),
        };
        let made = self.id("pm");
        self.cards.insert(made.clone(), Card { last4, customer: None, declines });
        made
    }

    fn shown(&self, id: &str) -> Answer {
        let Some(card) = self.cards.get(id) else { return missing() };
        let shown = json!({ "brand": "visa", "last4": card.last4, "exp_month": 12, "exp_year": 2034 });
        (200, json!({ "id": id, "object": "payment_method", "customer": card.customer, "card": shown }))
    }

    fn attach(&mut self, id: &str, form: &Form) -> Answer {
        let id = self.known(id);
        let customer = form.get("customer").filter(|id| self.customers.contains_key(*id)).cloned();
        let (Some(customer), Some(card)) = (customer, self.cards.get_mut(&id)) else { return missing() };
        if card.last4 == "0002" {
            return declined("card_declined", "generic_decline");
        }
        card.customer = Some(customer);
        self.shown(&id)
    }

    fn charge(&mut self, form: &Form, slow: bool, at: i64) -> Answer {
        let text = |name: &str| form.get(name).cloned().unwrap_or_default();
        let card = self.cards.get(&text("payment_method"));
        let Some(card) = card.filter(|card| card.customer == Some(text("customer"))) else { return missing() };
        let word = self.decline.clone().or_else(|| card.declines.then(|| "generic_decline".to_owned()));
        let status = match &word {
            Some(_) => "requires_payment_method",
            None if slow => "processing",
            None => "succeeded",
        };
        let error = word.as_ref().map(|word| json!({ "code": "card_declined", "decline_code": word }));
        let payment = json!({
            "id": self.id("pi"), "object": "payment_intent", "status": status, "created": at,
            "amount": text("amount").parse::<i64>().unwrap_or_default(), "currency": text("currency"),
            "customer": text("customer"), "payment_method": text("payment_method"), "metadata": metadata(form),
            "last_payment_error": error,
        });
        self.payments.push(payment.clone());
        word.map_or((200, payment), |word| declined("card_declined", &word))
    }
}

fn metadata(form: &Form) -> Value {
    let named = |(name, value): (&String, &String)| {
        let name = name.strip_prefix("metadata[")?.strip_suffix(']')?;
        Some((name.to_owned(), json!(value)))
    };
    Value::Object(form.iter().filter_map(named).collect())
}

fn missing() -> Answer {
    (404, json!({ "error": { "type": "invalid_request_error", "code": "resource_missing" } }))
}

fn declined(code: &str, word: &str) -> Answer {
    (402, json!({ "error": { "type": "card_error", "code": code, "decline_code": word } }))
}

impl HttpConnector for LocalStripe {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Some((status, body)) = self.answer(&request) else {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("the connection broke".into())));
        };
        let answer = status.try_into().map(|status| HttpResponse::new(status, SdkBody::from(body.to_string())));
        HttpConnectorFuture::ready(answer.map_err(|_| ConnectorError::other("no status".into(), None)))
    }
}
