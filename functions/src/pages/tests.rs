#![allow(clippy::unwrap_used)]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::invitation::{Invitation, InvitationStatus};
use domain::locale::Locale;
use domain::role::BuiltIn;
use domain::stamp::Origin;
use domain::text::Email;
use domain::user::UserType;
use domain::{Refusal, Stamp};
use edge::Reply;
use edge::answer::Content;
use edge::problem::CODES;
use sha2::{Digest as _, Sha256};

use super::frame::{Frame, LinkQuery};
use super::{accept_invitation, problem, verify_email};

const TOKEN: &str = "abc-_123";

fn invitation() -> Invitation {
    let at = |text: &str| text.parse().unwrap();
    let mut stamp = Stamp::new(at("2026-01-01T10:00:00Z"), [7; 32], Origin::default());
    Invitation {
        id: stamp.id(),
        account_id: stamp.id(),
        user_id: stamp.id(),
        email: Email::parse("anna.o'berg&co@example.com").unwrap(),
        user_type: UserType::Member,
        role_id: BuiltIn::Member.id(),
        status: InvitationStatus::Pending,
        invited_by: stamp.id(),
        invited_by_name: "Jo <b>\"Admin\"</b>".to_owned(),
        approved_by: None,
        message: None,
        locale: Locale::De,
        sent_at: Some(stamp.now),
        expires_at: Some(at("2026-01-08T10:00:00Z")),
        times_sent: 1,
        digest: Some(stamp.secret().digest()),
        created_at: stamp.now,
        version: 1,
    }
}

fn split(reply: Reply) -> (String, String) {
    let Content::Html { page, policy } = reply.content else { panic!("no page") };
    (page, policy)
}

fn html(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html).unwrap().to_string()
}

type Page = (&'static str, &'static [&'static str], Reply);

/// Every state of every page, with the sentences that say what to do next.
fn pages(locale: Locale, account_name: &str) -> Vec<Page> {
    let frame = || Frame::new(locale, TOKEN);
    let invitation = invitation();
    let closed = |refusal| accept_invitation::closed(frame(), &invitation, &refusal).unwrap();
    vec![
        (
            "accept",
            &[
                "accept-button",
                "accept-name-label",
                "accept-password-label",
                "noscript",
                "accept-success-next",
                "accept-revoked",
                "accept-used",
                "accept-not-found",
                "error-weak-password",
                "error-network",
            ],
            accept_invitation::open(frame(), &invitation, account_name).unwrap(),
        ),
        ("expired", &["accept-expired-heading"], closed(Refusal::InvitationExpired)),
        ("revoked", &["accept-revoked-heading", "accept-revoked"], closed(Refusal::InvitationRevoked)),
        ("used", &["accept-used-heading", "accept-used"], closed(Refusal::InvitationUsed)),
        ("absent", &["accept-not-found-heading", "accept-not-found"], accept_invitation::absent(frame()).unwrap()),
        (
            "verify",
            &["verify-explanation", "verify-button", "noscript", "verify-success", "verify-expired", "error-generic"],
            verify_email::open(frame(), &invitation.email).unwrap(),
        ),
        ("verify-expired", &["verify-expired-heading", "verify-expired"], verify_email::closed(frame()).unwrap()),
        ("verify-absent", &["verify-not-found-heading", "verify-not-found"], verify_email::absent(frame()).unwrap()),
    ]
}

#[test]
fn every_state_says_in_its_language_what_to_do_next() {
    for locale in Locale::ALL {
        for (name, sentences, reply) in pages(locale, "Tracker") {
            let (page, _) = split(reply);
            assert!(page.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", locale.tag())), "{name}");
            for key in sentences {
                let sentence = i18n::text(locale, key, &[]);
                assert!(page.contains(&html(&sentence)), "{locale:?} {name}: {key}");
            }
            for other in Locale::ALL {
                let link = format!("href=\"?token={TOKEN}&amp;lang={}\"", other.tag());
                assert!(page.contains(&link), "{locale:?} {name}: {other:?}");
            }
            let invitation = invitation();
            let shown = match name {
                "accept" => i18n::date_time(locale, invitation.expires_at.unwrap()),
                "expired" => html(&invitation.invited_by_name),
                "verify" => html(invitation.email.as_str()),
                _ => continue,
            };
            assert!(page.contains(&shown), "{locale:?} {name}: {shown}");
        }
    }
}

#[test]
fn hostile_names_and_tokens_stay_text() {
    let hostile = "</template></script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";
    let frame = || Frame::new(Locale::En, hostile);
    let (open, _) = split(accept_invitation::open(frame(), &invitation(), hostile).unwrap());
    let (absent, _) = split(accept_invitation::absent(frame()).unwrap());
    for page in [&open, &absent] {
        assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("<b>"), "{page}");
        assert!(!page.contains("\"'>"), "{page}");
    }
    assert!(open.contains(&html(hostile)));
    assert!(absent.contains("href=\"?token=%3C/template%3E"));
    assert_eq!(open.matches("<script").count(), 1);
    let (harmless, _) = split(accept_invitation::open(Frame::new(Locale::En, ""), &invitation(), "Tracker").unwrap());
    assert_eq!(open.matches('<').count(), harmless.matches('<').count());
}

#[test]
fn the_policy_allows_what_the_page_holds_and_nothing_else() {
    let mut replies: Vec<_> = pages(Locale::En, "Tracker").into_iter().map(|(_, _, reply)| reply).collect();
    replies.push(problem::page(&CODES[0]).unwrap());
    for reply in replies {
        let (page, policy) = split(reply);
        let inside = |tag: &str| {
            let (_, rest) = page.split_once(&format!("<{tag}>"))?;
            let (text, _) = rest.split_once(&format!("</{tag}>"))?;
            Some(format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text))))
        };
        let script =
            inside("script").map(|hash| format!(" script-src {hash}; connect-src 'self';")).unwrap_or_default();
        let style = inside("style").unwrap();
        let expected = format!(
            "default-src 'none'; style-src {style};{script} img-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'"
        );
        assert_eq!(policy, expected);
        assert_eq!(page.contains("<form"), !script.is_empty());
        for refused in ["http:", "https:", "//cdn", " style=", " onclick=", " onsubmit=", "src=", "localStorage"] {
            assert!(!page.contains(refused), "{refused} in {page}");
        }
    }
}

#[test]
fn the_form_is_for_the_invited_address_only() {
    let (page, _) = split(accept_invitation::open(Frame::new(Locale::En, TOKEN), &invitation(), "Tracker").unwrap());
    let fields: Vec<_> = page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    let names: Vec<_> = fields.iter().filter_map(|field| field.split(" name=\"").nth(1)?.split('"').next()).collect();
    assert_eq!(names, ["token", "name", "password"]);
    let username = fields.iter().find(|field| field.contains("autocomplete=\"username\"")).unwrap();
    assert!(username.contains(" readonly ") && username.contains(&html(invitation().email.as_str())));
    assert!(fields.iter().any(|field| field.contains("autocomplete=\"new-password\"")));
    assert!(page.contains("<button type=\"submit\" disabled>"), "nothing is sent before the script runs");
    assert!(page.contains("You are signed in as <strong data-name></strong> ("));
}

#[test]
fn the_language_is_the_clicked_or_the_readers_or_the_browsers() {
    let query = |text| edge::input::query::<LinkQuery>(text).unwrap();
    let plain = query("token=a&utm_source=mail&token=b");
    assert_eq!(plain.token(), "a");
    assert_eq!(query("").token(), "");
    assert_eq!(query("lang=xx&lang=uk").locale(Some(Locale::De), Some("ru")), Locale::Uk);
    assert_eq!(plain.locale(Some(Locale::De), Some("ru")), Locale::De);
    assert_eq!(plain.locale(None, Some("fr, ru;q=0.5")), Locale::Ru);
    assert_eq!(plain.locale(None, Some("fr")), Locale::En);
    assert_eq!(plain.locale(None, None), Locale::En);
}

#[test]
fn every_problem_has_its_page() {
    for code in CODES {
        let (page, _) = split(problem::page(code).unwrap());
        let plain = page.replace("<code>", "").replace("</code>", "");
        assert!(plain.contains(&html(&code.help.replace('`', ""))), "{}", code.code);
        assert!(page.contains(&format!("<code>{}</code>, HTTP {}", code.code, code.status)));
        assert!(page.contains(code.title) && !page.contains("<nav"));
    }
}
