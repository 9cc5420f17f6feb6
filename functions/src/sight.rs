//! Who sees whom (B2), looked up: the one place for every action that is told of a user, or lists some.

use domain::id::UserId;
use domain::rules::visible::{Shared, sees_all, visible};
use domain::user::{User, UserType};
use edge::{Caller, Context, Problem};
use store::directory::Choice;
use store::listing::Place;

/// What the caller has in common with a user, as far as it decides anything: for whoever sees everybody nothing is read.
pub(crate) async fn common(context: &Context, caller: &Caller, user: &User) -> Result<Shared, Problem> {
    let viewer = &caller.user;
    if sees_all(viewer.user_type, user.user_type) {
        return Ok(Shared::NOTHING);
    }
    let (store, account) = (&context.store, caller.account.id);
    if store.contact(account, viewer.id, user.id).await?.is_some() {
        return Ok(Shared { contact: true, ..Shared::NOTHING });
    }
    // Boxed, since the futures of all others need no room for it.
    let board = Box::pin(store.share_board(account, viewer.id, user.id)).await?;
    Ok(Shared { board, ..Shared::NOTHING })
}

/// Whether the caller sees a user of the account (B2).
pub(crate) async fn is_seen(context: &Context, caller: &Caller, user: &User) -> Result<bool, Problem> {
    let viewer = &caller.user;
    Ok(viewer.id == user.id || visible(viewer.user_type, user.user_type, common(context, caller, user).await?))
}

/// A user whom the caller sees. Another is as absent as none.
pub(crate) async fn seen(context: &Context, caller: &Caller, id: UserId) -> Result<Option<User>, Problem> {
    let Some(user) = context.store.user(caller.account.id, id).await? else { return Ok(None) };
    Ok(is_seen(context, caller, &user).await?.then_some(user))
}

/// A page of the chosen users, as far as the caller sees them. Whoever sees everybody pays for the page alone.
pub(crate) async fn users(
    context: &Context,
    caller: &Caller,
    choice: &Choice,
    from: &Place,
    limit: usize,
) -> Result<(Vec<User>, Option<Place>), Problem> {
    let (store, account) = (&context.store, caller.account.id);
    let whole = |user_type| sees_all(caller.user.user_type, user_type);
    if UserType::ALL.into_iter().all(whole) {
        return Ok(store.users(account, choice, from, limit).await?);
    }
    let others = Box::pin(store.acquaintances(&caller.user)).await?;
    Ok(Box::pin(store.users_seen(account, choice, (whole, &others), from, limit)).await?)
}
