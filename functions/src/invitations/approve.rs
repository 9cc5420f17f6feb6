//! `POST /v1/invitations/{id}/approve`

use domain::Stamp;
use domain::rules::approve::approve;
use edge::input::Nothing;
use edge::views::InvitationView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, InvitationPath, NoQuery};

/// Agrees to a member's invitation: it goes out by itself (B10).
#[derive(Debug)]
pub struct Approve;

impl Endpoint for Approve {
    const NAME: &'static str = "invitations_approve";
    type Path = InvitationPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = InvitationView;

    async fn decide(
        context: &Context,
        input: &Input<InvitationPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let invitation = load::invitation(context, caller, input.path.id).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let role = load::named_role(context, caller, Some(invitation.role_id)).await?;
        let (invitation, change) = approve(&caller.account, &counts, &caller.user, &invitation, &role, stamp)?;
        let view = InvitationView::of(&invitation, stamp.now);
        Ok(Decision::write(change, Reply::object(&view, invitation.version)?))
    }
}
