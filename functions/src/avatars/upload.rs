//! `POST /v1/avatars`

use std::collections::BTreeMap;

use domain::avatar::{MAX_UPLOAD, UPLOAD_WINDOW, upload_path};
use domain::change::Change;
use domain::id::UploadId;
use domain::{Instant, Stamp};
use edge::input::Nothing;
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use platform::files::{FilesError, Terms};
use schemars::JsonSchema;
use serde::Serialize;

use crate::load::NoQuery;

/// Begins to upload a picture (R3, R7): the file goes straight to the store of files, under terms that it is held to there.
#[derive(Debug)]
pub struct Upload;

/// How to upload a picture.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AvatarUpload {
    /// What to give as `avatar` once the file is there. It is good for the caller alone, for a day.
    id: UploadId,
    /// Where the file goes.
    upload: UploadForm,
    /// Most bytes of the file.
    max_bytes: u64,
    /// What the file may be. One of them goes into the form as `Content-Type`.
    content_types: Vec<String>,
    /// Until when the form is taken.
    expires_at: Instant,
}

/// A form, to be posted as `multipart/form-data`: these fields, then `Content-Type`, then the file as `file`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadForm {
    /// Where it is posted.
    url: String,
    /// What it has beside the file.
    fields: BTreeMap<String, String>,
}

impl Endpoint for Upload {
    const NAME: &'static str = "avatars_upload";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Nothing;
    type Answer = AvatarUpload;

    async fn decide(
        context: &Context,
        _: &Input<NoQuery, NoQuery, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let id = stamp.id();
        let expires_at = stamp.now + UPLOAD_WINDOW;
        let terms = Terms { most: MAX_UPLOAD, media_types: "image/", expires_at };
        let path = upload_path(caller.account.id, caller.user.id, id);
        let form = context.files.form(&path, &terms, stamp.now).map_err(unavailable)?;
        let reply = Reply::json(&AvatarUpload {
            id,
            upload: UploadForm { url: form.url, fields: form.fields },
            max_bytes: MAX_UPLOAD,
            content_types: pictures::TAKEN.map(str::to_owned).to_vec(),
            expires_at,
        })?;
        // Nothing changes, but the same request has the same answer.
        Ok(Decision::write(Change::new(caller.account.id, caller.account.subscription.model), reply))
    }
}

/// What the store of files cannot do now it may do later.
#[allow(clippy::needless_pass_by_value, reason = "it is what an error becomes")]
pub(crate) fn unavailable(error: FilesError) -> Problem {
    Problem::unavailable(error.to_string())
}
