//! `POST /v1/resources/{kind}/{id}/participants`

use domain::Stamp;
use domain::id::UserId;
use domain::rules::participants::{Between, bring_in, nobody_to_bring_in};
use domain::rules::visible::address_visible;
use domain::text::Email;
use domain::user::User;
use edge::resource_views::ResourceView;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, ResourcePath};
use crate::sight;

/// Brings somebody into a board or project, who becomes a contact of whoever did it, and the other way round (B6).
#[derive(Debug)]
pub struct BringIn;

/// Whom: one of the two.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// An active user whom the caller sees.
    user_id: Option<UserId>,
    /// The address of one; not for guests, who are told no addresses.
    email: Option<String>,
}

impl Endpoint for BringIn {
    const NAME: &'static str = "participants_add";
    type Path = ResourcePath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = ResourceView;

    async fn decide(
        context: &Context,
        input: &Input<ResourcePath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let seen = load::shared(context, caller, input.path.kind, &input.path.id).await?;
        context.matches(seen.shown.version)?;
        let (field, user) = meant(context, caller, &input.body).await?;
        let user = user.ok_or_else(|| Problem::from(nobody_to_bring_in(field)))?;
        let contacts = load::contacts(context, caller, &user).await?;
        let between = Between::of(&contacts, sight::common(context, caller, &user).await?);
        let (now, change) = bring_in(&caller.account, &caller.user, &seen, (field, &user), between, stamp)?;
        let view = load::opened(context, now).await?;
        Ok(Decision::write(change, Reply::object(&view, view.version)?))
    }
}

/// Who is meant, if there is such a user, and by which field. Nobody finds out by an address whom he is told none of (B3).
async fn meant(context: &Context, caller: &Caller, body: &Body) -> Result<(&'static str, Option<User>), Problem> {
    let (store, account) = (&context.store, caller.account.id);
    match (body.user_id, &body.email) {
        (Some(id), None) => Ok(("user_id", store.user(account, id).await?)),
        (None, Some(email)) => {
            let email = Email::parse(email).filter(|_| address_visible(caller.user.user_type));
            let Some(email) = email else { return Ok(("email", None)) };
            let Some(id) = store.holder(account, &email.folded()).await? else { return Ok(("email", None)) };
            let user = store.user(account, id).await?;
            Ok(("email", user.filter(|user| user.email.as_ref().is_some_and(|it| it.folded() == email.folded()))))
        }
        _ => Err(Problem::field("", "invalid_value", "Give either user_id or email.")),
    }
}
