//! `POST /v1/resources/{kind}/{id}/claim`

use domain::Stamp;
use domain::holdings::Taker;
use domain::rules::hand_over::claim;
use edge::input::Nothing;
use edge::resource_views::ResourceView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;

use crate::load::{self, NoQuery, ResourcePath};

/// Makes an admin the owner of a resource that has no active one (W4).
#[derive(Debug)]
pub struct Claim;

impl Endpoint for Claim {
    const NAME: &'static str = "resources_claim";
    type Path = ResourcePath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ResourceView;

    async fn decide(
        context: &Context,
        input: &Input<ResourcePath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let store = &context.store;
        let account = caller.account.id;
        let ((seen, owned_by), holdings) = tokio::try_join!(load::resource(context, caller, &input.path), async {
            Ok(store.holdings(account, caller.user.id).await?)
        })?;
        let others = seen.shown.owners().filter(|id| *id != caller.user.id);
        let owners = try_join_all(others.map(|id| store.user(account, id))).await?;
        let mut owners: Vec<_> = owners.into_iter().flatten().collect();
        if seen.shown.owners().any(|id| id == caller.user.id) {
            owners.push(caller.user.clone());
        }
        let by = Taker { user: &caller.user, holdings: &holdings };
        let (now, change) = claim(&caller.account, &seen, &owners, owned_by.as_ref(), by, stamp)?;
        Ok(Decision::write(change, Reply::object(&ResourceView::from(&now), now.version)?))
    }
}
