//! Every sentence that a person reads, in four languages.
//!
//! The sentences are Fluent messages in `locales/<tag>/`: `common.ftl` (words that the others share),
//! `documents.ftl`, `mail.ftl` and `pages.ftl`. A key is the name of a message, `accept-button`, or of an attribute of one, `invitation.subject`.
//! A language is parsed when it is first needed.

use std::sync::OnceLock;

use domain::Instant;
use domain::locale::Locale;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

mod forms;

pub use forms::{date, integer, money};

/// A text whose arguments do not fill all of its variables. It tells names, never values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the text {key} cannot be filled in: {why}")]
pub struct Incomplete {
    /// The key of the text.
    pub key: String,
    /// What is missing.
    pub why: String,
}

/// The text of a key, with its variables filled in as they are: escaping is up to the caller.
///
/// A key that does not exist gives itself, a variable without an argument its name; both are mistakes, on which a debug
/// build panics.
pub fn text(locale: Locale, key: &str, args: &[(&str, &str)]) -> String {
    let Some((text, errors)) = format(locale, key, args) else {
        debug_assert!(false, "there is no text {key}");
        return key.to_owned();
    };
    debug_assert!(errors.is_empty(), "the text {key} cannot be filled in: {}", reasons(&errors));
    text
}

/// As [`text`], for keys that need not exist: none if there is no such text.
///
/// Errors: [`Incomplete`] when an argument is missing.
pub fn lookup(locale: Locale, key: &str, args: &[(&str, &str)]) -> Result<Option<String>, Incomplete> {
    match format(locale, key, args) {
        None => Ok(None),
        Some((text, errors)) if errors.is_empty() => Ok(Some(text)),
        Some((_, errors)) => Err(Incomplete { key: key.to_owned(), why: reasons(&errors) }),
    }
}

/// A moment as the language writes it, to the minute, in UTC: `November 3, 2025 at 2:05 PM UTC`.
pub fn date_time(locale: Locale, at: Instant) -> String {
    let clock = match locale {
        Locale::En => "%-I:%M %p",
        Locale::De | Locale::Uk | Locale::Ru => "%H:%M",
    };
    let date = date(locale, at.date_naive());
    text(locale, "moment", &[("date", &date), ("time", &at.format(clock).to_string())])
}

type Bundle = FluentBundle<FluentResource>;

macro_rules! sources {
    ($tag:literal) => {
        [
            include_str!(concat!("../locales/", $tag, "/common.ftl")),
            include_str!(concat!("../locales/", $tag, "/documents.ftl")),
            include_str!(concat!("../locales/", $tag, "/mail.ftl")),
            include_str!(concat!("../locales/", $tag, "/pages.ftl")),
        ]
    };
}

const fn sources(locale: Locale) -> [&'static str; 4] {
    match locale {
        Locale::En => sources!("en"),
        Locale::De => sources!("de"),
        Locale::Uk => sources!("uk"),
        Locale::Ru => sources!("ru"),
    }
}

fn bundle(locale: Locale) -> &'static Bundle {
    static EN: OnceLock<Bundle> = OnceLock::new();
    static DE: OnceLock<Bundle> = OnceLock::new();
    static UK: OnceLock<Bundle> = OnceLock::new();
    static RU: OnceLock<Bundle> = OnceLock::new();
    let language = match locale {
        Locale::En => &EN,
        Locale::De => &DE,
        Locale::Uk => &UK,
        Locale::Ru => &RU,
    };
    language.get_or_init(|| parse(locale, &sources(locale)))
}

/// What is malformed or doubled in the sources is left out; the tests see to it that nothing is.
fn parse(locale: Locale, sources: &[&str]) -> Bundle {
    let language: LanguageIdentifier = locale.tag().parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The marks would end up in subjects and in addresses that people copy.
    bundle.set_use_isolating(false);
    let _ = bundle.add_function("NUMBER", number);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(sound_part, _)| sound_part);
        let _ = bundle.add_resource(resource);
    }
    bundle
}

/// Arguments are texts; a message that counts says `NUMBER($count)` and may then choose by plural category.
fn number<'a>(positional: &[FluentValue<'a>], _named: &FluentArgs<'_>) -> FluentValue<'a> {
    match positional.first() {
        Some(FluentValue::String(text)) => match FluentValue::try_number(text) {
            FluentValue::Number(number) => FluentValue::Number(number),
            _ => FluentValue::Error,
        },
        _ => FluentValue::Error,
    }
}

fn format(locale: Locale, key: &str, args: &[(&str, &str)]) -> Option<(String, Vec<FluentError>)> {
    format_in(bundle(locale), key, args)
}

fn format_in(bundle: &Bundle, key: &str, args: &[(&str, &str)]) -> Option<(String, Vec<FluentError>)> {
    let pattern = match key.split_once('.') {
        None => bundle.get_message(key)?.value()?,
        Some((message, attribute)) => bundle.get_message(message)?.get_attribute(attribute)?.value(),
    };
    let args: FluentArgs<'_> = args.iter().copied().collect();
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&args), &mut errors).into_owned();
    Some((text, errors))
}

fn reasons(errors: &[FluentError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
