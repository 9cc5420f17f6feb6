#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use domain::user::UserType;
use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::*;

/// The variables of every text, by key; those that it borrows from other messages included.
fn texts(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
    let resources = sources(locale).map(|source| {
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(_, errors)| panic!("{locale:?}: {errors:?}"))
    });
    let mut patterns = BTreeMap::new();
    for entry in resources.iter().flat_map(FluentResource::entries) {
        let (name, value, attributes) = match entry {
            Entry::Message(message) => (message.id.name.to_owned(), message.value.as_ref(), &message.attributes),
            Entry::Term(term) => (format!("-{}", term.id.name), Some(&term.value), &term.attributes),
            _ => continue,
        };
        let attributes = attributes.iter().map(|a| (format!("{name}.{}", a.id.name), &a.value));
        for (key, pattern) in value.map(|pattern| (name.clone(), pattern)).into_iter().chain(attributes) {
            assert!(patterns.insert(key.clone(), pattern).is_none(), "{locale:?} has {key} twice");
        }
    }
    let variables = |key: &String| {
        let mut found = BTreeSet::new();
        collect(patterns[key], &patterns, &mut found);
        (key.clone(), found)
    };
    patterns.keys().map(variables).collect()
}

type Patterns<'a> = BTreeMap<String, &'a Pattern<&'a str>>;

fn collect(pattern: &Pattern<&str>, patterns: &Patterns<'_>, found: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => inside(inline, patterns, found),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                inside(selector, patterns, found);
                for variant in variants {
                    collect(&variant.value, patterns, found);
                }
            }
        }
    }
}

fn inside(expression: &InlineExpression<&str>, patterns: &Patterns<'_>, found: &mut BTreeSet<String>) {
    let referred = |name: String| patterns.get(&name).copied().unwrap_or_else(|| panic!("there is no {name}"));
    match expression {
        InlineExpression::VariableReference { id } => {
            found.insert(id.name.to_owned());
        }
        InlineExpression::MessageReference { id, attribute: None } => {
            collect(referred(id.name.to_owned()), patterns, found);
        }
        InlineExpression::TermReference { id, attribute: None, arguments: None } => {
            collect(referred(format!("-{}", id.name)), patterns, found);
        }
        InlineExpression::FunctionReference { arguments: CallArguments { positional, .. }, .. } => {
            for argument in positional {
                inside(argument, patterns, found);
            }
        }
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => {}
        other => panic!("the texts do without {other:?}"),
    }
}

#[test]
fn every_language_says_the_same() {
    let english = texts(Locale::En);
    for locale in Locale::ALL {
        let others = texts(locale);
        let keys = |texts: &BTreeMap<String, _>| texts.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&english), keys(&others), "{locale:?}: keys");
        for (key, variables) in &english {
            assert_eq!(variables, &others[key], "{locale:?}: variables of {key}");
        }
    }
}

#[test]
fn every_text_can_be_filled_in() {
    for locale in Locale::ALL {
        for (key, variables) in texts(locale).iter().filter(|(key, _)| !key.starts_with('-')) {
            let args: Vec<_> = variables.iter().map(|name| (name.as_str(), "x")).collect();
            let text = lookup(locale, key, &args).unwrap().unwrap_or_else(|| panic!("{locale:?} lacks {key}"));
            assert!(!text.trim().is_empty() && !text.contains(['{', '\n', '\u{2068}']), "{locale:?} {key}: {text}");
            for missing in variables {
                let args: Vec<_> = args.iter().copied().filter(|(name, _)| name != missing).collect();
                let error = lookup(locale, key, &args).expect_err(key);
                assert!(error.why.contains(missing.as_str()), "{locale:?} {key}: {error}");
            }
        }
    }
}

#[test]
fn types_and_months_are_told_apart() {
    for locale in Locale::ALL {
        let types = UserType::ALL.map(|kind| text(locale, "as-type", &[("type", kind.name())]));
        assert_eq!(BTreeSet::from(types).len(), UserType::ALL.len(), "{locale:?}");
        let months = (1..=12).map(|month| date_time(locale, format!("2025-{month:02}-03T14:05:59Z").parse().unwrap()));
        assert_eq!(months.collect::<BTreeSet<_>>().len(), 12, "{locale:?}");
    }
}

#[test]
fn moments_in_the_form_of_each_language() {
    let at = |text: &str| text.parse::<Instant>().unwrap();
    for (locale, moment, expected) in [
        (Locale::En, "2025-11-03T14:05:59.999Z", "November 3, 2025 at 2:05 PM UTC"),
        (Locale::En, "2025-01-31T00:00:00Z", "January 31, 2025 at 12:00 AM UTC"),
        (Locale::En, "2028-02-29T12:30:00+02:00", "February 29, 2028 at 10:30 AM UTC"),
        (Locale::De, "2025-03-03T04:05:00Z", "3. März 2025 um 04:05 Uhr UTC"),
        (Locale::Uk, "2025-11-03T14:05:00Z", "3 листопада 2025 р., 14:05 UTC"),
        (Locale::Ru, "2025-05-03T14:05:00Z", "3 мая 2025 г., 14:05 UTC"),
    ] {
        assert_eq!(date_time(locale, at(moment)), expected);
    }
}

#[test]
fn numbers_choose_their_plural() {
    let source =
        "n = { NUMBER($n) ->\n [one] { $n } one\n [few] { $n } few\n [many] { $n } many\n *[other] { $n } other\n }";
    for (locale, expected) in [
        (Locale::En, ["1 one", "2 other", "5 other", "21 other"]),
        (Locale::De, ["1 one", "2 other", "5 other", "21 other"]),
        (Locale::Uk, ["1 one", "2 few", "5 many", "21 one"]),
        (Locale::Ru, ["1 one", "2 few", "5 many", "21 one"]),
    ] {
        let bundle = parse(locale, &[source]);
        let said = ["1", "2", "5", "21"].map(|n| format_in(&bundle, "n", &[("n", n)]).unwrap().0);
        assert_eq!(said, expected, "{locale:?}");
    }
}

#[test]
fn values_are_not_read_as_texts() {
    let text = text(Locale::En, "accept-heading", &[("account_name", "{ $email } 007 <b>")]);
    assert_eq!(text, "Join “{ $email } 007 <b>”");
}

#[test]
fn a_key_that_does_not_exist() {
    for key in ["", "nothing", "nothing.subject", "invitation.nothing", "invitation", "-product", "a.b.c"] {
        assert_eq!(lookup(Locale::En, key, &[]), Ok(None), "{key}");
    }
}
