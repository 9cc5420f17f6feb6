//! The crates depend on each other in one direction only.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// Who may depend on whom, within the house.
const ALLOWED: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("platform", &["domain"]),
    ("store", &["domain", "platform"]),
    ("sso", &["domain", "platform"]),
    ("payments", &["platform"]),
    ("i18n", &["domain"]),
    ("documents", &["domain", "i18n"]),
    ("mail", &["domain", "i18n"]),
    ("pictures", &[]),
    ("edge", &["domain", "platform", "store"]),
    ("functions", &["documents", "domain", "edge", "i18n", "payments", "pictures", "platform", "sso", "store"]),
    ("worker", &["documents", "domain", "mail", "payments", "platform", "store"]),
    ("local", &["domain", "edge", "functions", "i18n", "mail", "platform", "store", "worker"]),
];

/// What the rules may be made of: nothing that waits, or knows AWS.
const PURE: &[&str] = &[
    "argon2",
    "base64",
    "caseless",
    "chrono",
    "email_address",
    "rand_chacha",
    "rand_core",
    "schemars",
    "serde",
    "serde_json",
    "serde_path_to_error",
    "sha2",
    "slug",
    "subtle",
    "thiserror",
    "totp-rs",
    "type-safe-id",
    "unicode-normalization",
    "unicode-segmentation",
    "uuid",
    "zxcvbn",
];

fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("metadata");
    let names = |package: &Value| {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let ordinary = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
        ordinary.map(|dependency| dependency["name"].as_str().expect("a name").to_owned()).collect()
    };
    let packages = metadata["packages"].as_array().expect("packages");
    packages.iter().map(|package| (package["name"].as_str().expect("a name").to_owned(), names(package))).collect()
}

#[test]
fn the_crate_graph_is_one_way() {
    let found = dependencies();
    let house: BTreeSet<&String> = found.keys().collect();
    for (name, dependencies) in &found {
        let Some((_, allowed)) = ALLOWED.iter().find(|(member, _)| member == name) else {
            assert!(["acceptance", "bench"].contains(&name.as_str()), "{name} has no place in the graph");
            continue;
        };
        for dependency in dependencies.iter().filter(|dependency| house.contains(dependency)) {
            assert!(allowed.contains(&dependency.as_str()), "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn the_rules_are_pure() {
    let found = dependencies();
    for dependency in &found["domain"] {
        assert!(PURE.contains(&dependency.as_str()), "domain must not depend on {dependency}");
    }
    assert!(!found["functions"].iter().any(|name| name.contains("ses")), "functions cannot send");
}
