//! Invoices, as who pays them sees them.

pub mod get;
pub mod list;
pub mod pdf;

use domain::id::{AccountId, InvoiceId};
use domain::invoice::{Invoice, InvoiceReason, InvoiceStatus};
use edge::invoice_views::InvoiceView;
use edge::views::List;
use edge::{Context, Problem, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::listing::Place;

/// How many invoices are looked through for a page of some of them.
const MOST_ROWS: usize = 1_000;
/// How many of them are read at once.
const ROWS: usize = 200;

/// The parameter of a path that names an invoice.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct InvoicePath {
    /// The invoice.
    pub id: InvoiceId,
}

/// Which invoices.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Of these statuses; all unless given.
    #[serde(default)]
    status: Vec<InvoiceStatus>,
    /// For these reasons; all unless given.
    #[serde(default)]
    reason: Vec<InvoiceReason>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

/// An invoice of an account. Another's is as absent as none.
pub(crate) async fn invoice(context: &Context, account: AccountId, id: InvoiceId) -> Result<Invoice, Problem> {
    context.store.invoice(account, id).await?.ok_or_else(Problem::not_found)
}

/// A page of an account's invoices, newest first. It may be short and yet have a next one, where those are rare that are asked
/// for.
pub(crate) async fn page(context: &Context, account: AccountId, query: &Query) -> Result<List<InvoiceView>, Problem> {
    let limit = cursor::limit(query.limit)?;
    let asked = (account, &query.status, &query.reason);
    let from = cursor::open(context, &asked, query.cursor.as_deref())?;
    let wanted = |invoice: &Invoice| {
        (query.status.is_empty() || query.status.contains(&invoice.status))
            && (query.reason.is_empty() || query.reason.contains(&invoice.reason))
    };
    let all = query.status.is_empty() && query.reason.is_empty();
    let rows = if all { limit } else { ROWS };
    let (mut items, mut next, mut looked) = (Vec::new(), Some(from), 0);
    while let Some(from) = next.take_if(|_| items.len() < limit && looked < MOST_ROWS) {
        let (found, more) = context.store.invoices(account, &from, rows).await?;
        looked += found.len();
        next = more;
        for (invoice, place) in found.into_iter().filter(|(invoice, _)| wanted(invoice)) {
            // What is behind the last row of the page is for the next one.
            if items.len() == limit {
                next = last_place(&items);
                break;
            }
            items.push((invoice, place));
        }
    }
    let next_cursor = cursor::seal(context, &asked, next.as_ref())?;
    Ok(List { items: items.into_iter().map(|(invoice, _)| invoice.into()).collect(), next_cursor })
}

fn last_place(items: &[(Invoice, Place)]) -> Option<Place> {
    items.last().map(|(_, place)| place.clone())
}
