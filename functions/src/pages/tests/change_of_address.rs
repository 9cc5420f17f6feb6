//! The pages of a change of address.

use domain::email_change::{EmailChange, EmailChangeKind, EmailChangeStatus};

use super::*;
use crate::pages::confirm_email;

fn change(needs_accept: bool) -> EmailChange {
    let mut stamp = Stamp::new(until(), [7; 32], Origin::default());
    EmailChange {
        id: stamp.id(),
        email: Email::parse("anna.o'berg&co@example.com").unwrap(),
        kind: EmailChangeKind::Own,
        status: EmailChangeStatus::AwaitingConfirmation,
        needs_accept,
        requested_by: stamp.id(),
        requested_at: until(),
        expires_at: until(),
    }
}

pub(super) fn open(frame: Frame, account_name: &str, user_name: &str, needs_accept: bool) -> Reply {
    confirm_email::open(frame, account_name, user_name, &change(needs_accept)).unwrap()
}

/// Every state of them, with the sentences that say what to do next.
pub(super) fn pages(locale: Locale, account_name: &str) -> Vec<Page> {
    let frame = || Frame::new(locale, TOKEN);
    let old = Email::parse("anna@example.com").unwrap();
    vec![
        (
            "change",
            &[
                "change-heading",
                "change-explanation-accept",
                "change-button",
                "change-accept-heading",
                "change-accept",
                "change-accept-link",
                "change-expired",
                "change-not-found",
                "change-taken",
                "change-not-allowed",
                "change-too-often",
                "error-network",
            ],
            open(frame(), account_name, "Anna", true),
        ),
        (
            "change-now",
            &["change-explanation-now", "change-success-heading", "change-success", "change-expired", "noscript"],
            open(frame(), account_name, "Anna", false),
        ),
        (
            "revert",
            &[
                "revert-heading",
                "revert-explanation",
                "revert-button",
                "revert-success-heading",
                "revert-success",
                "forgot-password",
                "revert-expired",
                "revert-not-found",
                "error-too-many-attempts",
            ],
            revert_email::open(frame(), account_name, &old, until()).unwrap(),
        ),
        (
            "portal",
            &[
                "portal-explanation",
                "portal-provider",
                "portal-sign-in-button",
                "portal-unconfirmed",
                "portal-confirmed",
                "portal-accept-button",
                "portal-cancel-button",
                "portal-accepted",
                "portal-cancelled",
                "portal-over",
                "portal-none",
                "portal-wrong",
                "portal-needs-code",
                "noscript",
            ],
            email::open(Frame::new(locale, "")).unwrap(),
        ),
    ]
}

#[test]
fn what_is_left_to_do_is_said_on_the_page_that_confirms() {
    let link = "href=\"email?lang=en\"";
    for (needs_accept, told) in [(true, true), (false, false)] {
        let (page, _) = split(open(Frame::new(Locale::En, TOKEN), "Tracker", "Anna", needs_accept));
        assert_eq!(page.contains(link), told);
        assert!(page.contains("data-post=\"v1/email-changes/confirm\""));
        assert!(page.contains(&html("Anna of “Tracker” is to have this address:")));
    }
    let (page, _) = split(confirm_email::confirmed(Frame::new(Locale::En, TOKEN)).unwrap());
    assert!(page.contains(link) && !page.contains("<form"), "there is nothing to confirm any more");
    for ending in [confirm_email::ENDINGS, revert_email::ENDINGS] {
        let (page, _) = split(ending.closed(Frame::new(Locale::En, TOKEN)).unwrap());
        assert!(page.contains(&html(&i18n::text(Locale::En, &format!("{}-expired", ending.texts), &[]))));
    }
}

#[test]
fn the_page_with_the_accept_button_keeps_no_session() {
    let (page, _) = split(email::open(Frame::new(Locale::En, "")).unwrap());
    assert_eq!(fields(&page).1, ["login", "password", "code", "account"]);
    for kept in ["localStorage", "sessionStorage", "indexedDB", "cookie", "caches", "innerHTML", "eval("] {
        assert!(!page.contains(kept), "{kept}");
    }
    assert!(frame::PORTAL.contains("addEventListener('pagehide', signOut)"), "the session ends with the page");
    // Its script asks for what the API has, and has words for what the API answers.
    for path in ["v1/sessions", "v1/me/email", "v1/me/email/accept"] {
        assert!(frame::PORTAL.contains(&format!("'{path}'")), "{path}");
        let listed = |action: &edge::catalogue::Action| action.path == format!("/{path}");
        assert!(edge::catalogue::CATALOGUE.iter().any(listed), "{path}");
    }
    for told in page.split("<template data-code=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let of_the_script = ["accepted", "cancelled", "generic", "network"].contains(&told);
        assert!(of_the_script || CODES.iter().any(|code| code.code == told), "{told}");
    }
}
