//! `DELETE /v1/resources/{kind}/{id}`

use domain::Stamp;
use domain::rules::register::forget;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, NoQuery, ResourcePath};

/// Forgets a resource that the host product has deleted.
#[derive(Debug)]
pub struct Delete;

impl Endpoint for Delete {
    const NAME: &'static str = "resources_delete";
    type Path = ResourcePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<ResourcePath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (seen, holdings) = load::resource(context, caller, &input.path).await?;
        context.matches(seen.shown.version)?;
        let earlier = context.store.trace(caller.account.id, input.path.kind, &input.path.id).await?;
        let change = forget(&caller.account, &seen, earlier.as_ref(), holdings.as_ref(), stamp);
        Ok(Decision::write(change, Reply::empty()))
    }
}
