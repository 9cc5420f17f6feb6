//! `DELETE /v1/resources/{kind}/{id}/participants/{user_id}`

use domain::Stamp;
use domain::id::UserId;
use domain::resource::{Kind, ResourceId};
use domain::rules::participants::let_go;
use edge::input::Nothing;
use edge::resource_views::ResourceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery};

/// Lets a participant of a board or project go, or goes oneself; the same twice changes nothing.
#[derive(Debug)]
pub struct LetGo;

/// Whom, of what.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Path {
    kind: Kind,
    id: ResourceId,
    user_id: UserId,
}

impl Endpoint for LetGo {
    const NAME: &'static str = "participants_remove";
    type Path = Path;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ResourceView;

    async fn decide(
        context: &Context,
        input: &Input<Path, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let path = &input.path;
        let seen = load::shared(context, caller, path.kind, &path.id).await?;
        context.matches(seen.shown.version)?;
        let (now, change) = let_go(&caller.account, &caller.user, &seen, path.user_id, stamp)?;
        let view = load::opened(context, now).await?;
        Ok(Decision::write(change, Reply::object(&view, view.version)?))
    }
}
