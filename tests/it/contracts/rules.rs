//! The page of rules names scenarios that exist.

use std::path::Path;

fn sources(folder: &Path, into: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            sources(&entry, into);
        } else {
            into.push_str(&std::fs::read_to_string(&entry).expect("a source"));
        }
    }
}

#[test]
fn every_scenario_that_the_page_of_rules_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    sources(&root.join("it"), &mut tests);
    let page = std::fs::read_to_string(root.join("../docs/rules.md")).expect("the page");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| code")).collect();
    let mut codes = 0;
    for row in &rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let code = cells[0].trim_matches('`');
        let is_code = code.len() >= 2 && "LBRPW".contains(&code[..1]) && code[1..].parse::<u8>().is_ok();
        if !is_code {
            continue;
        }
        codes += 1;
        for name in cells.last().expect("a cell").split('`').skip(1).step_by(2) {
            assert!(tests.contains(&format!("fn {name}(")), "{code} names {name}, which is no test");
        }
    }
    // L1 to L10, B1 to B11, R1 to R12, P1 to P6, W1 to W11.
    assert_eq!(codes, 10 + 11 + 12 + 6 + 11);
}
