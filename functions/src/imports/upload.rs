//! `POST /v1/imports/uploads`

use domain::Stamp;
use domain::import::MAX_FILE;
use domain::rules::invite::route;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem};

use crate::load::NoQuery;
use crate::upload::{self, UploadOffer};

/// Begins to upload a file of rows: what to give as `upload` once the file is there.
#[derive(Debug)]
pub struct UploadRows;

impl Endpoint for UploadRows {
    const NAME: &'static str = "imports_upload";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = UploadOffer;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        // Who may invite nobody has nothing to upload.
        route(&caller.account, &caller.user)?;
        upload::offer(context, (MAX_FILE, "text/", &["text/csv"]), stamp)
    }
}
