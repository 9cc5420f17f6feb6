//! HTTP: the catalogue of actions, the caller, the request, the answer. What every action has in common is done here,
//! once.

pub mod answer;
pub mod caller;
pub mod catalogue;
pub mod contact_views;
pub mod cursor;
pub mod dry_run;
pub mod endpoint;
pub mod idempotency;
pub mod import_views;
pub mod input;
pub mod invoice_views;
pub mod ledger_views;
pub mod openapi;
pub mod problem;
pub mod resource_views;
mod respond;
pub mod scratch;
pub mod serve;
mod strict;
pub mod views;

pub use answer::{Decision, Reply};
pub use caller::Caller;
pub use catalogue::{Access, Action, action};
pub use endpoint::{Context, Endpoint, Entry, Input};
pub use problem::Problem;
