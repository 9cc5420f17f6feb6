//! `GET /v1/me/email`

use domain::Stamp;
use edge::input::Nothing;
use edge::views::OwnEmail;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Shows one's address, and the change that is pending (P3).
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "me_email_get";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = OwnEmail;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        Ok(Decision::read(Reply::json(&OwnEmail::of(&context.caller()?.user, stamp.now))?))
    }
}
