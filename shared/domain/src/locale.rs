//! The languages that people are written to in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language of mails and pages: `en`, `de`, `uk`, `ru`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Locale {
    /// English.
    #[default]
    En,
    /// German.
    De,
    /// Ukrainian.
    Uk,
    /// Russian.
    Ru,
}

impl Locale {
    /// Every language, the default first.
    pub const ALL: [Self; 4] = [Self::En, Self::De, Self::Uk, Self::Ru];

    /// The BCP 47 tag, such as `uk`.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Uk => "uk",
            Self::Ru => "ru",
        }
    }

    /// The first language of an `Accept-Language` header that is spoken here; none when there is no such.
    pub fn accepted(header: &str) -> Option<Self> {
        header.split(',').find_map(|range| {
            let tag = range.split(';').next()?.trim();
            let primary = tag.split('-').next()?;
            Self::ALL.into_iter().find(|locale| locale.tag().eq_ignore_ascii_case(primary))
        })
    }
}
