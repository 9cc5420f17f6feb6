//! What all pages have in common: their query, language, look, script and the policy that they are served under.

use std::sync::LazyLock;

use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Instant;
use domain::locale::Locale;
use edge::{Context, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// The one style sheet.
pub(crate) const STYLE: &str = include_str!("../../templates/pages/style.css");
/// The one script.
pub(crate) const SCRIPT: &str = include_str!("../../templates/pages/action.js");

/// The script of the page on which somebody signs in.
pub(crate) const PORTAL: &str = include_str!("../../templates/pages/portal.js");

/// The policy of a page that only tells.
static TELLS: LazyLock<String> = LazyLock::new(|| policy(""));
/// The policy of a page that acts: its script, and calls of this service.
static ACTS: LazyLock<String> =
    LazyLock::new(|| policy(&format!(" script-src {}; connect-src 'self';", source(SCRIPT))));
/// The policy of the page on which somebody signs in.
static SIGNS_IN: LazyLock<String> =
    LazyLock::new(|| policy(&format!(" script-src {}; connect-src 'self';", source(PORTAL))));

fn policy(more: &str) -> String {
    let style = source(STYLE);
    format!(
        "default-src 'none'; style-src {style};{more} img-src 'none'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

/// An inline text as a policy names it.
fn source(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)))
}

/// The query of a link in a mail. Mail programs add parameters of their own; those and doubled ones do no harm.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
pub struct LinkQuery {
    #[serde(default)]
    token: Vec<String>,
    #[serde(default)]
    lang: Vec<String>,
}

impl LinkQuery {
    /// The token, or nothing.
    pub(crate) fn token(&self) -> &str {
        self.token.first().map_or("", |token| token.trim())
    }

    /// The language that was clicked, else that of whom the link is for, else one that the browser asks for.
    pub(crate) fn locale(&self, reader: Option<Locale>, accept_language: Option<&str>) -> Locale {
        let clicked = self.lang.iter().find_map(|tag| Locale::ALL.into_iter().find(|locale| locale.tag() == tag));
        clicked.or(reader).or_else(|| accept_language.and_then(Locale::accepted)).unwrap_or_default()
    }

    /// The frame of the page that this link opens.
    pub(crate) fn frame(&self, context: &Context, reader: Option<Locale>) -> Frame {
        Frame::new(self.locale(reader, context.accept_language.as_deref()), self.token())
    }
}

/// What the layout shows around a page.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) locale: Locale,
    pub(crate) title: String,
    /// What the link brought.
    pub(crate) token: String,
    /// Those to switch between.
    pub(crate) languages: Vec<Language>,
}

/// A language to switch to.
#[derive(Debug)]
pub(crate) struct Language {
    pub(crate) tag: &'static str,
    /// What it calls itself.
    pub(crate) name: String,
    /// Whether the page is in it.
    pub(crate) current: bool,
}

impl Frame {
    /// A frame without a title.
    pub(crate) fn new(locale: Locale, token: &str) -> Self {
        let language =
            |to: Locale| Language { tag: to.tag(), name: i18n::text(to, "language-name", &[]), current: to == locale };
        let languages = Locale::ALL.map(language).into();
        Self { locale, title: String::new(), token: token.to_owned(), languages }
    }

    /// A frame without languages to switch between: for a page that cannot be asked for again.
    pub(crate) fn once(locale: Locale) -> Self {
        Self { locale, title: String::new(), token: String::new(), languages: Vec::new() }
    }

    /// The same with a title.
    pub(crate) fn titled(self, title: String) -> Self {
        Self { title, ..self }
    }

    /// A sentence without variables.
    pub(crate) fn say(&self, key: &str) -> String {
        self.text(key, &[])
    }

    /// A sentence.
    pub(crate) fn text(&self, key: &str, args: &[(&str, &str)]) -> String {
        i18n::text(self.locale, key, args)
    }

    /// Until when a link works.
    pub(crate) fn link_expires(&self, at: Instant) -> String {
        self.text("link-expires", &[("expires_at", &i18n::date_time(self.locale, at))])
    }
}

/// A page that only tells.
pub(crate) fn tells(page: &impl Template) -> Result<Reply, Problem> {
    reply(page, &TELLS)
}

/// A page whose button acts.
pub(crate) fn acts(page: &impl Template) -> Result<Reply, Problem> {
    reply(page, &ACTS)
}

/// The page on which somebody signs in, and then acts.
pub(crate) fn signs_in(page: &impl Template) -> Result<Reply, Problem> {
    reply(page, &SIGNS_IN)
}

fn reply(page: &impl Template, policy: &str) -> Result<Reply, Problem> {
    let page = page.render().map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Reply::html(page, policy.to_owned()))
}

/// Nothing where there is no such thing.
pub(crate) fn if_found<T>(result: Result<T, Problem>) -> Result<Option<T>, Problem> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(problem) if problem.code.code == "not_found" => Ok(None),
        Err(problem) => Err(problem),
    }
}
