//! `POST /v1/resources/{kind}/{id}/mentions`

use domain::Stamp;
use domain::id::UserId;
use domain::rules::mention::mention;
use domain::rules::participants::{Between, nobody_to_bring_in};
use edge::resource_views::ResourceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery, ResourcePath};
use crate::sight;

/// Mentions somebody on a board or in a project, who takes part from then on (B5). A guest gains the contact (B6). The same
/// twice changes nothing.
#[derive(Debug)]
pub struct Mention;

/// Whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// An active user whom the caller sees.
    user_id: UserId,
}

impl Endpoint for Mention {
    const NAME: &'static str = "mentions_add";
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
        let user = context.store.user(caller.account.id, input.body.user_id).await?;
        let user = user.ok_or_else(|| Problem::from(nobody_to_bring_in("user_id")))?;
        let contacts = load::contacts(context, caller, &user).await?;
        let between = Between::of(&contacts, sight::common(context, caller, &user).await?);
        let (now, change) = mention(&caller.account, &caller.user, &seen, &user, between, stamp)?;
        let view = load::opened(context, now).await?;
        Ok(Decision::write(change, Reply::object(&view, view.version)?))
    }
}
