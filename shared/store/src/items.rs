//! How each record stands in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Instant;
use domain::account::Renewing;
use domain::audit::AuditEntry;
use domain::change::Record;
use domain::claim::{Claim, SlugClaim};
use domain::email_change::EmailChangeStatus;
use domain::erasure::address;
use domain::invitation::{Invitation, InvitationStatus};
use domain::invoice::Invoice;
use domain::ledger::Posting;
use domain::role::BuiltIn;
use domain::text::fold;
use domain::token::Grant;
use domain::user::UserStatus;
use serde::Serialize;

use crate::error::StoreError;
use crate::imports;
use crate::keys::{self, ACTIVITY, CREATED, DUE, DueKind, Index, IndexKey, Key, LISTING, OWNED, SUBJECT, Shelf};
use crate::store::Item;

/// For how long what is over is kept before DynamoDB removes it by itself.
const KEEP_AFTER_END: chrono::TimeDelta = chrono::TimeDelta::days(30);
/// The longest life that a policy can give a session without use.
const LONGEST_SESSION: chrono::TimeDelta = chrono::TimeDelta::days(366);

/// The attribute of a claim that only keeps an address from others.
pub(crate) const RESERVED: &str = "reserved";

/// The key of a record.
pub fn key(record: &Record) -> Key {
    match record {
        Record::Account(account) => keys::account(account.id),
        Record::User(user) => keys::user(user.account_id, user.id),
        Record::Credential(credential) => keys::credential(credential.account_id, credential.user_id),
        Record::Session(session) => keys::session(&session.digest),
        Record::Invitation(invitation) => keys::invitation(invitation.account_id, invitation.id),
        Record::Token(token) => keys::token(token.grants.purpose(), &token.digest),
        Record::Invoice(invoice) => keys::invoice(invoice.account_id, invoice.number),
        Record::Slug(slug) => keys::slug(&slug.slug),
        Record::Flow(flow) => keys::flow(&flow.digest),
        Record::Role(role) => keys::role(role.account_id, role.id),
        Record::Tally(tally) => keys::tally(&tally.digest),
        Record::Resource(resource) => keys::resource(resource.account_id, resource.kind, &resource.id),
        Record::Trace(trace) => keys::trace(trace.account_id, trace.kind, &trace.id),
        Record::Holdings(holdings) => keys::holdings(holdings.account_id, holdings.user_id),
        Record::Erasure(erasure) => keys::erasure(erasure.account_id, erasure.user_id),
        Record::Discard(discard) => keys::discard(discard.id),
        Record::Contact(contact) => keys::contact(contact.account_id, contact.user_id, contact.other_id),
        Record::Import(import) => keys::import(import.account_id, import.id),
        Record::ImportPart(part) => keys::import_part(part.account_id, part.import_id, part.number),
        Record::Selection(selection) => keys::selection(selection.account_id, selection.user_id),
        Record::Visit(visit) => keys::visit(visit.account_id, visit.user_id, visit.customer_id),
        Record::FormerEmail(former) => keys::former_email(former.account_id, former.user_id, former.id),
        Record::Payer(payer) => keys::payer(payer.account_id),
    }
}

/// The version that a record carries, if its kind has versions.
pub fn version(record: &Record) -> Option<u64> {
    match record {
        Record::Account(account) => Some(account.version),
        Record::User(user) => Some(user.version),
        Record::Credential(credential) => Some(credential.version),
        Record::Invitation(invitation) => Some(invitation.version),
        Record::Tally(tally) => Some(tally.version),
        Record::Role(role) => Some(role.version),
        Record::Resource(resource) => Some(resource.version),
        Record::Trace(trace) => Some(trace.version),
        Record::Holdings(holdings) => Some(holdings.version),
        Record::Erasure(erasure) => Some(erasure.version),
        Record::Discard(discard) => Some(discard.version),
        Record::Invoice(invoice) => Some(invoice.version),
        Record::Import(import) => Some(import.version),
        Record::ImportPart(part) => Some(part.version),
        Record::Selection(selection) => Some(selection.version),
        Record::Payer(payer) => Some(payer.version),
        Record::Session(_)
        | Record::Token(_)
        | Record::Slug(_)
        | Record::Flow(_)
        | Record::Contact(_)
        | Record::Visit(_)
        | Record::FormerEmail(_) => None,
    }
}

/// The fields of a record.
fn fields_of(record: &Record) -> Result<Item, StoreError> {
    Ok(match record {
        Record::Account(account) => fields(account)?,
        Record::User(user) => fields(user)?,
        Record::Credential(credential) => fields(credential)?,
        Record::Session(session) => fields(session)?,
        Record::Invitation(invitation) => fields(invitation)?,
        Record::Token(token) => fields(token)?,
        Record::Invoice(invoice) => fields(invoice)?,
        Record::Flow(flow) => fields(flow)?,
        Record::Role(role) => fields(role)?,
        Record::Tally(tally) => fields(tally)?,
        Record::Resource(resource) => fields(resource)?,
        Record::Trace(trace) => fields(trace)?,
        Record::Holdings(holdings) => fields(holdings)?,
        Record::Erasure(erasure) => fields(erasure)?,
        Record::Discard(discard) => fields(discard)?,
        Record::Contact(contact) => fields(contact)?,
        Record::Import(import) => fields(import)?,
        Record::ImportPart(part) => imports::fields(part)?,
        Record::Selection(selection) => fields(selection)?,
        Record::Visit(visit) => fields(visit)?,
        Record::FormerEmail(former) => fields(former)?,
        Record::Payer(payer) => fields(payer)?,
        Record::Slug(SlugClaim { account_id, .. }) => {
            Item::from([("account_id".to_owned(), AttributeValue::S(account_id.to_string()))])
        }
    })
}

/// The whole item of a record: its fields, its key, its places in the indexes, and when it may be forgotten.
pub fn item(record: &Record) -> Result<Item, StoreError> {
    let mut item = fields_of(record)?;
    place(&mut item, &key(record));
    match record {
        Record::User(user) => {
            let directory = keys::directory(user.account_id, user.status, user.user_type);
            let places = [
                (LISTING, keys::directory_place(&user.sort_name(), user.id)),
                (CREATED, keys::created_place(user.created_at, user.id)),
                (ACTIVITY, keys::activity_place(user.last_active_at, user.id)),
            ];
            // All three have the partitions of the directory.
            for (index, place) in places {
                listed(&mut item, &index, (directory.clone(), place));
            }
            if user.status == UserStatus::Active && BuiltIn::of_id(user.role_id).is_none() {
                let holders = keys::holders(user.account_id, user.role_id);
                listed(&mut item, &OWNED, (holders, user.id.to_string()));
            }
            if let Some(change) = user.email_change.as_ref().filter(|it| it.status != EmailChangeStatus::Expired) {
                listed(&mut item, &DUE, keys::due(DueKind::EmailChange, change.expires_at, user.id));
            }
        }
        Record::Session(session) => {
            let devices = keys::sessions(session.home_account(), session.user_id);
            listed(&mut item, &LISTING, (devices, session.id.to_string()));
            forget(&mut item, session_end(session.last_active_at));
        }
        Record::Invitation(invitation) => places_of_invitation(&mut item, invitation),
        Record::Resource(resource) => {
            let place = keys::resource_place(resource);
            listed(&mut item, &LISTING, (keys::resources(resource.account_id, Shelf::of(resource)), place.clone()));
            if let Some(owner) = resource.owner_id {
                let partition = keys::owned(resource.account_id, owner, resource.state);
                listed(&mut item, &OWNED, (partition, place));
            }
        }
        Record::Holdings(holdings) => {
            if let Some(motion) = &holdings.motion {
                listed(&mut item, &LISTING, (keys::motions(holdings.account_id), holdings.user_id.to_string()));
                listed(&mut item, &DUE, keys::due(DueKind::Motion, motion.due_at, holdings.user_id));
            }
        }
        Record::Token(token) => {
            let place = key(record).pk;
            // What is nobody's has a place as well: it costs the same.
            let partition = token.grants.user().map(|user| keys::traces(token.account_id, user));
            if !matches!(token.grants, Grant::Invitation { .. }) {
                listed(&mut item, &OWNED, (partition.unwrap_or_else(|| place.clone()), place));
            }
            forget(&mut item, token.expires_at + KEEP_AFTER_END);
        }
        Record::Erasure(erasure) => {
            listed(&mut item, &DUE, keys::due(DueKind::Erasure, erasure.due_at, erasure.user_id));
        }
        Record::Discard(discard) => listed(&mut item, &DUE, keys::due(DueKind::Discard, discard.due_at, discard.id)),
        Record::Contact(contact) => {
            if contact.alone {
                let known_to = keys::known_to(contact.account_id, contact.other_id);
                listed(&mut item, &OWNED, (known_to, contact.user_id.to_string()));
            }
        }
        Record::Import(import) => {
            listed(&mut item, &LISTING, (keys::imports(import.account_id), import.id.to_string()));
            if let Some(due_at) = import.due_at {
                listed(&mut item, &DUE, keys::due(DueKind::Import, due_at, import.id));
            }
            forget(&mut item, import.created_at + KEEP_AFTER_END);
        }
        Record::ImportPart(part) => forget(&mut item, part.import_id.made_at() + KEEP_AFTER_END),
        Record::FormerEmail(former) => {
            listed(&mut item, &DUE, keys::due(DueKind::FormerEmail, former.until, former.id));
        }
        Record::Invoice(invoice) => place_of_invoice(&mut item, invoice),
        Record::Payer(payer) => {
            if let Some(at) = payer.due_at {
                listed(&mut item, &DUE, keys::due(DueKind::Payer, at, payer.account_id));
            }
        }
        Record::Trace(trace) => forget(&mut item, trace.forgotten_at + KEEP_AFTER_END),
        Record::Flow(flow) => forget(&mut item, flow.expires_at),
        Record::Tally(tally) => {
            if let Some(until) = tally.trusted_until {
                forget(&mut item, until);
            }
        }
        Record::Account(account) => {
            if let Some((next, at)) = account.subscription.due() {
                let kind = match next {
                    Renewing::Remind => DueKind::Reminder,
                    Renewing::Renew => DueKind::Renewal,
                };
                listed(&mut item, &DUE, keys::due(kind, at, account.id));
            }
            if let Some(partner) = account.parent_account_id {
                let place = keys::customer_place(&fold(&account.name), account.id);
                listed(&mut item, &LISTING, (keys::customers(partner), place));
            }
        }
        Record::Credential(_) | Record::Slug(_) | Record::Role(_) | Record::Selection(_) | Record::Visit(_) => {}
    }
    Ok(item)
}

/// When an invoice falls due: to be told of, and then to be collected.
fn place_of_invoice(item: &mut Item, invoice: &Invoice) {
    let place = match invoice.collection_due() {
        _ if !invoice.announced => Some(keys::due(DueKind::Invoice, invoice.issued_at, invoice.id)),
        due => due.map(|at| keys::due(DueKind::Payment, at, invoice.id)),
    };
    if let Some(place) = place {
        listed(item, &DUE, place);
    }
}

/// Where an invitation is listed, found by its person, and falls due.
fn places_of_invitation(item: &mut Item, invitation: &Invitation) {
    let invitations = keys::invitations(invitation.account_id, invitation.status);
    listed(item, &LISTING, (invitations, invitation.id.to_string()));
    if !invitation.erased {
        listed(item, &OWNED, (addressee(invitation), invitation.id.to_string()));
    }
    if let (InvitationStatus::Pending, Some(expires_at)) = (invitation.status, invitation.expires_at) {
        listed(item, &DUE, keys::due(DueKind::Invitation, expires_at, invitation.id));
    }
}

/// What an invitation is found by when its person is deleted: the user who has accepted, until then the address.
fn addressee(invitation: &Invitation) -> String {
    let account = invitation.account_id;
    match invitation.status {
        InvitationStatus::Accepted => keys::accepted(account, invitation.user_id),
        _ => keys::invited(account, &address(account, &invitation.email)),
    }
}

/// The item of an audit entry. What somebody did and what was done to something are both found by an index, for one write
/// unit each: a further item would cost two, and a place in the transaction.
pub(crate) fn audit(entry: &AuditEntry) -> Result<Item, StoreError> {
    let mut item = fields(entry)?;
    place(&mut item, &keys::audit(entry.account_id, entry.id));
    listed(&mut item, &SUBJECT, (keys::audit_of(entry.account_id, &entry.subject), entry.id.to_string()));
    if let Some(actor) = entry.origin.actor {
        listed(&mut item, &LISTING, (keys::audit_by(entry.account_id, actor), entry.id.to_string()));
    }
    Ok(item)
}

/// The item of a posting of the ledger.
pub(crate) fn posting(posting: &Posting) -> Result<Item, StoreError> {
    let mut item = fields(posting)?;
    place(&mut item, &keys::posting(posting));
    Ok(item)
}

/// The item of a claim: nothing but whose it is.
pub(crate) fn claim(claim: &Claim) -> Item {
    let mut item = Item::from([("user_id".to_owned(), AttributeValue::S(claim.user_id.to_string()))]);
    place(&mut item, &keys::claim(claim.kind, &claim.handle, claim.account_id));
    item
}

/// The item of a claim that keeps an address from others, and by which nobody is found.
pub(crate) fn reserved(claimed: &Claim) -> Item {
    let mut item = claim(claimed);
    item.insert(RESERVED.to_owned(), AttributeValue::Bool(true));
    item
}

/// The item of a word that a user is found by, or of a board that he takes part in: nothing but its key.
pub(crate) fn bare(key: &Key) -> Item {
    let mut item = Item::new();
    place(&mut item, key);
    item
}

/// A value's fields as attributes.
pub(crate) fn fields(value: &impl Serialize) -> Result<Item, StoreError> {
    Ok(serde_dynamo::to_item(value)?)
}

/// Puts an item where it belongs.
pub(crate) fn place(item: &mut Item, key: &Key) {
    item.insert("pk".to_owned(), AttributeValue::S(key.pk.clone()));
    item.insert("sk".to_owned(), AttributeValue::S(key.sk.clone()));
}

/// Gives an item its place in an index.
pub(crate) fn listed(item: &mut Item, index: &Index, (partition, place): IndexKey) {
    item.insert(index.partition.to_owned(), AttributeValue::S(partition));
    item.insert(index.place.to_owned(), AttributeValue::S(place));
}

/// When a session that was last used at a moment is over under any policy.
pub(crate) fn session_end(last_active_at: Instant) -> Instant {
    last_active_at + LONGEST_SESSION
}

/// Lets DynamoDB remove an item some time after a moment.
pub(crate) fn forget(item: &mut Item, after: Instant) {
    item.insert("ttl".to_owned(), AttributeValue::N(after.timestamp().to_string()));
}
