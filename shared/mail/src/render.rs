//! Rendering: a pure function of the mail and the address of the service.

use std::collections::BTreeMap;
use std::fmt;

use askama::Template as _;
use domain::locale::Locale;
use domain::mail::{Mail, Template};
use domain::user::UserType;

use crate::plain;

/// The three forms of one mail. They may carry a secret, so debug output hides them.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// One line, without control characters.
    pub subject: String,
    /// Plain text; the link, if there is one, is a line of its own.
    pub text: String,
    /// A whole HTML document.
    pub html: String,
}

impl fmt::Debug for Rendered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rendered").finish_non_exhaustive()
    }
}

/// Why a mail cannot be rendered: always a mistake of the program, which no retry mends. It tells no values.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A parameter that the texts use is missing.
    #[error(transparent)]
    Incomplete(#[from] i18n::Incomplete),
    /// A parameter is not of the form that its name calls for.
    #[error("mail {}: the parameter {name} is malformed", .template.name())]
    Malformed {
        /// The mail's template.
        template: Template,
        /// The parameter.
        name: String,
    },
    /// The template's message lacks a part that every mail has.
    #[error("mail {}: there is no text for its {part}", .template.name())]
    Unsaid {
        /// The mail's template.
        template: Template,
        /// The part.
        part: &'static str,
    },
    /// A template with a link got no token, or one without a link got one.
    #[error("mail {}: a token belongs to a link, and a link to a token", .0.name())]
    Token(Template),
    /// The HTML could not be written.
    #[error("the HTML of a mail cannot be written: {0}")]
    Html(#[from] askama::Error),
}

/// A mail in its reader's language. Its link is `<app_url>/<path>?token=<token>`.
///
/// Parameters go by their names: `message` is quoted line by line; `…_at` is a moment in RFC 3339, `…_on` a day, `total` a
/// sum of money in minor units with its currency (`1200 EUR`), all written in the language's way, in UTC; `number`,
/// `quantity` and `dropped` are whole numbers; `type` is a user type; any other becomes a single line.
pub fn render(mail: &Mail, app_url: &str) -> Result<Rendered, RenderError> {
    let letter = Letter::of(mail, app_url)?;
    Ok(Rendered { html: letter.render()?, text: letter.text(), subject: letter.subject })
}

/// Every mail so far; one whose body needs more has a template of its own that extends the layout.
#[derive(askama::Template)]
#[template(path = "letter.html")]
struct Letter {
    lang: &'static str,
    subject: String,
    heading: String,
    greeting: String,
    lead: String,
    quotation: Option<Quotation>,
    action: String,
    link: Option<Link>,
    expires: Option<String>,
    why: String,
    ignore: String,
}

struct Quotation {
    intro: String,
    lines: Vec<String>,
}

struct Link {
    url: String,
    button: String,
    hint: String,
}

impl Letter {
    fn of(mail: &Mail, app_url: &str) -> Result<Self, RenderError> {
        let Mail { template, locale, ref params, ref token, .. } = *mail;
        let filled = filled(mail)?;
        let args: Vec<_> = filled.iter().map(|(&name, value)| (name, value.as_str())).collect();
        let optional = |part: &str| i18n::lookup(locale, &format!("{}.{part}", template.name()), &args);
        let needed = |part: &'static str| optional(part)?.ok_or(RenderError::Unsaid { template, part });

        let lines = params.get("message").map(|message| plain::lines(message)).unwrap_or_default();
        let quotation =
            if lines.is_empty() { None } else { optional("quotation")?.map(|intro| Quotation { intro, lines }) };
        let link = match (template.link_path(), token) {
            (None, None) => None,
            (Some(path), Some(token)) => Some(Link {
                url: format!("{}/{path}?token={}", app_url.trim_end_matches('/'), token.reveal()),
                button: needed("button")?,
                hint: i18n::text(locale, "button-hint", &[]),
            }),
            _ => return Err(RenderError::Token(template)),
        };
        Ok(Self {
            lang: locale.tag(),
            subject: needed("subject")?,
            heading: needed("heading")?,
            greeting: needed("greeting")?,
            lead: needed("lead")?,
            quotation,
            action: needed("action")?,
            link,
            expires: optional("expires")?,
            why: needed("why")?,
            ignore: needed("ignore")?,
        })
    }

    fn text(&self) -> String {
        let mut paragraphs = vec![self.greeting.clone(), self.lead.clone()];
        if let Some(Quotation { intro, lines }) = &self.quotation {
            let quoted = lines.iter().map(|line| format!("> {line}").trim_end().to_owned());
            paragraphs.push(std::iter::once(intro.clone()).chain(quoted).collect::<Vec<_>>().join("\n"));
        }
        paragraphs.push(self.action.clone());
        paragraphs.extend(self.link.as_ref().map(|link| link.url.clone()));
        paragraphs.extend(self.expires.clone());
        paragraphs.push(format!("{}\n{}", self.why, self.ignore));
        paragraphs.join("\n\n") + "\n"
    }
}

/// The parameters as the texts take them. The message is left out: no sentence may swallow it.
fn filled(mail: &Mail) -> Result<BTreeMap<&str, String>, RenderError> {
    let one = |(name, value): (&'_ str, &str)| {
        let malformed = || RenderError::Malformed { template: mail.template, name: name.to_owned() };
        formed(mail.locale, name, value).ok_or_else(malformed)
    };
    let sentences = mail.params.iter().filter(|(name, _)| *name != "message");
    sentences.map(|(name, value)| Ok((name.as_str(), one((name, value))?))).collect()
}

/// A value in the form that its name calls for, as the language writes it; none if it is not of that form.
fn formed(locale: Locale, name: &str, value: &str) -> Option<String> {
    match name {
        "type" => UserType::ALL.iter().any(|kind| kind.name() == value).then(|| value.to_owned()),
        "number" | "quantity" | "dropped" => value.parse::<i64>().ok().map(|number| number.to_string()),
        "total" => {
            let (amount, currency) = value.split_once(' ')?;
            Some(i18n::money(locale, amount.parse().ok()?, currency))
        }
        _ if name.ends_with("_at") => value.parse().ok().map(|at| i18n::date_time(locale, at)),
        _ if name.ends_with("_on") => value.parse().ok().map(|day| i18n::date(locale, day)),
        _ => Some(plain::line(value)),
    }
}
