//! `PATCH /v1/me`

use domain::Stamp;
use domain::locale::Locale;
use domain::rules::edit::{ProfileEdit, edit_profile};
use edge::input::{Checks, nullable};
use edge::views::UserView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;

/// Edits one's own profile.
#[derive(Debug)]
pub struct Update;

/// What to change; null empties what may be empty.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent, null and a value are three things")]
pub struct Body {
    /// 1 to 200 characters.
    name: Option<String>,
    #[serde(default, deserialize_with = "nullable")]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "nullable")]
    phone: Option<Option<String>>,
    locale: Option<Locale>,
    /// A name of the IANA time zone database, such as `Europe/Berlin`.
    #[serde(default, deserialize_with = "nullable")]
    time_zone: Option<Option<String>>,
}

impl Endpoint for Update {
    const NAME: &'static str = "me_update";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = UserView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let body = &input.body;
        let mut checks = Checks::default();
        let mut line = |field: &str, value: &Option<Option<String>>, max: usize| {
            value.as_ref().map(|text| checks.optional_line(field, text.as_deref(), max))
        };
        let title = line("title", &body.title, 200);
        let phone = line("phone", &body.phone, 50);
        let time_zone = line("time_zone", &body.time_zone, 60);
        let name = checks.optional_line("name", body.name.as_deref(), 200);
        if let Some(Some(zone)) = &time_zone
            && !is_time_zone(zone)
        {
            checks.fault("time_zone", "unknown_time_zone", "This is no name of the IANA time zone database.");
        }
        checks.done()?;
        context.matches(caller.user.version)?;
        let edit = ProfileEdit { name, title, phone, locale: body.locale, time_zone };
        let (user, change) = edit_profile(&caller.account, &caller.user, edit, stamp);
        Ok(Decision::write(change, Reply::object(&UserView::from(&user), user.version)?))
    }
}

fn is_time_zone(name: &str) -> bool {
    name.parse::<chrono_tz::Tz>().is_ok()
}
