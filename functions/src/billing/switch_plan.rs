//! `PUT /v1/billing/plan`

use domain::Stamp;
use domain::id::AccountId;
use domain::license::Licenses;
use domain::rules::purchase::MAX_QUANTITY;
use domain::rules::switch_plan::{Target, switch_plan};
use domain::user::{UserStatus, UserType};
use edge::input::Checks;
use edge::invoice_views::InvoiceView;
use edge::views::AccountView;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use store::directory::{Choice, UserOrder};
use store::listing::{Direction, Place};

use crate::load::NoQuery;

/// Switches to another plan at once; what is left of the paid period is set off.
#[derive(Debug)]
pub struct SwitchPlan;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// A plan of the catalogue.
    plan_id: String,
    /// Where licenses are bought: 1 to 10000; those in use and reserved unless given.
    licenses: Option<i64>,
}

/// The account as it is then, its licenses, and what the switch costs.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SwitchedView {
    account: AccountView,
    licenses: Licenses,
    /// Null where there is nothing to charge or to set off.
    invoice: Option<InvoiceView>,
}

impl Endpoint for SwitchPlan {
    const NAME: &'static str = "plan_switch";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = SwitchedView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let licenses = input.body.licenses.map(|licenses| checks.within("licenses", licenses, (1, MAX_QUANTITY)));
        let plan = context.config.plans.plan(&input.body.plan_id);
        if plan.is_none() {
            checks.fault("plan_id", "unknown_plan", "There is no such plan; GET /v1/plans lists them.");
        }
        checks.done()?;
        // Not missing once the checks are done.
        let Some(plan) = plan else { return Err(Problem::invalid(Vec::new())) };
        let id = context.caller()?.account.id;
        let (account, counts) = tokio::try_join!(context.store.account(id), context.store.counts(id))?;
        let account = account.ok_or_else(Problem::not_found)?;
        context.matches(account.version)?;
        let has_outsiders = !plan.professional && has_guests_or_viewers(context, id).await?;
        let target = Target { plan, licenses, has_outsiders };
        let (switched, change) = switch_plan(&account, &counts, &target, stamp)?;
        let view = SwitchedView {
            account: AccountView::of(&switched.account, &switched.counts),
            licenses: Licenses::of(&switched.account.subscription, &switched.counts, stamp.now),
            invoice: switched.invoice.map(Into::into),
        };
        Ok(Decision::write(change, Reply::object(&view, switched.account.version)?))
    }
}

/// Whether there is a guest or viewer who is not deleted: the first rows of six partitions tell.
async fn has_guests_or_viewers(context: &Context, account: AccountId) -> Result<bool, Problem> {
    let outside = |user_type| matches!(user_type, UserType::Guest | UserType::Viewer);
    let choice = Choice::by_status(|status| status != UserStatus::Deleted, outside);
    let choice = choice.sorted(UserOrder::Name, Direction::Ascending);
    let (found, _) = context.store.users(account, &choice, &Place::START, 1).await?;
    Ok(!found.is_empty())
}
