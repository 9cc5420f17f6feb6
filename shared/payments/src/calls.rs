//! What is asked of Stripe.

use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{Request, StatusCode};
use platform::config::StripeAccess;
use platform::web::Web;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{API_VERSION, Card, Charge, Failure, Payment, StripeError};

/// Payments looked at in one page of [`Stripe::find_payment`]: the most that Stripe gives.
const PAGE: usize = 100;
/// Most pages that it looks at.
const MOST_PAGES: usize = 50;

/// Stripe, as one account of its.
#[derive(Clone, Copy, Debug)]
pub struct Stripe<'a> {
    web: &'a Web,
    access: &'a StripeAccess,
}

/// A form's fields, in order.
type Form = Vec<(String, String)>;

impl<'a> Stripe<'a> {
    /// Stripe behind these requests.
    pub const fn new(web: &'a Web, access: &'a StripeAccess) -> Self {
        Self { web, access }
    }

    /// Makes a customer, once for each key, and tells its id.
    pub async fn create_customer(&self, name: &str, tags: &[(&str, &str)], key: &str) -> Result<String, StripeError> {
        let mut form = vec![field("name", name)];
        tagged(&mut form, tags);
        let customer: Named = self.post("/v1/customers", &form, Some(key)).await?;
        Ok(customer.id)
    }

    /// A card that the browser has given to Stripe.
    pub async fn card(&self, method: &str) -> Result<Card, StripeError> {
        let found: Method = self.get(&format!("/v1/payment_methods/{}", segment(method)?)).await?;
        found.card()
    }

    /// Makes a card the customer's, whose holder it is charged without.
    pub async fn attach(&self, method: &str, customer: &str) -> Result<Card, StripeError> {
        let path = format!("/v1/payment_methods/{}/attach", segment(method)?);
        let attached: Method = self.post(&path, &vec![field("customer", customer)], None).await?;
        attached.card()
    }

    /// Makes a card nobody's: it can never be charged again. So it is with one that is gone.
    pub async fn detach(&self, method: &str) -> Result<(), StripeError> {
        let path = format!("/v1/payment_methods/{}/detach", segment(method)?);
        match self.post::<Named>(&path, &Form::new(), None).await {
            Ok(_) | Err(StripeError::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Makes a card the one that Stripe shows as the customer's.
    pub async fn make_default(&self, method: &str, customer: &str) -> Result<(), StripeError> {
        let form = vec![field("invoice_settings[default_payment_method]", method)];
        self.post::<Named>(&format!("/v1/customers/{}", segment(customer)?), &form, None).await.map(|_| ())
    }

    /// Charges a card without its holder, once for each key.
    pub async fn pay(&self, charge: &Charge<'_>, key: &str) -> Result<Payment, StripeError> {
        let mut form = vec![
            field("amount", &charge.amount.to_string()),
            field("currency", &charge.currency.to_ascii_lowercase()),
            field("customer", charge.customer),
            field("payment_method", charge.method),
            field("payment_method_types[]", "card"),
            field("confirm", "true"),
            field("off_session", "true"),
        ];
        tagged(&mut form, charge.tags);
        self.post("/v1/payment_intents", &form, Some(key)).await
    }

    /// A payment as it is now.
    pub async fn payment(&self, id: &str) -> Result<Payment, StripeError> {
        self.get(&format!("/v1/payment_intents/{}", segment(id)?)).await
    }

    /// The payment of a customer's with all of these tags that was made since a moment (in seconds since 1970), for when
    /// its key is too old to be repeated.
    pub async fn find_payment(
        &self,
        customer: &str,
        tags: &[(&str, &str)],
        since: i64,
    ) -> Result<Option<Payment>, StripeError> {
        let mut after: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let mut query = vec![field("customer", customer), field("created[gte]", &since.to_string())];
            query.push(field("limit", &PAGE.to_string()));
            query.extend(after.iter().map(|after| field("starting_after", after)));
            let page: Page = self.get(&format!("/v1/payment_intents?{}", encoded(&query))).await?;
            let is_it = |payment: &Payment| {
                tags.iter().all(|(name, value)| payment.metadata.get(*name).is_some_and(|has| has == value))
            };
            after = page.data.last().filter(|_| page.has_more).map(|payment| payment.id.clone());
            if let Some(found) = page.data.into_iter().find(is_it) {
                return Ok(Some(found));
            }
            if after.is_none() {
                return Ok(None);
            }
        }
        // Nothing is known rather than nothing there: a wrong guess is money twice.
        Err(StripeError::Later("there are too many payments to look through".to_owned()))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, StripeError> {
        let request = Request::get(format!("{}{path}", self.access.api));
        self.call(request, Vec::new()).await
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, form: &Form, key: Option<&str>) -> Result<T, StripeError> {
        let mut request = Request::post(format!("{}{path}", self.access.api));
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let body = encoded(form).into_bytes();
        self.call(request.header(CONTENT_TYPE, "application/x-www-form-urlencoded"), body).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        request: http::request::Builder,
        body: Vec<u8>,
    ) -> Result<T, StripeError> {
        let request = request
            .header(AUTHORIZATION, format!("Bearer {}", self.access.secret_key))
            .header("stripe-version", API_VERSION)
            .body(body)
            .map_err(|_| StripeError::Refused("the request cannot be made".to_owned()))?;
        let answer = self.web.call(request).await.map_err(|error| StripeError::Later(error.to_string()))?;
        let status = answer.status();
        if status.is_success() {
            // It has happened, whatever can be read of it.
            return serde_json::from_slice(answer.body())
                .map_err(|error| StripeError::Later(format!("the answer cannot be read: {error}")));
        }
        let told: Told = serde_json::from_slice(answer.body()).unwrap_or_default();
        Err(failed(status, told))
    }
}

/// What an answer that is no success means. A conflict is another call with the same key that is not over; a key of this
/// service that Stripe does not take is nobody's card.
fn failed(status: StatusCode, told: Told) -> StripeError {
    let Told { error } = told;
    let text = format!("{status}, {}, {}", error.kind, error.failure.word());
    match status {
        StatusCode::PAYMENT_REQUIRED => StripeError::Declined(error.failure.word()),
        StatusCode::UNAUTHORIZED
        | StatusCode::FORBIDDEN
        | StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::TOO_MANY_REQUESTS => StripeError::Later(text),
        status if status.is_client_error() => StripeError::Refused(text),
        _ => StripeError::Later(text),
    }
}

fn field(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

fn encoded(form: &Form) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}

fn tagged(form: &mut Form, tags: &[(&str, &str)]) {
    form.extend(tags.iter().map(|(name, value)| field(&format!("metadata[{name}]"), value)));
}

/// An id as a part of a path: nothing that leads elsewhere.
fn segment(id: &str) -> Result<&str, StripeError> {
    let plain = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain { Ok(id) } else { Err(StripeError::Refused("this is no id".to_owned())) }
}

#[derive(Deserialize)]
struct Named {
    id: String,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Payment>,
    #[serde(default)]
    has_more: bool,
}

#[derive(Deserialize)]
struct Method {
    id: String,
    #[serde(default)]
    customer: Option<String>,
    #[serde(default)]
    card: Option<Shown>,
}

#[derive(Deserialize)]
struct Shown {
    brand: String,
    last4: String,
    exp_month: u32,
    exp_year: i32,
}

impl Method {
    fn card(self) -> Result<Card, StripeError> {
        let Some(Shown { brand, last4, exp_month, exp_year }) = self.card else {
            return Err(StripeError::Refused("this is no card".to_owned()));
        };
        Ok(Card { id: self.id, customer: self.customer, brand, last4, exp_month, exp_year })
    }
}

/// What Stripe tells of a failure. Its sentences may repeat what was sent, so they are left.
#[derive(Default, Deserialize)]
struct Told {
    #[serde(default)]
    error: Fault,
}

#[derive(Default, Deserialize)]
struct Fault {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(flatten)]
    failure: Failure,
}
