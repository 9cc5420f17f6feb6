//! The plans that an account can be on: a catalogue that is read from a file, checked whole, and never changes while a
//! process runs. An account keeps what it agreed to, so a plan may go from the catalogue while accounts are on it.

use std::collections::HashSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_path_to_error::Segment;

/// How an account pays for its users.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Model {
    /// Licenses are bought; a user takes one (L1).
    Licensed,
    /// Users are counted and invoiced (B11).
    Metered,
    /// Users are free and without number (R1).
    Unlimited,
}

impl Model {
    /// Its name, as clients and the table have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Licensed => "licensed",
            Self::Metered => "metered",
            Self::Unlimited => "unlimited",
        }
    }
}

/// How long a paid period is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Term {
    /// One calendar month.
    Monthly,
    /// Twelve calendar months.
    Yearly,
}

impl Term {
    /// The term in calendar months.
    pub const fn months(self) -> u32 {
        match self {
            Self::Monthly => 1,
            Self::Yearly => 12,
        }
    }
}

/// An amount of money: minor units (cents) of an ISO 4217 currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

/// The currencies that plans are priced in, by their ISO 4217 codes. The minor unit of each is a hundredth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs, reason = "ISO 4217 says what each is")]
pub enum Currency {
    Aud,
    Cad,
    Chf,
    Czk,
    Dkk,
    Eur,
    Gbp,
    Nok,
    Nzd,
    Pln,
    Ron,
    Sek,
    Uah,
    Usd,
}

impl Currency {
    /// Its code in ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Aud => "AUD",
            Self::Cad => "CAD",
            Self::Chf => "CHF",
            Self::Czk => "CZK",
            Self::Dkk => "DKK",
            Self::Eur => "EUR",
            Self::Gbp => "GBP",
            Self::Nok => "NOK",
            Self::Nzd => "NZD",
            Self::Pln => "PLN",
            Self::Ron => "RON",
            Self::Sek => "SEK",
            Self::Uah => "UAH",
            Self::Usd => "USD",
        }
    }
}

/// A row of the catalogue of plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// What accounts name it by: 1 to 40 lower-case letters, digits and hyphens.
    pub id: String,
    /// How users are paid for.
    pub model: Model,
    /// The paid period.
    pub term: Term,
    /// For one license or licensed user and one term.
    pub unit_price: Money,
    /// Whether it has guests, viewers and the team directory (B4).
    pub professional: bool,
}

/// Most plans in a catalogue.
const MOST_PLANS: usize = 100;
/// Most characters in the id of a plan.
const LONGEST_ID: usize = 40;
/// The highest price of a license and term, in minor units.
const HIGHEST_PRICE: i64 = 100_000_000;
/// The catalogue that is part of the product, for whoever brings none of his own.
const SHIPPED: &str = include_str!("../../../plans.json");

/// What is wrong with a catalogue.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CatalogueError {
    /// The file as a whole is wrong.
    #[error("{0}")]
    File(String),
    /// A plan is wrong.
    #[error("plan {place}{}: {what}", named(.id.as_deref()))]
    Plan {
        /// Which in the file, from 1.
        place: usize,
        /// Its id, if it has one.
        id: Option<String>,
        /// The field, and what is wrong with it.
        what: String,
    },
}

fn named(id: Option<&str>) -> String {
    id.map(|id| format!(" ({id})")).unwrap_or_default()
}

/// The plans that are offered, in the order of their file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalogue(Vec<Plan>);

/// A catalogue's file: `{"plans": [...]}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    plans: Vec<Plan>,
}

impl Catalogue {
    /// The catalogue that is part of the product.
    pub fn shipped() -> Result<Self, CatalogueError> {
        Self::parse(SHIPPED)
    }

    /// The catalogue of a file; the first thing that is wrong with it, if anything is.
    pub fn parse(text: &str) -> Result<Self, CatalogueError> {
        let mut json = serde_json::Deserializer::from_str(text);
        let File { plans } = serde_path_to_error::deserialize(&mut json).map_err(|error| misread(text, &error))?;
        json.end().map_err(|error| CatalogueError::File(error.to_string()))?;
        if plans.is_empty() || plans.len() > MOST_PLANS {
            return Err(CatalogueError::File(format!("plans must be 1 to {MOST_PLANS}, not {}", plans.len())));
        }
        let mut ids = HashSet::new();
        let first = plans.first().map(|plan| plan.unit_price.currency);
        for (index, plan) in plans.iter().enumerate() {
            let wrong = |what: String| {
                Err(CatalogueError::Plan {
                    place: index + 1,
                    id: Some(plan.id.clone()).filter(|id| !id.is_empty()),
                    what,
                })
            };
            let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if plan.id.is_empty() || plan.id.len() > LONGEST_ID || !plan.id.bytes().all(allowed) {
                return wrong(format!("id must be 1 to {LONGEST_ID} lower-case letters, digits and hyphens"));
            }
            if !ids.insert(plan.id.as_str()) {
                return wrong("id is another plan's already".to_owned());
            }
            let price = plan.unit_price;
            if !(0..=HIGHEST_PRICE).contains(&price.amount) {
                return wrong(format!(
                    "unit_price.amount must be 0 to {HIGHEST_PRICE} minor units, not {}",
                    price.amount
                ));
            }
            if plan.model == Model::Unlimited && price.amount != 0 {
                return wrong("unit_price.amount must be 0, since the model is unlimited".to_owned());
            }
            if Some(price.currency) != first {
                return wrong("unit_price.currency must be the first plan's: a catalogue has one currency".to_owned());
            }
        }
        Ok(Self(plans))
    }

    /// The plans, in the order of the file.
    pub fn plans(&self) -> &[Plan] {
        &self.0
    }

    /// The plan of that id, if there is one.
    pub fn plan(&self, id: &str) -> Option<&Plan> {
        self.0.iter().find(|plan| plan.id == id)
    }
}

/// What serde could not read, told by the plan and the field that it stands in.
fn misread(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> CatalogueError {
    let mut path = error.path().iter();
    let (Some(Segment::Map { .. }), Some(Segment::Seq { index })) = (path.next(), path.next()) else {
        return CatalogueError::File(error.inner().to_string());
    };
    let file: Value = serde_json::from_str(text).unwrap_or_default();
    let id = file["plans"][*index]["id"].as_str().filter(|id| !id.is_empty()).map(str::to_owned);
    let field: Vec<_> = path.map(Segment::to_string).collect();
    let what = match field.join(".") {
        field if field.is_empty() => error.inner().to_string(),
        field => format!("{field}: {}", error.inner()),
    };
    CatalogueError::Plan { place: index + 1, id, what }
}

/// A plan of the catalogue that is part of the product.
#[cfg(test)]
pub(crate) fn plan(id: &str) -> Option<&'static Plan> {
    static CATALOGUE: std::sync::LazyLock<Catalogue> = std::sync::LazyLock::new(|| Catalogue::shipped().unwrap());
    CATALOGUE.plan(id)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_shipped_catalogue_is_the_agreed_one() {
        use Model::{Licensed, Metered, Unlimited};
        use Term::{Monthly, Yearly};
        let catalogue = Catalogue::shipped().unwrap();
        let euro = |amount| Money { amount, currency: Currency::Eur };
        let got =
            catalogue.plans().iter().map(|it| (it.id.as_str(), it.model, it.term, it.unit_price, it.professional));
        let expected = [
            ("licensed-monthly", Licensed, Monthly, euro(1_200), true),
            ("licensed-yearly", Licensed, Yearly, euro(12_000), true),
            ("metered-monthly", Metered, Monthly, euro(900), true),
            ("unlimited", Unlimited, Monthly, euro(0), true),
            ("basic", Unlimited, Monthly, euro(0), false),
        ];
        assert_eq!(got.collect::<Vec<_>>(), expected);
    }

    /// A file of one good plan, and of a second whose text is given.
    fn with(second: &str) -> String {
        let first = r#"{"id":"one","model":"metered","term":"yearly","unit_price":{"amount":0,"currency":"UAH"},
            "professional":false}"#;
        format!(r#"{{"plans":[{first},{second}]}}"#)
    }

    fn second(id: &str, model: &str, term: &str, amount: &str, currency: &str) -> String {
        let price = format!(r#"{{"amount":{amount},"currency":"{currency}"}}"#);
        with(&format!(r#"{{"id":"{id}","model":"{model}","term":"{term}","unit_price":{price},"professional":true}}"#))
    }

    #[test]
    fn what_is_wrong_with_a_file_is_told_by_plan_and_field() {
        let long = "a".repeat(41);
        let good = |id: &str| second(id, "licensed", "monthly", "1", "UAH");
        let many = vec![r#"{"id":"a"}"#; 101].join(",");
        for (text, told) in [
            (String::new(), "EOF while parsing a value at line 1 column 0"),
            ("plans: []".to_owned(), "expected value at line 1 column 1"),
            ("{}".to_owned(), "missing field `plans`"),
            (r#"{"plans":[]}"#.to_owned(), "plans must be 1 to 100, not 0"),
            (r#"{"plans":[],"version":2}"#.to_owned(), "unknown field `version`"),
            (format!("{} x", good("two")), "trailing characters"),
            (format!(r#"{{"plans":[{many}]}}"#), "plan 1 (a): missing field `model`"),
            (with("7"), "plan 2: invalid type: integer `7`"),
            (with("{}"), "plan 2: missing field `id`"),
            (with(r#"{"id":"two","colour":"red"}"#), "plan 2 (two): colour: unknown field `colour`"),
            (with(r#"{"id":"two","id":"three"}"#), "plan 2 (three): duplicate field `id`"),
            (with(r#"{"id":"two","model":"metered"}"#), "plan 2 (two): missing field `term`"),
            (with(r#"{"id":"two","professional":"yes"}"#), "plan 2 (two): professional: invalid type: string"),
            (good(""), "plan 2: id must be 1 to 40 lower-case letters, digits and hyphens"),
            (good(&long), "): id must be 1 to 40 lower-case"),
            (good("Two"), "plan 2 (Two): id must be 1 to 40 lower-case"),
            (good("zwölf"), "plan 2 (zwölf): id must be 1 to 40 lower-case"),
            (good("two/2"), "plan 2 (two/2): id must be 1 to 40 lower-case"),
            (good("one"), "plan 2 (one): id is another plan's already"),
            (second("two", "free", "monthly", "1", "UAH"), "plan 2 (two): model: unknown variant `free`"),
            (second("two", "licensed", "weekly", "1", "UAH"), "plan 2 (two): term: unknown variant `weekly`"),
            (
                second("two", "licensed", "monthly", "-1", "UAH"),
                "plan 2 (two): unit_price.amount must be 0 to 100000000",
            ),
            (second("two", "licensed", "monthly", "100000001", "UAH"), "minor units, not 100000001"),
            (second("two", "licensed", "monthly", "12.5", "UAH"), "plan 2 (two): unit_price.amount: invalid type"),
            (second("two", "licensed", "monthly", "1", "XXX"), "plan 2 (two): unit_price.currency: unknown variant"),
            (second("two", "licensed", "monthly", "1", "EUR"), "plan 2 (two): unit_price.currency must be the first"),
            (second("two", "unlimited", "monthly", "1", "UAH"), "plan 2 (two): unit_price.amount must be 0, since"),
        ] {
            let error = Catalogue::parse(&text).unwrap_err().to_string();
            assert!(error.contains(told), "{told}\n{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn the_order_is_the_files_and_the_limits_are_within() {
        let text = second("two-2", "licensed", "monthly", "100000000", "UAH");
        let catalogue = Catalogue::parse(&text).unwrap();
        assert_eq!(catalogue.plans().iter().map(|plan| plan.id.as_str()).collect::<Vec<_>>(), ["one", "two-2"]);
        assert_eq!(catalogue.plan("two-2").unwrap().unit_price.amount, 100_000_000);
        assert_eq!(catalogue.plan("two"), None);
        assert!(Catalogue::parse(&second(&"a".repeat(40), "unlimited", "yearly", "0", "UAH")).is_ok());
    }
}
