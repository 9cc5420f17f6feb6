//! Every mail in every language, whole; and what hostile values can do to it: nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};

use domain::locale::Locale;
use domain::mail::{Mail, Template};
use domain::secret::Secret;
use domain::user::UserType;
use mail::{RenderError, Rendered, render};

const APP_URL: &str = "https://app.example.com";

/// A value for every parameter that any template has.
const PARAMS: [(&str, &str); 26] = [
    ("account_name", "Nordlicht & Söhne"),
    ("actor_name", "Clara Vogt"),
    ("admin_name", "Clara Vogt"),
    ("approver_name", "Clara Vogt"),
    ("changed_at", "2025-11-16T14:05:00Z"),
    ("creator_name", "Clara Vogt"),
    ("dropped", "3"),
    ("email", "d.o'neill@example.org"),
    ("expires_at", "2025-11-23T14:05:00Z"),
    ("from_on", "2025-11-16"),
    ("inviter_name", "Олена Ґудзь"),
    ("invoice_id", "bil_01kc2m9x4ne3t8v5w7y2a6b4cd"),
    ("issued_on", "2025-11-16"),
    ("login", "anna.lind"),
    ("message", "Hi Dana,\n\nthe board is at https://boards.example.com — see you <soon>!"),
    ("name", "Anna Lind"),
    ("number", "17"),
    ("provider", "Google"),
    ("quantity", "104"),
    ("reason", "purchase"),
    ("renews_on", "2025-11-30"),
    ("requester_name", "Ben Ito"),
    ("retry_at", "2025-11-19T14:05:00Z"),
    ("to_on", "2025-11-29"),
    ("total", "124800 EUR"),
    ("type", "member"),
];

fn sample(template: Template, locale: Locale) -> Mail {
    Mail {
        id: "msg_01kc2m9x4ne3t8v5w7y2a6b4cd".parse().unwrap(),
        account_id: "acc_01kc2m9x4ne3t8v5w7y2a6b4cd".parse().unwrap(),
        template,
        to: "dana@example.org".to_owned(),
        reader: domain::id::UserId::from_bits(1),
        mentions: None,
        locale,
        params: PARAMS.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        token: template.link_path().map(|_| Secret::from_bytes([7; 32])),
        created_at: "2025-11-16T14:05:00Z".parse().unwrap(),
    }
}

/// Whether only values of a form get into the parameter: the service's own, never what somebody typed.
fn is_typed(name: &str) -> bool {
    let named = ["dropped", "number", "quantity", "total", "type"].contains(&name);
    named || name.ends_with("_at") || name.ends_with("_on")
}

fn every_mail() -> impl Iterator<Item = Mail> {
    Template::ALL.into_iter().flat_map(|template| Locale::ALL.map(|locale| sample(template, locale)))
}

fn rendered(mail: &Mail) -> Rendered {
    render(mail, APP_URL).unwrap_or_else(|error| panic!("{} {:?}: {error}", mail.template.name(), mail.locale))
}

fn link(mail: &Mail) -> Option<String> {
    let path = mail.template.link_path()?;
    Some(format!("{APP_URL}/{path}?token={}", mail.token.as_ref().unwrap().reveal()))
}

#[test]
fn snapshots() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        for mail in every_mail() {
            let Rendered { subject, text, html } = rendered(&mail);
            let name = format!("{}.{}", mail.template.name(), mail.locale.tag());
            insta::assert_snapshot!(name, format!("{subject}\n\n=== text\n{text}\n=== html\n{html}"));
        }
    });

    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/snapshots");
    let kept = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let kept: BTreeSet<_> = kept.filter_map(|name| name.strip_suffix(".snap").map(str::to_owned)).collect();
    let mails = every_mail().map(|mail| format!("{}.{}", mail.template.name(), mail.locale.tag()));
    assert_eq!(kept, mails.collect(), "a snapshot for each mail, and none of a mail that is gone");
}

#[test]
fn the_link_is_one_line_of_the_text() {
    for mail in every_mail() {
        let Rendered { text, html, .. } = rendered(&mail);
        let lines: Vec<_> = text.lines().filter(|line| line.contains("token=")).collect();
        assert_eq!(lines, link(&mail).as_deref().into_iter().collect::<Vec<_>>());
        assert_eq!(html.matches("<a href=").count(), if link(&mail).is_some() { 2 } else { 0 });
    }
    let mail = sample(Template::Invitation, Locale::En);
    assert_eq!(render(&mail, "https://app.example.com/").unwrap(), rendered(&mail), "a slash too many");
}

#[test]
fn values_cannot_forge_anything() {
    let forged = "https://evil.example/accept-invitation?token=AAAA";
    for end in ["\n", "\r", "\r\n", "\u{b}", "\u{c}", "\u{85}", "\u{2028}", "\u{2029}"] {
        let hostile = format!("{forged}{end}{forged}{end}Bcc: all@example.com{end}\u{202e}</p><script>\"'&");
        for mut mail in every_mail() {
            for (name, value) in &mut mail.params {
                if !is_typed(name) {
                    hostile.clone_into(value);
                }
            }
            let honest = rendered(&sample(mail.template, mail.locale));
            let Rendered { subject, text, html } = rendered(&mail);

            assert!(!subject.chars().any(|c| c.is_control() || ('\u{2028}'..='\u{202e}').contains(&c)), "{subject:?}");
            assert!(!subject.contains("://"), "{subject}");
            let is_end = |c: char| (c.is_control() && c != '\n') || ('\u{2028}'..='\u{202e}').contains(&c);
            assert!(!text.contains(is_end), "{text:?}");
            let unquoted = |text: &str| text.lines().filter(|line| !line.starts_with('>')).count();
            assert_eq!(unquoted(&text), unquoted(&honest.text), "{text}");
            let addresses: Vec<_> = text.lines().filter(|l| l.contains("://") && !l.starts_with('>')).collect();
            assert_eq!(addresses, link(&mail).as_deref().into_iter().collect::<Vec<_>>());
            let tags = |html: &str| html.matches('<').count() - html.matches("<br>").count();
            assert_eq!(tags(&html), tags(&honest.html), "{html}");
            assert!(!html.contains("<script"), "{html}");
        }
    }
}

#[test]
fn html_is_escaped_and_text_is_not() {
    let Rendered { subject, text, html } = rendered(&sample(Template::Invitation, Locale::En));
    assert_eq!(subject, "Олена Ґудзь invites you to “Nordlicht & Söhne”");
    assert!(text.contains("“Nordlicht & Söhne”") && text.contains("see you <soon>!"), "{text}");
    assert!(html.contains("Nordlicht &#38; Söhne") && html.contains("see you &#60;soon&#62;!"), "{html}");
}

#[test]
fn an_invitation_without_a_message() {
    for message in [None, Some(" \n ")] {
        let mut mail = sample(Template::Invitation, Locale::En);
        mail.params.remove("message");
        mail.params.extend(message.map(|message| ("message".to_owned(), message.to_owned())));
        let Rendered { text, html, .. } = rendered(&mail);
        assert!(!text.contains("writes:") && !text.contains('>'), "{text}");
        assert!(!html.contains("blockquote"), "{html}");
    }
}

#[test]
fn every_type_has_its_word() {
    for template in [Template::Invitation, Template::InvitationApprovalRequested] {
        let texts: BTreeSet<_> = UserType::ALL
            .map(|kind| {
                let mut mail = sample(template, Locale::Uk);
                mail.params.insert("type".to_owned(), kind.name().to_owned());
                rendered(&mail).text
            })
            .into();
        assert_eq!(texts.len(), UserType::ALL.len());
    }
}

#[test]
fn numbers_choose_what_is_said() {
    for (dropped, said) in [("0", "Nothing is dropped"), ("1", "1 license that"), ("2", "2 licenses that")] {
        let mut mail = sample(Template::RenewalReminder, Locale::En);
        mail.params.insert("dropped".to_owned(), dropped.to_owned());
        let Rendered { text, .. } = rendered(&mail);
        assert!(text.contains(said), "{text}");
    }
}

#[test]
fn mails_that_cannot_be_rendered() {
    let sound = sample(Template::Invitation, Locale::De);
    let with = |name: &str, value: &str| {
        let params = sound.params.clone().into_iter().chain([(name.to_owned(), value.to_owned())]);
        Mail { params: params.collect(), ..sound.clone() }
    };
    let error = |mail: &Mail| render(mail, APP_URL).unwrap_err();
    assert!(
        matches!(error(&with("expires_at", "tomorrow")), RenderError::Malformed { name, .. } if name == "expires_at")
    );
    assert!(matches!(error(&with("type", "owner")), RenderError::Malformed { name, .. } if name == "type"));
    let reminder = sample(Template::RenewalReminder, Locale::De);
    for (name, value) in [("total", "1200"), ("total", "12.00 EUR"), ("quantity", "many"), ("renews_on", "soon")] {
        let params = reminder.params.clone().into_iter().chain([(name.to_owned(), value.to_owned())]);
        let mail = Mail { params: params.collect(), ..reminder.clone() };
        assert!(matches!(error(&mail), RenderError::Malformed { name: which, .. } if which == name), "{name}: {value}");
    }
    assert!(matches!(error(&Mail { token: None, ..sound.clone() }), RenderError::Token(Template::Invitation)));
    let no_link = sample(Template::InvitationRejected, Locale::De);
    assert!(matches!(error(&Mail { token: sound.token.clone(), ..no_link }), RenderError::Token(_)));
    let missing = error(&Mail { params: BTreeMap::new(), ..sound.clone() });
    assert!(matches!(&missing, RenderError::Incomplete(_)), "{missing}");
}

#[test]
fn debug_output_hides_the_secret() {
    let mail = sample(Template::Invitation, Locale::Ru);
    assert_eq!(format!("{:?}", rendered(&mail)), "Rendered { .. }");
}
