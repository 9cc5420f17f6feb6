//! Sorted partitions of an index, read as one.

use std::collections::VecDeque;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::keys::Index;
use crate::listing::{Direction, Place, Row, sort_key};
use crate::store::{Item, Store};

/// How many rows of a partition are read at first: what the smallest read buys. Who has more to give is asked for more.
const FIRST: usize = 5;

/// The rows of groups of partitions, one group after the other, each group in one order. It reads little more than what is
/// taken: a partition is read on when its rows are used up, by as many as its share so far makes likely.
pub(crate) struct Merge<'a> {
    store: &'a Store,
    index: &'static Index,
    groups: &'a [Vec<String>],
    direction: Direction,
    place: Place,
    readers: Option<Vec<Reader<'a>>>,
    taken: usize,
}

/// One partition, read from front to end.
struct Reader<'a> {
    partition: &'a str,
    rows: VecDeque<Item>,
    after: Option<String>,
    done: bool,
    taken: usize,
}

impl<'a> Merge<'a> {
    /// The rows behind a place.
    pub(crate) fn new(
        store: &'a Store,
        index: &'static Index,
        groups: &'a [Vec<String>],
        from: &Place,
        direction: Direction,
    ) -> Self {
        Self { store, index, groups, direction, place: from.clone(), readers: None, taken: 0 }
    }

    /// The next rows: fewer than asked for only where there are no more.
    pub(crate) async fn take(&mut self, wanted: usize) -> Result<Vec<Row>, StoreError> {
        let mut rows = Vec::with_capacity(wanted);
        while rows.len() < wanted {
            let Some(row) = self.next(wanted - rows.len()).await? else { break };
            rows.push(row);
        }
        Ok(rows)
    }

    /// The next row; `wanted` are going to be taken, this one included.
    async fn next(&mut self, wanted: usize) -> Result<Option<Row>, StoreError> {
        while let Some(partitions) = self.groups.get(self.place.group) {
            let readers = self.readers.get_or_insert_with(|| {
                partitions.iter().map(|partition| Reader::new(partition, self.place.after.clone())).collect()
            });
            let first = if readers.len() == 1 { wanted } else { FIRST.max(wanted / (2 * readers.len().max(1))) };
            let dry = readers.iter_mut().filter(|reader| reader.rows.is_empty() && !reader.done);
            try_join_all(dry.map(|reader| {
                let share = (wanted * reader.taken).checked_div(self.taken).unwrap_or(0);
                reader.read(self.store, self.index, self.direction, share.clamp(first.min(wanted), wanted))
            }))
            .await?;
            if let Some(item) = foremost(readers, self.index, self.direction) {
                self.taken += 1;
                self.place.after = Some(sort_key(self.index, &item).to_owned());
                return Ok(Some(Row { place: self.place.clone(), item }));
            }
            self.place = Place { group: self.place.group + 1, after: None };
            self.readers = None;
            self.taken = 0;
        }
        Ok(None)
    }
}

/// Takes the row that comes before all others.
fn foremost(readers: &mut [Reader<'_>], index: &Index, direction: Direction) -> Option<Item> {
    let place = |reader: &Reader<'_>| reader.rows.front().map(|row| sort_key(index, row).to_owned());
    let reader = readers.iter_mut().filter(|reader| !reader.rows.is_empty()).min_by(|one, other| match direction {
        Direction::Ascending => place(one).cmp(&place(other)),
        Direction::Descending => place(other).cmp(&place(one)),
    })?;
    reader.taken += 1;
    reader.rows.pop_front()
}

impl<'a> Reader<'a> {
    fn new(partition: &'a str, after: Option<String>) -> Self {
        Self { partition, rows: VecDeque::new(), after, done: false, taken: 0 }
    }

    /// Reads on until it has some rows, or the partition ends.
    async fn read(
        &mut self,
        store: &Store,
        index: &Index,
        direction: Direction,
        limit: usize,
    ) -> Result<(), StoreError> {
        let mut query = store
            .client
            .query()
            .table_name(&store.table)
            .set_index_name(index.named())
            // The table itself knows what was written a moment ago; an index lags.
            .consistent_read(index.named().is_none())
            .key_condition_expression(format!("{} = :partition", index.partition))
            .expression_attribute_values(":partition", AttributeValue::S(self.partition.to_owned()))
            .scan_index_forward(direction == Direction::Ascending)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if let Some(after) = &self.after {
            let behind = if direction == Direction::Ascending { '>' } else { '<' };
            let condition = format!("{} = :partition AND {} {behind} :after", index.partition, index.place);
            query = query
                .key_condition_expression(condition)
                .expression_attribute_values(":after", AttributeValue::S(after.clone()));
        }
        let answer = query.send().await.map_err(|error| StoreError::of(&error))?;
        store.meter.read(answer.consumed_capacity());
        // Without a filter a query that goes on has rows, however large they are.
        self.done = answer.last_evaluated_key.is_none();
        self.rows.extend(answer.items.unwrap_or_default());
        if let Some(last) = self.rows.back() {
            self.after = Some(sort_key(index, last).to_owned());
        }
        Ok(())
    }
}
