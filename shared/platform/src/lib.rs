//! What a process needs around the rules: configuration, time and entropy, connections to AWS and to the web, sealing, the
//! vault, files, logs.
//!
//! This is the one place that reads the environment, the clock and the operating system's randomness.

pub mod aws;
pub mod config;
pub mod files;
pub mod logs;
pub mod operator;
pub mod process;
pub mod seal;
pub mod sso;
pub mod stripe;
pub mod vault;
pub mod web;
pub mod world;

pub use config::Config;
pub use files::Files;
pub use seal::Sealer;
pub use vault::Vault;
pub use world::World;
