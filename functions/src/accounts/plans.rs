//! `GET /v1/plans`

use domain::Stamp;
use domain::plan::Plan;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Serialize;

use crate::load::NoQuery;

/// The plans on offer.
#[derive(Debug)]
pub struct Plans;

/// The catalogue.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PlanList {
    items: Vec<Plan>,
}

impl Endpoint for Plans {
    const NAME: &'static str = "plans_list";
    const USES_TABLE: bool = false;
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = PlanList;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        Ok(Decision::read(Reply::json(&PlanList { items: context.config.plans.plans().to_vec() })?))
    }
}
