//! What a process needs around the rules: configuration, time and entropy, AWS connections, sealing, logs.
//!
//! This is the one place that reads the environment, the clock and the operating system's randomness.

pub mod aws;
pub mod config;
pub mod logs;
pub mod process;
pub mod seal;
pub mod world;

pub use config::Config;
pub use seal::Sealer;
pub use world::World;
