//! The jobs.

pub mod announce_invoices;
pub mod collect_payments;
pub mod deliver_mail;
pub mod erase_users;
pub mod expire_email_changes;
pub mod expire_invitations;
pub mod import_invitations;
pub mod move_resources;
pub mod remove_files;
pub mod renew_licenses;

use domain::Instant;
use futures::StreamExt as _;
use store::StoreError;
use store::due::{Asked, Due};
use store::keys::DUE_SHARDS;

use crate::report::Report;

/// How many due items are read at once.
const PAGE: i32 = 100;
/// How many are worked on at the same time.
const AT_ONCE: usize = 8;
/// Most due items of one shard in one run; the next run goes on. With four shards and SES's usual fourteen mails a second
/// a full run ends within half of its function's five minutes.
const MOST_IN_A_RUN: usize = 500;

/// Goes through what was due before a moment, shard by shard, and reports what `work` makes of each item. One that fails is passed over
/// and stays due.
async fn each_due<T, R, W>(before: Instant, read: impl Fn(Asked) -> R, work: impl Fn(T) -> W) -> Report
where
    R: Future<Output = Result<Due<T>, StoreError>>,
    W: Future<Output = Result<Report, StoreError>>,
{
    at_most(MOST_IN_A_RUN, before, read, work).await
}

/// The same with so many due items of one shard at most.
async fn at_most<T, R, W>(most: usize, before: Instant, read: impl Fn(Asked) -> R, work: impl Fn(T) -> W) -> Report
where
    R: Future<Output = Result<Due<T>, StoreError>>,
    W: Future<Output = Result<Report, StoreError>>,
{
    let mut report = Report::default();
    for shard in 0..DUE_SHARDS {
        let mut after = None;
        let mut seen = 0;
        while seen < most {
            let due = match read(Asked { shard, before, after: after.take(), limit: PAGE }).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::error!(cause = %error, shard, "what is due could not be read");
                    report.add(Report::failure());
                    break;
                }
            };
            seen += due.items.len();
            let mut done = futures::stream::iter(due.items.into_iter().map(&work)).buffer_unordered(AT_ONCE);
            while let Some(result) = done.next().await {
                report.add(result.unwrap_or_else(|error| {
                    tracing::error!(cause = %error, shard, "left for a next run");
                    Report::failure()
                }));
            }
            after = due.after;
            if after.is_none() {
                break;
            }
        }
    }
    report
}
