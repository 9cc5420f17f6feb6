//! Forms with which a client's file goes straight to the store of files, under terms that it is held to there.

use std::collections::BTreeMap;

use domain::avatar::{UPLOAD_WINDOW, upload_path};
use domain::change::Change;
use domain::id::UploadId;
use domain::{Instant, Stamp};
use edge::{Context, Decision, Problem, Reply};
use platform::files::{FilesError, Terms};
use schemars::JsonSchema;
use serde::Serialize;

/// How to upload a file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct UploadOffer {
    /// What to name it by once the file is there. It is good for the caller alone, for a day.
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

/// Answers with a form for one file of the caller's: of at most `most` bytes, of a type that begins with `media_types`.
pub(crate) fn offer(
    context: &Context,
    (most, media_types, content_types): (u64, &'static str, &[&str]),
    stamp: &mut Stamp,
) -> Result<Decision, Problem> {
    let caller = context.caller()?;
    let id = stamp.id();
    let expires_at = stamp.now + UPLOAD_WINDOW;
    let terms = Terms { most, media_types, expires_at };
    let path = upload_path(caller.account.id, caller.user.id, id);
    let form = context.files.form(&path, &terms, stamp.now).map_err(unavailable)?;
    let reply = Reply::json(&UploadOffer {
        id,
        upload: UploadForm { url: form.url, fields: form.fields },
        max_bytes: most,
        content_types: content_types.iter().map(|it| (*it).to_owned()).collect(),
        expires_at,
    })?;
    // Nothing changes, but the same request has the same answer.
    Ok(Decision::write(Change::new(caller.account.id, caller.account.subscription.model), reply))
}

/// What the store of files cannot do now it may do later.
#[allow(clippy::needless_pass_by_value, reason = "it is what an error becomes")]
pub(crate) fn unavailable(error: FilesError) -> Problem {
    Problem::unavailable(error.to_string())
}
