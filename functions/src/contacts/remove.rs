//! `DELETE /v1/contacts/{user_id}`

use domain::Stamp;
use domain::rules::contacts::remove;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::contacts::ContactPath;
use crate::load::NoQuery;

/// Removes a contact, on one's own side alone (B7). Who is none already, or nobody, is none either way.
#[derive(Debug)]
pub struct Remove;

impl Endpoint for Remove {
    const NAME: &'static str = "contacts_remove";
    type Path = ContactPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<ContactPath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (account, me, other) = (caller.account.id, caller.user.id, input.path.user_id);
        let (mine, theirs) =
            tokio::try_join!(context.store.contact(account, me, other), context.store.contact(account, other, me))?;
        Ok(Decision::write(remove(&caller.account, mine.as_ref(), theirs.as_ref()), Reply::empty()))
    }
}
