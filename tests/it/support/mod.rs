//! What tests say in one line: sign up, invite, accept, read a mail, let time pass.

mod accounts;
mod answer;
mod browser;
mod client;
mod cloud;
mod pictures;

pub use accounts::accounts;
pub use answer::Answer;
pub use browser::Browser;
pub use client::{Client, secret_of};
pub use cloud::{Cloud, PASSWORD};
pub use pictures::{colour, photograph, png};
