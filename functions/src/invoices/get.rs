//! `GET /v1/invoices/{id}`

use domain::Stamp;
use edge::input::Nothing;
use edge::invoice_views::InvoiceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::invoices::{InvoicePath, invoice};
use crate::load::NoQuery;

/// Shows an invoice.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "invoices_get";
    type Path = InvoicePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = InvoiceView;

    async fn decide(
        context: &Context,
        input: &Input<InvoicePath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let invoice = invoice(context, context.caller()?.account.id, input.path.id).await?;
        let version = invoice.version;
        Ok(Decision::read(Reply::object(&InvoiceView::from(invoice), version)?))
    }
}
