//! `POST /v1/operator/accounts/{account_id}/invoices/{id}/paid`

use domain::Stamp;
use domain::rules::mark_invoice::{MAX_NOTE, paid};
use edge::input::Checks;
use edge::invoice_views::InvoiceView;
use edge::{Context, Decision, Endpoint, Input, Problem};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::operator::{InvoicePath, load, marked};

/// Marks an open invoice as paid. One that is paid already stays as it is.
#[derive(Debug)]
pub struct Paid;

/// By what it was paid.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What the payment is found by elsewhere. A line of 1 to 200 characters, for the account's audit.
    #[serde(default)]
    reference: Option<String>,
}

impl Endpoint for Paid {
    const NAME: &'static str = "operator_invoice_paid";
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
        let reference = checks.optional_line("reference", input.body.reference.as_deref(), MAX_NOTE);
        checks.done()?;
        let (account, invoice) = load(context, input.path).await?;
        marked(paid(&account, &invoice, reference.as_deref(), stamp)?)
    }
}
