//! `GET /v1/openapi.json`

use domain::Stamp;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::load::NoQuery;

/// Describes this API (OpenAPI 3.1).
#[derive(Debug)]
pub struct OpenApi;

impl Endpoint for OpenApi {
    const NAME: &'static str = "openapi_get";
    const USES_TABLE: bool = false;
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = serde_json::Value;

    async fn decide(_: &Context, _: &Input<NoQuery, NoQuery, Nothing>, _: &mut Stamp) -> Result<Decision, Problem> {
        Ok(Decision::read(Reply::json(&edge::openapi::document(&crate::registry::entries()))?))
    }
}
