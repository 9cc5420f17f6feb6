//! `POST /v1/accounts`

use domain::Stamp;
use domain::account::{AccountKind, Region};
use domain::locale::Locale;
use domain::rules::sign_up::{SignUp, sign_up};
use edge::input::Checks;
use edge::views::{AccountView, OpenedSession, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate;
use crate::load::NoQuery;

/// Signs up.
#[derive(Debug)]
pub struct Create;

/// Who signs up for what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200 characters.
    name: String,
    /// A plan of the catalogue.
    plan_id: String,
    /// 1 to 10000; 1 unless given.
    licenses: Option<i64>,
    region: Option<Region>,
    locale: Option<Locale>,
    /// `standard` or `partner`; customers are made by their partner.
    kind: Option<AccountKind>,
    owner: Owner,
}

/// The first admin.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// 1 to 200 characters.
    name: String,
    email: String,
    /// 10 to 256 characters, not easy to guess.
    password: String,
    locale: Option<Locale>,
}

/// The account, its owner, and the owner's session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SignedUpView {
    account: AccountView,
    user: UserView,
    session: OpenedSession,
}

impl Endpoint for Create {
    const NAME: &'static str = "accounts_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = SignedUpView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let command = command(context, &input.body, stamp)?;
        let (up, mut change) = sign_up(command, stamp)?;
        gate::remember(context, &up.owner, &mut change, stamp.now).await?;
        let reply = Reply::json(&SignedUpView {
            account: AccountView::of(&up.account, &up.counts),
            user: UserView::of(&up.owner, &context.config.app_url, stamp.now),
            session: OpenedSession::of(&up.session, &up.token, &up.account.policy),
        })?;
        Ok(Decision::write(change, reply))
    }
}

fn command(context: &Context, body: &Body, stamp: &mut Stamp) -> Result<SignUp, Problem> {
    let mut checks = Checks::default();
    let name = checks.line("name", &body.name, 200);
    let owner_name = checks.line("owner.name", &body.owner.name, 200);
    let owner_email = checks.email("owner.email", &body.owner.email);
    let licenses = checks.within("licenses", body.licenses.unwrap_or(1), (1, 10_000));
    let plan = context.config.plans.plan(&body.plan_id);
    if plan.is_none() {
        checks.fault("plan_id", "unknown_plan", "There is no such plan; GET /v1/plans lists them.");
    }
    let kind = body.kind.unwrap_or_default();
    if kind == AccountKind::Customer {
        checks.fault("kind", "invalid_value", "A customer's account is made by its partner.");
    }
    let hints = [body.owner.name.as_str(), &body.owner.email, &body.name];
    let password = checks.new_password("owner.password", &body.owner.password, &hints);
    checks.done()?;
    // None of these is missing once the checks are done.
    let (Some(plan), Some(owner_email), Some(password)) = (plan, owner_email, password) else {
        return Err(Problem::invalid(Vec::new()));
    };
    let locale = body.locale.unwrap_or_default();
    Ok(SignUp {
        name,
        plan: plan.clone(),
        licenses,
        region: body.region.unwrap_or_default(),
        kind,
        locale,
        owner_name,
        owner_email,
        owner_password: context.scratch.once("hash", || password.hash(stamp.bytes())),
        owner_locale: body.owner.locale.unwrap_or(locale),
        user_agent: context.user_agent.clone(),
    })
}
