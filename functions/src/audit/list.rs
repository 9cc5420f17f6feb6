//! `GET /v1/audit`

use domain::audit::AuditEntry;
use domain::erasure::Erasure;
use domain::id::UserId;
use domain::{Instant, Stamp};
use edge::input::{self, Checks, Nothing};
use edge::views::{AuditView, List};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::audit::AuditFilter;

use crate::load::NoQuery;

/// Most characters of a subject or an action.
const MAX_LENGTH: usize = 200;

/// Lists who changed what, newest first. What is asked for combines. A page may be short and yet have a next one, where
/// an action is asked for that is rare.
#[derive(Debug)]
pub struct ListAudit;

/// Which.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// By this user.
    actor: Option<UserId>,
    /// Of this id.
    subject: Option<String>,
    /// This action, such as `user.deactivated`; with a dot at its end, all that begin so.
    action: Option<String>,
    /// From this moment on.
    #[serde(default, deserialize_with = "input::moment")]
    from: Option<Instant>,
    /// Before this moment.
    #[serde(default, deserialize_with = "input::moment")]
    to: Option<Instant>,
    #[schemars(range(min = 1, max = 200))]
    limit: Option<usize>,
    cursor: Option<String>,
}

impl Endpoint for ListAudit {
    const NAME: &'static str = "audit_list";
    type Path = NoQuery;
    type Query = Query;
    type Body = Nothing;
    type Answer = List<AuditView>;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, Query, Nothing>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let account = context.caller()?.account.id;
        let limit = cursor::limit(input.query.limit)?;
        let filter = filter(&input.query)?;
        let from = cursor::open(context, &filter, input.query.cursor.as_deref())?;
        // Before the page, so that nobody who is erased meanwhile is missed.
        let erasures = context.store.erasures(account).await?;
        let (entries, next) = context.store.audit(account, &filter, &from, limit).await?;
        let next_cursor = cursor::seal(context, &filter, next.as_ref())?;
        let items = entries.into_iter().map(|entry| AuditView::from(redacted(&erasures, entry))).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// An entry as it is going to be once these are erased.
fn redacted(erasures: &[Erasure], entry: AuditEntry) -> AuditEntry {
    erasures.iter().fold(entry, |shown, erasure| erasure.redacted(&shown).unwrap_or(shown))
}

fn filter(query: &Query) -> Result<AuditFilter, Problem> {
    let mut checks = Checks::default();
    let subject = checks.optional_line("subject", query.subject.as_deref(), MAX_LENGTH);
    let action = checks.optional_line("action", query.action.as_deref(), MAX_LENGTH);
    if let (Some(from), Some(to)) = (query.from, query.to)
        && from > to
    {
        checks.fault("from", "out_of_range", "This must not be after `to`.");
    }
    checks.done()?;
    Ok(AuditFilter { actor: query.actor, subject, action, from: query.from, to: query.to })
}
