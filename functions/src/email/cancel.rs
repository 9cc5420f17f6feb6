//! `DELETE /v1/me/email`

use domain::Stamp;
use domain::rules::request_email::cancel;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::email;
use crate::load::NoQuery;

/// Calls off the change of one's address that is pending, whoever asked for it.
#[derive(Debug)]
pub struct Cancel;

impl Endpoint for Cancel {
    const NAME: &'static str = "me_email_cancel";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = email::oneself(context)?;
        let (_, change) = cancel(&caller.account, &caller.user, stamp);
        Ok(Decision::write(change, Reply::empty()))
    }
}
