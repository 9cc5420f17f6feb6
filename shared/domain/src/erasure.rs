//! What is left to erase of somebody who was deleted for good (W6), and what each thing looks like without him.
//!
//! One transaction makes him nobody. What does not fit into it is found by index and gone through stage by stage; until
//! that is over, readers show each thing as it is going to be.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Instant;
use crate::audit::AuditEntry;
use crate::id::{AccountId, AuditId, ImportId, UserId};
use crate::import::{Import, ImportPart, ImportRow, RowOutcome};
use crate::invitation::Invitation;
use crate::mail::NAMES;
use crate::resource::Resource;
use crate::secret::SecretDigest;
use crate::text::Email;
use crate::user::User;

/// After so long every index shows what was written before.
const INDEX_LAG: chrono::TimeDelta = chrono::TimeDelta::seconds(60);

/// What an audit entry about a user may go on to say of him: ids, states and numbers. Whatever is not listed is personal.
const NEUTRAL: [&str; 15] = [
    "accounts",
    "email_verified",
    "mode",
    "owner_id",
    "recovery_codes_left",
    "resources",
    "role_id",
    "sessions",
    "sign_in",
    "status",
    "total",
    "two_factor_enabled",
    "type",
    "user_id",
    "version",
];

/// A place where something of a person is kept outside of the person's own records. A further place is a further stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// His credential, one-time tokens, and mails to him that have not left.
    Traces,
    /// Addresses that he has left and could still put back.
    FormerEmails,
    /// Mails to others that name him.
    Mentions,
    /// His devices.
    Sessions,
    /// His contacts, and what those have of him in return.
    Contacts,
    /// Contacts of others who he is.
    KnownTo,
    /// The invitation that he accepted.
    Accepted,
    /// Other invitations of his address.
    Invited,
    /// What the audit says was done to him.
    AuditOf,
    /// What the audit says he did, and the invitations that he sent.
    AuditBy,
    /// What he owned beside others, or took part in.
    Shared,
    /// Rows of imports that are about him, and his words in those that he made.
    Imports,
    /// The customers' accounts in which he has acted: each gets an erasure of its own.
    Customers,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 13] = [
        Self::Traces,
        Self::FormerEmails,
        Self::Mentions,
        Self::Sessions,
        Self::Contacts,
        Self::KnownTo,
        Self::Accepted,
        Self::Invited,
        Self::AuditOf,
        Self::AuditBy,
        Self::Shared,
        Self::Imports,
        Self::Customers,
    ];

    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().skip_while(|stage| *stage != self).nth(1)
    }
}

/// A deleted user of whom something may be left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// The account.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// Under which name his contents stay.
    pub display_name: String,
    /// What the invitations of his address are found by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<SecretDigest>,
    /// The same of the addresses that he had before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_addresses: Vec<SecretDigest>,
    /// Where it has come to.
    pub stage: Stage,
    /// Behind which row of the stage to go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When he was deleted.
    pub began_at: Instant,
    /// When this round began. Indexes lag, so that a first round may miss what a second one finds.
    pub round_at: Instant,
    /// When to go on.
    pub due_at: Instant,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Erasure {
    /// The erasure of a user that begins now.
    pub fn of(user: &User, display_name: &str, now: Instant) -> Self {
        Self {
            account_id: user.account_id,
            user_id: user.id,
            display_name: display_name.to_owned(),
            address: user.email.as_ref().map(|email| address(user.account_id, email)),
            earlier_addresses: user.earlier_addresses.clone(),
            stage: Stage::Traces,
            after: None,
            began_at: now,
            round_at: now,
            due_at: now,
            version: 1,
        }
    }

    /// The erasure of the same person in a customer's account in which he has acted.
    pub fn abroad(&self, customer: AccountId, now: Instant) -> Self {
        Self {
            account_id: customer,
            address: None,
            earlier_addresses: Vec::new(),
            stage: Stage::Traces,
            after: None,
            began_at: now,
            round_at: now,
            due_at: now,
            version: 1,
            ..self.clone()
        }
    }

    /// What the invitations of his addresses are found by.
    pub fn addresses(&self) -> impl Iterator<Item = &SecretDigest> {
        self.address.iter().chain(&self.earlier_addresses)
    }

    /// Where to go on when a page of the stage is done: behind `after`, or with the next stage. None when all is over.
    pub fn onward(&self, after: Option<String>, now: Instant) -> Option<Self> {
        let next = Self { after, version: self.version + 1, ..self.clone() };
        if next.after.is_some() {
            return Some(next);
        }
        if let Some(stage) = self.stage.next() {
            return Some(Self { stage, after: self.beginning_of(stage), ..next });
        }
        let second = self.began_at + INDEX_LAG;
        let again = now.max(second);
        (self.round_at < second).then_some(Self { stage: Stage::Traces, round_at: again, due_at: again, ..next })
    }

    /// Behind which row a stage begins. The audit is only added to: a second round looks at what a first one may have
    /// missed, and not at years of entries once more.
    fn beginning_of(&self, stage: Stage) -> Option<String> {
        let again = self.round_at > self.began_at && matches!(stage, Stage::AuditOf | Stage::AuditBy);
        again.then(|| AuditId::earliest(self.began_at - INDEX_LAG).to_string())
    }

    /// A mail to somebody else as it goes out without him: under his new name, and without his own words.
    pub fn reworded(&self, params: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let kept = params.iter().filter(|(name, _)| *name != "message");
        let named = |name: &str, value: &String| if NAMES.contains(&name) { &self.display_name } else { value }.clone();
        kept.map(|(name, value)| (name.clone(), named(name, value))).collect()
    }

    /// An audit entry without him: what was done, when and by whom stays, his values and the address he came from go.
    /// None when nothing changes.
    pub fn redacted(&self, entry: &AuditEntry) -> Option<AuditEntry> {
        let mut now = entry.clone();
        let (by_him, by_nobody) = (entry.origin.actor == Some(self.user_id), entry.origin.actor.is_none());
        let of_him = entry.subject == self.user_id.to_string();
        if by_him || (of_him && by_nobody) {
            now.origin.ip = None;
        }
        if of_him {
            now.before = neutral(&entry.before);
            now.after = neutral(&entry.after);
        }
        (now != *entry).then_some(now)
    }

    /// An invitation without him: of his address, or with his words. One that was made since he was deleted is
    /// somebody's who begins anew. None when nothing changes. The version is as it was.
    pub fn uninvited(&self, invitation: &Invitation) -> Option<Invitation> {
        let mut now = invitation.clone();
        let his_address = || self.addresses().any(|his| *his == address(invitation.account_id, &invitation.email));
        let before = invitation.created_at < self.began_at;
        if !invitation.erased && (invitation.user_id == self.user_id || (before && his_address())) {
            now = now.erased();
        }
        if invitation.invited_by == self.user_id {
            self.display_name.clone_into(&mut now.invited_by_name);
            now.message = None;
        }
        (now != *invitation).then_some(now)
    }

    /// An import without his words; none when it has none.
    pub fn unworded(&self, import: &Import) -> Option<Import> {
        let has = import.created_by == self.user_id && import.message.is_some();
        has.then(|| Import { message: None, version: import.version + 1, ..import.clone() })
    }

    /// A resource that he neither owns beside others nor takes part in; none when he never did.
    pub fn unshared(&self, resource: &Resource) -> Option<Resource> {
        let without = |ids: &[UserId]| ids.iter().copied().filter(|id| *id != self.user_id).collect();
        let now = Resource {
            co_owner_ids: without(&resource.co_owner_ids),
            participant_ids: without(&resource.participant_ids),
            ..resource.clone()
        };
        (now != *resource).then(|| Resource { version: resource.version + 1, ..now })
    }
}

/// Some rows of an import, without what those say that are about somebody who is being erased; none when none is. What was
/// made since he was deleted is of somebody who begins anew.
pub fn unlisted(erasures: &[Erasure], part: &ImportPart) -> Option<ImportPart> {
    let before = |erasure: &&Erasure| part.import_id < ImportId::earliest(erasure.began_at);
    let erasures: Vec<&Erasure> = erasures.iter().filter(before).collect();
    if erasures.is_empty() {
        return None;
    }
    let is_gone = |row: &ImportRow| {
        let invited = match &row.outcome {
            RowOutcome::Invited { user_id, .. } if !row.email.is_empty() => Some(*user_id),
            _ => None,
        };
        // Costly: once for each row, however many are being erased.
        let address = Email::parse(&row.email).map(|email| address(part.account_id, &email));
        erasures.iter().any(|erasure| {
            invited == Some(erasure.user_id)
                || address.as_ref().is_some_and(|it| erasure.addresses().any(|his| his == it))
        })
    };
    let rows: Vec<ImportRow> =
        part.rows.iter().map(|row| if is_gone(row) { row.erased() } else { row.clone() }).collect();
    (rows != part.rows).then(|| ImportPart { rows, version: part.version + 1, ..part.clone() })
}

/// What stands for an address where an invitation is looked up by it. Whoever guesses the address can tell it: it stands
/// beside the address itself, and beside an erasure until that is over.
pub fn address(account: AccountId, email: &Email) -> SecretDigest {
    SecretDigest::of(&format!("address {account} {}", email.folded()))
}

/// The same facts, with null for whatever is personal.
fn neutral(facts: &Value) -> Value {
    let Some(facts) = facts.as_object() else { return Value::Null };
    let kept = |(key, value): (&String, &Value)| {
        let value = if NEUTRAL.contains(&key.as_str()) { value.clone() } else { Value::Null };
        (key.clone(), value)
    };
    Value::Object(facts.iter().map(kept).collect())
}

#[cfg(test)]
#[path = "erasure_tests.rs"]
mod tests;
