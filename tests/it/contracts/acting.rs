//! Every action from a session that was switched into a customer's account: what is closed there, and that nothing breaks.

use std::collections::BTreeSet;

use edge::catalogue::CATALOGUE;
use serde_json::json;

use super::refusals::{Other, call, fixture};
use crate::support::{Cloud, PASSWORD};

/// What a partner's people cannot do in a customer's account: with what its people sign in with, their addresses and their
/// deletion, and with what is the caller's own.
const CLOSED: [&str; 34] = [
    "contacts_add",
    "contacts_list",
    "contacts_remove",
    "customers_create",
    "customers_list",
    "email_verification_send",
    "imports_commit",
    "imports_create",
    "imports_get",
    "imports_list",
    "imports_report",
    "imports_rows",
    "imports_stop",
    "imports_upload",
    "me_email_accept",
    "me_email_cancel",
    "me_email_change",
    "me_email_get",
    "me_password",
    "me_update",
    "payment_method_get",
    "payment_method_remove",
    "payment_method_set",
    "resources_claim",
    "sessions_switch",
    "totp_confirm",
    "totp_disable",
    "totp_start",
    "users_cancel_email",
    "users_change_email",
    "users_delete",
    "users_disable_two_factor",
    "users_reset_password",
    "users_set_password",
];

/// What a rule closes in part: a user is made there, but for one whose password the caller chooses.
const CLOSED_IN_PART: [&str; 1] = ["users_create"];

/// What ends the session that asks.
const ENDS: [&str; 2] = ["sessions_delete", "sessions_delete_all"];

#[tokio::test]
async fn every_action_from_a_switched_session_is_closed_or_works() {
    let cloud = Cloud::start().await;
    let partner = cloud.partner().await;
    let customer = partner.customer("Bakery", "otto@example.com").await;
    let otto = cloud.accept("otto@example.com", "Otto").await;
    let ben = otto.welcome("ben@example.com", "member").await;
    let other = Other::of(&cloud).await;
    // Signed in anew each time, since some actions end all that there is.
    let enter = async || cloud.sign_in(partner.email()).await.enter(&customer).await;
    let mut acting = enter().await;
    let mut closed = BTreeSet::new();
    for action in CATALOGUE.iter().filter(|action| action.access.needs_session()) {
        // Another account's objects, the customer's own people and boards, oneself, and nonsense.
        let theirs = fixture(action.name, &other);
        let own = theirs.path().replace(other.user(), ben.id());
        let himself = theirs.path().replace(other.user(), partner.id());
        for path in [theirs.path(), own, himself] {
            for body in [theirs.body.clone(), json!({ "nonsense": true }), json!([])] {
                if ENDS.contains(&action.name) {
                    acting = enter().await;
                }
                let answer = call(&acting, action.method, &path, &body).await;
                assert!(answer.status < 500, "{} {path}: {}", action.name, answer.text);
                let is_closed = answer.body["code"] == "not_while_acting_for";
                if CLOSED_IN_PART.contains(&action.name) {
                    continue;
                }
                assert_eq!(is_closed, action.is_closed_to_partners(), "{} {path}: {}", action.name, answer.text);
                if is_closed {
                    assert_eq!(answer.status, 403);
                    closed.insert(action.name);
                }
            }
        }
    }
    assert_eq!(closed, CLOSED.into(), "what is closed is written down");
    // The customer's people are as they were.
    otto.get("/v1/me").await.expect(200);
    cloud.try_sign_in("otto@example.com", PASSWORD).await.expect(201);
}
