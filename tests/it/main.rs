//! One binary of tests: stories of the five systems, lessons from the field, races, faults, contracts.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::match_same_arms,
    missing_docs,
    unreachable_pub
)]

mod audit;
mod contracts;
mod credentials;
mod faults;
mod guessing;
mod lessons;
mod races;
mod scenarios;
mod secrets;
mod sso;
mod stripe;
mod support;
