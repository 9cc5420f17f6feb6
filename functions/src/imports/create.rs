//! `POST /v1/imports`

use domain::Stamp;
use domain::avatar::{is_over, upload_path};
use domain::id::UploadId;
use domain::import::{ImportRow, MAX_FILE};
use domain::rules::import::{Asked, check, keep};
use domain::rules::invite::{Held, route};
use domain::text::Email;
use edge::answer::Then;
use edge::dry_run::RefusalNote;
use edge::import_views::ImportView;
use edge::input::Checks;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use platform::files::FilesError;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::imports::file;
use crate::invitations::create::MAX_MESSAGE;
use crate::load::NoQuery;
use crate::upload::unavailable;

/// Looks at the rows of a file: what would become of each, and what all of them would take. Nobody is invited yet (B9).
#[derive(Debug)]
pub struct CreateImport;

/// The file, in one of two ways.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// A file that was uploaded: up to 2 MiB and 10,000 rows.
    upload: Option<UploadId>,
    /// The file itself, where it is small enough for a request.
    csv: Option<String>,
    /// The inviter's own words: up to 1000 characters.
    message: Option<String>,
}

impl Endpoint for CreateImport {
    const NAME: &'static str = "imports_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = ImportView;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let body = &input.body;
        // Who may invite nobody is told so before anything is read.
        route(&caller.account, &caller.user)?;
        let mut checks = Checks::default();
        let message = checks.optional_lines("message", body.message.as_deref(), MAX_MESSAGE);
        checks.done()?;
        let (field, (bytes, path)) = match (body.upload, &body.csv) {
            (Some(upload), None) => ("upload", uploaded(context, caller, upload, stamp).await?),
            (None, Some(csv)) => ("csv", (csv.clone().into_bytes(), None)),
            _ => return Err(Problem::field("upload", "missing_field", "Give either an upload or the file as csv.")),
        };
        let asked = asked(context, caller, file::rows(field, &bytes)?, stamp).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let checked = check(&caller.account, &counts, &caller.user, (message, asked), stamp)?;
        let reply = Reply::object(&ImportView::of(&checked.import), checked.import.version)?;
        if context.dry_run {
            let rows = checked.parts.iter().flat_map(|part| &part.rows);
            let refusals = rows.filter_map(RefusalNote::of_row).collect();
            return Ok(Decision { change: Some(checked.would), then: Then::Reply(reply), refusals });
        }
        Ok(Decision::write(keep(&caller.account, &checked, path, stamp), reply))
    }
}

/// A file of the caller's, and where it is.
async fn uploaded(
    context: &Context,
    caller: &Caller,
    id: UploadId,
    stamp: &Stamp,
) -> Result<(Vec<u8>, Option<String>), Problem> {
    let unknown =
        || Problem::field("upload", "unknown_upload", "There is no such upload of yours. Uploads are kept for a day.");
    if is_over(id, stamp.now) {
        return Err(unknown());
    }
    let path = upload_path(caller.account.id, caller.user.id, id);
    let most = usize::try_from(MAX_FILE).unwrap_or(usize::MAX);
    match context.files.read(&path, most, stamp.now).await {
        Ok(file) => Ok((file.ok_or_else(unknown)?, Some(path))),
        Err(FilesError::TooLarge) => Err(Problem::field("upload", "file_too_large", "This file is too large.")),
        Err(error) => Err(unavailable(error)),
    }
}

/// The rows, each with what it means and who holds the address. An invitation whose window is over holds nothing.
pub(super) async fn asked(
    context: &Context,
    caller: &Caller,
    rows: Vec<ImportRow>,
    stamp: &Stamp,
) -> Result<Vec<Asked>, Problem> {
    let account = caller.account.id;
    let emails: Vec<Email> = rows.iter().filter_map(|row| Email::parse(&row.email)).collect();
    let (roles, holders) = tokio::try_join!(context.store.roles(account), context.store.holders_of(account, &emails))?;
    let held = |row: &ImportRow| {
        let holder = Email::parse(&row.email).and_then(|email| holders.get(&email.folded()));
        let overdue = |it: &store::imports::Holder| it.invitation.as_ref().is_some_and(|it| it.is_overdue(stamp.now));
        holder.filter(|holder| !overdue(holder)).map_or(Held::Free, |holder| Held::by(holder.user.as_ref()))
    };
    let one = |row: ImportRow| {
        let held = held(&row);
        match file::meaning(&row, &roles, caller.account.locale) {
            Ok((wish, role)) => Asked { row: ImportRow { wish: Some(wish), ..row }, fault: None, role, held },
            Err(fault) => Asked { row, fault: Some(fault), role: domain::rules::confer::Named::Own, held },
        }
    };
    Ok(rows.into_iter().map(one).collect())
}
