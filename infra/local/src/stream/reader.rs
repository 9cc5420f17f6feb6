//! Reading a stream to its end: the one shard of the embedded engine, or those of another DynamoDB, which close one day
//! and go on in others.

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::error::DisplayErrorContext;
use aws_sdk_dynamodbstreams::operation::get_records::GetRecordsError;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};

use super::PumpError;

/// The most records read at once; so many come again after a process is killed while it hands them over.
const PAGE: i32 = 100;

/// A place in a stream.
pub(super) struct Reader {
    client: Client,
    pub(super) stream_arn: String,
    shards: Vec<Shard>,
}

struct Shard {
    id: String,
    /// Nothing once the shard is closed and read to its end.
    iterator: Option<String>,
    /// The last record read from it.
    last: Option<String>,
}

impl Reader {
    /// The stream of `table`, from its oldest record or its end or, when a number is given, after that record: the number
    /// of another stream counts as none.
    pub(super) async fn new(
        client: Client,
        table: &str,
        from: ShardIteratorType,
        after: Option<String>,
    ) -> Result<Self, PumpError> {
        let streams = client.list_streams().table_name(table).send().await.map_err(unreadable)?;
        let stream_arn = streams.streams().first().and_then(|stream| stream.stream_arn());
        let stream_arn = stream_arn.ok_or_else(|| PumpError::NoStream(table.to_owned()))?.to_owned();
        let mut reader = Self { client, stream_arn, shards: Vec::new() };
        reader.discover(from, after.as_deref()).await?;
        Ok(reader)
    }

    /// The next records, in the order of each shard; none at the end.
    pub(super) async fn next(&mut self) -> Result<Vec<Record>, PumpError> {
        loop {
            let mut closed = false;
            for index in 0..self.shards.len() {
                let records = self.read(index).await?;
                if !records.is_empty() {
                    return Ok(records);
                }
                closed |= self.shards.get(index).is_some_and(|shard| shard.iterator.is_none());
            }
            if !(closed && self.discover(ShardIteratorType::TrimHorizon, None).await?) {
                return Ok(Vec::new());
            }
        }
    }

    async fn read(&mut self, index: usize) -> Result<Vec<Record>, PumpError> {
        let Some(shard) = self.shards.get_mut(index) else { return Ok(Vec::new()) };
        let Some(iterator) = &shard.iterator else { return Ok(Vec::new()) };
        let asked = self.client.get_records().shard_iterator(iterator).limit(PAGE).send().await;
        let page = match asked {
            Ok(page) => page,
            Err(error) => {
                let (id, last) = (shard.id.clone(), shard.last.clone());
                let after = match error.as_service_error() {
                    // An iterator lives for a quarter of an hour: less than a laptop sleeps.
                    Some(GetRecordsError::ExpiredIteratorException(_)) => last.as_deref(),
                    // What it points at is gone: the shard goes on at its oldest record. DynamoDB Local answers so for
                    // an iterator of a shard that was empty, once another table has taken the number it points at.
                    Some(GetRecordsError::TrimmedDataAccessException(_)) => None,
                    _ => return Err(unreadable(error)),
                };
                let fresh = self.iterator(&id, ShardIteratorType::TrimHorizon, after).await?;
                self.shards.retain(|shard| shard.id != id);
                self.shards.push(Shard { id, iterator: fresh, last });
                return Err(unreadable(error));
            }
        };
        shard.iterator = page.next_shard_iterator;
        let records = page.records.unwrap_or_default();
        if let Some(last) = records.last().and_then(|record| record.dynamodb()?.sequence_number()) {
            shard.last = Some(last.to_owned());
        }
        Ok(records)
    }

    /// Takes up the shards that are new and answers whether there are any.
    async fn discover(&mut self, from: ShardIteratorType, after: Option<&str>) -> Result<bool, PumpError> {
        let mut ids = Vec::new();
        let mut start = None;
        loop {
            let asked = self.client.describe_stream().stream_arn(&self.stream_arn).set_exclusive_start_shard_id(start);
            let Some(page) = asked.send().await.map_err(unreadable)?.stream_description else { break };
            ids.extend(page.shards.unwrap_or_default().into_iter().filter_map(|shard| shard.shard_id));
            start = page.last_evaluated_shard_id;
            if start.is_none() {
                break;
            }
        }
        // What is closed, read and no longer listed will not come back.
        self.shards.retain(|shard| shard.iterator.is_some() || ids.contains(&shard.id));
        ids.retain(|id| self.shards.iter().all(|shard| shard.id != *id));
        for id in &ids {
            let iterator = self.iterator(id, from.clone(), after).await?;
            self.shards.push(Shard { id: id.clone(), iterator, last: None });
        }
        Ok(!ids.is_empty())
    }

    async fn iterator(
        &self,
        shard: &str,
        from: ShardIteratorType,
        after: Option<&str>,
    ) -> Result<Option<String>, PumpError> {
        let asked = self.client.get_shard_iterator().stream_arn(&self.stream_arn).shard_id(shard);
        if let Some(after) = after {
            let kind = ShardIteratorType::AfterSequenceNumber;
            match asked.clone().shard_iterator_type(kind).sequence_number(after).send().await {
                Ok(found) => return Ok(found.shard_iterator),
                Err(error) if error.as_service_error().is_none() => return Err(unreadable(error)),
                Err(error) => {
                    tracing::warn!(error = %DisplayErrorContext(error), "the stream does not know the checkpoint");
                }
            }
        }
        let found = asked.shard_iterator_type(from).send().await.map_err(unreadable)?;
        Ok(found.shard_iterator)
    }
}

fn unreadable<E: std::error::Error>(error: E) -> PumpError {
    PumpError::Stream(DisplayErrorContext(error).to_string())
}
