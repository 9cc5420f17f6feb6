//! Failures of guessing, counted where all functions see them.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity, ReturnValue};
use chrono::TimeDelta;
use domain::Instant;
use domain::throttle::{Limit, TRUST, Tally};

use crate::error::StoreError;
use crate::keys;
use crate::store::Store;

/// More outstanding failures than this beyond the free ones are not counted: the pause is the longest by then.
const MOST_BEYOND_FREE: i32 = 16;

impl Store {
    /// The failures of somebody.
    pub async fn tally(&self, digest: &str) -> Result<Option<Tally>, StoreError> {
        self.get(&keys::tally(digest)).await
    }

    /// Counts a failure, and answers the tally with it. Failures at the same moment all count.
    pub async fn note_failure(&self, digest: &str, limit: &Limit, now: Instant) -> Result<Tally, StoreError> {
        let leak = limit.leak.num_milliseconds();
        let now_ms = now.timestamp_millis();
        let most =
            now_ms + (limit.leak * (i32::try_from(limit.free).unwrap_or(0) + MOST_BEYOND_FREE)).num_milliseconds();
        // The bucket is filling, or empty, or full: which of them is decided where all writers meet.
        let filling = ("clears_at_ms = clears_at_ms + :by", "clears_at_ms > :now AND clears_at_ms < :most", leak);
        let empty = ("clears_at_ms = :by", "attribute_not_exists(pk) OR clears_at_ms <= :now", now_ms + leak);
        let full = ("clears_at_ms = clears_at_ms + :by", "clears_at_ms >= :most", 0);
        for (set, condition, by) in [filling, empty, full].into_iter().cycle().take(9) {
            if let Some(tally) = self.count_failure(digest, (set, condition, by), (now, most)).await? {
                return Ok(tally);
            }
        }
        Err(StoreError::Unavailable("a tally moves too fast".to_owned()))
    }

    async fn count_failure(
        &self,
        digest: &str,
        (set, condition, by): (&str, &str, i64),
        (now, most): (Instant, i64),
    ) -> Result<Option<Tally>, StoreError> {
        let key = keys::tally(digest);
        let number = |value: i64| AttributeValue::N(value.to_string());
        let mut call = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression(format!(
                "SET {set}, failed_at_ms = :now, digest = :digest, #ttl = :ttl ADD #version :one"
            ))
            .condition_expression(condition)
            .expression_attribute_names("#ttl", "ttl")
            .expression_attribute_names("#version", "version")
            .expression_attribute_values(":by", number(by))
            .expression_attribute_values(":now", number(now.timestamp_millis()))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":digest", AttributeValue::S(digest.to_owned()))
            // Later than any failure is outstanding, and than any trust ends.
            .expression_attribute_values(":ttl", number((now + TRUST + TimeDelta::days(1)).timestamp()))
            .return_values(ReturnValue::AllNew)
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        if condition.contains(":most") {
            call = call.expression_attribute_values(":most", number(most));
        }
        match call.send().await {
            Ok(answer) => {
                self.meter.write(answer.consumed_capacity());
                Ok(answer.attributes.map(serde_dynamo::from_item).transpose()?)
            }
            // Another state than this update is for, or a sign-in's transaction at the same moment.
            Err(SdkError::ServiceError(answer))
                if matches!(
                    answer.err(),
                    UpdateItemError::ConditionalCheckFailedException(_)
                        | UpdateItemError::TransactionConflictException(_)
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(StoreError::of(&error)),
        }
    }
}
