//! One handler for each action. A file is an action: it loads what it needs, asks one rule, and answers with a view.

pub mod accounts;
pub mod audit;
pub mod avatars;
pub mod billing;
pub mod contacts;
pub mod credentials;
pub mod customers;
pub mod email;
mod gate;
mod holders;
pub mod imports;
pub mod invitations;
pub mod licenses;
mod load;
pub mod meta;
pub mod pages;
mod proof;
pub mod registry;
pub mod resources;
pub mod roles;
mod second_factor;
pub mod sessions;
pub mod sheet;
mod sight;
pub mod sso;
pub mod upload;
pub mod users;
