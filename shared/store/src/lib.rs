//! State in DynamoDB: one table, every read by key or index, every change in one transaction.

pub mod audit;
pub mod boards;
pub mod commit;
pub mod contacts;
mod count;
pub mod customers;
mod derived;
pub mod directory;
pub mod due;
pub mod erasure;
pub mod error;
pub mod idempotency;
pub mod imports;
pub mod items;
pub mod keys;
pub mod ledger;
pub mod listing;
mod merge;
pub mod meter;
pub mod outbox;
pub mod packed;
mod payments;
pub mod read;
pub mod readers;
pub mod resource_list;
pub mod resources;
pub mod schema;
mod store;
mod tally;

pub use commit::CommitError;
pub use error::StoreError;
pub use store::Store;
