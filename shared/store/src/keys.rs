//! Every key of the table, with what it is found by. Nothing else spells a key.
//!
//! | item | `pk` / `sk` | index `listing`: `gpk` / `gsk` | index `due`: `dpk` / `dsk` |
//! | --- | --- | --- | --- |
//! | account | `A#acc` / `ACCOUNT` | of a customer `A#partner#CUSTOMERS` / folded name, id | `DUE#reminder#n` or `DUE#renewal#n` / when to remind or renew, id; none on plans that are free |
//! | word that a customer is found by | `A#partner#CWORD` / word, `acc` | | |
//! | its counts | `A#acc` / `COUNTS` | | |
//! | user | `A#acc` / `U#usr` | `A#acc#U#status#type` / folded name, id: the directory; in the index `owned`, if active and of a role of the account's own, `A#acc#H#rol` / `usr` | `DUE#email_change#n` / end of the window, id, while a change of address waits |
//! | word that a user is found by | `A#acc#WORD` / word, `usr` | | |
//! | credential | `A#acc` / `CRED#usr` | | |
//! | customers chosen for a user | `A#acc` / `CHOSEN#usr` | | |
//! | customer for whom a user has acted | `A#acc#VISIT#usr` / the customer's `acc` | | |
//! | role of the account's own | `A#acc#ROLE` / `rol` | | |
//! | invitation | `A#acc#INV` / `inv` | `A#acc#I#status` / id: newest first; in the index `owned` `A#acc#IU#usr` once accepted, else `A#acc#IA#digest of the address` / id | `DUE#invitation#n` / end of the window, id |
//! | who pays for an account | `A#acc` / `PAYER` | | `DUE#payer#n` / when a new card came, account |
//! | invoice | `A#acc#BILL` / number | | `DUE#invoice#n` / when it was issued, id, until those concerned are told; then `DUE#payment#n` / when its collection goes on, id, while it is open and somebody may be charged |
//! | posting of the license ledger | `A#acc#LEDGER` / period, 0 where it opens it and else 1, `led` | | |
//! | audit entry | `A#acc#AUDIT` / `evt` | `A#acc#AA#usr` / `evt`: what somebody did | |
//! | resource | `A#acc#R#kind#id` / `RESOURCE` | `A#acc#R#shelf` / kind, id; in the index `owned` `A#acc#O#usr#state` / kind, id | |
//! | trace of a resource that was forgotten | `A#acc#R#kind#id` / `TRACE` | | |
//! | what a user holds | `A#acc` / `HELD#usr` | `A#acc#M` / `usr`, while resources are on their way | `DUE#motion#n` / when to go on, user |
//! | board or project that somebody co-owns or takes part in | `A#acc#BOARDS#usr` / kind, id | | |
//! | address that a user has left | `A#acc#FORMER#usr` / `emc` | | `DUE#former_email#n` / when it can no longer be put back, id |
//! | contact of somebody's | `A#acc#CONTACT#usr` / the other's `usr` | in the index `owned`, unless the other surely has one in return, `A#acc#CC#other's usr` / `usr` | |
//! | deleted user of whom something may be left | `A#acc#ERASE` / `usr` | | `DUE#erasure#n` / when to go on, user |
//! | import of invitations | `A#acc#IMPORT` / `imp` | `A#acc#IMPORTS` / `imp` | `DUE#import#n` / when to go on, id |
//! | some of its rows, packed | `A#acc#IMPORT` / `imp#number` | | |
//! | claim of a login or address | `HANDLE#folded` / `acc` | | |
//! | claim of an identity at Google or Microsoft | `IDENTITY#digest` / `acc` | | |
//! | claim of a slug | `SLUG#slug` / `SLUG` | | |
//! | session | `SESSION#digest` / `SESSION` | `A#acc#S#usr` / id: one's devices, by the user's own account | |
//! | one-time token | `TOKEN#purpose#digest` / `TOKEN` | in the index `owned` `A#acc#T#usr` / its partition: whose it is | |
//! | sign-in on its way at a provider | `FLOW#digest` / `FLOW` | | |
//! | failures of somebody | `TALLY#digest` / `TALLY` | | |
//! | idempotency record | `IDEM#digest` / `IDEM` | | |
//! | files to remove | `DISCARD#dis` / `DISCARD` | | `DUE#discard#n` / when they may go, id |
//! | mail to send | `MAIL#msg` / `MAIL` | `A#acc#MM#usr` / id: whom else it names; in the index `owned` `A#acc#T#usr` / its partition: who gets it | `DUE#mail#n` / next attempt, id |
//!
//! Three more indexes each hold one kind of item:
//!
//! | index | item | partition / place |
//! | --- | --- | --- |
//! | `created`: `gpk` / `csk` | user | as in `listing` / when it was made, id |
//! | `activity`: `gpk` / `ask` | user | as in `listing` / when it was last seen, id |
//! | `subject`: `apk` / `sk` | audit entry | `A#acc#AS#subject` / `evt`: what was done to somebody or something |
//!
//! A claim serves both uniqueness (one item for an account and a handle) and a sign-in that does not name the account
//! (a query of the handle). An account's counts stand apart from it, so that an edit of the policy never collides with
//! a license.

mod access;
mod board;
mod customers;
mod due;
mod former;
mod imports;
mod ledger;
mod shelf;
#[cfg(test)]
mod tests;

use chrono::SecondsFormat;
use domain::Instant;
use domain::claim::ClaimKind;
use domain::id::{AccountId, DiscardId, InvitationId, MailId, RoleId, UserId};
use domain::invitation::InvitationStatus;
use domain::resource::{Kind, Resource, ResourceId, State};
use domain::secret::SecretDigest;
use domain::user::{UserStatus, UserType};

pub use access::{flow, session, sessions, tally, token};
pub use board::{board, boards, of_place};
pub use customers::{
    customer_of_word, customer_place, customer_word, customer_words, customers, selection, visit, visits,
};
pub use due::{DueKind, due, due_after, due_before, due_partition};
pub use former::{FORMER_PREFIX, former_email, former_emails};
pub use imports::{import, import_part, import_rows, imports};
pub use ledger::{BILL_ENDING, invoice, invoices, ledger, opening, payer, period, posting, posting_of};
pub use shelf::{SHELVES, Shelf};

/// An index: its name, the attributes that are its key, and what it carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: &'static str,
    /// The attribute that names the partition.
    pub partition: &'static str,
    /// The attribute that says the place in it.
    pub place: &'static str,
    /// Whether it carries whole items. A page of it needs no further reads then, but every change of an item is one of
    /// the index too. Otherwise it carries keys.
    pub whole: bool,
}

impl Index {
    /// Its name; none of the table itself.
    pub(crate) fn named(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| self.name.to_owned())
    }
}

/// The index that lists are read from.
pub const LISTING: Index = Index { name: "listing", partition: "gpk", place: "gsk", whole: true };
/// The index of what is somebody's: resources that he owns, and what is kept for him and is to go with him.
pub const OWNED: Index = Index { name: "owned", partition: "opk", place: "osk", whole: true };
/// The table itself, where it is read as an index is.
pub const TABLE: Index = Index { name: "", partition: "pk", place: "sk", whole: true };
/// The index of what falls due.
pub const DUE: Index = Index { name: "due", partition: "dpk", place: "dsk", whole: false };
/// The index of users by when they were made, in the partitions of the directory. Users change far more often than they
/// are listed so: it carries keys.
pub const CREATED: Index = Index { name: "created", partition: "gpk", place: "csk", whole: false };
/// The index of users by when they were last seen, in the partitions of the directory.
pub const ACTIVITY: Index = Index { name: "activity", partition: "gpk", place: "ask", whole: false };
/// The index of audit entries by their subject. They never change: it carries all of them.
pub const SUBJECT: Index = Index { name: "subject", partition: "apk", place: "sk", whole: true };
/// All of them.
pub const INDEXES: [Index; 6] = [LISTING, OWNED, DUE, CREATED, ACTIVITY, SUBJECT];
/// Over how many partitions each kind of due item is spread.
pub const DUE_SHARDS: u8 = 4;
/// What keeps a sort key's text from its id: sorts before anything that a text can contain.
const BREAK: char = '\t';
/// Most octets of a name in a sort key.
const MAX_SORT_OCTETS: usize = 400;

/// The key of an item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The partition.
    pub pk: String,
    /// The place in it.
    pub sk: String,
}

impl Key {
    /// A key of two parts.
    pub fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }
}

/// Where an index has an item.
pub type IndexKey = (String, String);

/// An account.
pub fn account(id: AccountId) -> Key {
    Key::new(format!("A#{id}"), "ACCOUNT")
}

/// An account's counts.
pub fn counts(id: AccountId) -> Key {
    Key::new(format!("A#{id}"), "COUNTS")
}

/// A user.
pub fn user(account: AccountId, id: UserId) -> Key {
    Key::new(format!("A#{account}"), format!("{USER_PREFIX}{id}"))
}

/// The directory's partition of a status and type.
pub fn directory(account: AccountId, status: UserStatus, user_type: UserType) -> String {
    format!("A#{account}#U#{}#{}", status.name(), user_type.name())
}

/// A user's place in a partition of the directory.
pub fn directory_place(sort_name: &str, id: UserId) -> String {
    format!("{}{BREAK}{id}", truncated(sort_name))
}

/// A user's place among those made before and after.
pub fn created_place(at: Instant, id: UserId) -> String {
    format!("{}{BREAK}{id}", moment(at))
}

/// A user's place among those last seen before and after; who was never seen is before all others (W11).
pub fn activity_place(at: Option<Instant>, id: UserId) -> String {
    format!("{}{BREAK}{id}", at.map(moment).unwrap_or_default())
}

/// A word that a user is found by (R5).
pub fn word(account: AccountId, word: &str, id: UserId) -> Key {
    Key::new(words(account), format!("{word}{BREAK}{id}"))
}

/// Every word that an account's users are found by.
pub fn words(account: AccountId) -> String {
    format!("A#{account}#WORD")
}

/// Whose word it is, by its sort key.
pub fn holder_of_word(place: &str) -> Option<UserId> {
    place.rsplit_once(BREAK)?.1.parse().ok()
}

/// A user's credential.
pub fn credential(account: AccountId, id: UserId) -> Key {
    Key::new(format!("A#{account}"), format!("CRED#{id}"))
}

/// A role of an account's own.
pub fn role(account: AccountId, id: RoleId) -> Key {
    Key::new(roles(account), id.to_string())
}

/// The active users of a role of an account's own.
pub fn holders(account: AccountId, role: RoleId) -> String {
    format!("A#{account}#H#{role}")
}

/// The roles of an account's own.
pub fn roles(account: AccountId) -> String {
    format!("A#{account}#ROLE")
}

/// An invitation.
pub fn invitation(account: AccountId, id: InvitationId) -> Key {
    Key::new(format!("A#{account}#INV"), id.to_string())
}

/// The list of invitations of a status.
pub fn invitations(account: AccountId, status: InvitationStatus) -> String {
    format!("A#{account}#I#{}", status.name())
}

/// An audit entry.
pub fn audit(account: AccountId, id: domain::id::AuditId) -> Key {
    Key::new(audit_log(account), id.to_string())
}

/// Every audit entry of an account.
pub fn audit_log(account: AccountId) -> String {
    format!("A#{account}#AUDIT")
}

/// The audit entries of what somebody did.
pub fn audit_by(account: AccountId, actor: UserId) -> String {
    format!("A#{account}#AA#{actor}")
}

/// The audit entries of what was done to somebody or something.
pub fn audit_of(account: AccountId, subject: &str) -> String {
    format!("A#{account}#AS#{subject}")
}

/// A resource.
pub fn resource(account: AccountId, kind: Kind, id: &ResourceId) -> Key {
    Key::new(format!("A#{account}#R#{}#{}", kind.name(), id.as_str()), "RESOURCE")
}

/// What is kept of a resource that was forgotten.
pub fn trace(account: AccountId, kind: Kind, id: &ResourceId) -> Key {
    Key { sk: "TRACE".to_owned(), ..resource(account, kind, id) }
}

/// The list of an account's resources on a shelf.
pub fn resources(account: AccountId, shelf: Shelf) -> String {
    format!("A#{account}#R#{}", shelf.name())
}

/// The list of somebody's resources in a state.
pub fn owned(account: AccountId, owner: UserId, state: State) -> String {
    format!("A#{account}#O#{owner}#{}", state.name())
}

/// A resource's place in any list: by kind, then by id.
pub fn resource_place(resource: &Resource) -> String {
    resource.place()
}

/// From where to where the places of a kind go, or all of them; behind `after`, where one is given.
pub fn resource_places(kind: Option<Kind>, after: Option<&str>) -> (String, String) {
    // No character of a place sorts below `#` but above `"`, and none above `z`.
    let (from, to) = kind.map_or_else(
        || ("#".to_owned(), "~".to_owned()),
        |kind| (format!("{}#", kind.name()), format!("{}$", kind.name())),
    );
    let behind = after.map(|after| format!("{after}!"));
    (behind.into_iter().chain([from.clone()]).max().unwrap_or(from), to)
}

/// What a user holds.
pub fn holdings(account: AccountId, user: UserId) -> Key {
    Key::new(format!("A#{account}"), format!("{HELD_PREFIX}{user}"))
}

/// What the sort keys of holdings begin with.
pub const HELD_PREFIX: &str = "HELD#";

/// The list of an account's users whose resources are on their way.
pub fn motions(account: AccountId) -> String {
    format!("A#{account}#M")
}

/// A claim of a folded login or address, or of an identity.
pub fn claim(kind: ClaimKind, handle: &str, account: AccountId) -> Key {
    Key::new(claims(kind, handle), account.to_string())
}

/// Every account's claim of a folded login or address, or of an identity.
pub fn claims(kind: ClaimKind, handle: &str) -> String {
    match kind {
        ClaimKind::Handle => format!("HANDLE#{handle}"),
        ClaimKind::Identity => format!("IDENTITY#{handle}"),
    }
}

/// A claim of a slug.
pub fn slug(slug: &str) -> Key {
    Key::new(format!("SLUG#{slug}"), "SLUG")
}

/// The deleted users of an account of whom something may be left.
pub fn erasures(account: AccountId) -> String {
    format!("A#{account}#ERASE")
}

/// A deleted user of whom something may be left.
pub fn erasure(account: AccountId, user: UserId) -> Key {
    Key::new(erasures(account), user.to_string())
}

/// What the sort keys of users begin with.
pub const USER_PREFIX: &str = "U#";

/// Somebody's contact.
pub fn contact(account: AccountId, user: UserId, other: UserId) -> Key {
    Key::new(contacts(account, user), other.to_string())
}

/// Somebody's contacts.
pub fn contacts(account: AccountId, user: UserId) -> String {
    format!("A#{account}#CONTACT#{user}")
}

/// Those whose contact somebody is, perhaps without having them in return.
pub fn known_to(account: AccountId, user: UserId) -> String {
    format!("A#{account}#CC#{user}")
}

/// Tokens and mails for a user.
pub fn traces(account: AccountId, user: UserId) -> String {
    format!("A#{account}#T#{user}")
}

/// Mails to others that name a user.
pub fn mentions(account: AccountId, user: UserId) -> String {
    format!("A#{account}#MM#{user}")
}

/// The invitation that a user accepted.
pub fn accepted(account: AccountId, user: UserId) -> String {
    format!("A#{account}#IU#{user}")
}

/// The invitations of an address that nobody has accepted.
pub fn invited(account: AccountId, address: &SecretDigest) -> String {
    format!("A#{account}#IA#{}", address.as_str())
}

/// An idempotency record, by the digest of whose it is and its key.
pub fn idempotency(digest: &str) -> Key {
    Key::new(format!("IDEM#{digest}"), "IDEM")
}

/// A mail to send.
pub fn mail(id: MailId) -> Key {
    Key::new(format!("{MAIL_PREFIX}{id}"), "MAIL")
}

/// What the partitions of mails begin with: the stream's filter in `template.yaml` names it too.
pub const MAIL_PREFIX: &str = "MAIL#";

/// Files to remove.
pub fn discard(id: DiscardId) -> Key {
    Key::new(format!("{DISCARD_PREFIX}{id}"), "DISCARD")
}

/// What the partitions of files to remove begin with.
pub const DISCARD_PREFIX: &str = "DISCARD#";

/// A moment whose text sorts as it does: fixed width, milliseconds.
fn moment(at: Instant) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn truncated(text: &str) -> &str {
    let mut end = text.len().min(MAX_SORT_OCTETS);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
