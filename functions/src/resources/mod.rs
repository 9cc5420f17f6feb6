//! The host product's objects: whose they are, and whether they go on.

pub mod bring_in;
pub mod claim;
pub mod delete;
pub mod get;
pub mod let_go;
pub mod list;
pub mod mention;
pub mod mentionable;
pub mod put;
pub mod transfer;
