//! One handler for each action. A file is an action: it loads what it needs, asks one rule, and answers with a view.

pub mod accounts;
pub mod credentials;
pub mod invitations;
pub mod licenses;
mod load;
pub mod meta;
pub mod pages;
pub mod registry;
pub mod sessions;
pub mod users;
