//! `PATCH /v1/account`

use domain::Stamp;
use domain::locale::Locale;
use domain::policy::PolicyPatch;
use domain::rules::edit::{AccountEdit, edit_account};
use edge::input::Checks;
use edge::views::AccountView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;

/// Edits one's account and its policy.
#[derive(Debug)]
pub struct Update;

/// What to change.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200 characters.
    name: Option<String>,
    locale: Option<Locale>,
    /// Merged into the policy.
    policy: Option<PolicyPatch>,
}

impl Endpoint for Update {
    const NAME: &'static str = "account_update";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = AccountView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let body = &input.body;
        let mut checks = Checks::default();
        let name = checks.optional_line("name", body.name.as_deref(), 200);
        checks.done()?;
        let id = context.caller()?.account.id;
        let (account, counts) = tokio::try_join!(context.store.account(id), context.store.counts(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        context.matches(account.version)?;
        let edit = AccountEdit { name, locale: body.locale, policy: body.policy.clone() };
        let (now, change) = edit_account(&account, &context.caller()?.user, edit, stamp)?;
        let reply = Reply::object(&AccountView::of(&now, &counts), now.version)?;
        Ok(Decision::write(change, reply))
    }
}
