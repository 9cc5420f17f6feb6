//! The local cloud: everything on a laptop, without an account or Docker.

pub mod clock;
pub mod cloud;
pub mod controls;
pub mod data;
pub mod demo;
pub mod embedded;
pub mod front;
mod host;
pub mod idp;
mod pages;
pub mod s3;
pub mod server;
pub mod ses;
pub mod stream;
pub mod stripe;
#[cfg(test)]
mod testing;

pub use cloud::{Cloud, Options};
