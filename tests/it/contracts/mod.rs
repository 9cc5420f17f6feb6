//! What holds for every action alike.

mod acting;
mod conventions;
mod costs;
mod customer_costs;
mod graph;
mod idempotency;
mod matrix;
mod measured;
mod problems;
mod refusals;
mod resource_costs;
mod rules;
mod template;

use std::path::Path;

/// Compares a file of the repository with what it must hold; with `UPDATE=1` writes it instead.
#[allow(clippy::disallowed_methods, reason = "a switch of the tests")]
pub fn compare(file: &str, expected: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, expected).expect("the file is written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "{file} is not current; run the tests with UPDATE=1 and look at the difference");
}
