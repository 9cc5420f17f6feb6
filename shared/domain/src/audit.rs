//! The audit: who changed what, written in the transaction that changed it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Instant;
use crate::id::{AccountId, AuditId};
use crate::stamp::{Origin, Stamp};

/// One entry. `before` and `after` hold what changed, never a secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its id; later entries sort later.
    pub id: AuditId,
    /// The account.
    pub account_id: AccountId,
    /// When.
    pub at: Instant,
    /// Who, from where.
    pub origin: Origin,
    /// What, such as `user.deactivated`.
    pub action: String,
    /// To whom or what: an id.
    pub subject: String,
    /// What was there; null where nothing was.
    pub before: Value,
    /// What is there now; null where nothing is.
    pub after: Value,
}

impl AuditEntry {
    /// An entry of this moment.
    pub fn of(
        account_id: AccountId,
        action: &str,
        subject: impl std::fmt::Display,
        (before, after): (Value, Value),
        stamp: &mut Stamp,
    ) -> Self {
        Self {
            id: stamp.id(),
            account_id,
            at: stamp.now,
            origin: stamp.origin.clone(),
            action: action.to_owned(),
            subject: subject.to_string(),
            before,
            after,
        }
    }
}

/// The parts of two objects in which they differ.
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (Some(old), Some(new)) = (before.as_object(), after.as_object()) else {
        return (before.clone(), after.clone());
    };
    let differs = |key: &&String| old.get(*key) != new.get(*key);
    let pick = |from: &serde_json::Map<String, Value>| {
        from.iter().filter(|(key, _)| differs(key)).map(|(key, value)| (key.clone(), value.clone())).collect()
    };
    (Value::Object(pick(old)), Value::Object(pick(new)))
}
