//! `POST /v1/me/email/accept`

use domain::Stamp;
use domain::rules::change_email::accept;
use edge::input::Nothing;
use edge::views::OwnEmail;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::email::{self, Found};
use crate::load::NoQuery;

/// The accept button: a confirmed change of one's address takes effect (P3).
#[derive(Debug)]
pub struct Accept;

impl Endpoint for Accept {
    const NAME: &'static str = "me_email_accept";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = OwnEmail;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = email::oneself(context)?;
        let user = &caller.user;
        let address = user.email_change.as_ref().map(|change| &change.email);
        let found = Found::of(context, user, address).await?;
        let (now, change) = accept(&caller.account, user, found.standing(), stamp)?;
        Ok(Decision::write(change, Reply::json(&OwnEmail::of(&now, stamp.now))?))
    }
}
