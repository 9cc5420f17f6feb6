//! The form of the invitation: it offers the ways to sign in that the account allows, and no other.

use domain::identity::Provider;
use domain::locale::Locale;
use domain::policy::SignIn;

use super::{ALL, TOKEN, fields, html, invitation, split};
use crate::pages::accept_invitation;
use crate::pages::frame::Frame;

fn page(locale: Locale, methods: &[SignIn]) -> String {
    split(accept_invitation::open(Frame::new(locale, TOKEN), &invitation(), "Tracker", methods).unwrap()).0
}

#[test]
fn the_form_is_for_the_invited_address_only() {
    let page = page(Locale::En, &ALL);
    let (fields, names) = fields(&page);
    assert_eq!(names, ["token", "name", "password"]);
    let username = fields.iter().find(|field| field.contains("autocomplete=\"username\"")).unwrap();
    assert!(username.contains(" readonly ") && username.contains(&html(invitation().email.as_str())));
    assert!(fields.iter().any(|field| field.contains("autocomplete=\"new-password\"")));
    assert!(page.contains("<button type=\"submit\" disabled>"), "nothing is sent before the script runs");
    assert!(page.contains("You are signed in as <strong data-name></strong> ("));
}

#[test]
fn it_offers_the_allowed_ways_to_sign_in() {
    let [password, google, microsoft] = ALL;
    for methods in [&ALL[..], &[password], &[password, microsoft], &[google, microsoft], &[google]] {
        let page = page(Locale::En, methods);
        let with_password = methods.contains(&password);
        let names = fields(&page).1;
        assert_eq!(names, if with_password { vec!["token", "name", "password"] } else { vec!["token", "name"] });
        let told = page.contains("data-code=\"weak_password\"") && page.contains("data-code=\"done\"");
        assert_eq!(told, with_password);
        assert!(page.contains("<template data-code=\"sign_in_method_not_allowed\">"), "it can change meanwhile");
        assert_eq!(page.matches("<button").count(), methods.len());
        assert_eq!(page.matches("disabled>").count(), methods.len(), "nothing is sent before the script runs");
        for provider in Provider::ALL {
            let button = format!("<button type=\"submit\" name=\"sign_in\" value=\"{}\"", provider.name());
            let offered = methods.contains(&provider.sign_in());
            assert_eq!(page.contains(&button), offered, "{methods:?} {provider:?}");
            assert_eq!(page.contains(&format!("data-code=\"done_{}\" data-last", provider.name())), offered);
        }
        // Enter in a field is for the first button.
        let (first, _) = page.split_once("<button").unwrap().1.split_once('>').unwrap();
        assert_eq!(first.contains("sign_in"), !with_password);
        assert_eq!(page.contains("class=\"or\""), with_password && methods.len() > 1);
    }
}

#[test]
fn each_way_has_its_button_and_its_welcome() {
    for locale in Locale::ALL {
        let page = page(locale, &ALL);
        let email = invitation().email;
        let inviter = invitation().invited_by_name;
        for provider in Provider::ALL {
            let args = [("provider", provider.label()), ("email", email.as_str())];
            for key in ["button", "success", "next"] {
                let sentence = i18n::text(locale, &format!("accept-provider-{key}"), &args);
                assert!(page.contains(&html(&sentence)), "{locale:?} {provider:?}: {key}");
            }
        }
        let sentence = i18n::text(locale, "accept-not-allowed", &[("inviter_name", inviter.as_str())]);
        assert!(page.contains(&html(&sentence)), "{locale:?}");
    }
}

#[test]
fn without_a_way_to_sign_in_there_is_no_form() {
    for locale in Locale::ALL {
        let page = page(locale, &[]);
        assert!(!page.contains("<form") && !page.contains("<script"));
        let inviter = invitation().invited_by_name;
        for key in ["accept-no-way-heading", "accept-no-way"] {
            let sentence = i18n::text(locale, key, &[("inviter_name", inviter.as_str())]);
            assert!(page.contains(&html(&sentence)), "{locale:?}: {key}");
        }
    }
}
