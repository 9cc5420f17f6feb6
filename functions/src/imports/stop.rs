//! `POST /v1/imports/{id}/stop`

use domain::Stamp;
use domain::rules::import::stop;
use edge::import_views::ImportView;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};

use crate::imports::{ImportPath, import};
use crate::load::NoQuery;

/// Stops an import: whoever was not invited yet is not going to be. Invitations that went out stay.
#[derive(Debug)]
pub struct StopImport;

impl Endpoint for StopImport {
    const NAME: &'static str = "imports_stop";
    type Path = ImportPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = ImportView;

    async fn decide(
        context: &Context,
        input: &Input<ImportPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let import = import(context, caller, input.path.id).await?;
        context.matches(import.version)?;
        let (now, change) = stop(&caller.account, &import, None, stamp);
        Ok(Decision::write(change, Reply::object(&ImportView::of(&now), now.version)?))
    }
}
