//! What a rule decides: everything that is to be written, with what must still be true when it is.

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::avatar::Discard;
use crate::claim::{Claim, SlugClaim};
use crate::contact::Contact;
use crate::counts::{Counts, CountsChange};
use crate::customers::{Selection, Visit};
use crate::email_change::FormerEmail;
use crate::erasure::Erasure;
use crate::holdings::{Hold, Holdings};
use crate::id::AccountId;
use crate::identity::Flow;
use crate::import::{Import, ImportPart};
use crate::invitation::Invitation;
use crate::invoice::Invoice;
use crate::ledger::{Entry, Posting};
use crate::mail::Mail;
use crate::payment::Payer;
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::resource::{Resource, Trace};
use crate::role::CustomRole;
use crate::session::Session;
use crate::throttle::Tally;
use crate::token::OneTimeToken;
use crate::user::{Credential, User};

/// A thing that is kept.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is documented where it is defined")]
pub enum Record {
    Account(Account),
    User(User),
    Credential(Credential),
    Session(Session),
    Invitation(Invitation),
    Token(OneTimeToken),
    Invoice(Invoice),
    Slug(SlugClaim),
    Flow(Flow),
    Role(CustomRole),
    Tally(Tally),
    Resource(Resource),
    Trace(Trace),
    Holdings(Holdings),
    Erasure(Erasure),
    Discard(Discard),
    Contact(Contact),
    Import(Import),
    ImportPart(ImportPart),
    Selection(Selection),
    Visit(Visit),
    FormerEmail(FormerEmail),
    Payer(Payer),
}

impl Record {
    /// The resource that it is, if it is one.
    pub const fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Resource(resource) => Some(resource),
            _ => None,
        }
    }
}

/// One write and its guard. A guard that fails without a refusal of its own means that the rule saw an old state.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// Writes what must not be there.
    Create(Box<Record>),
    /// Writes over what must still have the version it had.
    Replace {
        /// What the rule saw.
        was: Box<Record>,
        /// What is to be there.
        now: Box<Record>,
    },
    /// Takes away what must still be there, in the version that it had.
    Remove(Box<Record>),
    /// Writes nothing, and fails the change unless the thing still has the version it had.
    Unchanged(Box<Record>),
    /// Writes nothing, and fails the change if there is such a thing.
    Absent(Box<Record>),
    /// Takes a login, an address or an identity that nobody may have.
    Claim(Claim, Refusal),
    /// Keeps an address that one has, so that nobody else gets it, and nobody is found by it.
    Reserve(Claim),
    /// Takes an address that one has kept.
    Retake(Claim),
    /// Gives up a login, an address or an identity.
    Release(Claim),
    /// Counts what somebody holds.
    Hold(Hold),
    /// Begins to count for a new account.
    OpenCounts(AccountId, Counts),
}

/// A decided change: committed whole, in one transaction, or not at all.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The account that it happens in.
    pub account_id: AccountId,
    /// State.
    pub writes: Vec<Write>,
    /// Numbers, and the bounds that they keep.
    pub counts: CountsChange,
    /// What the audit says of it.
    pub audit: Vec<AuditEntry>,
    /// Whom it is told to.
    pub mails: Vec<Mail>,
    /// What the ledger is to say beside which users' licenses move.
    pub facts: Vec<Entry>,
    /// What the ledger says, once the change is settled.
    pub posting: Option<Posting>,
}

impl Change {
    /// A change of nothing yet.
    pub fn new(account_id: AccountId, model: Model) -> Self {
        Self {
            account_id,
            writes: Vec::new(),
            counts: CountsChange::none(account_id, model),
            audit: Vec::new(),
            mails: Vec::new(),
            facts: Vec::new(),
            posting: None,
        }
    }

    /// Whether there is nothing to write.
    pub fn is_nothing(&self) -> bool {
        self.writes.is_empty() && self.counts.is_nothing() && self.audit.is_empty() && self.mails.is_empty()
    }

    /// Adds a thing that is new.
    pub fn create(&mut self, record: Record) {
        self.writes.push(Write::Create(Box::new(record)));
    }

    /// Adds a thing's new state.
    pub fn replace(&mut self, was: Record, now: Record) {
        self.writes.push(Write::Replace { was: Box::new(was), now: Box::new(now) });
    }

    /// Takes a thing away.
    pub fn remove(&mut self, record: Record) {
        self.writes.push(Write::Remove(Box::new(record)));
    }

    /// Fails the change if a thing is no longer as the rule saw it: in this version, or absent.
    pub fn guard(&mut self, record: Record, present: bool) {
        let record = Box::new(record);
        self.writes.push(if present { Write::Unchanged(record) } else { Write::Absent(record) });
    }

    /// Issues an invoice: counts it, and has the ledger explain it.
    pub fn issue(&mut self, invoice: &Invoice) {
        self.counts = self.counts.invoiced(invoice);
        self.facts.extend(Entry::charges(invoice, &[]));
        self.create(Record::Invoice(invoice.clone()));
    }

    /// Counts what somebody holds.
    pub fn hold(&mut self, hold: Hold) {
        self.writes.push(Write::Hold(hold));
    }

    /// The resources within: as they were, and as they are to be.
    pub fn resources(&self) -> impl Iterator<Item = (Option<&Resource>, Option<&Resource>)> {
        let resource = |record: &'_ Record| -> bool { matches!(record, Record::Resource(_)) };
        self.writes.iter().filter_map(move |write| {
            let (was, now) = match write {
                Write::Create(now) => (None, Some(&**now)),
                Write::Replace { was, now } => (Some(&**was), Some(&**now)),
                Write::Remove(was) => (Some(&**was), None),
                _ => return None,
            };
            now.or(was).is_some_and(resource).then(|| (was.and_then(Record::resource), now.and_then(Record::resource)))
        })
    }

    /// Whether it makes an account, with the counts of which it begins.
    pub fn opens_account(&self) -> bool {
        self.writes.iter().any(|write| matches!(write, Write::OpenCounts(..)))
    }

    /// The account that it makes, if it makes one.
    pub fn new_account(&self) -> Option<&Account> {
        self.writes.iter().find_map(|write| match write {
            Write::Create(record) => match &**record {
                Record::Account(account) => Some(account),
                _ => None,
            },
            _ => None,
        })
    }

    /// The invoices within.
    pub fn invoices(&self) -> impl Iterator<Item = &Invoice> {
        self.writes.iter().filter_map(|write| match write {
            Write::Create(record) => match &**record {
                Record::Invoice(invoice) => Some(invoice),
                _ => None,
            },
            _ => None,
        })
    }

    /// Joins another change to this one: both happen, or neither.
    pub fn join(&mut self, other: Self) {
        self.writes.extend(other.writes);
        self.counts.delta = self.counts.delta.plus(&other.counts.delta);
        self.counts.seen = self.counts.seen.or(other.counts.seen);
        self.counts.exact |= other.counts.exact;
        self.counts.becomes = self.counts.becomes.or(other.counts.becomes);
        self.audit.extend(other.audit);
        self.mails.extend(other.mails);
        self.facts.extend(other.facts);
    }
}
