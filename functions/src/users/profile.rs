//! What can be edited of a profile, by oneself and by an admin.

use domain::id::UploadId;
use domain::locale::Locale;
use domain::rules::edit::ProfileEdit;
use domain::user::Notifications;
use edge::Problem;
use edge::input::{Checks, never_null, nullable};
use schemars::JsonSchema;
use serde::Deserialize;

/// What to change; null empties what may be empty.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent, null and a value are three things")]
pub struct ProfileBody {
    /// 1 to 200 characters.
    #[serde(default, deserialize_with = "never_null")]
    pub(crate) name: Option<String>,
    /// 1 to 200 characters, unique in the account; an admin's to change.
    #[serde(default, deserialize_with = "never_null")]
    pub(crate) login: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) title: Option<Option<String>>,
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) phone: Option<Option<String>>,
    #[serde(default, deserialize_with = "never_null")]
    pub(crate) locale: Option<Locale>,
    /// A name of the IANA time zone database, such as `Europe/Berlin`.
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) time_zone: Option<Option<String>>,
    /// A picture that the caller has uploaded (`POST /v1/avatars`); null for none.
    #[serde(default, deserialize_with = "nullable")]
    pub(crate) avatar: Option<Option<UploadId>>,
    /// Which mails are wanted beside those that concern oneself.
    #[serde(default, deserialize_with = "never_null")]
    pub(crate) notifications: Option<Notifications>,
}

impl ProfileBody {
    /// The edit but for the picture, if all of it is sound.
    pub(crate) fn edit(&self) -> Result<ProfileEdit, Problem> {
        let mut checks = Checks::default();
        let mut line = |field: &str, value: &Option<Option<String>>, max: usize| {
            value.as_ref().map(|text| checks.optional_line(field, text.as_deref(), max))
        };
        let title = line("title", &self.title, 200);
        let phone = line("phone", &self.phone, 50);
        let time_zone = line("time_zone", &self.time_zone, 60);
        let name = checks.optional_line("name", self.name.as_deref(), 200);
        let login = self.login.as_deref().map(|login| checks.login("login", login));
        if let Some(Some(zone)) = &time_zone
            && zone.parse::<chrono_tz::Tz>().is_err()
        {
            checks.fault("time_zone", "unknown_time_zone", "This is no name of the IANA time zone database.");
        }
        checks.done()?;
        let (locale, notifications) = (self.locale, self.notifications);
        Ok(ProfileEdit { name, title, phone, locale, time_zone, notifications, login, avatar: None })
    }
}
