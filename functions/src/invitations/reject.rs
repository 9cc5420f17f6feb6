//! `POST /v1/invitations/{id}/reject`

use domain::Stamp;
use domain::rules::approve::reject;
use edge::input::Nothing;
use edge::views::InvitationView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::{self, InvitationPath, NoQuery};

/// Declines a member's invitation and tells the member (B10).
#[derive(Debug)]
pub struct Reject;

impl Endpoint for Reject {
    const NAME: &'static str = "invitations_reject";
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
        let inviter = context.store.user(caller.account.id, invitation.invited_by).await?;
        let (invitation, change) = reject(&caller.account, &caller.user, &invitation, inviter.as_ref(), stamp)?;
        let view = InvitationView::of(&invitation, stamp.now);
        Ok(Decision::write(change, Reply::object(&view, invitation.version)?))
    }
}
