//! Lists: sorted partitions of an index, merged page by page. A page reads what it returns, however large the account.

use std::collections::HashMap;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes, ReturnConsumedCapacity};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items;
use crate::keys::{Index, Key};
use crate::merge::Merge;
use crate::store::{Item, Store};

/// Most items that DynamoDB reads by their keys in one call.
const MOST_AT_ONCE: usize = 100;
/// How often what DynamoDB left unread is asked for.
const MOST_READS: u32 = 4;
/// How long to wait for it, each time so much longer.
const PAUSE: Duration = Duration::from_millis(20);

/// Which way a partition is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    Descending,
}

/// A place between two rows of a list: behind `after` in group `group`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Which group of partitions.
    pub group: usize,
    /// The last row's sort key; none at the group's beginning.
    pub after: Option<String>,
}

impl Place {
    /// The beginning of a list.
    pub const START: Self = Self { group: 0, after: None };
}

/// A page: rows, and where the next one begins, if there is one.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the next page begins.
    pub next: Option<Place>,
}

/// A row of a list.
#[derive(Clone, Debug)]
pub struct Row {
    /// Where the list goes on behind it.
    pub place: Place,
    /// What the index has of it.
    pub item: Item,
}

impl Store {
    /// A page of a list made of groups, one after the other; within a group the partitions of an index are merged by
    /// their sort key.
    pub async fn page(
        &self,
        index: &'static Index,
        groups: &[Vec<String>],
        from: &Place,
        direction: Direction,
        limit: usize,
    ) -> Result<Page, StoreError> {
        // One more than wanted tells whether there is a next page.
        let mut rows = Merge::new(self, index, groups, from, direction).take(limit + 1).await?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| last.place.clone());
        Ok(Page { rows, next })
    }

    /// The rows of an index that carries nothing but keys, with their whole items. One that is gone is left out.
    pub(crate) async fn whole(&self, rows: Vec<Row>) -> Result<Vec<Row>, StoreError> {
        let keys: Vec<Key> = rows.iter().map(|row| key_of(&row.item)).collect();
        let found = self.items_of(&keys).await?;
        let mut by_key: HashMap<_, Item> = found.into_iter().map(|item| (key_of(&item), item)).collect();
        let whole = |row: Row| Some(Row { item: by_key.remove(&key_of(&row.item))?, place: row.place });
        Ok(rows.into_iter().filter_map(whole).collect())
    }

    /// The items of some keys, as they were a moment ago, in no order. What is gone is left out.
    pub(crate) async fn items_of(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let reads = keys.chunks(MOST_AT_ONCE).map(|keys| self.some_items_of(keys, false));
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    /// The same as they are now, at twice the price.
    pub(crate) async fn items_as_they_are(&self, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        let reads = keys.chunks(MOST_AT_ONCE).map(|keys| self.some_items_of(keys, true));
        Ok(try_join_all(reads).await?.into_iter().flatten().collect())
    }

    async fn some_items_of(&self, keys: &[Key], consistent: bool) -> Result<Vec<Item>, StoreError> {
        let broken = |error: aws_sdk_dynamodb::error::BuildError| StoreError::Broken(error.to_string());
        let keys = keys.iter().map(|key| {
            let mut item = Item::new();
            items::place(&mut item, key);
            item
        });
        let asked = KeysAndAttributes::builder().set_keys(Some(keys.collect())).consistent_read(consistent);
        let mut left = Some(asked.build().map_err(broken)?);
        let mut found = Vec::new();
        for attempt in 0..MOST_READS {
            let Some(keys) = left.take() else { return Ok(found) };
            tokio::time::sleep(PAUSE * attempt).await;
            let call = self.client.batch_get_item().request_items(&self.table, keys);
            let call = call.return_consumed_capacity(ReturnConsumedCapacity::Total);
            let answer = call.send().await.map_err(|error| StoreError::of(&error))?;
            answer.consumed_capacity().iter().for_each(|consumed| self.meter.read(Some(consumed)));
            found.extend(answer.responses.and_then(|mut tables| tables.remove(&self.table)).unwrap_or_default());
            left = answer.unprocessed_keys.and_then(|mut tables| tables.remove(&self.table));
        }
        match left {
            None => Ok(found),
            Some(_) => Err(StoreError::Unavailable("a page was not read whole".to_owned())),
        }
    }

    /// The rows of a partition of an index that carries whole items, between two sort keys, smallest first.
    pub(crate) async fn between(
        &self,
        index: &Index,
        partition: &str,
        (from, to): &(String, String),
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut rows = Vec::new();
        let mut start = None;
        // An empty range is an error to DynamoDB.
        if from > to {
            return Ok(rows);
        }
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(index.name)
                .key_condition_expression("#hash = :partition AND #range BETWEEN :from AND :to")
                .expression_attribute_names("#hash", index.partition)
                .expression_attribute_names("#range", index.place)
                .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
                .expression_attribute_values(":from", AttributeValue::S(from.clone()))
                .expression_attribute_values(":to", AttributeValue::S(to.clone()))
                .limit(i32::try_from(limit - rows.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(|error| StoreError::of(&error))?;
            self.meter.read(answer.consumed_capacity());
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || rows.len() >= limit {
                return Ok(rows);
            }
        }
    }
}

fn key_of(item: &Item) -> Key {
    let part = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default();
    Key::new(part("pk"), part("sk"))
}

pub(crate) fn sort_key<'a>(index: &Index, item: &'a Item) -> &'a str {
    item.get(index.place).and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
