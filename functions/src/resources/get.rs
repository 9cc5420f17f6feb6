//! `GET /v1/resources/{kind}/{id}`

use domain::Stamp;
use edge::input::Nothing;
use edge::resource_views::ResourceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, ResourcePath};

/// Shows one resource.
#[derive(Debug)]
pub struct Get;

impl Endpoint for Get {
    const NAME: &'static str = "resources_get";
    type Path = ResourcePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ResourceView;

    async fn decide(
        context: &Context,
        input: &Input<ResourcePath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let (seen, _) = load::resource(context, context.caller()?, &input.path).await?;
        let view = load::opened(context, seen.shown).await?;
        Ok(Decision::read(Reply::object(&view, view.version)?))
    }
}
