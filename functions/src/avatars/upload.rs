//! `POST /v1/avatars`

use domain::Stamp;
use domain::avatar::MAX_UPLOAD;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem};

use crate::load::NoQuery;
use crate::upload::{self, UploadOffer};

/// Begins to upload a picture (R3, R7): what to give as `avatar` once the file is there.
#[derive(Debug)]
pub struct UploadAvatar;

impl Endpoint for UploadAvatar {
    const NAME: &'static str = "avatars_upload";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = UploadOffer;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        upload::offer(context, (MAX_UPLOAD, "image/", &pictures::TAKEN), stamp)
    }
}
