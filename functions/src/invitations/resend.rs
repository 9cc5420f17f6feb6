//! `POST /v1/invitations/{id}/resend`

use domain::Stamp;
use domain::account::AccountKind;
use domain::rules::choose_customers::as_chosen;
use domain::rules::invite::Held;
use domain::rules::resend::resend;
use edge::input::Nothing;
use edge::views::InvitationView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use super::may_touch;
use crate::load::{self, InvitationPath, NoQuery};

/// Mails an invitation again: a fresh link and window, the old link is worthless (B8).
#[derive(Debug)]
pub struct Resend;

impl Endpoint for Resend {
    const NAME: &'static str = "invitations_resend";
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
        may_touch(caller, &invitation)?;
        let user = load::pending_user(context, &invitation).await?;
        let held = match &user {
            Some(_) => Held::Free,
            None => load::held(context, caller, &invitation.email).await?,
        };
        let role = load::named_role(context, caller, Some(invitation.role_id)).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (invitation, mut change) =
            resend(&caller.account, &counts, &caller.user, (&invitation, &role), user.as_ref(), held, stamp)?;
        if user.is_none() && caller.account.kind == AccountKind::Partner {
            as_chosen(&context.store.selection(caller.account.id, invitation.user_id).await?, &mut change);
        }
        let view = InvitationView::of(&invitation, stamp.now);
        Ok(Decision::write(change, Reply::object(&view, invitation.version)?))
    }
}
