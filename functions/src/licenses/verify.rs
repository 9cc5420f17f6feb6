//! `GET /v1/licenses/ledger/verify`

use domain::Stamp;
use edge::input::Nothing;
use edge::ledger_views::{Sums, VerificationView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Reckons the whole ledger up: the licenses bought, in use and kept, the credit and every invoice follow from it, or the
/// answer says which do not.
#[derive(Debug)]
pub struct Verify;

impl Endpoint for Verify {
    const NAME: &'static str = "licenses_verify";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = VerificationView;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = context.caller()?.account.id;
        let Some((sums, differences)) = context.store.reckon(account).await? else {
            return Err(Problem::unavailable("the ledger moved on at every attempt"));
        };
        let reckoned = Sums {
            purchased: sums.purchased,
            in_use: sums.in_use,
            reserved: sums.reserved,
            credit: sums.credit,
            invoices: sums.invoices,
            postings: sums.postings,
            period: sums.period,
        };
        let view = VerificationView { consistent: differences.is_empty(), reckoned, differences };
        Ok(Decision::read(Reply::json(&view)?))
    }
}
