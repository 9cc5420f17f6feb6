//! `GET /v1/invoices/{id}/pdf`

use documents::{InvoiceDocument, pdf};
use domain::Stamp;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;

use crate::invoices::{InvoicePath, invoice};
use crate::load::NoQuery;

/// Shows an invoice as a PDF, as it stands now, in the account's language.
#[derive(Debug)]
pub struct Pdf;

/// The file.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
pub struct File(#[allow(dead_code, reason = "it is described, never made")] String);

impl Endpoint for Pdf {
    const NAME: &'static str = "invoices_pdf";
    const ANSWERS: &'static str = "application/pdf";
    type Path = InvoicePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = File;

    async fn decide(
        context: &Context,
        input: &Input<InvoicePath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = &context.caller()?.account;
        let invoice = invoice(context, account.id, input.path.id).await?;
        let document = InvoiceDocument {
            vendor: &context.config.vendor,
            account_name: &account.name,
            invoice: &invoice,
            locale: account.locale,
        };
        let bytes = pdf(&document).map_err(|error| Problem::internal(error.to_string()))?;
        Ok(Decision::read(Reply::document(Self::ANSWERS, document.file_name(), bytes)))
    }
}
