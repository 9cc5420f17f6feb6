//! The table's stream as Lambda's event source mapping reads it: new mails to send go to the function that sends them.

mod event;
mod reader;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodbstreams::Client;
use aws_sdk_dynamodbstreams::types::{Record, ShardIteratorType};
use futures::future::BoxFuture;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use self::reader::Reader;

/// The most records in one event.
const BATCH: usize = 25;
/// How often a batch is handed over before it is given up: the worker's schedule finds what is left undone.
const ATTEMPTS: u32 = 3;
/// How long the pump waits after a failure, at first.
const PAUSE: Duration = Duration::from_millis(50);
/// How often it looks when nothing tells it of writes.
const POLL: Duration = Duration::from_millis(200);
/// How long a drain waits for a stream that cannot be read or a function that does not end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Takes one DynamoDB event of Lambda; an error brings the same event again.
pub type Deliver = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// Where a pump begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// After what the stream holds now.
    Latest,
    /// At the oldest record of the stream.
    Oldest,
    /// After the last record handed over, as this file says, which is kept up to date; at the oldest without the file.
    Checkpoint(PathBuf),
}

/// Why a pump did not start.
#[derive(Debug, thiserror::Error)]
pub enum PumpError {
    /// The table has no stream.
    #[error("the table {0} has no stream")]
    NoStream(String),
    /// The stream could not be read.
    #[error("the stream: {0}")]
    Stream(String),
    /// The checkpoint could not be read.
    #[error("the stream's checkpoint: {0}")]
    Checkpoint(#[from] std::io::Error),
}

/// A task that follows one table's stream until it is stopped or dropped.
#[derive(Debug)]
pub struct StreamPump {
    drains: mpsc::UnboundedSender<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

impl StreamPump {
    /// Follows the stream of `table` and hands over new mails as they come. `writes` wakes the pump
    /// after each write; without it the pump looks five times a second. What is written after this returns is not missed.
    pub async fn start(
        client: Client,
        table: &str,
        start: Start,
        writes: Option<watch::Receiver<u64>>,
        deliver: Deliver,
    ) -> Result<Self, PumpError> {
        let (drains, drain_requests) = mpsc::unbounded_channel();
        let follower = Follower::new(client, table, start, deliver).await?;
        let task = tokio::spawn(follower.run(drain_requests, writes));
        Ok(Self { drains, task })
    }

    /// Waits until everything written before this call has been handed over or given up, ten seconds at most.
    pub async fn drain(&self) {
        self.drain_within(PATIENCE).await;
    }

    async fn drain_within(&self, patience: Duration) {
        let (done, drained) = oneshot::channel();
        // An error of either channel says that the pump has ended: there is nothing to wait for.
        if self.drains.send(done).is_ok() && tokio::time::timeout(patience, drained).await.is_err() {
            tracing::warn!("mails are still on their way");
        }
    }

    /// Hands over what has been written and ends.
    pub async fn stop(self) {
        self.drain().await;
    }
}

impl Drop for StreamPump {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Follower {
    reader: Reader,
    checkpoint: Option<PathBuf>,
    deliver: Deliver,
}

impl Follower {
    async fn new(client: Client, table: &str, start: Start, deliver: Deliver) -> Result<Self, PumpError> {
        let (from, after, checkpoint) = match start {
            Start::Latest => (ShardIteratorType::Latest, None, None),
            Start::Oldest => (ShardIteratorType::TrimHorizon, None, None),
            Start::Checkpoint(file) => (ShardIteratorType::TrimHorizon, read(&file)?, Some(file)),
        };
        Ok(Self { reader: Reader::new(client, table, from, after).await?, checkpoint, deliver })
    }

    async fn run(
        mut self,
        mut drain_requests: mpsc::UnboundedReceiver<oneshot::Sender<()>>,
        mut writes: Option<watch::Receiver<u64>>,
    ) {
        let mut waiting = Vec::new();
        loop {
            while let Ok(drain) = drain_requests.try_recv() {
                waiting.push(drain);
            }
            match self.catch_up().await {
                // Whoever asked before the last read found nothing has what it asked for.
                Ok(()) => waiting.drain(..).for_each(|drain: oneshot::Sender<()>| _ = drain.send(())),
                Err(error) => {
                    tracing::warn!(%error, "the stream was not read");
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
            }
            tokio::select! {
                () = written(&mut writes) => {}
                drain = drain_requests.recv() => match drain {
                    Some(drain) => waiting.push(drain),
                    None => return,
                }
            }
        }
    }

    /// Hands over everything up to the end of the stream.
    async fn catch_up(&mut self) -> Result<(), PumpError> {
        loop {
            let records = self.reader.next().await?;
            let last = records.last().and_then(|record| record.dynamodb()?.sequence_number()).map(str::to_owned);
            let mails: Vec<Record> = records.into_iter().filter(event::is_new_mail).collect();
            for batch in mails.chunks(BATCH) {
                self.hand_over(event::event(batch, &self.reader.stream_arn)).await;
            }
            let Some(last) = last else { return Ok(()) };
            self.keep(&last);
        }
    }

    async fn hand_over(&self, event: Value) {
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(PAUSE * 4_u32.pow(attempt - 1)).await;
            }
            // A task of its own: what panics in a function does not end the event source.
            let outcome = tokio::spawn((self.deliver)(event.clone())).await;
            match outcome.unwrap_or_else(|panicked| Err(panicked.to_string())) {
                Ok(()) => return,
                Err(error) => tracing::warn!(%error, attempt, "mails from the stream were not delivered"),
            }
        }
    }

    fn keep(&self, sequence_number: &str) {
        if let Some(file) = &self.checkpoint
            && let Err(error) = crate::data::replace(file, Value::from(sequence_number).to_string().as_bytes())
        {
            // Without it the next start hands over again what was handed over, as a stream may at any time.
            tracing::warn!(%error, "the stream's checkpoint was not kept");
        }
    }
}

fn read(file: &std::path::Path) -> Result<Option<String>, std::io::Error> {
    match std::fs::read(file) {
        Ok(kept) => Ok(Some(serde_json::from_slice(&kept)?)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn written(writes: &mut Option<watch::Receiver<u64>>) {
    if let Some(receiver) = writes
        && receiver.changed().await.is_ok()
    {
        return;
    }
    // The writer is gone, or there never was one to tell.
    *writes = None;
    tokio::time::sleep(POLL).await;
}
