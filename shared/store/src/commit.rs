//! The one way to write: a change becomes one transaction.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, CancellationReason, ConditionCheck, Delete, Put, ReturnConsumedCapacity, TransactWriteItem, Update,
};
use domain::Refusal;
use domain::change::{Change, Record, Write};
use domain::counts::CountsChange;
use domain::holdings::Hold;
use domain::id::{AccountId, RoleId};
use domain::resource::Kind;
use domain::rules::settle::is_to_settle;

use crate::count::refused_on;
use crate::derived::{boards_moved, roles_moved, words_moved};
use crate::error::StoreError;
use crate::idempotency::Progress;
use crate::keys::{self, Key};
use crate::store::{Item, Store};
use crate::{items, outbox};

/// Most actions of one transaction, as DynamoDB has it.
pub const MAX_ACTIONS: usize = 100;

/// Why a change was not committed. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A guard failed that stands for a refusal.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// What the rule saw is no longer so, or somebody else was writing the same: decide again.
    #[error("the state has moved on")]
    Stale,
    /// The table failed. Whether the change is there is not known; a retry with the same idempotency key finds out.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a failed guard means.
enum Guard {
    Stale,
    Refused(Refusal),
    Counts(Box<CountsChange>),
}

impl Store {
    /// Commits a change, and with it how far an idempotent request has come: all of it or nothing.
    pub async fn commit(&self, change: &Change, progress: Option<&Progress>) -> Result<(), CommitError> {
        let mut actions: Vec<(TransactWriteItem, Guard)> = Vec::new();
        for write in &change.writes {
            actions.push(self.write(write)?);
        }
        if !change.counts.is_nothing() && !change.opens_account() {
            actions.push((self.count(&change.counts)?, Guard::Counts(Box::new(change.counts))));
        }
        for (role, users) in roles_moved(change) {
            let gone = Refusal::field("role_id", "unknown_role", "There is no such role in this account.");
            let guard = if users > 0 { Guard::Refused(gone) } else { Guard::Stale };
            actions.push((self.count_role(change.account_id, role, users)?, guard));
        }
        for (key, holds) in words_moved(change).into_iter().chain(boards_moved(change)) {
            let action = if holds { self.put(items::bare(&key), None)? } else { self.forget(&key)? };
            actions.push((action, Guard::Stale));
        }
        for entry in &change.audit {
            actions.push((self.put(items::audit(entry)?, None)?, Guard::Stale));
        }
        for mail in &change.mails {
            actions.push((self.put(outbox::item(mail, &self.sealer)?, None)?, Guard::Stale));
        }
        match &change.posting {
            Some(posting) => actions.push((self.put(items::posting(posting)?, Some(Condition::Absent))?, Guard::Stale)),
            None if is_to_settle(change) => {
                return Err(StoreError::Broken("licenses move without a posting".to_owned()).into());
            }
            None => {}
        }
        if let Some(progress) = progress {
            actions.push((progress.action(self)?, Guard::Stale));
        }
        if actions.is_empty() {
            return Ok(());
        }
        self.transact(actions).await
    }

    async fn transact(&self, actions: Vec<(TransactWriteItem, Guard)>) -> Result<(), CommitError> {
        let (actions, guards): (Vec<_>, Vec<_>) = actions.into_iter().unzip();
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(actions))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                self.meter.transaction(answer.consumed_capacity());
                Ok(())
            }
            Err(error) => Err(cancelled(&error, &guards).unwrap_or_else(|| StoreError::of(&error).into())),
        }
    }

    fn write(&self, write: &Write) -> Result<(TransactWriteItem, Guard), StoreError> {
        Ok(match write {
            Write::Create(record) => (self.put(items::item(record)?, Some(Condition::Absent))?, Guard::Stale),
            Write::Replace { was, now } => {
                (self.put(items::item(now)?, Some(Condition::unchanged(was)))?, Guard::Stale)
            }
            Write::Remove(record) => (self.delete(&items::key(record), Condition::unchanged(record))?, Guard::Stale),
            Write::Unchanged(record) => (self.check(&items::key(record), Condition::unchanged(record))?, Guard::Stale),
            Write::Absent(record) => (self.check(&items::key(record), Condition::Absent)?, Guard::Stale),
            Write::Claim(claim, taken) => {
                (self.put(items::claim(claim), Some(Condition::Absent))?, Guard::Refused(taken.clone()))
            }
            Write::Reserve(claim) => {
                let own = Condition::OwnedBy(claim.user_id.to_string());
                (self.put(items::reserved(claim), Some(own))?, Guard::Stale)
            }
            Write::Retake(claim) => {
                let own = Condition::OwnedBy(claim.user_id.to_string());
                (self.put(items::claim(claim), Some(own))?, Guard::Stale)
            }
            Write::Release(claim) => {
                let key = keys::claim(claim.kind, &claim.handle, claim.account_id);
                (self.delete(&key, Condition::OwnedBy(claim.user_id.to_string()))?, Guard::Stale)
            }
            Write::Hold(hold) => (self.hold(hold)?, Guard::Stale),
            Write::OpenCounts(account, counts) => {
                let mut item = items::fields(counts)?;
                items::place(&mut item, &keys::counts(*account));
                (self.put(item, Some(Condition::Absent))?, Guard::Stale)
            }
        })
    }

    /// Counts users who get or lose a role of the account's own; the role must be there.
    fn count_role(&self, account: AccountId, role: RoleId, users: i64) -> Result<TransactWriteItem, StoreError> {
        let key = keys::role(account, role);
        let update = Update::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression("ADD #users :users, #version :one")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#users", "users")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":users", AttributeValue::N(users.to_string()))
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    pub(crate) fn put(&self, item: Item, condition: Option<Condition>) -> Result<TransactWriteItem, StoreError> {
        let mut put = Put::builder().table_name(&self.table).set_item(Some(item));
        if let Some(condition) = condition {
            let (expression, names, value) = condition.expression();
            put = put.condition_expression(expression);
            put = names.into_iter().fold(put, |put, (name, text)| put.expression_attribute_names(name, text));
            put = value.into_iter().fold(put, |put, value| put.expression_attribute_values(":was", value));
        }
        let put = put.build().map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn check(&self, key: &Key, condition: Condition) -> Result<TransactWriteItem, StoreError> {
        let (expression, names, value) = condition.expression();
        let mut check = ConditionCheck::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .condition_expression(expression);
        check = names.into_iter().fold(check, |check, (name, text)| check.expression_attribute_names(name, text));
        check = value.into_iter().fold(check, |check, value| check.expression_attribute_values(":was", value));
        let check = check.build().map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }

    fn delete(&self, key: &Key, condition: Condition) -> Result<TransactWriteItem, StoreError> {
        let (expression, names, value) = condition.expression();
        let mut delete = Delete::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .condition_expression(expression);
        delete = names.into_iter().fold(delete, |delete, (name, text)| delete.expression_attribute_names(name, text));
        delete = value.into_iter().fold(delete, |delete, value| delete.expression_attribute_values(":was", value));
        let delete = delete.build().map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Deletes what may be gone already.
    fn forget(&self, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk.clone()))
            .key("sk", AttributeValue::S(key.sk.clone()))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// Adds to what somebody holds, unless a motion has begun or ended for him.
    fn hold(&self, hold: &Hold) -> Result<TransactWriteItem, StoreError> {
        let key = keys::holdings(hold.account_id, hold.user_id);
        let mut update = Update::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .expression_attribute_values(":account", AttributeValue::S(hold.account_id.to_string()))
            .expression_attribute_values(":user", AttributeValue::S(hold.user_id.to_string()))
            .expression_attribute_values(":epoch", AttributeValue::N(hold.epoch.to_string()))
            .expression_attribute_names("#epoch", "epoch")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()));
        let mut adds = vec!["#version :one".to_owned()];
        let numbers = Kind::ALL.iter().map(|kind| (kind.name(), hold.delta.of(*kind)));
        for (name, delta) in numbers.chain([("incoming", hold.incoming)]).filter(|(_, delta)| *delta != 0) {
            adds.push(format!("#{name} :{name}"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}"), AttributeValue::N(delta.to_string()));
        }
        let condition =
            if hold.epoch == 0 { "attribute_not_exists(#epoch) OR #epoch = :epoch" } else { "#epoch = :epoch" };
        let update = update
            .update_expression(format!(
                "SET account_id = :account, user_id = :user, #epoch = :epoch ADD {}",
                adds.join(", ")
            ))
            .condition_expression(condition)
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// What must be true of an item for it to be written.
pub(crate) enum Condition {
    /// It is not there.
    Absent,
    /// It is there.
    Present,
    /// It has this version.
    Version(u64),
    /// It belongs to this user.
    OwnedBy(String),
}

impl Condition {
    fn unchanged(record: &Record) -> Self {
        items::version(record).map_or(Self::Present, Self::Version)
    }

    #[allow(clippy::type_complexity, reason = "an expression, its names and its one value")]
    fn expression(self) -> (&'static str, Option<(&'static str, &'static str)>, Option<AttributeValue>) {
        match self {
            Self::Absent => ("attribute_not_exists(pk)", None, None),
            Self::Present => ("attribute_exists(pk)", None, None),
            Self::Version(version) => {
                ("#version = :was", Some(("#version", "version")), Some(AttributeValue::N(version.to_string())))
            }
            Self::OwnedBy(user) => ("user_id = :was", None, Some(AttributeValue::S(user))),
        }
    }
}

/// What a cancelled transaction means: any sign of an old state outweighs a refusal, since a rule that sees the new
/// state will say it better. None for other errors.
fn cancelled(
    error: &SdkError<TransactWriteItemsError, aws_smithy_runtime_api::client::orchestrator::HttpResponse>,
    guards: &[Guard],
) -> Option<CommitError> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error() else {
        return None;
    };
    let mut refusal = None;
    for (reason, guard) in cancelled.cancellation_reasons().iter().zip(guards) {
        match reason.code() {
            None | Some("None") => {}
            Some("ConditionalCheckFailed") => match (guard, refused(guard, reason)) {
                (_, Some(refused)) => refusal = Some(refused),
                (_, None) => return Some(CommitError::Stale),
            },
            Some("TransactionConflict" | "ThrottlingError" | "ProvisionedThroughputExceeded") => {
                return Some(CommitError::Stale);
            }
            Some(_) => return None,
        }
    }
    refusal.map(CommitError::Refused)
}

fn refused(guard: &Guard, reason: &CancellationReason) -> Option<Refusal> {
    match guard {
        Guard::Stale => None,
        Guard::Refused(refusal) => Some(refusal.clone()),
        Guard::Counts(change) => refused_on(change, reason.item()?),
    }
}
