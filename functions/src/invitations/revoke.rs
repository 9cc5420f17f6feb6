//! `DELETE /v1/invitations/{id}`

use domain::Stamp;
use domain::rules::revoke::revoke;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use super::may_touch;
use crate::load::{self, InvitationPath, NoQuery};

/// Takes an invitation back and frees its license (B8).
#[derive(Debug)]
pub struct Revoke;

impl Endpoint for Revoke {
    const NAME: &'static str = "invitations_revoke";
    type Path = InvitationPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<InvitationPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let invitation = load::invitation(context, caller, input.path.id).await?;
        may_touch(caller, &invitation)?;
        context.matches(invitation.version)?;
        let user = load::pending_user(context, &invitation).await?;
        let change = revoke(&caller.account, &invitation, user.as_ref(), stamp)?;
        Ok(Decision::write(change, Reply::empty()))
    }
}
