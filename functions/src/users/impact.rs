//! `GET /v1/users/{id}/impact`

use domain::Stamp;
use domain::resource::Kind;
use domain::user::Seat;
use edge::input::Nothing;
use edge::resource_views::{HeldOfKind, Impact, ResourceView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;
use store::listing::Place;
use store::resource_list::Which;

use crate::load::{self, NoQuery, UserPath};

/// Shows what a deactivation would touch (R11), at a cost that does not grow with how much it is.
#[derive(Debug)]
pub struct ShowImpact;

/// How many resources of each kind are shown.
const MOST_SHOWN: usize = 50;
/// Most sessions that are counted.
const MOST_SESSIONS: usize = 200;

impl Endpoint for ShowImpact {
    const NAME: &'static str = "users_impact";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Impact;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let store = &context.store;
        let account = caller.account.id;
        let user = load::user(context, caller, input.path.id).await?;
        let (holdings, motions, (sessions, _)) = tokio::try_join!(
            store.holdings(account, user.id),
            store.motions(account),
            store.sessions(account, user.id, &Place::START, MOST_SESSIONS)
        )?;
        let kinds = Kind::ALL.iter().copied().filter(|kind| holdings.held.of(*kind) > 0);
        let motions = &motions;
        let shown = kinds.map(async |kind| {
            let which = Which { owner: Some(user.id), kind: Some(kind), state: None };
            let (rows, _) = store.resources(account, motions, which, &Place::START, MOST_SHOWN).await?;
            let items = rows.iter().map(ResourceView::from).collect();
            Ok::<_, Problem>((kind, HeldOfKind { count: holdings.held.of(kind), items }))
        });
        let policy = &caller.account.policy;
        let impact = Impact {
            resources: try_join_all(shown).await?.into_iter().collect(),
            sessions: sessions.iter().filter(|session| session.is_alive(&user, policy, stamp.now)).count(),
            licenses: u32::from(user.seat != Seat::None),
        };
        Ok(Decision::read(Reply::json(&impact)?))
    }
}
