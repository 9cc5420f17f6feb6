//! `POST /v1/operator/accounts/{account_id}/invoices/{id}/void`

use domain::Stamp;
use domain::rules::mark_invoice::{MAX_NOTE, void};
use edge::input::Checks;
use edge::invoice_views::InvoiceView;
use edge::{Context, Decision, Endpoint, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::operator::{InvoicePath, load, marked};

/// Marks an open invoice as not to be paid; what it used of the account's credit is the account's again. One that is void already stays
/// as it is.
#[derive(Debug)]
pub struct Void;

/// Why it is not to be paid.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// Why. A line of 1 to 200 characters, for the account's audit.
    #[serde(default)]
    reason: Option<String>,
}

impl Endpoint for Void {
    const NAME: &'static str = "operator_invoice_void";
    type Path = InvoicePath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = InvoiceView;

    async fn decide(
        context: &Context,
        input: &Input<InvoicePath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let reason = checks.optional_line("reason", input.body.reason.as_deref(), MAX_NOTE);
        checks.done()?;
        let (account, invoice) = load(context, input.path).await?;
        // In this order: a change of plan in between fails the counts' guard.
        let counts = context.store.counts(account.id).await?;
        let set_off = context.store.is_set_off(&invoice).await?;
        let (invoice, mut change) = void(&account, (&invoice, set_off), reason.as_deref(), stamp)?;
        if let Some(change) = &mut change {
            change.counts = change.counts.on(&counts);
        }
        marked((invoice, change))
    }
}
