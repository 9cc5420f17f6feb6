//! `POST /v1/customers`

use domain::Stamp;
use domain::account::Region;
use domain::locale::Locale;
use domain::rules::create_customer::{NewCustomer, create_customer};
use edge::input::Checks;
use edge::views::AccountView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::customers::partner;
use crate::load::NoQuery;

/// Makes a customer's account and invites its owner as an admin (P6).
#[derive(Debug)]
pub struct Create;

/// Which customer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 200 characters.
    name: String,
    /// A plan of the catalogue.
    plan_id: String,
    /// 1 to 10000; 1 unless given.
    licenses: Option<i64>,
    /// The partner's unless given.
    region: Option<Region>,
    /// The partner's unless given.
    locale: Option<Locale>,
    owner: Owner,
}

/// The first admin, who is invited.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// 1 to 200 characters.
    name: String,
    email: String,
}

/// The customer's account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CustomerView {
    account: AccountView,
}

impl Endpoint for Create {
    const NAME: &'static str = "customers_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = CustomerView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        partner(caller)?;
        let command = command(context, &input.body)?;
        let reach = context.store.reach(&caller.user).await?;
        let (account, counts, change) = create_customer(&caller.account, (&caller.user, &reach), command, stamp)?;
        let view = CustomerView { account: AccountView::of(&account, &counts) };
        Ok(Decision::write(change, Reply::json(&view)?))
    }
}

fn command(context: &Context, body: &Body) -> Result<NewCustomer, Problem> {
    let mut checks = Checks::default();
    let name = checks.line("name", &body.name, 200);
    let owner_name = checks.line("owner.name", &body.owner.name, 200);
    let owner_email = checks.email("owner.email", &body.owner.email);
    let licenses = checks.within("licenses", body.licenses.unwrap_or(1), (1, 10_000));
    let plan = context.config.plans.plan(&body.plan_id);
    if plan.is_none() {
        checks.fault("plan_id", "unknown_plan", "There is no such plan; GET /v1/plans lists them.");
    }
    checks.done()?;
    // Neither is missing once the checks are done.
    let (Some(plan), Some(owner_email)) = (plan, owner_email) else { return Err(Problem::invalid(Vec::new())) };
    let plan = plan.clone();
    Ok(NewCustomer { name, plan, licenses, region: body.region, locale: body.locale, owner_name, owner_email })
}
