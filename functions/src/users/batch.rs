//! `POST /v1/users/batch`

use domain::change::Change;
use domain::holdings::{Holdings, Plan};
use domain::id::UserId;
use domain::invitation::Invitation;
use domain::role::Permission;
use domain::rules::batch::{MOST_USERS, Set, set};
use domain::rules::move_resources::begin;
use domain::rules::set_type::follow;
use domain::user::{User, UserStatus, UserType};
use domain::{Refusal, Stamp};
use edge::answer::Then;
use edge::dry_run::RefusalNote;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::commit::MAX_ACTIONS;
use store::directory::Choice;
use store::listing::Place;

use crate::load::{self, NoQuery};
use crate::sight;

/// Most writes for one user: his own, his invitation, two audit entries, what he holds.
const ACTIONS_PER_USER: usize = 5;

/// How many users are read at the same time.
const READS_AT_ONCE: usize = 16;

/// Sets the type or the status of up to 200 users, each with his outcome (W7, W8).
#[derive(Debug)]
pub struct Batch;

/// Whom, and to what: `user_ids` or `select`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200.
    user_ids: Option<Vec<UserId>>,
    /// The first 200 in the order of the list.
    select: Option<Select>,
    set: SetBody,
}

/// A choice from the list; without `status` all but the deleted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Select {
    status: Option<OneOrMany<UserStatus>>,
    r#type: Option<OneOrMany<UserType>>,
    /// How a word of the name, the login or the address begins, as in the list.
    q: Option<String>,
}

/// A value, or a list of them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T: PartialEq> OneOrMany<T> {
    fn has(&self, value: &T) -> bool {
        match self {
            Self::One(one) => one == value,
            Self::Many(many) => many.contains(value),
        }
    }
}

/// What to set: one of both.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetBody {
    r#type: Option<UserType>,
    /// `active` or `deactivated`.
    status: Option<UserStatus>,
}

/// What became of each user.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "BatchResults")]
pub struct Results {
    results: Vec<Row>,
}

/// What became of one user.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "BatchResult")]
struct Row {
    user_id: UserId,
    outcome: Outcome,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// Why not, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Changed,
    Unchanged,
    Refused,
}

/// How far a batch has come: whom it is about was decided at its beginning.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Progress {
    ids: Vec<UserId>,
    results: Vec<Row>,
}

impl Endpoint for Batch {
    const NAME: &'static str = "users_batch";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Results;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let to = asked(caller, input.body.set)?;
        let mut progress = match &input.carried {
            Some(carried) => {
                serde_json::from_value(carried.clone()).map_err(|error| Problem::internal(error.to_string()))?
            }
            None => Progress { ids: chosen(context, caller, &input.body).await?, results: Vec::new() },
        };
        // What does not fit one transaction goes on in the next; a dry run needs none.
        let most = if context.dry_run { MOST_USERS } else { (MAX_ACTIONS - 4) / ACTIONS_PER_USER };
        let ids: Vec<UserId> = progress.ids.iter().skip(progress.results.len()).take(most).copied().collect();
        let users = found(context, caller, &ids).await?;
        let mut counts = context.store.counts(caller.account.id).await?;
        let mut change = Change::new(caller.account.id, caller.account.subscription.model);
        let mut refusals = Vec::new();
        for (id, found) in ids.into_iter().zip(users) {
            let one = match &found {
                Some(found) => one(caller, found, (to, &counts), stamp),
                None => Err(Refusal::NotFound),
            };
            let row = match one {
                Ok(one) if one.is_nothing() => {
                    Row { user_id: id, outcome: Outcome::Unchanged, code: None, detail: None }
                }
                Ok(one) => {
                    counts = counts.plus(&one.counts.delta);
                    change.join(one);
                    Row { user_id: id, outcome: Outcome::Changed, code: None, detail: None }
                }
                Err(refusal) => refused(id, &refusal),
            };
            refusals.extend(note(&row));
            progress.results.push(row);
        }
        let then = if progress.results.len() < progress.ids.len() {
            Then::Continue(serde_json::to_value(&progress).map_err(|error| Problem::internal(error.to_string()))?)
        } else {
            Then::Reply(Reply::json(&Results { results: progress.results })?)
        };
        Ok(Decision { change: Some(change), then, refusals })
    }
}

/// What is asked, if the caller may and it is one thing.
fn asked(caller: &Caller, body: SetBody) -> Result<Set, Problem> {
    let one_of = || Problem::field("set", "invalid_value", "Set the type, or the status to active or deactivated.");
    match (body.r#type, body.status) {
        (Some(user_type), None) => {
            caller.needs(Permission::UsersWrite)?;
            Ok(Set::Type(user_type))
        }
        (None, Some(status @ (UserStatus::Active | UserStatus::Deactivated))) => {
            caller.needs(Permission::UsersStatus)?;
            Ok(Set::Active(status == UserStatus::Active))
        }
        _ => Err(one_of()),
    }
}

/// Whom the batch is about, each once.
async fn chosen(context: &Context, caller: &Caller, body: &Body) -> Result<Vec<UserId>, Problem> {
    match (&body.user_ids, &body.select) {
        (Some(ids), None) if ids.len() > MOST_USERS => {
            Err(Problem::new("too_many_users", format!("A batch takes at most {MOST_USERS} users.")))
        }
        (Some(ids), None) if !ids.is_empty() => {
            let mut seen = std::collections::HashSet::new();
            Ok(ids.iter().copied().filter(|id| seen.insert(*id)).collect())
        }
        (None, Some(select)) => {
            let status =
                |status| select.status.as_ref().map_or(status != UserStatus::Deleted, |wanted| wanted.has(&status));
            let of_type = |user_type| select.r#type.as_ref().is_none_or(|all| all.has(&user_type));
            let choice = Choice::by_status(status, of_type).found_by(load::search(select.q.as_deref(), &caller.user)?);
            let (mut ids, mut from) = (Vec::new(), Some(Place::START));
            // A page of a search may be short.
            while let Some(place) = from.filter(|_| ids.len() < MOST_USERS) {
                let (users, next) = sight::users(context, caller, &choice, &place, MOST_USERS - ids.len()).await?;
                ids.extend(users.iter().map(|user| user.id));
                from = next;
            }
            Ok(ids)
        }
        _ => Err(Problem::field("user_ids", "missing_field", "Name 1 to 200 users, or select some.")),
    }
}

/// A user as he is now.
struct Found {
    user: User,
    holdings: Holdings,
    invitation: Option<Invitation>,
}

/// The users as they are now, with what they hold and hang on.
async fn found(context: &Context, caller: &Caller, ids: &[UserId]) -> Result<Vec<Option<Found>>, Problem> {
    let mut users = Vec::with_capacity(ids.len());
    for some in ids.chunks(READS_AT_ONCE) {
        let read = some.iter().map(|id| async move {
            let Some((user, holdings)) = load::taker(context, caller, *id).await? else { return Ok(None) };
            let invitation = load::open_invitation(context, caller, &user).await?;
            Ok::<_, Problem>(Some(Found { user, holdings, invitation }))
        });
        users.extend(try_join_all(read).await?);
    }
    Ok(users)
}

/// One user's part of the change. What he owns stays with him as after any deactivation; the worker writes it.
fn one(
    caller: &Caller,
    Found { user, holdings, invitation }: &Found,
    (to, counts): (Set, &domain::counts::Counts),
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    let mut change = set(&caller.account, counts, &caller.user, user, to, stamp)?;
    if let Some(invitation) = invitation {
        follow(invitation, &mut change);
    }
    let plan = match to {
        Set::Active(false) => Some(Plan::Keep),
        Set::Active(true) => Some(Plan::Restore),
        Set::Type(_) => None,
    };
    if let Some(plan) = plan.filter(|_| !change.is_nothing()) {
        begin(&caller.account, holdings, plan, None, &[], &mut change, stamp);
    }
    Ok(change)
}

fn refused(user_id: UserId, refusal: &Refusal) -> Row {
    let (code, detail) = (Some(refusal.code().to_owned()), Some(refusal.to_string()));
    Row { user_id, outcome: Outcome::Refused, code, detail }
}

fn note(row: &Row) -> Option<RefusalNote> {
    Some(RefusalNote {
        subject: Some(row.user_id.to_string()),
        code: row.code.clone()?,
        detail: row.detail.clone().unwrap_or_default(),
    })
}
