//! What the actions and the worker look up.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::Instant;
use domain::account::Account;
use domain::avatar::Discard;
use domain::claim::ClaimKind;
use domain::counts::Counts;
use domain::email_change::FormerEmail;
use domain::id::{AccountId, DiscardId, EmailChangeId, Id, InvitationId, RoleId, SessionId, StaticType, UserId};
use domain::identity::Flow;
use domain::invitation::{Invitation, InvitationStatus};
use domain::role::{BuiltIn, CustomRole};
use domain::secret::SecretDigest;
use domain::session::Session;
use domain::token::{OneTimeToken, Purpose};
use domain::user::{Credential, User};
use futures::future::try_join_all;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::items;
use crate::keys::{self};
use crate::listing::{Direction, Page, Place};
use crate::store::{Item, Store};

/// Most accounts among which a login can choose without naming one.
pub const MAX_HOLDERS: usize = 8;
/// Among how many holders those are looked for who have shown that the address is theirs.
const MOST_HOLDERS: usize = 200;
/// Most roles of its own that an account can have.
pub const MAX_ROLES: usize = 200;

impl Store {
    /// An account.
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.get(&keys::account(id)).await
    }

    /// An account as it was a moment ago: for the policy of a signed-in request, at half the price.
    pub async fn recent_account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.peek(&keys::account(id)).await
    }

    /// The account of a slug.
    pub async fn account_id_of(&self, slug: &str) -> Result<Option<AccountId>, StoreError> {
        let Some(item) = self.get_item(&keys::slug(slug), false).await? else { return Ok(None) };
        Ok(item.get("account_id").and_then(|value| value.as_s().ok()).and_then(|id| id.parse().ok()))
    }

    /// An account's counts.
    pub async fn counts(&self, id: AccountId) -> Result<Counts, StoreError> {
        Ok(self.get(&keys::counts(id)).await?.unwrap_or_default())
    }

    /// A user, with what the role allows now.
    pub async fn user(&self, account: AccountId, id: UserId) -> Result<Option<User>, StoreError> {
        let Some(user) = self.get::<User>(&keys::user(account, id)).await? else { return Ok(None) };
        Ok(self.with_roles(vec![user]).await?.pop())
    }

    /// A role of an account's own.
    pub async fn role(&self, account: AccountId, id: RoleId) -> Result<Option<CustomRole>, StoreError> {
        self.get(&keys::role(account, id)).await
    }

    /// The roles of an account's own, oldest first: one more than [`MAX_ROLES`] at most.
    pub async fn roles(&self, account: AccountId) -> Result<Vec<CustomRole>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :roles")
            .expression_attribute_values(":roles", AttributeValue::S(keys::roles(account)))
            .consistent_read(true)
            .limit(i32::try_from(MAX_ROLES + 1).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?)
    }

    /// The users with what their roles allow now: an edited role holds for everybody at once, without a write for each.
    pub(crate) async fn with_roles(&self, mut users: Vec<User>) -> Result<Vec<User>, StoreError> {
        let own: BTreeSet<_> = users
            .iter()
            .filter(|user| BuiltIn::of_id(user.role_id).is_none())
            .map(|user| (user.account_id, user.role_id))
            .collect();
        let roles = try_join_all(own.iter().map(|(account, role)| self.role(*account, *role))).await?;
        for role in roles.into_iter().flatten() {
            for user in users.iter_mut().filter(|user| user.role_id == role.id) {
                *user = user.with_role(role.role());
            }
        }
        Ok(users)
    }

    /// A user's credential.
    pub async fn credential(&self, account: AccountId, id: UserId) -> Result<Option<Credential>, StoreError> {
        self.get(&keys::credential(account, id)).await
    }

    /// The session of a token.
    pub async fn session(&self, digest: &SecretDigest) -> Result<Option<Session>, StoreError> {
        self.get(&keys::session(digest)).await
    }

    /// A one-time token.
    pub async fn token(&self, purpose: Purpose, digest: &SecretDigest) -> Result<Option<OneTimeToken>, StoreError> {
        self.get(&keys::token(purpose, digest)).await
    }

    /// An invitation.
    pub async fn invitation(&self, account: AccountId, id: InvitationId) -> Result<Option<Invitation>, StoreError> {
        self.get(&keys::invitation(account, id)).await
    }

    /// Who holds a folded login or address in an account, or keeps it.
    pub async fn holder(&self, account: AccountId, handle: &str) -> Result<Option<UserId>, StoreError> {
        self.claimant(ClaimKind::Handle, account, handle).await
    }

    /// Who is found by a folded login or address in an account: who keeps an address that he has left is not.
    pub async fn found_by(&self, account: AccountId, handle: &str) -> Result<Option<UserId>, StoreError> {
        let Some(item) = self.get_item(&keys::claim(ClaimKind::Handle, handle, account), true).await? else {
            return Ok(None);
        };
        Ok(id_in(&item, "user_id", "").filter(|_| !item.contains_key(items::RESERVED)))
    }

    /// The addresses that a user has left and could put back.
    pub async fn former_emails(&self, account: AccountId, user: UserId) -> Result<Vec<FormerEmail>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :former")
            .expression_attribute_values(":former", AttributeValue::S(keys::former_emails(account, user)))
            .consistent_read(true)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?)
    }

    /// An address that a user has left.
    pub async fn former_email(
        &self,
        account: AccountId,
        user: UserId,
        id: EmailChangeId,
    ) -> Result<Option<FormerEmail>, StoreError> {
        self.get(&keys::former_email(account, user, id)).await
    }

    /// Who holds a folded login or address, or an identity, in an account.
    pub async fn claimant(
        &self,
        kind: ClaimKind,
        account: AccountId,
        handle: &str,
    ) -> Result<Option<UserId>, StoreError> {
        let key = keys::claim(kind, handle, account);
        let Some(item) = self.get_item(&key, true).await? else { return Ok(None) };
        Ok(item.get("user_id").and_then(|value| value.as_s().ok()).and_then(|id| id.parse().ok()))
    }

    /// A sign-in on its way at a provider.
    pub async fn flow(&self, digest: &SecretDigest) -> Result<Option<Flow>, StoreError> {
        self.get(&keys::flow(digest)).await
    }

    /// Who is found by a folded login or address, or by an identity, anywhere, by account: [`MOST_HOLDERS`] at most. More than
    /// [`MAX_HOLDERS`] are too many to try.
    pub async fn holders(&self, kind: ClaimKind, handle: &str) -> Result<Vec<(AccountId, UserId)>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :handle")
            .expression_attribute_values(":handle", AttributeValue::S(keys::claims(kind, handle)))
            .consistent_read(true)
            .limit(i32::try_from(MOST_HOLDERS).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let id = |item: &Item, name: &str| item.get(name).and_then(|value| value.as_s().ok().cloned());
        let pair = |item: &Item| Some((id(item, "sk")?.parse().ok()?, id(item, "user_id")?.parse().ok()?));
        let found = answer.items().iter().filter(|item| !item.contains_key(items::RESERVED));
        Ok(found.filter_map(pair).collect())
    }

    /// Those of some users who have shown that a folded address is theirs.
    pub async fn verified(
        &self,
        holders: &[(AccountId, UserId)],
        handle: &str,
    ) -> Result<BTreeSet<(AccountId, UserId)>, StoreError> {
        let keys: Vec<_> = holders.iter().map(|(account, user)| keys::user(*account, *user)).collect();
        let users: Vec<User> = serde_dynamo::from_items(self.items_of(&keys).await?)?;
        let shown =
            |user: &&User| user.email_verified && user.email.as_ref().is_some_and(|email| email.folded() == handle);
        Ok(users.iter().filter(shown).map(|user| (user.account_id, user.id)).collect())
    }

    /// Notes that a session and its user were active, and of one that was switched from another, that one too: no version
    /// moves, and a session that is gone stays gone.
    pub async fn note_activity(&self, session: &Session, now: Instant) -> Result<(), StoreError> {
        let at: AttributeValue = serde_dynamo::to_attribute_value(now)?;
        let forget = AttributeValue::N(items::session_end(now).timestamp().to_string());
        let place = AttributeValue::S(keys::activity_place(Some(now), session.user_id));
        let digests = std::iter::once(&session.digest).chain(session.home.as_ref().map(|home| &home.session));
        let sessions = digests.map(|digest| (keys::session(digest), "ttl", forget.clone()));
        let user = (keys::user(session.home_account(), session.user_id), keys::ACTIVITY.place, place);
        for (key, name, also) in sessions.chain([user]) {
            let answer = self
                .client
                .update_item()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(key.pk))
                .key("sk", AttributeValue::S(key.sk))
                .condition_expression("attribute_exists(pk)")
                .update_expression("SET last_active_at = :at, #also = :also")
                .expression_attribute_names("#also", name)
                .expression_attribute_values(":at", at.clone())
                .expression_attribute_values(":also", also)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await;
            match answer {
                Ok(answer) => self.meter.write(answer.consumed_capacity()),
                Err(SdkError::ServiceError(answer))
                    if matches!(answer.err(), UpdateItemError::ConditionalCheckFailedException(_)) => {}
                Err(error) => return Err(StoreError::of(&error)),
            }
        }
        Ok(())
    }

    /// A page of the invitations of some statuses, newest first.
    pub async fn invitations(
        &self,
        account: AccountId,
        statuses: &[InvitationStatus],
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Invitation>, Option<Place>), StoreError> {
        let partitions = statuses.iter().map(|status| keys::invitations(account, *status)).collect();
        records(self.page(&keys::LISTING, &[partitions], from, Direction::Descending, limit).await?)
    }

    /// A page of a user's sessions, newest first, those that are over included.
    pub async fn sessions(
        &self,
        account: AccountId,
        user: UserId,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Session>, Option<Place>), StoreError> {
        let partition = vec![keys::sessions(account, user)];
        records(self.page(&keys::LISTING, &[partition], from, Direction::Descending, limit).await?)
    }

    /// One of a user's sessions, by its id.
    pub async fn session_of(
        &self,
        account: AccountId,
        user: UserId,
        id: SessionId,
    ) -> Result<Option<Session>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::LISTING.name)
            .key_condition_expression("gpk = :partition AND gsk = :id")
            .expression_attribute_values(":partition", AttributeValue::S(keys::sessions(account, user)))
            .expression_attribute_values(":id", AttributeValue::S(id.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(answer.items.unwrap_or_default().pop().map(serde_dynamo::from_item).transpose()?)
    }

    /// Files that are to be removed.
    pub async fn discard(&self, id: DiscardId) -> Result<Option<Discard>, StoreError> {
        self.get(&keys::discard(id)).await
    }
}

fn records<T: DeserializeOwned>(page: Page) -> Result<(Vec<T>, Option<Place>), StoreError> {
    let items: Vec<Item> = page.rows.into_iter().map(|row| row.item).collect();
    Ok((serde_dynamo::from_items(items)?, page.next))
}

pub(crate) fn id_in<K: StaticType>(item: &Item, name: &str, prefix: &str) -> Option<Id<K>> {
    item.get(name)?.as_s().ok()?.strip_prefix(prefix)?.parse().ok()
}
