//! Changes of address: one's own, and what the links do that are mailed for any.

pub mod accept;
pub mod cancel;
pub mod change;
pub mod confirm;
pub mod get;
pub mod revert;

use domain::email_change::FormerEmail;
use domain::id::UserId;
use domain::rules::request_email::Standing;
use domain::text::Email;
use domain::user::User;
use edge::{Caller, Context, Problem};

/// Who changes his own address: whoever is signed in as that very user (P1). Every action that changes something of one's
/// own address asks here who it is.
pub(crate) fn oneself(context: &Context) -> Result<&Caller, Problem> {
    context.caller()
}

/// What stands in the way of an address, as it is now.
pub(crate) struct Found {
    holder: Option<UserId>,
    former: Vec<FormerEmail>,
}

impl Found {
    /// What stands in the way of this address for this user; without an address, only what he has left.
    pub(crate) async fn of(context: &Context, user: &User, email: Option<&Email>) -> Result<Self, Problem> {
        let store = &context.store;
        let holder = async {
            match email {
                Some(email) => store.holder(user.account_id, &email.folded()).await,
                None => Ok(None),
            }
        };
        let (holder, former) = tokio::try_join!(holder, store.former_emails(user.account_id, user.id))?;
        Ok(Self { holder, former })
    }

    /// As the rules want it.
    pub(crate) fn standing(&self) -> Standing<'_> {
        Standing { holder: self.holder, former: &self.former }
    }
}
