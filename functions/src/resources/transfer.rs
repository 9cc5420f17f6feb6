//! `POST /v1/resources/transfer`

use std::collections::BTreeMap;

use domain::holdings::{Holdings, Plan, Seen, Taker};
use domain::id::UserId;
use domain::resource::{Kind, ResourceId};
use domain::rules::hand_over::{nobody_to_give_to, transfer};
use domain::rules::move_resources::{MOST_AT_ONCE, begin};
use domain::user::{User, UserStatus};
use domain::{Change, Stamp};
use edge::answer::Then;
use edge::input::{Checks, nullable};
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::load::{self, NoQuery, ResourcePath};

/// Hands resources to another owner, or to the unassigned (L6, W3, W4): those that are named, or all of somebody's.
#[derive(Debug)]
pub struct Transfer;

/// Most resources that are named in one request.
const MOST_NAMED: usize = 100;
/// How many of them one transaction takes: each may have another owner, whose numbers change too.
const MOST_NAMED_AT_ONCE: usize = 45;

/// What, and to whom.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent is not null")]
pub struct Body {
    /// All that this user owns; together with `resources`, those of them that he owns.
    from: Option<UserId>,
    /// 1 to 100 of them.
    resources: Option<Vec<Named>>,
    /// An active user, or null for the unassigned.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<UserId>")]
    to: Option<Option<UserId>>,
}

/// One resource.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Named {
    kind: Kind,
    id: ResourceId,
}

/// How many changed hands.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Transferred {
    transferred: usize,
}

/// How far a request has come that names many.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Carried {
    seen: usize,
    transferred: usize,
}

impl Endpoint for Transfer {
    const NAME: &'static str = "resources_transfer";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Transferred;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let body = &input.body;
        let to = check(body)?;
        let to = match to {
            Some(id) => Some(successor(context, caller, "to", id, body.from).await?),
            None => None,
        };
        let to = to.as_ref().map(|(user, holdings)| Taker { user, holdings });
        let Some(named) = &body.resources else {
            let from = body.from.ok_or_else(|| Problem::invalid(Vec::new()))?;
            return all_of(context, caller, from, to, stamp).await;
        };
        let before: Carried =
            input.carried.clone().and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        let at_once = if context.dry_run { MOST_NAMED } else { MOST_NAMED_AT_ONCE };
        let end = named.len().min(before.seen + at_once);
        let (seen, holdings) = named_ones(context, caller, &named[before.seen..end], body.from).await?;
        let (count, change) = transfer(&caller.account, &seen, &holdings, to, stamp)?;
        let now = Carried { seen: end, transferred: before.transferred + count };
        let then = if end < named.len() {
            Then::Continue(json!(now))
        } else {
            Then::Reply(Reply::json(&Transferred { transferred: now.transferred })?)
        };
        Ok(Decision { change: Some(change), then, refusals: Vec::new() })
    }
}

/// To whom, if what is asked holds together.
fn check(body: &Body) -> Result<Option<UserId>, Problem> {
    let mut checks = Checks::default();
    match &body.resources {
        Some(named) if named.is_empty() || named.len() > MOST_NAMED => {
            checks.fault("resources", "out_of_range", format!("There must be 1 to {MOST_NAMED} resources."));
        }
        Some(named) => {
            for (index, one) in named.iter().enumerate() {
                if named[..index].iter().any(|other| (other.kind, &other.id) == (one.kind, &one.id)) {
                    checks.fault(&format!("resources[{index}]"), "duplicate", "This resource is named twice.");
                }
            }
        }
        None if body.from.is_none() => {
            checks.fault("resources", "missing_field", "Name the resources, or whose they are in `from`.");
        }
        None => {}
    }
    if body.to.is_none() {
        checks.fault("to", "missing_field", "Say who gets the resources; null for nobody.");
    }
    checks.done()?;
    Ok(body.to.flatten())
}

/// Who is to get resources must be able to have them.
pub(crate) async fn successor(
    context: &Context,
    caller: &Caller,
    field: &str,
    id: UserId,
    from: Option<UserId>,
) -> Result<(User, Holdings), Problem> {
    let found = load::taker(context, caller, id).await?;
    let fits = |user: &User| user.status == UserStatus::Active && Some(user.id) != from;
    found.filter(|(user, _)| fits(user)).ok_or_else(|| nobody_to_give_to(field).into())
}

/// Named resources, those of another owner than `from` left out, with what their owners hold.
async fn named_ones(
    context: &Context,
    caller: &Caller,
    named: &[Named],
    from: Option<UserId>,
) -> Result<(Vec<Seen>, BTreeMap<UserId, Holdings>), Problem> {
    let paths: Vec<ResourcePath> =
        named.iter().map(|named| ResourcePath { kind: named.kind, id: named.id.clone() }).collect();
    let found = try_join_all(paths.iter().map(|path| load::resource(context, caller, path))).await?;
    let mut holdings = BTreeMap::new();
    let mut seen = Vec::new();
    for (one, owned_by) in found {
        if from.is_some() && one.shown.owner_id != from {
            continue;
        }
        holdings.extend(owned_by.map(|holdings| (holdings.user_id, holdings)));
        seen.push(one);
    }
    Ok((seen, holdings))
}

/// Everything of somebody's, however much: it changes hands at once, and the worker carries out what does not fit.
async fn all_of(
    context: &Context,
    caller: &Caller,
    from: UserId,
    to: Option<Taker<'_>>,
    stamp: &mut Stamp,
) -> Result<Decision, Problem> {
    let from = load::user(context, caller, from).await?;
    let plan = to.map_or(Plan::Unassign, |to| Plan::Reassign { to: to.user.id, epoch: to.holdings.epoch });
    let mut change = Change::new(caller.account.id, caller.account.subscription.model);
    let (total, _) = begin_all(context, caller, &from, plan, to, &mut change, stamp).await?;
    let transferred = usize::try_from(total).unwrap_or(0);
    Ok(Decision::write(change, Reply::json(&Transferred { transferred })?))
}

/// Adds to a change that all a user holds is moved: the first of it at once. Says how many, and what he holds then.
pub(crate) async fn begin_all(
    context: &Context,
    caller: &Caller,
    user: &User,
    plan: Plan,
    to: Option<Taker<'_>>,
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<(i64, Holdings), Problem> {
    let account = caller.account.id;
    let holdings = context.store.holdings(account, user.id).await?;
    let any = plan.kinds().iter().any(|kind| holdings.held.of(*kind) > 0);
    let rows =
        if any { context.store.owned(account, user.id, plan.kinds(), None, MOST_AT_ONCE).await?.0 } else { Vec::new() };
    Ok(begin(&caller.account, &holdings, plan, to, &rows, change, stamp)?)
}
