//! `GET /v1/licenses/ledger`

use domain::Stamp;
use domain::id::{AccountId, InvoiceId};
use domain::invoice::Invoice;
use edge::input::Nothing;
use edge::ledger_views::EntryView;
use edge::views::List;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::listing::Place;

use crate::load::NoQuery;

/// Lists what happened to the licenses and what was charged for it, newest first; what happened together, in its own order.
#[derive(Debug)]
pub struct Ledger;

/// Which: of a period, or what issued an invoice.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Of this period of the account, from 0.
    #[schemars(range(min = 0, max = 100_000))]
    period: Option<i64>,
    /// What explains this invoice.
    invoice_id: Option<InvoiceId>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

/// The last period that can be asked for.
const MOST_PERIODS: i64 = 100_000;

impl Endpoint for Ledger {
    const NAME: &'static str = "licenses_ledger";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<EntryView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = context.caller()?.account.id;
        let query = &input.query;
        let limit = cursor::limit(query.limit)?;
        if query.period.is_some_and(|period| !(0..=MOST_PERIODS).contains(&period)) {
            return Err(Problem::field("period", "out_of_range", format!("must be 0 to {MOST_PERIODS}")));
        }
        let asked = (query.period, query.invoice_id);
        let from = cursor::open(context, &asked, query.cursor.as_deref())?;
        let (items, next) = match query.invoice_id {
            Some(id) => of_invoice(context, account, (id, query.period), (&from, limit)).await?,
            None => page(context, account, query.period, (&from, limit)).await?,
        };
        let next_cursor = cursor::seal(context, &asked, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// The entries from a place on: behind a posting, and behind so many of the next one's entries.
async fn page(
    context: &Context,
    account: AccountId,
    period: Option<i64>,
    (from, limit): (&Place, usize),
) -> Result<(Vec<EntryView>, Option<Place>), Problem> {
    let (postings, more) = context.store.postings(account, period, from.after.as_deref(), limit).await?;
    let (mut items, mut behind, mut skip) = (Vec::new(), from.after.clone(), from.group);
    for (posting, place) in postings {
        for (index, entry) in EntryView::of(&posting).enumerate().skip(skip) {
            if items.len() == limit {
                return Ok((items, Some(Place { group: index, after: behind })));
            }
            items.push(entry);
        }
        (behind, skip) = (place.after, 0);
    }
    Ok((items, more.then_some(Place { group: 0, after: behind })))
}

/// What issued an invoice: bought, dropped, renewed and charged together.
async fn of_invoice(
    context: &Context,
    account: AccountId,
    (id, period): (InvoiceId, Option<i64>),
    (from, limit): (&Place, usize),
) -> Result<(Vec<EntryView>, Option<Place>), Problem> {
    let invoice = context.store.invoice(account, id).await?;
    let of_period = |invoice: &Invoice| period.is_none_or(|period| invoice.period == period);
    let invoice = invoice.filter(of_period).ok_or_else(Problem::not_found)?;
    let posting = context.store.posting_of(&invoice).await?;
    let mut entries: Vec<EntryView> = posting.iter().flat_map(EntryView::of).skip(from.group).collect();
    let more = entries.len() > limit;
    entries.truncate(limit);
    Ok((entries, more.then(|| Place { group: from.group + limit, after: None })))
}
