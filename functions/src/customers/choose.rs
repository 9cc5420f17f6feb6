//! `PUT /v1/users/{id}/accessible-accounts`

use domain::Stamp;
use domain::rules::choose_customers::choose_customers;
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::customers::{AccessBody, partner};
use crate::load::{self, NoQuery, UserPath};

/// Chooses the customers that a user may enter (P6): all, or some. It counts from the next request on.
#[derive(Debug)]
pub struct Choose;

impl Endpoint for Choose {
    const NAME: &'static str = "users_choose_customers";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = AccessBody;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, AccessBody>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let user = load::user(context, caller, input.path.id).await?;
        partner(caller)?;
        let chosen = input.body.chosen("")?;
        context.matches(user.version)?;
        let store = &context.store;
        let (reach, kept, counts) = tokio::try_join!(
            store.reach(&caller.user),
            store.selection(user.account_id, user.id),
            store.counts(caller.account.id)
        )?;
        input.body.known(context, (caller, &reach), &kept, "").await?;
        let (actor, user) = ((&caller.user, &reach), (&user, &kept));
        let (user, reach, change) = choose_customers(&caller.account, &counts, actor, user, chosen, stamp)?;
        let view = UserView::of(&user, &context.config.app_url, stamp.now).with_reach(&reach);
        Ok(Decision::write(change, Reply::object(&view, user.version)?))
    }
}
