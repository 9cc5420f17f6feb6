//! Deleted users: what one transaction could not hold of them is found and erased here, page by page (W6).

use domain::audit::AuditEntry;
use domain::change::{Change, Record};
use domain::customers::Visit;
use domain::erasure::{Erasure, Stage, unlisted};
use domain::id::{AccountId, UserId};
use domain::invitation::Invitation;
use domain::plan::Model;
use domain::resource::Resource;
use domain::rules::revert_email::forget;
use store::imports::ImportItem;
use store::{CommitError, StoreError, keys};

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often a step is tried again in a run, when others write to the same.
const ATTEMPTS: u32 = 5;
/// Most steps for one user in one run, so that it ends within the five minutes of its function: the next run goes on.
const MOST_STEPS: usize = 400;

/// Goes on with every erasure that is due.
pub async fn run(worker: &Worker) -> Report {
    each_due(
        worker.world.now(),
        |asked| worker.store.due_erasures(asked),
        |(account, user)| carry_on(worker, account, user),
    )
    .await
}

/// Goes on until nothing is left, or nothing is due. What a step does may be done again; how far it has come is noted
/// behind it. So any number of workers may do this at once, and each may stop anywhere.
async fn carry_on(worker: &Worker, account: AccountId, user: UserId) -> Result<Report, StoreError> {
    let mut report = Report::default();
    let mut failed = 0;
    for _ in 0..MOST_STEPS {
        let Some(erasure) = worker.store.erasure(account, user).await? else { break };
        if erasure.due_at > worker.world.now() {
            break;
        }
        match step(worker, &erasure).await {
            Ok(erased) => {
                failed = 0;
                report.traces_erased += erased;
            }
            Err(CommitError::Store(error)) => return Err(error),
            Err(CommitError::Stale | CommitError::Refused(_)) if failed + 1 < ATTEMPTS => failed += 1,
            Err(CommitError::Stale | CommitError::Refused(_)) => {
                report.add(Report::failure());
                break;
            }
        }
    }
    Ok(report)
}

/// One page of a stage, and then a note of how far it has come.
async fn step(worker: &Worker, erasure: &Erasure) -> Result<u32, CommitError> {
    let store = &worker.store;
    let (account, user, after) = (erasure.account_id, erasure.user_id, erasure.after.as_deref());
    let mut erased = 0;
    let after = match erasure.stage {
        Stage::Traces => {
            let found = store.traces_of(account, user, after).await?;
            erased += store.forget_rows(&found.rows).await?;
            if store.credential(account, user).await?.is_some() {
                erased += store.forget_rows(&[keys::credential(account, user)]).await?;
            }
            store.forget_rows(&[keys::selection(account, user)]).await?;
            found.after
        }
        Stage::FormerEmails => {
            for former in store.former_emails(account, user).await? {
                store.commit(&forget(&former), None).await?;
                erased += 1;
            }
            None
        }
        Stage::Mentions => {
            let found = store.mentions_of(account, user, after).await?;
            for mail in &found.rows {
                store.reword_mail(mail.id, &erasure.reworded(&mail.params)).await?;
                erased += 1;
            }
            found.after
        }
        Stage::Sessions => {
            let found = store.devices_of(erasure).await?;
            erased += store.forget_rows(&found.rows).await?;
            found.after
        }
        Stage::Contacts | Stage::KnownTo => {
            let found = store.contacts_of(erasure, erasure.stage == Stage::KnownTo).await?;
            erased += store.forget_rows(&found.rows).await?;
            found.after
        }
        Stage::Accepted | Stage::Invited => {
            let found = store.invitations_of(erasure, erasure.stage == Stage::Invited).await?;
            for invitation in &found.rows {
                erased += uninvite(worker, erasure, invitation).await?;
            }
            found.after
        }
        Stage::AuditOf | Stage::AuditBy => {
            let found = store.entries_of(erasure, erasure.stage == Stage::AuditBy).await?;
            for entry in &found.rows {
                erased += redact(worker, erasure, entry).await?;
            }
            found.after
        }
        Stage::Shared => {
            let found = store.shared_with(erasure).await?;
            for resource in &found.rows {
                erased += unshare(worker, erasure, resource).await?;
            }
            found.after
        }
        Stage::Imports => {
            let found = store.imports_of(erasure).await?;
            for item in found.rows {
                erased += unlist(worker, erasure, item).await?;
            }
            found.after
        }
        Stage::Customers => {
            let found = store.visits_of(erasure).await?;
            for visit in &found.rows {
                erased += follow(worker, erasure, visit).await?;
            }
            found.after
        }
    };
    let mut change = nothing(account);
    match erasure.onward(after, worker.world.now()) {
        Some(next) => change.replace(Record::Erasure(erasure.clone()), Record::Erasure(next)),
        None => change.remove(Record::Erasure(erasure.clone())),
    }
    store.commit(&change, None).await?;
    Ok(erased)
}

/// A customer's account in which he has acted: from now on he is erased there, too, stage by stage.
async fn follow(worker: &Worker, erasure: &Erasure, visit: &Visit) -> Result<u32, CommitError> {
    let mut change = nothing(visit.customer_id);
    change.create(Record::Erasure(erasure.abroad(visit.customer_id, worker.world.now())));
    change.remove(Record::Visit(*visit));
    worker.store.commit(&change, None).await?;
    Ok(1)
}

/// A change of an account in which nothing counts.
fn nothing(account: AccountId) -> Change {
    Change::new(account, Model::Unlimited)
}

/// An invitation of his, with the mails to him and about him that it led to.
async fn uninvite(worker: &Worker, erasure: &Erasure, seen: &Invitation) -> Result<u32, CommitError> {
    let store = &worker.store;
    // The index may show what was there a moment ago.
    let Some(invitation) = store.invitation(seen.account_id, seen.id).await? else { return Ok(0) };
    let Some(now) = erasure.uninvited(&invitation) else { return Ok(0) };
    let mut erased = 1;
    if now.erased {
        let traces = store.traces_of(invitation.account_id, invitation.user_id, None).await?;
        erased += store.forget_rows(&traces.rows).await?;
        erased += forget_mails_about(worker, &invitation).await?;
    }
    let now = Invitation { version: invitation.version + 1, ..now };
    let mut change = nothing(invitation.account_id);
    change.replace(Record::Invitation(invitation), Record::Invitation(now));
    store.commit(&change, None).await?;
    Ok(erased)
}

/// Mails that tell his address to others: to the admins who were asked, to the inviter who was refused. They have nothing
/// to say any more.
async fn forget_mails_about(worker: &Worker, invitation: &Invitation) -> Result<u32, StoreError> {
    let store = &worker.store;
    let (account, inviter, email) = (invitation.account_id, invitation.invited_by, invitation.email.as_str());
    let mut erased = 0;
    for to_inviter in [false, true] {
        let mut after = None;
        loop {
            let found = if to_inviter {
                store.mails_to(account, inviter, after.as_deref()).await?
            } else {
                store.mentions_of(account, inviter, after.as_deref()).await?
            };
            for mail in found.rows.iter().filter(|mail| mail.params.get("email").is_some_and(|it| it == email)) {
                erased += store.forget_trace(mail.id).await?;
            }
            after = found.after;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(erased)
}

/// An audit entry, and if he invited somebody with it, his words in that invitation.
async fn redact(worker: &Worker, erasure: &Erasure, entry: &AuditEntry) -> Result<u32, CommitError> {
    let mut erased = 0;
    if let ("invitation.created", Ok(id)) = (entry.action.as_str(), entry.subject.parse()) {
        let invitation = worker.store.invitation(erasure.account_id, id).await?;
        if let Some(invitation) = invitation.filter(|it| erasure.uninvited(it).is_some()) {
            erased += uninvite(worker, erasure, &invitation).await?;
        }
    }
    if let Some(now) = erasure.redacted(entry) {
        worker.store.rewrite_entry(&now).await?;
        erased += 1;
    }
    Ok(erased)
}

/// An import that he made, or rows of one that are about him.
async fn unlist(worker: &Worker, erasure: &Erasure, item: ImportItem) -> Result<u32, CommitError> {
    let mut change = nothing(erasure.account_id);
    match item {
        ImportItem::Import(was) => {
            let Some(now) = erasure.unworded(&was) else { return Ok(0) };
            change.replace(Record::Import(was), Record::Import(now));
        }
        ImportItem::Part(was) => {
            let Some(now) = unlisted(std::slice::from_ref(erasure), &was) else { return Ok(0) };
            change.replace(Record::ImportPart(was), Record::ImportPart(now));
        }
    }
    worker.store.commit(&change, None).await?;
    Ok(1)
}

/// A resource that is not his alone.
async fn unshare(worker: &Worker, erasure: &Erasure, seen: &Resource) -> Result<u32, CommitError> {
    let found = worker.store.resource(erasure.account_id, seen.kind, &seen.id).await?;
    let Some((found, _)) = found else { return Ok(0) };
    let Some(now) = erasure.unshared(&found.stored) else { return Ok(0) };
    let mut change = nothing(erasure.account_id);
    change.replace(Record::Resource(found.stored), Record::Resource(now));
    worker.store.commit(&change, None).await?;
    Ok(1)
}
