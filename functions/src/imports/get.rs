//! `GET /v1/imports/{id}`

use domain::Stamp;
use edge::import_views::ImportView;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::imports::{ImportPath, import};
use crate::load::NoQuery;

/// Shows how far an import has come.
#[derive(Debug)]
pub struct GetImport;

impl Endpoint for GetImport {
    const NAME: &'static str = "imports_get";
    type Path = ImportPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ImportView;

    async fn decide(
        context: &Context,
        input: &Input<ImportPath, NoQuery, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let import = import(context, context.caller()?, input.path.id).await?;
        Ok(Decision::read(Reply::object(&ImportView::of(&import), import.version)?))
    }
}
