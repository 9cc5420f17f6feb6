//! Requests that may come twice: the first answer is kept for a day, sealed with what only its client knows.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use chrono::TimeDelta;
use domain::Instant;
use domain::id::{AccountId, UserId};
use domain::user::UserStatus;
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items;
use crate::keys;
use crate::store::Store;

/// For how long an answer is kept.
pub const KEEP: TimeDelta = TimeDelta::hours(24);

/// How far a request with an idempotency key has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The digest of whose it is, of which action, and of its key. It is the record's own key, so it is not written twice.
    #[serde(skip)]
    pub digest: String,
    /// The digest of its body.
    pub body: String,
    /// Counts the transactions of a request that needs several, from 1.
    pub step: u32,
    /// Whether that was the last.
    pub done: bool,
    /// The users whose address it tells, each behind the account: once one is deleted, it is not told again.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub about: BTreeSet<String>,
    /// The answer, or what a next step goes on from; sealed.
    #[serde(with = "serde_bytes")]
    pub sealed: Vec<u8>,
    /// Until when it counts.
    pub expires_at: Instant,
}

impl Progress {
    /// The write that notes it: the first step must be new (or the old record over), each next one must follow the one before.
    pub(crate) fn action(&self, store: &Store) -> Result<TransactWriteItem, StoreError> {
        let mut item = items::fields(self)?;
        items::place(&mut item, &keys::idempotency(&self.digest));
        items::forget(&mut item, self.expires_at);
        let put =
            Put::builder().table_name(&store.table).set_item(Some(item)).expression_attribute_names("#step", "step");
        let put = if self.step == 1 {
            // A record that is over may still be there: DynamoDB removes it in its own time.
            let begun = (self.expires_at - KEEP).timestamp().to_string();
            put.condition_expression("attribute_not_exists(#step) OR #ttl <= :begun")
                .expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":begun", AttributeValue::N(begun))
        } else {
            put.condition_expression("#step = :was")
                .expression_attribute_values(":was", AttributeValue::N((self.step - 1).to_string()))
        };
        let put = put.build().map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

/// How a record names a user.
pub fn about(account: AccountId, user: UserId) -> String {
    format!("{account} {user}")
}

fn named(about: &str) -> Option<(AccountId, UserId)> {
    let (account, user) = about.split_once(' ')?;
    Some((account.parse().ok()?, user.parse().ok()?))
}

impl Store {
    /// Whether somebody whom an answer tells of was deleted since.
    pub async fn is_about_deleted(&self, progress: &Progress) -> Result<bool, StoreError> {
        let users = progress.about.iter().filter_map(|about| named(about));
        let found = try_join_all(users.map(|(account, user)| self.user(account, user))).await?;
        Ok(found.iter().flatten().any(|user| user.status == UserStatus::Deleted))
    }

    /// How far the request of that digest has come; none when it is new, or its record is over.
    pub async fn progress(&self, digest: &str, now: Instant) -> Result<Option<Progress>, StoreError> {
        let found: Option<Progress> = self.get(&keys::idempotency(digest)).await?;
        let whole = found.map(|progress| Progress { digest: digest.to_owned(), ..progress });
        Ok(whole.filter(|progress| now < progress.expires_at))
    }
}
