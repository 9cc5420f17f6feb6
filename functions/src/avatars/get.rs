//! `GET /avatars/{account}/{key}`

use domain::Stamp;
use domain::avatar::AvatarKey;
use domain::id::AccountId;
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::NoQuery;
use crate::upload::unavailable;

/// Shows a picture to whoever knows its name, as a page's `<img>` does: nothing else of a user can be learned here. Every
/// file behind these paths was made by this service.
#[derive(Debug)]
pub struct Get;

/// The parameters of the path.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct AvatarPath {
    /// The account.
    account: AccountId,
    /// The picture's name.
    key: AvatarKey,
}

/// The file.
#[derive(Debug, JsonSchema)]
#[schemars(transparent)]
pub struct Picture(#[allow(dead_code, reason = "it is described, never made")] String);

/// Most bytes of a picture that this service made: no JPEG of that many pixels has as many.
const MOST: usize = 1 << 20;

impl Endpoint for Get {
    const NAME: &'static str = "avatars_get";
    const USES_TABLE: bool = false;
    type Path = AvatarPath;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = Picture;

    async fn decide(
        context: &Context,
        input: &Input<AvatarPath, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let path = input.path.key.path(input.path.account);
        let file = context.files.read(&path, MOST, stamp.now).await.map_err(unavailable)?;
        Ok(Decision::read(Reply::picture(pictures::MADE, file.ok_or_else(Problem::not_found)?)))
    }
}
