//! Partners and their customers (P6).

use std::collections::BTreeSet;

use domain::Refusal;
use domain::account::AccountKind;
use domain::customers::{AccessMode, MOST_CHOSEN, Reach, Selection};
use domain::id::AccountId;
use domain::refusal::FieldError;
use domain::rules::choose_customers::Chosen;
use edge::{Caller, Context, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

pub mod choose;
pub mod create;
pub mod list;
pub mod switch;

/// Which customers somebody is to enter.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessBody {
    /// `all`: all that there are, and those that come; or `selected`.
    mode: AccessMode,
    /// With `selected`: up to 500 customers.
    #[schemars(length(max = 500))]
    account_ids: Option<Vec<AccountId>>,
}

impl AccessBody {
    /// What is asked for, if it holds together; `field` is where it stands in the request.
    pub(crate) fn chosen(&self, field: &str) -> Result<Chosen, Problem> {
        let at = |name: &str| if field.is_empty() { name.to_owned() } else { format!("{field}.{name}") };
        match (self.mode, &self.account_ids) {
            (AccessMode::All, None) => Ok(Chosen::All),
            (AccessMode::All, Some(ids)) if ids.is_empty() => Ok(Chosen::All),
            (AccessMode::All, Some(_)) => {
                Err(Problem::field(&at("account_ids"), "not_allowed", "With `all` no customers are named."))
            }
            (AccessMode::Selected, None) => {
                Err(Problem::field(&at("account_ids"), "missing_field", "This field is needed with `selected`."))
            }
            (AccessMode::Selected, Some(ids)) if ids.len() > MOST_CHOSEN => {
                let detail = format!("There must be at most {MOST_CHOSEN}.");
                Err(Problem::field(&at("account_ids"), "out_of_range", detail))
            }
            (AccessMode::Selected, Some(ids)) => Ok(Chosen::These(ids.iter().copied().collect())),
        }
    }

    /// Fails if one of those that are new is no customer of the caller's. Whoever may enter chosen customers alone is told by
    /// the rule that he gives none but his own, whatever there is beside them.
    pub(crate) async fn known(
        &self,
        context: &Context,
        (caller, reach): (&Caller, &Reach),
        had: &Selection,
        field: &str,
    ) -> Result<(), Problem> {
        let ids = self.account_ids.as_deref().unwrap_or_default();
        if *reach != Reach::All || caller.account.kind != AccountKind::Partner {
            return Ok(());
        }
        let new: BTreeSet<AccountId> = ids.iter().copied().filter(|id| !had.customers.contains(id)).collect();
        let new: Vec<AccountId> = new.into_iter().collect();
        let known = context.store.customers_among(caller.account.id, &new).await?;
        let unknown = |(index, id): (usize, &AccountId)| {
            let place = format!("account_ids[{index}]");
            let place = if field.is_empty() { place } else { format!("{field}.{place}") };
            (!had.customers.contains(id) && !known.contains(id))
                .then(|| FieldError::new(place, "unknown_account", "This must be a customer of yours."))
        };
        let errors: Vec<FieldError> = ids.iter().enumerate().filter_map(unknown).collect();
        if errors.is_empty() { Ok(()) } else { Err(Refusal::Invalid(errors).into()) }
    }
}

/// The partner's account of the caller.
pub(crate) fn partner(caller: &Caller) -> Result<(), Problem> {
    if caller.account.kind == AccountKind::Partner { Ok(()) } else { Err(Refusal::NotAPartner.into()) }
}
