//! Who is told of an account's money.

use std::collections::BTreeSet;

use domain::id::AccountId;
use domain::role::{Permission, Permissions};
use domain::user::{User, UserStatus, UserType};

use crate::directory::Choice;
use crate::error::StoreError;
use crate::keys::{self, OWNED};
use crate::listing::{Direction, Place};
use crate::store::Store;

/// Most people who are mailed about one invoice or renewal: admins first, by name.
pub const MOST_READERS: usize = 20;

impl Store {
    /// Who gets an account's invoices: the active users who may see its billing, have an address and want such mails; at most
    /// [`MOST_READERS`]. Nearly every account has no role of its own that allows it, and this is two queries.
    pub async fn billing_readers(&self, account: AccountId) -> Result<Vec<User>, StoreError> {
        let (mut readers, roles) = tokio::try_join!(self.active_admins(account), self.roles(account))?;
        let reads = |permissions: &Permissions| permissions.contains(&Permission::BillingRead);
        let roles: Vec<_> = roles.iter().filter(|role| role.users > 0 && reads(&role.permissions)).collect();
        if !roles.is_empty() {
            let partitions: Vec<_> = roles.iter().map(|role| vec![keys::holders(account, role.id)]).collect();
            // Admins who hold such a role are there as well, and some may want no mail.
            let most = MOST_READERS * 2;
            let page = self.page(&OWNED, &partitions, &Place::START, Direction::Ascending, most).await?;
            let rows = page.rows.into_iter().map(|row| row.item).collect::<Vec<_>>();
            let users: Vec<User> = serde_dynamo::from_items(rows)?;
            let admins: BTreeSet<_> = readers.iter().map(|admin| admin.id).collect();
            let others = users.into_iter().filter(|user| !admins.contains(&user.id));
            // The index may lag behind a change of role.
            readers.extend(others.filter_map(|user| {
                let role = roles.iter().find(|role| role.id == user.role_id)?;
                Some(user.with_role(role.role()))
            }));
        }
        let wanted = |user: &User| is_told(user) && reads(&user.permissions);
        Ok(readers.into_iter().filter(wanted).take(MOST_READERS).collect())
    }

    /// The admins who are told of renewals and of payments that fail: active, with an address, and willing; at most
    /// [`MOST_READERS`].
    pub async fn billing_admins(&self, account: AccountId) -> Result<Vec<User>, StoreError> {
        Ok(self.active_admins(account).await?.into_iter().filter(is_told).take(MOST_READERS).collect())
    }

    async fn active_admins(&self, account: AccountId) -> Result<Vec<User>, StoreError> {
        let choice = Choice::by_status(|status| status == UserStatus::Active, |user_type| user_type == UserType::Admin);
        Ok(self.users(account, &choice, &Place::START, MOST_READERS * 2).await?.0)
    }
}

fn is_told(user: &User) -> bool {
    user.status == UserStatus::Active && user.email.is_some() && user.notifications.billing
}
