//! `PATCH /v1/users/{id}`

use domain::rules::edit::{ProfileEdit, edit_profile};
use domain::text::fold;
use domain::{Refusal, Stamp};
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::avatars::place::{self, Placed};
use crate::load::{self, NoQuery, UserPath};
use crate::users::profile::ProfileBody;

/// Edits another's profile, login and notifications (L4, R7, W10); neither address nor password.
#[derive(Debug)]
pub struct Update;

impl Endpoint for Update {
    const NAME: &'static str = "users_update";
    type Path = UserPath;
    type Query = NoQuery;
    type Body = ProfileBody;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<UserPath, NoQuery, ProfileBody>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let edit = input.body.edit()?;
        let user = load::user(context, caller, input.path.id).await?;
        context.matches(user.version)?;
        if let Some(login) = edit.login.as_deref().filter(|login| fold(login) != fold(&user.login)) {
            load::free(context, caller, (login, Refusal::LoginTaken), Some(user.id)).await?;
        }
        let avatar = match place::edit(context, input.carried.as_ref(), (input.body.avatar, &user), stamp).await? {
            Placed::First(decision) => return Ok(*decision),
            Placed::Edit(avatar) => avatar,
        };
        let edit = ProfileEdit { avatar, ..edit };
        let (user, change) = edit_profile(&caller.account, &caller.user, &user, edit, stamp)?;
        Ok(Decision::write(
            change,
            Reply::object(&UserView::of(&user, &context.config.app_url, stamp.now), user.version)?,
        ))
    }
}
