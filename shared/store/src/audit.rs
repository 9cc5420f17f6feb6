//! The audit, read: newest first, by who did it, to whom or what, what it was, and when.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::Instant;
use domain::audit::AuditEntry;
use domain::id::{AccountId, AuditId, UserId};
use serde::Serialize;

use crate::error::StoreError;
use crate::keys::{self, Index};
use crate::listing::Place;
use crate::store::Store;

/// Most entries that are looked at for a page: one that looks for something rare may be short, and goes on from there.
pub const MOST_LOOKED_AT: usize = 1_000;
/// How many times as many entries are read as before, when those were not enough.
const GROWTH: usize = 4;

/// Which entries. All that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct AuditFilter {
    /// By this user.
    pub actor: Option<UserId>,
    /// Of this id.
    pub subject: Option<String>,
    /// This action; with a dot at its end, all that begin so.
    pub action: Option<String>,
    /// From this moment on.
    pub from: Option<Instant>,
    /// Before this moment.
    pub to: Option<Instant>,
}

/// Sorted entries, in an index or in the table itself.
struct Log {
    index: Option<Index>,
    partition: String,
}

/// The ids between two others, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    low: AuditId,
    high: AuditId,
}

impl AuditFilter {
    /// The shortest log that has all of them. A subject has fewer entries than an actor.
    fn log(&self, account: AccountId) -> Log {
        match (&self.subject, self.actor) {
            (Some(subject), _) => Log { index: Some(keys::SUBJECT), partition: keys::audit_of(account, subject) },
            (None, Some(actor)) => Log { index: Some(keys::LISTING), partition: keys::audit_by(account, actor) },
            (None, None) => Log { index: None, partition: keys::audit_log(account) },
        }
    }

    /// The ids that can fit. Ids sort by when they were made, which is when it happened.
    fn span(&self) -> Span {
        let low = self.from.map_or(AuditId::from_bits(0), AuditId::earliest);
        let high = self.to.map_or(AuditId::from_bits(u128::MAX), |to| before(AuditId::earliest(to)));
        Span { low, high }
    }

    /// Whether an entry of the right log and time fits.
    fn admits(&self, entry: &AuditEntry) -> bool {
        let by = self.actor.is_none_or(|actor| entry.origin.actor == Some(actor));
        let what = self.action.as_deref().is_none_or(|action| {
            if action.ends_with('.') { entry.action.starts_with(action) } else { entry.action == action }
        });
        by && what
    }
}

/// The id right before an id.
fn before(id: AuditId) -> AuditId {
    AuditId::from_bits(id.bits().saturating_sub(1))
}

impl Store {
    /// A page of an account's audit, newest first. Who did it and to what are found by an index; the action is looked for
    /// among [`MOST_LOOKED_AT`] entries at most, so a page may be short, or empty, and yet have a next one.
    pub async fn audit(
        &self,
        account: AccountId,
        filter: &AuditFilter,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<AuditEntry>, Option<Place>), StoreError> {
        let log = filter.log(account);
        let mut span = filter.span();
        if let Some(after) = &from.after {
            let after = after.parse().map_err(|_| StoreError::Broken("a place that is no audit entry".to_owned()))?;
            span.high = span.high.min(before(after));
        }
        let mut found = Vec::new();
        let mut last = None;
        let mut looked_at = 0;
        // One more than wanted tells whether there is a next page.
        let mut wanted = limit + 1;
        while span.low <= span.high {
            let (entries, more) = self.entries(&log, span, wanted).await?;
            for entry in entries {
                let id = entry.id;
                if filter.admits(&entry) {
                    if found.len() == limit {
                        return Ok((found, last.map(place)));
                    }
                    found.push(entry);
                }
                last = Some(id);
                looked_at += 1;
            }
            match last {
                Some(last) if more => span.high = before(last),
                _ => break,
            }
            if looked_at >= MOST_LOOKED_AT {
                return Ok((found, last.map(place)));
            }
            wanted = (wanted * GROWTH).min(MOST_LOOKED_AT - looked_at);
        }
        Ok((found, None))
    }

    /// The newest entries of a span, and whether there may be more.
    async fn entries(&self, log: &Log, span: Span, wanted: usize) -> Result<(Vec<AuditEntry>, bool), StoreError> {
        let (partition, place) = log.index.map_or(("pk", "sk"), |index| (index.partition, index.place));
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .set_index_name(log.index.map(|index| index.name.to_owned()))
            .key_condition_expression(format!("{partition} = :partition AND {place} BETWEEN :low AND :high"))
            .expression_attribute_values(":partition", AttributeValue::S(log.partition.clone()))
            .expression_attribute_values(":low", AttributeValue::S(span.low.to_string()))
            .expression_attribute_values(":high", AttributeValue::S(span.high.to_string()))
            .scan_index_forward(false)
            .limit(i32::try_from(wanted).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let more = answer.last_evaluated_key.is_some();
        Ok((serde_dynamo::from_items(answer.items.unwrap_or_default())?, more))
    }
}

/// The place behind an entry.
fn place(last: AuditId) -> Place {
    Place { group: 0, after: Some(last.to_string()) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use domain::audit::AuditEntry;
    use domain::id::Id;
    use domain::stamp::{Origin, Stamp};
    use serde_json::Value;

    use super::*;

    fn made(at: &str, actor: u128, action: &str) -> AuditEntry {
        let origin = Origin { actor: Some(Id::from_bits(actor)), ..Origin::default() };
        let mut stamp = Stamp::new(at.parse().unwrap(), [1; 32], origin);
        AuditEntry::of(Id::from_bits(1), action, "usr_x", (Value::Null, Value::Null), &mut stamp)
    }

    #[test]
    fn from_is_included_and_to_is_not() {
        let entry = made("2026-02-01T10:00:00.500Z", 1, "user.created");
        let at = |text: &str| Some(text.parse().unwrap());
        for (from, to, fits) in [
            (None, None, true),
            (at("2026-02-01T10:00:00.500Z"), None, true),
            (at("2026-02-01T10:00:00.501Z"), None, false),
            (None, at("2026-02-01T10:00:00.500Z"), false),
            (None, at("2026-02-01T10:00:00.501Z"), true),
            (at("2026-02-01T10:00:00.500Z"), at("2026-02-01T10:00:00.501Z"), true),
            (at("2026-02-01T10:00:00.500Z"), at("2026-02-01T10:00:00.500Z"), false),
            (at("1900-01-01T00:00:00Z"), at("9999-12-31T23:59:59Z"), true),
            (None, at("1900-01-01T00:00:00Z"), false),
        ] {
            let span = AuditFilter { from, to, ..AuditFilter::default() }.span();
            assert_eq!(span.low <= entry.id && entry.id <= span.high, fits, "{from:?} {to:?}");
            let [low, id, high] = [span.low, entry.id, span.high].map(|id| id.to_string());
            assert_eq!(low <= id && id <= high, fits, "{from:?} {to:?} as text");
        }
    }

    #[test]
    fn a_place_goes_on_right_behind_it() {
        let id = made("2026-02-01T10:00:00Z", 1, "user.created").id;
        assert!(before(id) < id && before(id).to_string() < id.to_string());
        assert_eq!(AuditId::from_bits(before(id).bits() + 1), id);
        assert_eq!(place(id).after.unwrap().parse::<AuditId>().unwrap(), id);
    }

    #[test]
    fn an_action_is_itself_or_what_begins_with_it() {
        let entry = made("2026-02-01T10:00:00Z", 7, "user.password_reset");
        for (actor, action, fits) in [
            (None, None, true),
            (Some(7), Some("user.password_reset"), true),
            (None, Some("user."), true),
            (None, Some("user.password"), false),
            (None, Some("users."), false),
            (None, Some("user.password_reset."), false),
            (Some(8), Some("user."), false),
        ] {
            let (actor, action) = (actor.map(Id::from_bits), action.map(str::to_owned));
            let filter = AuditFilter { actor, action, ..AuditFilter::default() };
            assert_eq!(filter.admits(&entry), fits, "{filter:?}");
        }
    }
}
