//! Who may do what, as the service answers it: one page, compared with what is found.

use std::fmt::Write as _;

use edge::catalogue::{Access, CATALOGUE};

use super::refusals::{Other, call, fixture};
use crate::support::Cloud;

#[tokio::test]
async fn the_matrix_of_permissions_is_current() {
    let cloud = Cloud::start().await;
    // A partner's, since only such an account has customers.
    let admin = cloud.partner().await;
    let mut clients = vec![("nobody", cloud.public()), ("administrator", admin.clone())];
    for role in ["member", "viewer", "guest"] {
        clients.push((role, admin.welcome(&format!("{role}@example.com"), role).await));
    }
    let other = Other::of(&cloud).await;
    let mut page = String::from(
        "Who may do what: every action that needs a session, for the built-in roles, under the default policy. Found by asking\n\
         the service (`tests/it/contracts/matrix.rs`). What a rule refuses beyond the right (whom, of which account, how many)\n\
         does not show here; nor what a role of an account's own may, which is what it names.\n\n",
    );
    let _ = write!(page, "{:<26}{:<20}", "action", "right");
    for (role, _) in &clients {
        let _ = write!(page, "{role:<15}");
    }
    for action in CATALOGUE.iter().filter(|action| action.access.needs_session()) {
        let right = match action.access {
            Access::Needs(permission) => permission.name(),
            _ => "",
        };
        let _ = write!(page, "\n{:<26}{right:<20}", action.name);
        let fixture = fixture(action.name, &other);
        let dry = if action.mutates() { "?dry_run=true" } else { "" };
        for (_, client) in &clients {
            let answer = call(client, action.method, &format!("{}{dry}", fixture.path()), &fixture.body).await;
            let _ = write!(page, "{:<15}", if matches!(answer.status, 401 | 403) { "-" } else { "yes" });
        }
    }
    let mut lines: Vec<&str> = page.lines().map(str::trim_end).collect();
    lines.push("");
    super::compare("docs/permissions.txt", &lines.join("\n"));
}
