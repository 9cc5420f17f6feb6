//! What has fallen due, shard by shard and page by page: what is not due is never read.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::Instant;
use domain::id::{AccountId, DiscardId, EmailChangeId, ImportId, InvitationId, MailId, UserId};

use crate::error::StoreError;
use crate::keys::{self, DueKind};
use crate::read::id_in;
use crate::store::{Item, Store};

/// Which of what is due: of one shard, before a moment, so many behind a place.
#[derive(Clone, Debug)]
pub struct Asked {
    /// One of [`keys::DUE_SHARDS`].
    pub shard: u8,
    /// What was to be done before this.
    pub before: Instant,
    /// Where to go on; none at the beginning.
    pub after: Option<String>,
    /// At most so many.
    pub limit: i32,
}

/// What is due in one shard, and where to go on reading.
#[derive(Clone, Debug)]
pub struct Due<T> {
    /// What is due.
    pub items: Vec<T>,
    /// Where to go on; none when that was all.
    pub after: Option<String>,
}

impl Store {
    /// Invitations whose window has ended.
    pub async fn due_invitations(&self, asked: Asked) -> Result<Due<(AccountId, InvitationId)>, StoreError> {
        self.due(DueKind::Invitation, asked, |item| Some((account_in(item, "#INV")?, id_in(item, "sk", "")?))).await
    }

    /// Mails that are to be tried.
    pub async fn due_mails(&self, asked: Asked) -> Result<Due<MailId>, StoreError> {
        self.due(DueKind::Mail, asked, |item| id_in(item, "pk", keys::MAIL_PREFIX)).await
    }

    /// Users whose resources are to be moved on.
    pub async fn due_motions(&self, asked: Asked) -> Result<Due<(AccountId, UserId)>, StoreError> {
        let motion = |item: &Item| Some((account_in(item, "")?, id_in(item, "sk", keys::HELD_PREFIX)?));
        self.due(DueKind::Motion, asked, motion).await
    }

    /// Deleted users of whom more is to be erased.
    pub async fn due_erasures(&self, asked: Asked) -> Result<Due<(AccountId, UserId)>, StoreError> {
        self.due(DueKind::Erasure, asked, |item| Some((account_in(item, "#ERASE")?, id_in(item, "sk", "")?))).await
    }

    /// Imports that are to go on.
    pub async fn due_imports(&self, asked: Asked) -> Result<Due<(AccountId, ImportId)>, StoreError> {
        self.due(DueKind::Import, asked, |item| Some((account_in(item, "#IMPORT")?, id_in(item, "sk", "")?))).await
    }

    /// Files that are to be removed.
    pub async fn due_discards(&self, asked: Asked) -> Result<Due<DiscardId>, StoreError> {
        self.due(DueKind::Discard, asked, |item| id_in(item, "pk", keys::DISCARD_PREFIX)).await
    }

    /// Users whose change of address was not finished in time.
    pub async fn due_email_changes(&self, asked: Asked) -> Result<Due<(AccountId, UserId)>, StoreError> {
        let user = |item: &Item| Some((account_in(item, "")?, id_in(item, "sk", keys::USER_PREFIX)?));
        self.due(DueKind::EmailChange, asked, user).await
    }

    /// Addresses that can no longer be put back.
    pub async fn due_former_emails(&self, asked: Asked) -> Result<Due<(AccountId, UserId, EmailChangeId)>, StoreError> {
        let former = |item: &Item| {
            let (account, user) = item.get("pk")?.as_s().ok()?.strip_prefix("A#")?.split_once('#')?;
            let user = user.strip_prefix(keys::FORMER_PREFIX)?;
            Some((account.parse().ok()?, user.parse().ok()?, id_in(item, "sk", "")?))
        };
        self.due(DueKind::FormerEmail, asked, former).await
    }

    /// Accounts whose admins are to be reminded of a renewal.
    pub async fn due_reminders(&self, asked: Asked) -> Result<Due<AccountId>, StoreError> {
        self.due(DueKind::Reminder, asked, |item| account_in(item, "")).await
    }

    /// Accounts whose period is over.
    pub async fn due_renewals(&self, asked: Asked) -> Result<Due<AccountId>, StoreError> {
        self.due(DueKind::Renewal, asked, |item| account_in(item, "")).await
    }

    /// Invoices, by number, that those concerned are to be told of.
    pub async fn due_invoices(&self, asked: Asked) -> Result<Due<(AccountId, i64)>, StoreError> {
        let number = |item: &Item| item.get("sk")?.as_s().ok()?.parse().ok();
        self.due(DueKind::Invoice, asked, |item| Some((account_in(item, "#BILL")?, number(item)?))).await
    }

    /// What `each` makes of the items; what is none is left out.
    pub(crate) async fn due<T>(
        &self,
        kind: DueKind,
        asked: Asked,
        each: impl Fn(&Item) -> Option<T>,
    ) -> Result<Due<T>, StoreError> {
        let after = asked.after.unwrap_or_else(|| "0".to_owned());
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .index_name(keys::DUE.name)
            .key_condition_expression("dpk = :partition AND dsk BETWEEN :after AND :before")
            .expression_attribute_values(":partition", AttributeValue::S(keys::due_partition(kind, asked.shard)))
            .expression_attribute_values(":after", AttributeValue::S(after))
            .expression_attribute_values(":before", AttributeValue::S(keys::due_before(asked.before)))
            .limit(asked.limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let more = answer.last_evaluated_key.is_some();
        let items = answer.items();
        let last = items.last().and_then(|item| item.get("dsk")?.as_s().ok().map(|place| keys::due_after(place)));
        Ok(Due { items: items.iter().filter_map(each).collect(), after: last.filter(|_| more) })
    }
}

/// The account that a partition `A#acc` with this ending is of.
fn account_in(item: &Item, ending: &str) -> Option<AccountId> {
    item.get("pk")?.as_s().ok()?.strip_prefix("A#")?.strip_suffix(ending)?.parse().ok()
}
