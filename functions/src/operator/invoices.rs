//! `GET /v1/operator/accounts/{account_id}/invoices`

use domain::Stamp;
use edge::input::Nothing;
use edge::invoice_views::InvoiceView;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::invoices::{Query, page};
use crate::operator::AccountPath;

/// Lists an account's invoices, newest first, as its own list does.
#[derive(Debug)]
pub struct Invoices;

impl Endpoint for Invoices {
    const NAME: &'static str = "operator_invoices";
    type Path = AccountPath;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<InvoiceView>;

    async fn decide(
        context: &Context,
        input: &Input<AccountPath, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = input.path.account_id;
        context.store.recent_account(account).await?.ok_or_else(Problem::not_found)?;
        Ok(Decision::read(Reply::json(&page(context, account, &input.query).await?)?))
    }
}
