//! The rules of account administration: pure functions and the types they speak of.
//!
//! Nothing here waits, reads a clock, draws a random number or knows AWS. Time, ids and secrets come in with a
//! [`Stamp`]; what a rule decides goes out as a [`Change`]. The codes in doc comments (L1 … W11) are those of
//! `docs/rules.md`.

pub mod account;
pub mod audit;
pub mod avatar;
pub mod calendar;
pub mod change;
pub mod claim;
pub mod contact;
pub mod counts;
pub mod customers;
pub mod email_change;
pub mod erasure;
pub mod holdings;
pub mod id;
pub mod identity;
pub mod import;
pub mod invitation;
pub mod invoice;
pub mod ledger;
pub mod license;
pub mod locale;
pub mod mail;
pub mod password;
pub mod payment;
pub mod plan;
pub mod policy;
pub mod reckoning;
pub mod refusal;
pub mod resource;
pub mod role;
pub mod rules;
pub mod search;
pub mod secret;
pub mod session;
pub mod stamp;
pub mod text;
pub mod throttle;
pub mod token;
pub mod totp;
pub mod user;

pub use change::{Change, Write};
pub use refusal::{FieldError, Refusal};
pub use stamp::Stamp;

/// A moment, UTC, to the millisecond.
pub type Instant = chrono::DateTime<chrono::Utc>;
