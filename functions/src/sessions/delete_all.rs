//! `DELETE /v1/sessions`

use domain::Stamp;
use domain::rules::sign_in::sign_out_everywhere;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Signs every device of one's own out, this one too, and with them whatever was switched from them.
#[derive(Debug)]
pub struct DeleteAll;

impl Endpoint for DeleteAll {
    const NAME: &'static str = "sessions_delete_all";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let (user, account) = context.caller()?.own();
        let change = sign_out_everywhere(account, user, stamp);
        Ok(Decision::write(change, Reply::empty()))
    }
}
