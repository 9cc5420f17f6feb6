//! The plans that an account can be on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
pub struct Money {
    /// Minor units.
    pub amount: i64,
    /// The currency.
    pub currency: Currency,
}

/// The currencies that plans are priced in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// The euro.
    Eur,
}

impl Currency {
    /// Its code in ISO 4217.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Eur => "EUR",
        }
    }
}

/// A row of the catalogue of plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Plan {
    /// What accounts name it by.
    pub id: &'static str,
    /// How users are paid for.
    pub model: Model,
    /// The paid period.
    pub term: Term,
    /// For one license or licensed user and one term.
    pub unit_price: Money,
    /// Whether it has guests, viewers and the team directory (B4).
    pub professional: bool,
}

const fn eur(amount: i64) -> Money {
    Money { amount, currency: Currency::Eur }
}

/// The plans that are offered.
pub const CATALOGUE: &[Plan] = &[
    Plan {
        id: "licensed-monthly",
        model: Model::Licensed,
        term: Term::Monthly,
        unit_price: eur(1_200),
        professional: true,
    },
    Plan {
        id: "licensed-yearly",
        model: Model::Licensed,
        term: Term::Yearly,
        unit_price: eur(12_000),
        professional: true,
    },
    Plan {
        id: "metered-monthly",
        model: Model::Metered,
        term: Term::Monthly,
        unit_price: eur(900),
        professional: true,
    },
    Plan { id: "unlimited", model: Model::Unlimited, term: Term::Monthly, unit_price: eur(0), professional: true },
    Plan { id: "basic", model: Model::Unlimited, term: Term::Monthly, unit_price: eur(0), professional: false },
];

/// The plan of that id, if there is one.
pub fn plan(id: &str) -> Option<&'static Plan> {
    CATALOGUE.iter().find(|plan| plan.id == id)
}
