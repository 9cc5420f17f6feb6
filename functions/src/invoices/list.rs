//! `GET /v1/invoices`

use domain::Stamp;
use edge::input::Nothing;
use edge::invoice_views::InvoiceView;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::invoices::{Query, page};
use crate::load::NoQuery;

/// Lists the account's invoices, newest first. A page may be short and yet have a next one, where a status or reason is asked
/// for that is rare.
#[derive(Debug)]
pub struct ListInvoices;

impl Endpoint for ListInvoices {
    const NAME: &'static str = "invoices_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<InvoiceView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = context.caller()?.account.id;
        Ok(Decision::read(Reply::json(&page(context, account, &input.query).await?)?))
    }
}
