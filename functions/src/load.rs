//! What several actions look up, and what it means when it is not there.

use domain::Refusal;
use domain::account::Account;
use domain::contact::Contact;
use domain::erasure::Erasure;
use domain::holdings::{Holdings, Seen};
use domain::id::{AccountId, InvitationId, RoleId, UserId};
use domain::invitation::Invitation;
use domain::resource::{Kind, Resource, ResourceId};
use domain::role::BuiltIn;
use domain::rules::confer::Named;
use domain::rules::invite::Held;
use domain::rules::reach::{reaches, takes_part};
use domain::rules::visible::{address_visible, logins_visible};
use domain::search::Search;
use domain::secret::Secret;
use domain::text::{Email, MAX_HANDLE, fold};
use domain::token::{Grant, OneTimeToken, Purpose};
use domain::user::{Credential, User, UserStatus};
use edge::resource_views::ResourceView;
use edge::{Caller, Context, Problem};
use schemars::JsonSchema;
use serde::Deserialize;
use store::StoreError;

use crate::sight;

/// Most characters of what is searched for.
const MOST_SEARCHED: usize = 200;

/// The parameter of a path that names a user.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct UserPath {
    /// The user.
    pub id: UserId,
}

/// The parameter of a path that names an invitation.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
pub struct InvitationPath {
    /// The invitation.
    pub id: InvitationId,
}

/// The parameters of a path that names a resource.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct ResourcePath {
    /// What it is.
    pub kind: Kind,
    /// What the host product calls it.
    pub id: ResourceId,
}

/// A resource that the caller reaches, and what its owner holds. Another's is as absent as none.
pub(crate) async fn resource(
    context: &Context,
    caller: &Caller,
    path: &ResourcePath,
) -> Result<(Seen, Option<Holdings>), Problem> {
    let found = context.store.resource(caller.account.id, path.kind, &path.id).await?;
    found.filter(|(seen, _)| reaches(&caller.user, &seen.shown)).ok_or_else(Problem::not_found)
}

/// A board or project in which the caller takes part, or which he administers. Another is as absent as none.
pub(crate) async fn shared(context: &Context, caller: &Caller, kind: Kind, id: &ResourceId) -> Result<Seen, Problem> {
    let found = context.store.resource(caller.account.id, kind, id).await?;
    let seen = found.map(|(seen, _)| seen).filter(|seen| takes_part(&caller.user, &seen.shown));
    seen.ok_or_else(Problem::not_found)
}

/// A resource as people see it.
pub(crate) async fn opened(context: &Context, resource: Resource) -> Result<ResourceView, Problem> {
    let opened = context.store.opened(resource.account_id, vec![resource]).await?;
    opened.first().map(ResourceView::from).ok_or_else(Problem::not_found)
}

/// A user of the caller's account who is to get something, and what he holds; none when there is none whom the caller sees.
pub(crate) async fn taker(context: &Context, caller: &Caller, id: UserId) -> Result<Option<(User, Holdings)>, Problem> {
    let (user, holdings) = tokio::try_join!(sight::seen(context, caller, id), async {
        Ok(context.store.holdings(caller.account.id, id).await?)
    })?;
    Ok(user.map(|user| (user, holdings)))
}

/// Fails if somebody else has a login or an address. The claims of a change hold that too; here it is said in a dry run, and
/// without trying to write.
pub(crate) async fn free(
    context: &Context,
    caller: &Caller,
    (text, taken): (&str, Refusal),
    holder: Option<UserId>,
) -> Result<(), Problem> {
    let handle: String = fold(text).chars().take(MAX_HANDLE).collect();
    match context.store.holder(caller.account.id, &handle).await? {
        Some(held) if Some(held) != holder => Err(taken.into()),
        _ => Ok(()),
    }
}

/// The open invitation that a pending user hangs on.
pub(crate) async fn open_invitation(
    context: &Context,
    caller: &Caller,
    user: &User,
) -> Result<Option<Invitation>, Problem> {
    match user.invitation_id {
        Some(id) if user.status == UserStatus::Pending => Ok(context.store.invitation(caller.account.id, id).await?),
        _ => Ok(None),
    }
}

/// What a list of people is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    /// How a word of what is shown of them begins; of several words each. A page of a search may be short, or empty, and yet
    /// have a next one.
    #[schemars(length(max = 200))]
    pub q: Option<String>,
    /// 50 unless given.
    #[schemars(range(min = 1, max = 200))]
    pub limit: Option<usize>,
    /// Where the list goes on.
    pub cursor: Option<String>,
}

/// What a list is searched for; none where nothing is asked. Nobody finds by what he is not told.
pub(crate) fn search(q: Option<&str>, viewer: &User) -> Result<Option<Search>, Problem> {
    let search = match q {
        Some(q) if q.chars().count() > MOST_SEARCHED => {
            return Err(Problem::field("q", "too_long", format!("This must have at most {MOST_SEARCHED} characters.")));
        }
        q => q.and_then(Search::parse),
    };
    let addresses = address_visible(viewer.user_type);
    let all = addresses && logins_visible(viewer);
    Ok(if all { search } else { search.map(|search| search.without_logins(addresses)) })
}

/// A user of the caller's account. Another account's user is as absent as none, and one whom the caller does not see.
pub(crate) async fn user(context: &Context, caller: &Caller, id: UserId) -> Result<User, Problem> {
    sight::seen(context, caller, id).await?.ok_or_else(Problem::not_found)
}

/// What the caller has of a user as a contact, and what that user has in return.
pub(crate) async fn contacts(
    context: &Context,
    caller: &Caller,
    user: &User,
) -> Result<(Option<Contact>, Option<Contact>), Problem> {
    let (store, account, me) = (&context.store, caller.account.id, caller.user.id);
    Ok(tokio::try_join!(store.contact(account, me, user.id), store.contact(account, user.id, me))?)
}

/// A user of the caller's account, and what he proves himself with; none for who is invited.
pub(crate) async fn user_with_credential(
    context: &Context,
    caller: &Caller,
    id: UserId,
) -> Result<(User, Option<Credential>), Problem> {
    let (user, credential) = tokio::try_join!(user(context, caller, id), async {
        Ok(context.store.credential(caller.account.id, id).await?)
    })?;
    Ok((user, credential))
}

/// What somebody who is signed in proves himself with.
pub(crate) async fn credential(context: &Context, user: &User) -> Result<Credential, Problem> {
    let found = context.store.credential(user.account_id, user.id).await?;
    found.ok_or_else(|| Problem::internal("a user who is signed in has no credential"))
}

/// What a guesser would try first.
pub(crate) fn hints<'a>(account: &'a Account, user: &'a User) -> Vec<&'a str> {
    let email = user.email.as_ref().map(Email::as_str);
    [user.name.as_str(), &user.login, &account.name].into_iter().chain(email).collect()
}

/// The account of a slug, however it was typed.
pub(crate) async fn account_of_slug(context: &Context, slug: &str) -> Result<Option<AccountId>, Problem> {
    let slug: String = fold(slug).chars().take(100).collect();
    Ok(context.store.account_id_of(&slug).await?)
}

/// The role that a request names: of the caller's account, or built in.
pub(crate) async fn named_role(context: &Context, caller: &Caller, id: Option<RoleId>) -> Result<Named, Problem> {
    let Some(id) = id else { return Ok(Named::Own) };
    if let Some(built_in) = BuiltIn::of_id(id) {
        return Ok(Named::Role(built_in.role()));
    }
    let own = context.store.role(caller.account.id, id).await?;
    Ok(own.map_or(Named::Unknown, |role| Named::Role(role.role())))
}

/// An invitation of the caller's account.
pub(crate) async fn invitation(context: &Context, caller: &Caller, id: InvitationId) -> Result<Invitation, Problem> {
    let (found, erasures) =
        tokio::try_join!(context.store.invitation(caller.account.id, id), erasures(context, caller))?;
    Ok(uninvited(&erasures, found.ok_or_else(Problem::not_found)?))
}

/// Those deleted users of whom something may be left in the caller's account: its own, and of a customer's the partner's.
pub(crate) async fn erasures(context: &Context, caller: &Caller) -> Result<Vec<Erasure>, StoreError> {
    let mut found = context.store.erasures(caller.account.id).await?;
    if let Some(partner) = caller.account.parent_account_id {
        found.extend(context.store.erasures(partner).await?);
    }
    Ok(found)
}

/// An invitation, without whom is being erased.
async fn present(context: &Context, account: AccountId, id: InvitationId) -> Result<Invitation, Problem> {
    let (found, erasures) =
        tokio::try_join!(context.store.invitation(account, id), context.store.erasures_around(account))?;
    Ok(uninvited(&erasures, found.ok_or_else(Problem::not_found)?))
}

/// An invitation as it is going to be once these are erased.
pub(crate) fn uninvited(erasures: &[Erasure], invitation: Invitation) -> Invitation {
    erasures.iter().fold(invitation, |shown, erasure| erasure.uninvited(&shown).unwrap_or(shown))
}

/// The pending user of an open invitation.
pub(crate) async fn pending_user(context: &Context, invitation: &Invitation) -> Result<Option<User>, Problem> {
    let user = context.store.user(invitation.account_id, invitation.user_id).await?;
    Ok(user.filter(|user| user.status == UserStatus::Pending && user.invitation_id == Some(invitation.id)))
}

/// Who holds an address in the caller's account.
pub(crate) async fn held(context: &Context, caller: &Caller, email: &Email) -> Result<Held, Problem> {
    let account = caller.account.id;
    let Some(holder) = context.store.holder(account, &email.folded()).await? else { return Ok(Held::Free) };
    Ok(Held::by(context.store.user(account, holder).await?.as_ref()))
}

/// What was kept of a token that somebody presents for a purpose.
pub(crate) async fn token(context: &Context, purpose: Purpose, presented: &str) -> Result<OneTimeToken, Problem> {
    let secret = Secret::presented(presented.trim()).ok_or_else(Problem::not_found)?;
    context.store.token(purpose, &secret.digest()).await?.ok_or_else(Problem::not_found)
}

/// The invitation that a token's link opens.
pub(crate) async fn invitation_of(context: &Context, presented: &str) -> Result<(Invitation, OneTimeToken), Problem> {
    let token = token(context, Purpose::Invitation, presented).await?;
    let Grant::Invitation { invitation_id } = token.grants else { return Err(Problem::not_found()) };
    let invitation = Box::pin(present(context, token.account_id, invitation_id)).await?;
    Ok((invitation, token))
}

/// A query without parameters, a path without parameters.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}
