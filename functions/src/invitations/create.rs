//! `POST /v1/invitations`

use domain::Stamp;
use domain::id::{RoleId, UserId};
use domain::invitation::InvitationStatus;
use domain::locale::Locale;
use domain::rules::confer::Named;
use domain::rules::expire::expire_invitation;
use domain::rules::invite::{ACTIONS_PER_ROW, Held, Invite, Route, Row, RowOutcome, invite, route};
use domain::search::{MAX_WORDS, count_words};
use domain::text::Email;
use domain::user::{UserStatus, UserType};
use edge::answer::Then;
use edge::dry_run::RefusalNote;
use edge::input::Checks;
use edge::views::InvitationView;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::commit::{CommitError, MAX_ACTIONS};
use store::directory::Choice;
use store::listing::Place;

use crate::load::{self, NoQuery};

/// Invites up to 50 addresses (L3, B9, B10), each with an outcome of its own.
#[derive(Debug)]
pub struct Create;

/// Most addresses of one request.
const MAX_EMAILS: usize = 50;
/// Most admins who are asked for approval: as many mails as fit one transaction with the invitation.
const MAX_APPROVERS: usize = 40;
const _: () =
    assert!(MAX_APPROVERS + ACTIONS_PER_ROW + MAX_WORDS + 3 <= MAX_ACTIONS, "an invitation is one transaction");
/// Most characters of the inviter's words: fifty answers that repeat them must fit one idempotency record.
pub(crate) const MAX_MESSAGE: usize = 1_000;

/// Whom to invite, as what.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// 1 to 50 addresses.
    emails: Vec<String>,
    r#type: UserType,
    role_id: Option<RoleId>,
    /// The inviter's own words: up to 1000 characters.
    message: Option<String>,
    /// The invitees' language; the account's unless given.
    locale: Option<Locale>,
}

/// What became of each address, in the order of the request.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Results {
    results: Vec<RowResult>,
}

/// What became of one address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct RowResult {
    /// As it was sent.
    email: String,
    outcome: Outcome,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    /// Why not, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invitation: Option<InvitationView>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Invited,
    AwaitingApproval,
    Refused,
}

impl Endpoint for Create {
    const NAME: &'static str = "invitations_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Results;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let body = &input.body;
        let role = load::named_role(context, caller, body.role_id).await?;
        let command = command(caller, body, role)?;
        let admins = match route(&caller.account, &caller.user)? {
            Route::Direct => Vec::new(),
            Route::WithApproval => approvers(context, caller).await?,
        };
        let mut results: Vec<Value> = match &input.carried {
            Some(Value::Array(results)) => results.clone(),
            _ => Vec::new(),
        };
        // What does not fit one transaction goes on in the next; a dry run needs none.
        let left = &body.emails[results.len().min(body.emails.len())..];
        let texts = if context.dry_run { left } else { &left[..fitting(left, admins.len())] };
        let rows = try_join_all(texts.iter().map(|text| row(context, caller, text))).await?;
        let counts = context.store.counts(caller.account.id).await?;
        let (outcomes, change) = invite(&caller.account, &counts, &caller.user, &command, &rows, &admins, stamp)?;
        let told: Vec<RowResult> =
            rows.iter().zip(&outcomes).map(|(row, outcome)| result(&row.text, outcome, stamp)).collect();
        let refusals = told.iter().filter_map(note).collect();
        for result in told {
            results.push(serde_json::to_value(result).map_err(|error| Problem::internal(error.to_string()))?);
        }
        let then = if results.len() < body.emails.len() {
            Then::Continue(Value::Array(results))
        } else {
            Then::Reply(Reply::json(&serde_json::json!({ "results": results }))?)
        };
        Ok(Decision { change: Some(change), then, refusals })
    }
}

/// How many addresses fit one transaction, at least one.
fn fitting(texts: &[String], admins: usize) -> usize {
    // Beside them stand the counts, those of a role of the account's own, what the request has come to, the posting, and an
    // invoice where users are counted.
    let mut room = MAX_ACTIONS - 5;
    let fits = |text: &&String| {
        let actions = ACTIONS_PER_ROW + admins + count_words(&[text]);
        let fits = actions <= room;
        room = room.saturating_sub(actions);
        fits
    };
    texts.iter().take_while(fits).count().clamp(1, texts.len().max(1)).min(texts.len())
}

fn command(caller: &Caller, body: &Body, role: Named) -> Result<Invite, Problem> {
    let mut checks = Checks::default();
    if body.emails.is_empty() || body.emails.len() > MAX_EMAILS {
        checks.fault("emails", "out_of_range", format!("There must be 1 to {MAX_EMAILS} addresses."));
    }
    let message = checks.optional_lines("message", body.message.as_deref(), MAX_MESSAGE);
    checks.done()?;
    let locale = body.locale.unwrap_or(caller.account.locale);
    Ok(Invite { user_type: body.r#type, role, name: None, message, locale })
}

/// An address, and who has it now. An open invitation whose window is over is closed on the way: the worker would.
async fn row(context: &Context, caller: &Caller, text: &str) -> Result<Row, Problem> {
    let free = |email| Row { text: text.to_owned(), email, held: Held::Free };
    let Some(email) = Email::parse(text) else { return Ok(free(None)) };
    let store = &context.store;
    let Some(holder) = store.holder(caller.account.id, &email.folded()).await? else { return Ok(free(Some(email))) };
    let user = store.user(caller.account.id, holder).await?;
    if let Some(user) = user.as_ref().filter(|user| user.status == UserStatus::Pending)
        && let Some(id) = user.invitation_id
    {
        let invitation = load::invitation(context, caller, id).await?;
        let mut stamp = context.world.stamp(domain::stamp::Origin::default());
        if let Some(mut change) = expire_invitation(&caller.account, &invitation, Some(user), &mut stamp) {
            if !context.dry_run {
                store.settle(&mut change, &mut stamp).await?;
                match store.commit(&change, None).await {
                    Ok(()) | Err(CommitError::Stale) => {}
                    Err(CommitError::Refused(refusal)) => return Err(refusal.into()),
                    Err(CommitError::Store(error)) => return Err(error.into()),
                }
            }
            return Ok(free(Some(email)));
        }
    }
    Ok(Row { text: text.to_owned(), email: Some(email), held: Held::by(user.as_ref()) })
}

/// The admins who are asked: those with an address who want to be, of the first few by name.
async fn approvers(context: &Context, caller: &Caller) -> Result<Vec<(UserId, Email, Locale)>, Problem> {
    let choice = Choice::by_status(|status| status == UserStatus::Active, |user_type| user_type == UserType::Admin);
    let (admins, _) = context.store.users(caller.account.id, &choice, &Place::START, MAX_APPROVERS).await?;
    let wanting = admins.into_iter().filter(|admin| admin.notifications.approvals);
    Ok(wanting.filter_map(|admin| Some((admin.id, admin.email?, admin.locale))).collect())
}

fn result(text: &str, outcome: &RowOutcome, stamp: &Stamp) -> RowResult {
    let email = text.to_owned();
    match outcome {
        Ok(invitation) => RowResult {
            email,
            outcome: match invitation.status {
                InvitationStatus::AwaitingApproval => Outcome::AwaitingApproval,
                _ => Outcome::Invited,
            },
            code: None,
            detail: None,
            invitation: Some(InvitationView::of(invitation, stamp.now)),
        },
        Err(refusal) => {
            let (code, detail) = refusal.told();
            RowResult { email, outcome: Outcome::Refused, code: Some(code), detail: Some(detail), invitation: None }
        }
    }
}

fn note(result: &RowResult) -> Option<RefusalNote> {
    Some(RefusalNote {
        subject: Some(result.email.clone()),
        code: result.code?.to_owned(),
        detail: result.detail.clone().unwrap_or_default(),
    })
}
