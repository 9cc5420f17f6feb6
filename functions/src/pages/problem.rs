//! `GET /problems/{code}`

use askama::Template;
use domain::Stamp;
use domain::locale::Locale;
use edge::input::Nothing;
use edge::problem::{Code, code_of};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::pages::frame::{self, Frame, LinkQuery};

/// Tells what a problem's `type` means.
#[derive(Debug)]
pub struct Page;

/// The code of a problem.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct CodePath {
    code: String,
}

impl Endpoint for Page {
    const NAME: &'static str = "pages_problem";
    const USES_TABLE: bool = false;
    type Path = CodePath;
    type Query = LinkQuery;
    type Body = Nothing;
    type Answer = ();

    async fn decide(
        _: &Context,
        input: &Input<CodePath, LinkQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let code = code_of(&input.path.code).ok_or_else(Problem::not_found)?;
        Ok(Decision::read(page(code)?))
    }
}

#[derive(Template)]
#[template(path = "pages/problem.html")]
struct Meaning {
    frame: Frame,
    code: &'static Code,
}

/// The page of a code, in English.
pub(crate) fn page(code: &'static Code) -> Result<Reply, Problem> {
    let frame = Frame::once(Locale::En).titled(code.title.to_owned());
    frame::tells(&Meaning { frame, code })
}
