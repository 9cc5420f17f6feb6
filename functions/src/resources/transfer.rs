//! `POST /v1/resources/transfer`

use domain::holdings::{Holdings, Plan, Seen, Taker};
use domain::id::UserId;
use domain::resource::{Kind, ResourceId};
use domain::rules::hand_over::{nobody_to_give_to, transfer};
use domain::rules::move_resources::{FEW, MOST_AT_ONCE, begin, concerned};
use domain::rules::reach::{reaches, reaches_all};
use domain::user::{User, UserStatus};
use domain::{Change, Stamp};
use edge::answer::Then;
use edge::input::{Checks, nullable};
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::resources::HeldBy;

use crate::load::{self, NoQuery};

/// Hands resources to another owner, or to the unassigned (L6, W3, W4): those that are named, or all of somebody's.
#[derive(Debug)]
pub struct Transfer;

/// Most resources that are named in one request.
const MOST_NAMED: usize = 100;
/// How many of them one transaction takes: each may have another owner, whose numbers change too, and may have been
/// co-owned by whoever gets it.
const MOST_NAMED_AT_ONCE: usize = 30;

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
        let before: Carried = match &input.carried {
            Some(carried) => {
                serde_json::from_value(carried.clone()).map_err(|error| Problem::internal(error.to_string()))?
            }
            None => Carried::default(),
        };
        let at_once = if context.dry_run { MOST_NAMED } else { MOST_NAMED_AT_ONCE };
        let end = named.len().min(before.seen + at_once);
        let (mut seen, holdings) = named_ones(context, caller, &named[before.seen..]).await?;
        // All are looked at before the first is written. What goes away later is passed over.
        if input.carried.is_none() && seen.iter().any(Option::is_none) {
            return Err(Problem::not_found());
        }
        seen.truncate(end - before.seen);
        let of_him = |seen: &Seen| body.from.is_none() || seen.shown.owner_id == body.from;
        let seen: Vec<Seen> = seen.into_iter().flatten().filter(of_him).collect();
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

/// Named resources, none where the caller reaches none, with what their owners hold.
async fn named_ones(
    context: &Context,
    caller: &Caller,
    named: &[Named],
) -> Result<(Vec<Option<Seen>>, HeldBy), Problem> {
    let places: Vec<_> = named.iter().map(|named| (named.kind, &named.id)).collect();
    let (mut found, holdings) = context.store.named_resources(caller.account.id, &places).await?;
    for one in &mut found {
        one.take_if(|seen| !reaches(&caller.user, &seen.shown));
    }
    Ok((found, holdings))
}

/// Everything of somebody's, however much: it changes hands at once, and the worker carries out what does not fit.
async fn all_of(
    context: &Context,
    caller: &Caller,
    from: UserId,
    to: Option<Taker<'_>>,
    stamp: &mut Stamp,
) -> Result<Decision, Problem> {
    if from != caller.user.id && !reaches_all(&caller.user) {
        return Err(Problem::not_found());
    }
    let from = load::user(context, caller, from).await?;
    let plan = to.map_or(Plan::Unassign, |to| Plan::Reassign { to: to.user.id, epoch: to.holdings.epoch });
    let mut change = Change::new(caller.account.id, caller.account.subscription.model);
    let holdings = context.store.holdings(caller.account.id, from.id).await?;
    holdings.may_be_handed_over()?;
    let (total, _) = begin_all(context, caller, &holdings, plan, to, &mut change, stamp).await?;
    let transferred = usize::try_from(total).unwrap_or(0);
    Ok(Decision::write(change, Reply::json(&Transferred { transferred })?))
}

/// Adds to a change that all a user holds is moved: a few at once, more by the worker, while readers see them moved. Says
/// how many, and what he holds then.
pub(crate) async fn begin_all(
    context: &Context,
    caller: &Caller,
    holdings: &Holdings,
    plan: Plan,
    to: Option<Taker<'_>>,
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<(i64, Holdings), Problem> {
    let (account, user) = (caller.account.id, holdings.user_id);
    // A dry run tells more than one transaction of a request should cost.
    let most = if context.dry_run { MOST_AT_ONCE } else { FEW };
    let number = usize::try_from(concerned(holdings, plan)).unwrap_or(0);
    let rows = if number > 0 && (number <= most || context.dry_run) {
        context.store.owned(account, user, plan.kinds(), None, most).await?.0
    } else {
        Vec::new()
    };
    Ok(begin(&caller.account, holdings, plan, to, &rows, change, stamp))
}
