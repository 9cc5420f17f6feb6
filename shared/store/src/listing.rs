//! Lists: sorted partitions of an index, merged page by page. A page reads what it returns, however large the account.

use std::cmp::Ordering;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::future::try_join_all;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::keys;
use crate::store::{Item, Store};

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

/// A page: items, and where the next one begins, if there is one.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows.
    pub items: Vec<Item>,
    /// Where the next page begins.
    pub next: Option<Place>,
}

/// What is due in one shard, and where to go on reading.
#[derive(Clone, Debug)]
pub struct Due<T> {
    /// What is due.
    pub items: Vec<T>,
    /// Where to go on; none when that was all.
    pub after: Option<String>,
}

impl<T> Due<T> {
    /// Each item as something else; what is none is left out.
    pub(crate) fn map<U>(self, each: impl Fn(&T) -> Option<U>) -> Due<U> {
        Due { items: self.items.iter().filter_map(each).collect(), after: self.after }
    }
}

impl Store {
    /// A page of a list made of groups, one after the other; within a group the partitions of the index `listing` are
    /// merged by their sort key.
    pub async fn page(
        &self,
        groups: &[Vec<String>],
        from: &Place,
        direction: Direction,
        limit: usize,
    ) -> Result<Page, StoreError> {
        let mut items: Vec<Item> = Vec::new();
        let mut place = from.clone();
        while let Some(partitions) = groups.get(place.group) {
            // One more than wanted tells whether there is a next page.
            let wanted = limit + 1 - items.len();
            let reads =
                partitions.iter().map(|partition| self.rows(partition, place.after.as_deref(), direction, wanted));
            let mut rows: Vec<Item> = try_join_all(reads).await?.into_iter().flatten().collect();
            rows.sort_by(|one, other| match direction {
                Direction::Ascending => sort_key(one).cmp(sort_key(other)),
                Direction::Descending => sort_key(other).cmp(sort_key(one)),
            });
            for row in rows {
                match items.len().cmp(&limit) {
                    Ordering::Less => {
                        place.after = Some(sort_key(&row).to_owned());
                        items.push(row);
                    }
                    _ => return Ok(Page { items, next: Some(place) }),
                }
            }
            place = Place { group: place.group + 1, after: None };
        }
        Ok(Page { items, next: None })
    }

    async fn rows(
        &self,
        partition: &str,
        after: Option<&str>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<Item>, StoreError> {
        let mut rows = Vec::new();
        let mut from = None;
        loop {
            let mut query = self
                .client
                .query()
                .table_name(&self.table)
                .index_name(keys::LISTING)
                .key_condition_expression("gpk = :partition")
                .expression_attribute_values(":partition", AttributeValue::S(partition.to_owned()))
                .scan_index_forward(direction == Direction::Ascending)
                .limit(i32::try_from(limit - rows.len()).unwrap_or(i32::MAX))
                .set_exclusive_start_key(from)
                .return_consumed_capacity(ReturnConsumedCapacity::Total);
            if let Some(after) = after {
                let condition = match direction {
                    Direction::Ascending => "gpk = :partition AND gsk > :after",
                    Direction::Descending => "gpk = :partition AND gsk < :after",
                };
                query = query
                    .key_condition_expression(condition)
                    .expression_attribute_values(":after", AttributeValue::S(after.to_owned()));
            }
            let answer = query.send().await.map_err(|error| StoreError::of(&error))?;
            self.meter.read(answer.consumed_capacity());
            rows.extend(answer.items.unwrap_or_default());
            from = answer.last_evaluated_key;
            if from.is_none() || rows.len() >= limit {
                return Ok(rows);
            }
        }
    }
}

fn sort_key(item: &Item) -> &str {
    item.get("gsk").and_then(|value| value.as_s().ok()).map_or("", String::as_str)
}
