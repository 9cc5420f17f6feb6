//! `PATCH /v1/me`

use domain::Stamp;
use domain::rules::edit::{ProfileEdit, edit_profile};
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::avatars::place::{self, Placed};
use crate::load::NoQuery;
use crate::users::profile::ProfileBody;

/// Edits one's own profile.
#[derive(Debug)]
pub struct Update;

impl Endpoint for Update {
    const NAME: &'static str = "me_update";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = ProfileBody;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, ProfileBody>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        if input.body.login.is_some() {
            return Err(Problem::field("login", "not_allowed", "An admin of the account changes logins."));
        }
        let edit = input.body.edit()?;
        context.matches(caller.user.version)?;
        let avatar =
            match place::edit(context, input.carried.as_ref(), (input.body.avatar, &caller.user), stamp).await? {
                Placed::First(decision) => return Ok(*decision),
                Placed::Edit(avatar) => avatar,
            };
        let edit = ProfileEdit { avatar, ..edit };
        let (user, change) = edit_profile(&caller.account, &caller.user, &caller.user, edit, stamp)?;
        Ok(Decision::write(
            change,
            Reply::object(&UserView::of(&user, &context.config.app_url, stamp.now), user.version)?,
        ))
    }
}
