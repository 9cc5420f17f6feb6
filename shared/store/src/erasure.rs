//! What is left of deleted users: found by index, and written without them.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::audit::AuditEntry;
use domain::customers::Visit;
use domain::erasure::Erasure;
use domain::id::{AccountId, MailId, UserId};
use domain::invitation::Invitation;
use domain::resource::Resource;
use serde::de::DeserializeOwned;

use crate::error::StoreError;
use crate::items;
use crate::keys::{self, Index, Key, SHELVES};
use crate::outbox::OutboxMail;
use crate::read::id_in;
use crate::store::{Item, Store};

/// How many rows a step looks at.
const PAGE: i32 = 50;

/// Rows of a partition, and behind which of them to go on; none when that was all.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where to go on.
    pub after: Option<String>,
}

impl Store {
    /// The deleted users of an account of whom something may be left, as it is now. There are hardly ever any.
    pub async fn erasures(&self, account: AccountId) -> Result<Vec<Erasure>, StoreError> {
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .key_condition_expression("pk = :erasures")
                .expression_attribute_values(":erasures", AttributeValue::S(keys::erasures(account)))
                .consistent_read(true)
                .set_exclusive_start_key(from)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::of(&error))?;
            self.meter.read(answer.consumed_capacity());
            found.extend(serde_dynamo::from_items::<_, Erasure>(answer.items.unwrap_or_default())?);
            from = answer.last_evaluated_key;
            if from.is_none() {
                return Ok(found);
            }
        }
    }

    /// The same of an account that may be a customer's: of the partner's people, too, since they act there.
    pub async fn erasures_around(&self, account: AccountId) -> Result<Vec<Erasure>, StoreError> {
        let (mut found, account) = tokio::try_join!(self.erasures(account), self.recent_account(account))?;
        if let Some(partner) = account.and_then(|account| account.parent_account_id) {
            found.extend(self.erasures(partner).await?);
        }
        Ok(found)
    }

    /// What may be left of a deleted user.
    pub async fn erasure(&self, account: AccountId, user: UserId) -> Result<Option<Erasure>, StoreError> {
        self.get(&keys::erasure(account, user)).await
    }

    /// The keys of the tokens and mails that are a user's, behind a place.
    pub async fn traces_of(
        &self,
        account: AccountId,
        user: UserId,
        after: Option<&str>,
    ) -> Result<Rows<Key>, StoreError> {
        let found = self.stretch(&keys::OWNED, keys::traces(account, user), after).await?;
        Ok(Rows { rows: found.rows.iter().filter_map(key_of).collect(), after: found.after })
    }

    /// The keys of an erased user's sessions, behind a place.
    pub async fn devices_of(&self, erasure: &Erasure) -> Result<Rows<Key>, StoreError> {
        let devices = keys::sessions(erasure.account_id, erasure.user_id);
        let found = self.stretch(&keys::LISTING, devices, erasure.after.as_deref()).await?;
        Ok(Rows { rows: found.rows.iter().filter_map(key_of).collect(), after: found.after })
    }

    /// The keys of an erased user's contacts, each behind that of what the contact has of him in return; with `alone` those
    /// of contacts of others who he is, perhaps without having them. Behind a place.
    pub async fn contacts_of(&self, erasure: &Erasure, alone: bool) -> Result<Rows<Key>, StoreError> {
        let (account, user, after) = (erasure.account_id, erasure.user_id, erasure.after.as_deref());
        if alone {
            let found = self.stretch(&keys::OWNED, keys::known_to(account, user), after).await?;
            return Ok(Rows { rows: found.rows.iter().filter_map(key_of).collect(), after: found.after });
        }
        let found = self.stretch(&keys::TABLE, keys::contacts(account, user), after).await?;
        let others = found.rows.iter().filter_map(|row| id_in(row, "sk", ""));
        // His own goes last: whoever is cut off before it finds both again.
        let pair = |other| [keys::contact(account, other, user), keys::contact(account, user, other)];
        Ok(Rows { rows: others.flat_map(pair).collect(), after: found.after })
    }

    /// Mails to others that name a user, behind a place.
    pub async fn mentions_of(
        &self,
        account: AccountId,
        user: UserId,
        after: Option<&str>,
    ) -> Result<Rows<OutboxMail>, StoreError> {
        records(self.stretch(&keys::LISTING, keys::mentions(account, user), after).await?)
    }

    /// Mails to a user, behind a place.
    pub async fn mails_to(
        &self,
        account: AccountId,
        user: UserId,
        after: Option<&str>,
    ) -> Result<Rows<OutboxMail>, StoreError> {
        let mut found = self.stretch(&keys::OWNED, keys::traces(account, user), after).await?;
        let mail = |item: &Item| key_of(item).is_some_and(|key| key.pk.starts_with(keys::MAIL_PREFIX));
        found.rows.retain(mail);
        records(found)
    }

    /// The invitation that an erased user accepted, or with `address` the others of his addresses, behind a place.
    pub async fn invitations_of(&self, erasure: &Erasure, address: bool) -> Result<Rows<Invitation>, StoreError> {
        let (account, after) = (erasure.account_id, erasure.after.as_deref());
        if !address {
            let accepted = keys::accepted(account, erasure.user_id);
            return records(self.stretch(&keys::OWNED, accepted, after).await?);
        }
        // One address after the other, each page by page.
        let (from, after) = match after.and_then(|after| after.split_once(' ')) {
            Some((from, after)) => (Some(from), Some(after).filter(|after| !after.is_empty())),
            None => (None, None),
        };
        let mut addresses = erasure.addresses().skip_while(|one| from.is_some_and(|from| one.as_str() != from));
        let Some(one) = addresses.next() else { return Ok(Rows { rows: Vec::new(), after: None }) };
        let found = self.stretch(&keys::OWNED, keys::invited(account, one), after).await?;
        let next = addresses.next().map(|next| format!("{} ", next.as_str()));
        let after = found.after.map(|after| format!("{} {after}", one.as_str())).or(next);
        records(Rows { rows: found.rows, after })
    }

    /// The audit entries of what was done to an erased user, or with `by` of what he did, behind a place.
    pub async fn entries_of(&self, erasure: &Erasure, by: bool) -> Result<Rows<AuditEntry>, StoreError> {
        let (account, user) = (erasure.account_id, erasure.user_id);
        let (index, partition) = if by {
            (&keys::LISTING, keys::audit_by(account, user))
        } else {
            (&keys::SUBJECT, keys::audit_of(account, &user.to_string()))
        };
        records(self.stretch(index, partition, erasure.after.as_deref()).await?)
    }

    /// The customers for whom an erased user has acted, behind a place.
    pub async fn visits_of(&self, erasure: &Erasure) -> Result<Rows<Visit>, StoreError> {
        let visits = keys::visits(erasure.account_id, erasure.user_id);
        records(self.stretch(&keys::TABLE, visits, erasure.after.as_deref()).await?)
    }

    /// Resources that an erased user owns beside others or takes part in. No index knows them: all resources of the
    /// account are gone through, shelf by shelf, and those that are his come back.
    pub async fn shared_with(&self, erasure: &Erasure) -> Result<Rows<Resource>, StoreError> {
        let (shelf, after) = match erasure.after.as_deref().and_then(|after| after.split_once(' ')) {
            Some((shelf, after)) => (shelf, Some(after).filter(|after| !after.is_empty())),
            None => (SHELVES[0].name(), None),
        };
        let at = SHELVES.iter().position(|one| one.name() == shelf).unwrap_or(0);
        let partition = keys::resources(erasure.account_id, SHELVES[at]);
        let filter = Some(("contains(co_owner_ids, :user) OR contains(participant_ids, :user)", erasure.user_id));
        let found = self.query(&keys::LISTING, partition, after, (None, filter)).await?;
        let next = SHELVES.get(at + 1).map(|next| format!("{} ", next.name()));
        let after = found.after.map(|after| format!("{shelf} {after}")).or(next);
        records(Rows { rows: found.rows, after })
    }

    /// Takes rows away, whether or not they are still there.
    pub async fn forget_rows(&self, keys: &[Key]) -> Result<u32, StoreError> {
        for key in keys {
            let call = self.client.delete_item().table_name(&self.table);
            let call = call
                .key("pk", AttributeValue::S(key.pk.clone()))
                .key("sk", AttributeValue::S(key.sk.clone()))
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = call.send().await.map_err(|error| StoreError::of(&error))?;
            self.meter.write(answer.consumed_capacity());
        }
        Ok(u32::try_from(keys.len()).unwrap_or(u32::MAX))
    }

    /// Takes a mail away.
    pub async fn forget_trace(&self, mail: MailId) -> Result<u32, StoreError> {
        self.forget_rows(&[keys::mail(mail)]).await
    }

    /// Writes an audit entry over.
    pub async fn rewrite_entry(&self, entry: &AuditEntry) -> Result<(), StoreError> {
        let call = self.client.put_item().table_name(&self.table).set_item(Some(items::audit(entry)?));
        let call =
            call.condition_expression("attribute_exists(pk)").return_consumed_capacity(ReturnConsumedCapacity::Total);
        match call.send().await {
            Ok(answer) => self.meter.write(answer.consumed_capacity()),
            Err(SdkError::ServiceError(answer))
                if matches!(answer.err(), PutItemError::ConditionalCheckFailedException(_)) => {}
            Err(error) => return Err(StoreError::of(&error)),
        }
        Ok(())
    }

    /// Gives a mail other parameters and lets it name nobody, unless it has left.
    pub async fn reword_mail(&self, id: MailId, params: &BTreeMap<String, String>) -> Result<(), StoreError> {
        let key = keys::mail(id);
        let answer = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET params = :params REMOVE mentions, gpk, gsk")
            .expression_attribute_values(":params", serde_dynamo::to_attribute_value(params)?)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await;
        match answer {
            Ok(answer) => self.meter.write(answer.consumed_capacity()),
            Err(SdkError::ServiceError(answer))
                if matches!(answer.err(), UpdateItemError::ConditionalCheckFailedException(_)) => {}
            Err(error) => return Err(StoreError::of(&error)),
        }
        Ok(())
    }

    /// A page of a partition of an index.
    pub(crate) async fn stretch(
        &self,
        index: &Index,
        partition: String,
        after: Option<&str>,
    ) -> Result<Rows<Item>, StoreError> {
        self.query(index, partition, after, (Some(PAGE), None)).await
    }

    async fn query(
        &self,
        index: &Index,
        partition: String,
        after: Option<&str>,
        (limit, filter): (Option<i32>, Option<(&str, UserId)>),
    ) -> Result<Rows<Item>, StoreError> {
        let mut call = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(index.named())
            .key_condition_expression("#hash = :partition AND #range > :after")
            .expression_attribute_names("#hash", index.partition)
            .expression_attribute_names("#range", index.place)
            .expression_attribute_values(":partition", AttributeValue::S(partition))
            // No key is empty, and every place sorts behind this.
            .expression_attribute_values(":after", AttributeValue::S(after.unwrap_or(" ").to_owned()))
            .set_limit(limit)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some((filter, user)) = filter {
            call = call
                .filter_expression(filter)
                .expression_attribute_values(":user", AttributeValue::S(user.to_string()));
        }
        let answer = call.send().await.map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let last = answer.last_evaluated_key.as_ref();
        let after = last.and_then(|key| key.get(index.place)?.as_s().ok().cloned());
        Ok(Rows { rows: answer.items.unwrap_or_default(), after })
    }
}

fn records<T: DeserializeOwned>(found: Rows<Item>) -> Result<Rows<T>, StoreError> {
    Ok(Rows { rows: serde_dynamo::from_items(found.rows)?, after: found.after })
}

fn key_of(item: &Item) -> Option<Key> {
    Some(Key::new(item.get("pk")?.as_s().ok()?, item.get("sk")?.as_s().ok()?))
}
