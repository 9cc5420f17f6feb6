//! `DELETE /v1/resources/{kind}/{id}`

use domain::Stamp;
use domain::rules::participants::let_all_go;
use domain::rules::register::forget;
use edge::answer::Then;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use serde_json::Value;

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
        // The version that was meant is the one before the participants of a full board went.
        if input.carried.is_none() {
            context.matches(seen.shown.version)?;
        }
        if let Some(change) = let_all_go(&caller.account, &seen, stamp).filter(|_| !context.dry_run) {
            return Ok(Decision { change: Some(change), then: Then::Continue(Value::Null), refusals: Vec::new() });
        }
        let earlier = context.store.trace(caller.account.id, input.path.kind, &input.path.id).await?;
        let change = forget(&caller.account, &seen, earlier.as_ref(), holdings.as_ref(), stamp);
        Ok(Decision::write(change, Reply::empty()))
    }
}
