//! Whose a login is, and who that is.

use domain::account::Account;
use domain::claim::ClaimKind;
use domain::id::{AccountId, UserId};
use domain::text::{MAX_HANDLE, fold};
use domain::user::{Credential, User};
use edge::{Context, Problem};
use store::read::MAX_HOLDERS;

use crate::load;

/// A user who holds a login or an address.
pub(crate) type Holder = (AccountId, UserId);

/// Who holds a login that nobody has: looked up and measured like somebody, so that the time tells nothing.
pub(crate) const NOBODY: Holder = (AccountId::from_bits(0), UserId::from_bits(0));

/// Whose login or address it is: in the account that is named, or in those of the account's users who have shown that the
/// address is theirs, and then of those who had it first; [`NOBODY`]'s where it is nobody's. Anybody can open accounts under
/// somebody's address: so many that have not shown it keep nobody out.
pub(crate) async fn of_login(context: &Context, slug: Option<&str>, login: &str) -> Result<Vec<Holder>, Problem> {
    let handle: String = fold(login).chars().take(MAX_HANDLE).collect();
    let mut found = match slug {
        None => context.store.holders(ClaimKind::Handle, &handle).await?,
        Some(slug) => {
            let account = load::account_of_slug(context, slug).await?.unwrap_or(NOBODY.0);
            let holder = context.store.found_by(account, &handle).await?;
            holder.map(|user| (account, user)).into_iter().collect()
        }
    };
    if found.len() > MAX_HOLDERS {
        let known = context.store.verified(&found, &handle).await?;
        found.sort_by_key(|holder| !known.contains(holder));
        found.truncate(MAX_HOLDERS);
    }
    Ok(if found.is_empty() { vec![NOBODY] } else { found })
}

/// A user, the account, and what he proves himself with.
#[derive(Debug)]
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) user: User,
    pub(crate) credential: Credential,
}

/// Who that is, as of now; none where any of it is missing.
pub(crate) async fn person(context: &Context, (account, user): Holder) -> Result<Option<Person>, Problem> {
    let found = tokio::try_join!(
        Box::pin(context.store.account(account)),
        Box::pin(context.store.user(account, user)),
        Box::pin(context.store.credential(account, user))
    )?;
    Ok(match found {
        (Some(account), Some(user), Some(credential)) => Some(Person { account, user, credential }),
        _ => None,
    })
}
