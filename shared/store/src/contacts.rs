//! Contacts: a sorted partition for each user, and the users whom its rows name.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::contact::Contact;
use domain::id::{AccountId, UserId};
use domain::search::Search;
use domain::user::{User, UserStatus};

use crate::error::StoreError;
use crate::keys;
use crate::listing::Place;
use crate::store::Store;

/// Among how many contacts a search looks for a page.
const MOST_SEARCHED: usize = 200;

impl Store {
    /// Somebody's contact, as it is now.
    pub async fn contact(
        &self,
        account: AccountId,
        user: UserId,
        other: UserId,
    ) -> Result<Option<Contact>, StoreError> {
        self.get(&keys::contact(account, user, other)).await
    }

    /// A page of a user's contacts, whoever joined the account last first. Whoever was deleted is in it no more. A search
    /// looks among [`MOST_SEARCHED`] contacts, so a page may be short, or empty, and yet have a next one.
    pub async fn contacts(
        &self,
        user: &User,
        search: Option<&Search>,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let read = if search.is_some() { MOST_SEARCHED.max(limit) } else { limit };
        let mut rows = self.contact_rows(user, from.after.as_deref(), read + 1).await?;
        let more = rows.len() > read;
        rows.truncate(read);
        let end = rows.last().filter(|_| more).map(|row| row.other_id);
        let keys: Vec<_> = rows.iter().map(|row| keys::user(row.account_id, row.other_id)).collect();
        let users: Vec<User> = serde_dynamo::from_items(self.items_of(&keys).await?)?;
        let mut by_id: HashMap<UserId, User> = users.into_iter().map(|user| (user.id, user)).collect();
        let shown = |user: &User| user.status != UserStatus::Deleted && search.is_none_or(|search| search.finds(user));
        let mut found: Vec<User> = rows.iter().filter_map(|row| by_id.remove(&row.other_id)).filter(shown).collect();
        let full = found.len() > limit;
        found.truncate(limit);
        let next = if full { found.last().map(|user| user.id) } else { end };
        Ok((found, next.map(|id| Place { group: 0, after: Some(id.to_string()) })))
    }

    /// Up to so many of a user's contacts.
    pub async fn contact_ids(&self, user: &User, most: usize) -> Result<BTreeSet<UserId>, StoreError> {
        Ok(self.contact_rows(user, None, most).await?.iter().map(|row| row.other_id).collect())
    }

    /// Up to `limit` of a user's contacts below a place, highest id first.
    async fn contact_rows(&self, user: &User, below: Option<&str>, limit: usize) -> Result<Vec<Contact>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :contacts AND sk < :below")
            .expression_attribute_values(":contacts", AttributeValue::S(keys::contacts(user.account_id, user.id)))
            // No id sorts behind this.
            .expression_attribute_values(":below", AttributeValue::S(below.unwrap_or("~").to_owned()))
            .scan_index_forward(false)
            .consistent_read(true)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        Ok(serde_dynamo::from_items(answer.items.unwrap_or_default())?)
    }
}
