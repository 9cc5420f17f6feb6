//! What the lists of users have in common.

use domain::user::User;
use edge::views::List;
use edge::{Context, Decision, Problem, Reply, cursor};
use serde::Serialize;
use store::directory::Choice;

use crate::sight;

/// Answers with a page of the chosen users, as far as the caller sees them (B2), each as `view` shows it.
pub(crate) async fn page<V: Serialize>(
    context: &Context,
    choice: &Choice,
    (asked, limit): (Option<&str>, Option<usize>),
    view: impl Fn(&User) -> V,
) -> Result<Decision, Problem> {
    let limit = cursor::limit(limit)?;
    let from = cursor::open(context, choice, asked)?;
    let (users, next) = sight::users(context, context.caller()?, choice, &from, limit).await?;
    let next_cursor = cursor::seal(context, choice, next.as_ref())?;
    Ok(Decision::read(Reply::json(&List { items: users.iter().map(view).collect(), next_cursor })?))
}
