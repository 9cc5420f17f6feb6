//! `PUT /v1/contacts/{user_id}`

use domain::Stamp;
use domain::rules::contacts::add;
use edge::contact_views::ContactView;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::contacts::ContactPath;
use crate::load::NoQuery;
use crate::sight;

/// Adds a contact by hand, on one's own side alone (B6); the same twice changes nothing.
#[derive(Debug)]
pub struct Add;

impl Endpoint for Add {
    const NAME: &'static str = "contacts_add";
    type Path = ContactPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ContactView;

    async fn decide(
        context: &Context,
        input: &Input<ContactPath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (account, other) = (caller.account.id, input.path.user_id);
        let (user, known) = tokio::try_join!(
            context.store.user(account, other),
            context.store.contact(account, caller.user.id, other)
        )?;
        let user = user.ok_or_else(Problem::not_found)?;
        let shared = sight::common(context, caller, &user).await?;
        let change = add(&caller.account, &caller.user, &user, (known.as_ref(), shared))?;
        Ok(Decision::write(change, Reply::json(&ContactView::of(&user, &caller.user, &caller.account))?))
    }
}
