//! What several actions do with a picture that was uploaded.
//!
//! A file and a record cannot change in one transaction. So the first step announces the picture's file as one that is to
//! go, and the second writes it and gives it to the user, in the transaction that takes the announcement back. Whatever is
//! cut off in between is removed by the worker.

use domain::Stamp;
use domain::avatar::{Avatar, MAX_UPLOAD, is_over, upload_path};
use domain::change::Change;
use domain::id::{DiscardId, UploadId};
use domain::rules::avatar::{AvatarEdit, Prepared, prepare, unknown_upload};
use domain::user::User;
use edge::answer::Then;
use edge::{Caller, Context, Decision, Problem};
use pictures::PictureError;
use platform::files::FilesError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::upload::unavailable;

/// How far a picture has come.
pub(crate) enum Placed<T> {
    /// The file has to be announced first.
    First(Box<Decision>),
    /// What the rule is to do.
    Edit(T),
}

/// What the first step leaves.
#[derive(Debug, Serialize, Deserialize)]
struct Announced {
    avatar: Avatar,
    discard: DiscardId,
}

/// What becomes of a user's picture: absent for what it is, null for none, or an upload of the caller. Somebody who has the
/// picture of that upload keeps it, so a request may come again when the upload is long gone.
#[allow(clippy::option_option, reason = "absent, null and a value are three things")]
pub(crate) async fn edit(
    context: &Context,
    carried: Option<&Value>,
    (asked, user): (Option<Option<UploadId>>, &User),
    stamp: &mut Stamp,
) -> Result<Placed<Option<AvatarEdit>>, Problem> {
    let asked = match asked {
        Some(Some(id)) if user.avatar.as_ref().is_some_and(|avatar| avatar.upload_id == id) => None,
        asked => asked,
    };
    Ok(match asked {
        None => Placed::Edit(None),
        Some(None) => Placed::Edit(Some(AvatarEdit::Remove)),
        Some(Some(id)) => match place(context, carried, id, stamp).await? {
            Placed::First(decision) => Placed::First(decision),
            Placed::Edit(prepared) => Placed::Edit(Some(AvatarEdit::Use(prepared))),
        },
    })
}

/// Makes a picture of an upload of the caller, for a user who is to get it. A dry run looks at the upload and writes nothing.
pub(crate) async fn place(
    context: &Context,
    carried: Option<&Value>,
    id: UploadId,
    stamp: &mut Stamp,
) -> Result<Placed<Prepared>, Problem> {
    let caller = context.caller()?;
    let announced = carried.map(|carried| serde_json::from_value::<Announced>(carried.clone()));
    if let Some(announced) = announced {
        let Announced { avatar, discard } = announced.map_err(|error| Problem::internal(error.to_string()))?;
        // Long after the first step the file may be removed already: then the picture gets another name.
        if let Some(discard) = context.store.discard(discard).await?
            && discard.leaves_time(stamp.now)
        {
            write(context, caller, &avatar, stamp).await?;
            let upload = upload_path(caller.account.id, caller.user.id, id);
            return Ok(Placed::Edit(Prepared { avatar, upload, discard }));
        }
    }
    picture(context, caller, id, stamp).await?;
    let (prepared, change) = prepare(&caller.account, &caller.user, id, stamp);
    if context.dry_run {
        return Ok(Placed::Edit(prepared));
    }
    announce(&prepared, change).map(|decision| Placed::First(Box::new(decision)))
}

fn announce(prepared: &Prepared, change: Change) -> Result<Decision, Problem> {
    let announced = Announced { avatar: prepared.avatar.clone(), discard: prepared.discard.id };
    let carried = serde_json::to_value(announced).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Decision { change: Some(change), then: Then::Continue(carried), refusals: Vec::new() })
}

/// Writes the picture's file, once for a request that is decided several times.
async fn write(context: &Context, caller: &Caller, avatar: &Avatar, stamp: &Stamp) -> Result<(), Problem> {
    let done = format!("wrote {}", avatar.key.as_str());
    if !context.scratch.has(&done) {
        let bytes = picture(context, caller, avatar.upload_id, stamp).await?;
        let path = avatar.key.path(caller.account.id);
        context.files.write(&path, pictures::MADE, bytes, stamp.now).await.map_err(unavailable)?;
        context.scratch.set(&done, ());
    }
    Ok(())
}

/// The picture that the caller's upload makes, worked out once for a request.
async fn picture(context: &Context, caller: &Caller, id: UploadId, stamp: &Stamp) -> Result<Vec<u8>, Problem> {
    if is_over(id, stamp.now) {
        return Err(unknown_upload().into());
    }
    let path = upload_path(caller.account.id, caller.user.id, id);
    if let Some(known) = context.scratch.get::<Vec<u8>>(&path) {
        return Ok(known);
    }
    let most = usize::try_from(MAX_UPLOAD).unwrap_or(usize::MAX);
    let file = match context.files.read(&path, most, stamp.now).await {
        Ok(file) => file.ok_or_else(unknown_upload)?,
        Err(FilesError::TooLarge) => return Err(too_large("This file is too large.")),
        Err(error) => return Err(unavailable(error)),
    };
    // A thread of its own: a decoder that fails at a file nobody thought of fails alone.
    let made = tokio::task::spawn_blocking(move || pictures::square(&file)).await;
    let made = match made.unwrap_or(Err(PictureError::Invalid)) {
        Ok(made) => made,
        Err(error @ PictureError::TooLarge) => return Err(too_large(format!("{error}."))),
        Err(error @ PictureError::Invalid) => {
            return Err(Problem::field("avatar", "invalid_image", format!("{error}.")));
        }
    };
    context.scratch.set(&path, made.clone());
    Ok(made)
}

fn too_large(detail: impl Into<String>) -> Problem {
    Problem::field("avatar", "image_too_large", detail)
}
