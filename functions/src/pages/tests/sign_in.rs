//! The pages before and after Google or Microsoft.

use domain::identity::Provider;
use domain::locale::Locale;
use edge::problem::code_of;

use super::{TOKEN, fields, html, invitation, split, until};
use crate::pages::frame::Frame;
use crate::pages::{confirm_sign_in, signed_in};

#[test]
fn a_sign_in_is_confirmed_at_its_provider() {
    for locale in Locale::ALL {
        for provider in Provider::ALL {
            let email = invitation().email;
            let frame = Frame::new(locale, TOKEN);
            let (page, _) = split(confirm_sign_in::open(frame, "Tracker", &email, provider, until()).unwrap());
            assert_eq!(fields(&page).1, ["token"]);
            assert!(page.contains(&format!("data-post=\"v1/sso/{}/start\"", provider.name())));
            assert!(page.contains("<template data-code=\"unavailable\">"));
            assert!(!page.contains("data-code=\"done\""), "the page is left instead");
            let args = [("account_name", "Tracker"), ("provider", provider.label())];
            for key in ["title", "heading", "explanation", "next", "button", "unavailable"] {
                let sentence = i18n::text(locale, &format!("confirm-{key}"), &args);
                assert!(page.contains(&html(&sentence)), "{locale:?} {provider:?}: {key}");
            }
            assert!(page.contains(&i18n::date_time(locale, until())));
            let link = format!("<a href=\"forgot-password?lang={}\">", locale.tag());
            assert_eq!(page.matches(&link).count(), 2, "expired, not found");
        }
    }
    assert_eq!(domain::rules::confirm_sign_in::CONFIRM_HOURS, 7 * 24, "the texts say so");
    assert_eq!(domain::identity::FLOW_MINUTES, 10, "the texts say so");
}

#[test]
fn who_comes_back_from_a_provider_is_told_how_it_went() {
    for locale in Locale::ALL {
        let frame = || Frame::once(locale);
        for (confirmed, said) in [(true, "confirmed"), (false, "returned")] {
            let (page, _) = split(signed_in::done(frame(), "Google", "<b>Anna</b>", "A&B", confirmed).unwrap());
            let args = [("provider", "Google"), ("account_name", "A&B"), ("name", "<b>Anna</b>")];
            for key in [format!("{said}-heading"), said.to_owned(), format!("{said}-next")] {
                assert!(page.contains(&html(&i18n::text(locale, &key, &args))), "{locale:?}: {key}");
            }
            assert!(!page.contains("<nav") && !page.contains("<b>"), "{locale:?}");
        }
        let told = signed_in::TOLD.into_iter().map(|code| (code, code));
        for (code, said) in told.chain([("internal_error", "other"), ("<b>", "other"), ("", "other")]) {
            let (page, _) = split(signed_in::failed(frame(), code).unwrap());
            for part in ["heading", "text", "next"] {
                let sentence = i18n::text(locale, &format!("failed-{said}.{part}"), &[]);
                assert!(page.contains(&html(&sentence)), "{locale:?} {code}: {part}");
            }
            assert!(!page.contains("<nav") && !page.contains("<b>"));
            // Where the text ends in a colon, and from the folder of the address that the provider leads back to.
            let link = format!("<a href=\"../../../forgot-password?lang={}\">", locale.tag());
            assert_eq!(page.contains(&link), page.contains(":</p>"), "{locale:?} {code}");
            assert_eq!(page.contains(&link), signed_in::RENEWED.contains(&code), "{locale:?} {code}");
        }
    }
    assert!(signed_in::TOLD.into_iter().all(|code| code_of(code).is_some()));
    assert!(signed_in::RENEWED.into_iter().all(|code| signed_in::TOLD.contains(&code)));
}
