//! What only the vendor does, with the operator's token: to mark invoices as paid or void.

pub mod invoices;
pub mod paid;
pub mod void;

use domain::account::Account;
use domain::change::Change;
use domain::id::{AccountId, InvoiceId};
use domain::invoice::Invoice;
use edge::invoice_views::InvoiceView;
use edge::{Context, Decision, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::invoices::invoice;

/// The parameter of a path that names an account.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct AccountPath {
    /// The account.
    pub account_id: AccountId,
}

/// The parameters of a path that names an account's invoice.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct InvoicePath {
    /// The account.
    pub account_id: AccountId,
    /// Its invoice.
    pub id: InvoiceId,
}

/// An account's invoice. Another account's is as absent as none.
async fn load(context: &Context, path: InvoicePath) -> Result<(Account, Invoice), Problem> {
    let account = context.store.account(path.account_id).await?.ok_or_else(Problem::not_found)?;
    Ok((account, invoice(context, path.account_id, path.id).await?))
}

/// The answer to a mark, and the change if there is one.
fn marked((invoice, change): (Invoice, Option<Change>)) -> Result<Decision, Problem> {
    let version = invoice.version;
    let reply = Reply::object(&InvoiceView::from(invoice), version)?;
    Ok(match change {
        Some(change) => Decision::write(change, reply),
        None => Decision::read(reply),
    })
}
