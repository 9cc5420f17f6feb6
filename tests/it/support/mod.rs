//! What tests say in one line: sign up, invite, accept, read a mail, let time pass.

mod answer;
mod client;
mod cloud;

pub use answer::Answer;
pub use client::Client;
pub use cloud::{Cloud, PASSWORD};
