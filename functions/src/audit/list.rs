//! `GET /v1/audit`

use std::collections::{BTreeMap, BTreeSet};

use domain::audit::AuditEntry;
use domain::customers::signed;
use domain::erasure::Erasure;
use domain::id::{AccountId, UserId};
use domain::{Instant, Stamp};
use edge::input::{self, Checks, Nothing};
use edge::views::{AuditView, List};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply, cursor};
use schemars::JsonSchema;
use serde::Deserialize;
use store::audit::AuditFilter;

use crate::load::{self, NoQuery};

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
        let erasures = load::erasures(context, context.caller()?).await?;
        let (entries, next) = context.store.audit(account, &filter, &from, limit).await?;
        let next_cursor = cursor::seal(context, &filter, next.as_ref())?;
        let names = names(context, &entries).await?;
        let items = entries.into_iter().map(|entry| view(&erasures, &names, entry)).collect();
        Ok(Decision::read(Reply::json(&List { items, next_cursor })?))
    }
}

/// An entry as it is shown.
fn view(erasures: &[Erasure], names: &BTreeMap<UserId, String>, entry: AuditEntry) -> AuditView {
    let actor = entry.origin.actor.filter(|_| entry.origin.acting_for.is_some());
    let actor_name = actor.and_then(|actor| names.get(&actor).cloned());
    AuditView { actor_name, ..AuditView::from(redacted(erasures, entry)) }
}

/// What a partner's people are called who acted here, with the partner's name: nobody here can look them up. They are not
/// kept in the entries, so who is deleted is named as his contents are.
async fn names(context: &Context, entries: &[AuditEntry]) -> Result<BTreeMap<UserId, String>, Problem> {
    let acting = entries.iter().filter_map(|entry| Some((entry.origin.acting_for?.partner, entry.origin.actor?)));
    let ids: BTreeSet<(AccountId, UserId)> = acting.collect();
    let partners: BTreeSet<AccountId> = ids.iter().map(|(partner, _)| *partner).collect();
    let mut names = BTreeMap::new();
    for partner in partners {
        let of_partner = ids.iter().copied().filter(|(account, _)| *account == partner).collect();
        let (account, people) =
            tokio::try_join!(context.store.recent_account(partner), context.store.people(&of_partner))?;
        let Some(account) = account else { continue };
        names.extend(people.into_iter().map(|user| (user.id, signed(&user.name, &account))));
    }
    Ok(names)
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
