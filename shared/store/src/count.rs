//! An account's counts, as a change adds to them.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValuesOnConditionCheckFailure, TransactWriteItem, Update};
use domain::Refusal;
use domain::counts::{Counts, CountsChange};

use crate::error::StoreError;
use crate::keys;
use crate::store::{Item, Store};

/// Beside an account's counts: how users are paid for, once that has changed. Accounts may be read as they were a moment
/// ago; no license moves by a plan that is over.
const MODEL: &str = "model";

impl Store {
    /// Adds to an account's counts, if the bounds hold: licenses and the last admin are decided here and nowhere else.
    pub(crate) fn count(&self, change: &CountsChange) -> Result<TransactWriteItem, StoreError> {
        let key = keys::counts(change.account_id);
        let mut update = Update::builder()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let mut adds = Vec::new();
        for (name, delta) in numbers(&change.delta) {
            if delta != 0 {
                adds.push(format!("#{name} :{name}"));
                update = update
                    .expression_attribute_names(format!("#{name}"), name)
                    .expression_attribute_values(format!(":{name}"), AttributeValue::N(delta.to_string()));
            }
        }
        let mut conditions = vec!["attribute_exists(pk)".to_owned()];
        for (name, seen) in change.seen.map(|seen| must_equal(change, &seen)).unwrap_or_default() {
            // Counts that were opened before a number was kept lack it, and that is none.
            let absent = if seen == 0 { format!("attribute_not_exists(#{name}) OR ") } else { String::new() };
            conditions.push(format!("({absent}#{name} = :{name}_seen)"));
            update = update
                .expression_attribute_names(format!("#{name}"), name)
                .expression_attribute_values(format!(":{name}_seen"), AttributeValue::N(seen.to_string()));
        }
        for (name, needed) in
            [("available", change.needs_available()), ("administrators", change.needs_administrators())]
        {
            if let Some(needed) = needed {
                conditions.push(format!("#{name} >= :{name}_needed"));
                update = update
                    .expression_attribute_names(format!("#{name}"), name)
                    .expression_attribute_values(format!(":{name}_needed"), AttributeValue::N(needed.to_string()));
            }
        }
        if change.needs_model() {
            // Until it changes for the first time, it is not kept here.
            conditions.push("(attribute_not_exists(#model) OR #model = :model)".to_owned());
            update = update
                .expression_attribute_names("#model", MODEL)
                .expression_attribute_values(":model", AttributeValue::S(change.model.name().to_owned()));
        }
        let mut expression = format!("ADD {}", adds.join(", "));
        if let Some(model) = change.becomes {
            expression = format!("SET #model = :becomes {expression}");
            update = update.expression_attribute_values(":becomes", AttributeValue::S(model.name().to_owned()));
        }
        let update = update
            .update_expression(expression)
            .condition_expression(conditions.join(" AND "))
            .build()
            .map_err(|error| StoreError::Broken(error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }
}

/// The numbers that must still be as the rule saw them: the period; where an invoice is issued, how many there are; and where
/// it says so, every license.
fn must_equal(change: &CountsChange, seen: &Counts) -> Vec<(&'static str, i64)> {
    let mut equal = vec![("period", seen.period)];
    if change.delta.invoices != 0 || change.exact {
        equal.push(("invoices", seen.invoices));
    }
    if change.exact {
        equal.extend([("purchased", seen.purchased), ("in_use", seen.in_use), ("reserved", seen.reserved)]);
        equal.push(("prepaid", seen.prepaid));
    }
    equal
}

fn numbers(counts: &Counts) -> [(&'static str, i64); 14] {
    [
        ("active", counts.active),
        ("pending", counts.pending),
        ("deactivated", counts.deactivated),
        ("admins", counts.admins),
        ("administrators", counts.administrators),
        ("purchased", counts.purchased),
        ("in_use", counts.in_use),
        ("reserved", counts.reserved),
        ("available", counts.available),
        ("invoices", counts.invoices),
        ("prepaid", counts.prepaid),
        ("credit", counts.credit),
        ("period", counts.period),
        ("postings", counts.postings),
    ]
}

/// Why a change cannot be made on the counts that are there, if that is what its guard says; none where it was decided on an
/// old state.
pub(crate) fn refused_on(change: &CountsChange, item: &Item) -> Option<Refusal> {
    let model = item.get(MODEL).and_then(|value| value.as_s().ok());
    if model.is_some_and(|model| model != change.model.name()) {
        return None;
    }
    let counts: Counts = serde_dynamo::from_item(item.clone()).ok()?;
    change.refused_on(&counts)
}
