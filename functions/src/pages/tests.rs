#![allow(clippy::unwrap_used)]

mod accept_invitation_form;
mod change_of_address;
mod sign_in;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::identity::Provider;
use domain::invitation::{Invitation, InvitationStatus};
use domain::locale::Locale;
use domain::policy::SignIn;
use domain::role::BuiltIn;
use domain::stamp::Origin;
use domain::text::Email;
use domain::user::UserType;
use domain::{Instant, Refusal, Stamp};
use edge::Reply;
use edge::answer::Content;
use edge::problem::CODES;
use sha2::{Digest as _, Sha256};

use super::frame::{self, Frame, LinkQuery};
use super::{
    accept_invitation, confirm_sign_in, email, forgot_password, problem, reset_password, revert_email, signed_in,
    verify_email,
};

const TOKEN: &str = "abc-_123";
/// All ways to sign in.
const ALL: [SignIn; 3] = [SignIn::Password, SignIn::Google, SignIn::Microsoft];
const LOGIN: &str = "anna\"<b>";

fn until() -> Instant {
    "2026-01-08T10:00:00Z".parse().unwrap()
}

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
        erased: false,
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
    let closed = |refusal| accept_invitation::closed(frame(), &invitation, account_name, &refusal).unwrap();
    let mut pages: Vec<Page> = vec![
        (
            "accept",
            &[
                "accept-button",
                "accept-name-label",
                "accept-password-label",
                "accept-or",
                "accept-provider-hint",
                "noscript",
                "accept-success-next",
                "accept-expired",
                "accept-revoked",
                "accept-revoked-next",
                "accept-used",
                "accept-used-next",
                "accept-not-found",
                "accept-not-found-next",
                "new-link",
                "error-weak-password",
                "error-network",
            ],
            accept_invitation::open(frame(), &invitation, account_name, &ALL).unwrap(),
        ),
        ("expired", &["accept-expired-heading", "accept-expired"], closed(Refusal::InvitationExpired)),
        (
            "revoked",
            &["accept-revoked-heading", "accept-revoked", "accept-revoked-next"],
            closed(Refusal::InvitationRevoked),
        ),
        (
            "used",
            &["accept-used-heading", "accept-used", "accept-used-next", "new-link"],
            closed(Refusal::InvitationUsed),
        ),
        (
            "absent",
            &["accept-not-found-heading", "accept-not-found", "accept-not-found-next"],
            accept_invitation::absent(frame()).unwrap(),
        ),
        (
            "verify",
            &["verify-explanation", "verify-button", "noscript", "verify-success", "verify-expired", "error-generic"],
            verify_email::open(frame(), &invitation.email).unwrap(),
        ),
        (
            "forgot",
            &[
                "forgot-password",
                "forgot-explanation",
                "forgot-provider",
                "forgot-email-label",
                "forgot-button",
                "noscript",
                "forgot-success",
                "forgot-success-next",
                "error-invalid-email",
                "error-too-many-attempts",
            ],
            forgot_password::open(Frame::new(locale, "")).unwrap(),
        ),
        (
            "reset",
            &[
                "reset-heading",
                "reset-password-label",
                "reset-button",
                "noscript",
                "reset-success",
                "reset-expired",
                "reset-not-found",
                "forgot-password",
                "error-weak-password",
                "error-too-many-attempts",
            ],
            reset_password::open(frame(), account_name, LOGIN, until()).unwrap(),
        ),
        (
            "confirm",
            &[
                "noscript",
                "confirm-expired",
                "confirm-not-found",
                "new-link",
                "error-too-many-attempts",
                "error-network",
            ],
            confirm_sign_in::open(frame(), account_name, &invitation.email, Provider::Google, until()).unwrap(),
        ),
    ];
    pages.extend(change_of_address::pages(locale, account_name));
    pages
}

/// How the links of the pages end.
fn endings(locale: Locale) -> Vec<Page> {
    let frame = || Frame::new(locale, TOKEN);
    vec![
        (
            "verify-expired",
            &["verify-expired-heading", "verify-expired"],
            verify_email::ENDINGS.closed(frame()).unwrap(),
        ),
        (
            "verify-absent",
            &["verify-not-found-heading", "verify-not-found"],
            verify_email::ENDINGS.absent(frame()).unwrap(),
        ),
        (
            "reset-expired",
            &["reset-expired-heading", "reset-expired", "forgot-password"],
            reset_password::ENDINGS.closed(frame()).unwrap(),
        ),
        (
            "reset-absent",
            &["reset-not-found-heading", "reset-not-found", "forgot-password"],
            reset_password::ENDINGS.absent(frame()).unwrap(),
        ),
        (
            "confirm-expired",
            &["confirm-expired-heading", "confirm-expired", "new-link"],
            confirm_sign_in::ENDINGS.closed(frame()).unwrap(),
        ),
        (
            "confirm-absent",
            &["confirm-not-found-heading", "confirm-not-found", "new-link"],
            confirm_sign_in::ENDINGS.absent(frame()).unwrap(),
        ),
    ]
}

#[test]
fn every_state_says_in_its_language_what_to_do_next() {
    let invitation = invitation();
    let names = [("inviter_name", invitation.invited_by_name.as_str()), ("account_name", "Tracker")];
    for locale in Locale::ALL {
        for (name, sentences, reply) in pages(locale, "Tracker").into_iter().chain(endings(locale)) {
            let (page, _) = split(reply);
            assert!(page.starts_with(&format!("<!doctype html>\n<html lang=\"{}\">", locale.tag())), "{name}");
            for key in sentences {
                let sentence = i18n::text(locale, key, &names);
                assert!(page.contains(&html(&sentence)), "{locale:?} {name}: {key}");
            }
            for other in Locale::ALL {
                let token =
                    if ["forgot", "portal"].contains(&name) { String::new() } else { format!("token={TOKEN}&amp;") };
                let link = format!("href=\"?{token}lang={}\"", other.tag());
                assert!(page.contains(&link), "{locale:?} {name}: {other:?}");
            }
            let shown = match name {
                "accept" => i18n::date_time(locale, invitation.expires_at.unwrap()),
                "verify" | "confirm" => html(invitation.email.as_str()),
                "change" | "change-now" | "revert" | "reset" => i18n::date_time(locale, until()),
                "used" | "reset-expired" | "reset-absent" | "confirm-expired" | "confirm-absent" => {
                    format!("href=\"forgot-password?lang={}\"", locale.tag())
                }
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
    let (open, _) = split(accept_invitation::open(frame(), &invitation(), hostile, &ALL).unwrap());
    let (absent, _) = split(accept_invitation::absent(frame()).unwrap());
    let email = invitation().email;
    let (reset, _) = split(reset_password::open(frame(), hostile, hostile, until()).unwrap());
    let (confirm, _) = split(confirm_sign_in::open(frame(), hostile, &email, Provider::Microsoft, until()).unwrap());
    let (change, _) = split(change_of_address::open(frame(), hostile, hostile, true));
    let (revert, _) = split(revert_email::open(frame(), hostile, &email, until()).unwrap());
    for page in [&open, &absent, &reset, &confirm, &change, &revert] {
        assert!(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("<b>"), "{page}");
        assert!(!page.contains("\"'>"), "{page}");
    }
    assert!(open.contains(&html(hostile)));
    assert!(absent.contains("href=\"?token=%3C/template%3E"));
    assert_eq!(open.matches("<script").count(), 1);
    let (harmless, _) =
        split(accept_invitation::open(Frame::new(Locale::En, ""), &invitation(), "Tracker", &ALL).unwrap());
    assert_eq!(open.matches('<').count(), harmless.matches('<').count());
}

#[test]
fn the_policy_allows_what_the_page_holds_and_nothing_else() {
    let mut replies: Vec<_> = pages(Locale::En, "Tracker").into_iter().map(|(_, _, reply)| reply).collect();
    for confirmed in [true, false] {
        replies.push(signed_in::done(Frame::once(Locale::En), "Google", "Anna", "Tracker", confirmed).unwrap());
    }
    replies.push(accept_invitation::open(Frame::new(Locale::En, TOKEN), &invitation(), "Tracker", &[]).unwrap());
    replies.push(signed_in::failed(Frame::once(Locale::En), "sso_failed").unwrap());
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
        for refused in ["//cdn", " style=", " onclick=", " onsubmit=", "src=", "localStorage"] {
            assert!(!page.contains(refused), "{refused} in {page}");
        }
        // The script names the two, to tell where an answer may send the browser.
        let told = page.replace(frame::SCRIPT, "").replace(frame::PORTAL, "");
        assert!(!told.contains("http:") && !told.contains("https:"), "{told}");
    }
}

/// The fields of a page's form, and the names of those that are sent.
fn fields(page: &str) -> (Vec<&str>, Vec<&str>) {
    let fields: Vec<_> = page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    let names = fields.iter().filter_map(|field| field.split(" name=\"").nth(1)?.split('"').next()).collect();
    (fields, names)
}

#[test]
fn a_new_password_is_set_for_the_login_of_the_link() {
    let (page, _) = split(reset_password::open(Frame::new(Locale::En, TOKEN), "A&B", LOGIN, until()).unwrap());
    let (fields, names) = fields(&page);
    assert_eq!(names, ["token", "password"]);
    assert!(page.contains("data-post=\"v1/password/reset\""));
    assert!(page.contains(&html(&format!("For the login “{LOGIN}” in the account “A&B”."))));
    let username = fields.iter().find(|field| field.contains("autocomplete=\"username\"")).unwrap();
    assert!(username.contains(" readonly ") && username.contains(&format!("value=\"{}\"", html(LOGIN))));
    assert!(fields.iter().any(|field| field.contains("autocomplete=\"new-password\"")));
    assert!(page.contains("<template data-code=\"password_length\" data-field=\"password\">"));
    assert!(page.contains("<template data-code=\"weak_password\" data-field=\"password\">"));
    assert!(page.contains("<button type=\"submit\" disabled>"));
}

#[test]
fn who_forgot_a_password_gives_an_address_and_learns_no_more() {
    let (page, _) = split(forgot_password::open(Frame::new(Locale::En, "")).unwrap());
    let (fields, names) = fields(&page);
    assert_eq!(names, ["email"]);
    assert!(page.contains("data-post=\"v1/password/forgot\""));
    assert!(fields[0].contains("autocomplete=\"email\"") && page.contains("<label for=\"email\">"));
    assert!(page.contains("<template data-code=\"invalid_email\" data-field=\"email\">"));
    assert_eq!(page.matches(" data-last").count(), 1, "one end for everybody");
    assert_eq!(domain::rules::forgot_password::RESET_HOURS, 1, "the texts say so");
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
