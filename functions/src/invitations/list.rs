//! `GET /v1/invitations`

use domain::Stamp;
use domain::invitation::InvitationStatus;
use domain::role::Permission;
use domain::user::UserType;
use edge::input::Nothing;
use edge::views::{InvitationView, List};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery};

/// Lists invitations, newest first: the open ones, unless statuses are named (B8). For admins and members.
#[derive(Debug)]
pub struct ListInvitations;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Of these statuses; the open ones unless given.
    #[serde(default)]
    status: Vec<InvitationStatus>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListInvitations {
    const NAME: &'static str = "invitations_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<InvitationView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        if !matches!(caller.user.user_type, UserType::Admin | UserType::Member) {
            return Err(Problem::forbidden(Permission::UsersInvite));
        }
        let limit = cursor::limit(input.query.limit)?;
        let mut statuses = input.query.status.clone();
        if statuses.is_empty() {
            statuses.extend(InvitationStatus::OPEN);
        }
        statuses.sort();
        statuses.dedup();
        let from = cursor::open(context, &statuses, input.query.cursor.as_deref())?;
        // Those past their window are expired, though the worker may not have come to them: they are still kept as pending.
        let mut kept_as = statuses.clone();
        if statuses.contains(&InvitationStatus::Expired) && !statuses.contains(&InvitationStatus::Pending) {
            kept_as.push(InvitationStatus::Pending);
        }
        // Before the page, so that nobody who is erased meanwhile is missed.
        let erasures = load::erasures(context, caller).await?;
        let (invitations, next) = context.store.invitations(caller.account.id, &kept_as, &from, limit).await?;
        let items = invitations
            .into_iter()
            .map(|invitation| load::uninvited(&erasures, invitation))
            .filter(|invitation| statuses.contains(&invitation.status_at(stamp.now)))
            .map(|invitation| InvitationView::of(&invitation, stamp.now))
            .collect();
        let next_cursor = cursor::seal(context, &statuses, next.as_ref())?;
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}
