//! Mails leave here and nowhere else: at once when the stream tells of them, later when the schedule sweeps.

use aws_lambda_events::dynamodb;
use chrono::TimeDelta;
use documents::{InvoiceDocument, pdf};
use domain::id::MailId;
use domain::mail::Mail;
use mail::{Attachment, SendError, render};
use store::StoreError;
use store::keys::MAIL_PREFIX;
use store::outbox::OutboxMail;

use crate::Worker;
use crate::jobs::each_due;
use crate::report::Report;

/// How often a mail is tried: with the pauses below, for a day and a half.
pub const MAX_ATTEMPTS: u32 = 16;

/// The pause after so many attempts: a minute, doubled each time, four hours at most.
pub fn pause_after(attempts: u32) -> TimeDelta {
    TimeDelta::minutes((1_i64 << attempts.min(8)).min(240))
}

/// The mail whose key a record of the table's stream has.
fn id_of(keys: &serde_dynamo::Item) -> Option<MailId> {
    match keys.inner().get("pk")? {
        serde_dynamo::AttributeValue::S(partition) => partition.strip_prefix(MAIL_PREFIX)?.parse().ok(),
        _ => None,
    }
}

/// Delivers the mails that a batch of the stream tells of. What cannot be delivered is left to the sweep, so a batch
/// never has to come back.
pub async fn from_stream(worker: &Worker, event: &dynamodb::Event) -> Report {
    let mut report = Report::default();
    for id in event.records.iter().filter_map(|record| id_of(&record.change.keys)) {
        report.add(deliver_new(worker, id).await);
    }
    report
}

/// Delivers a mail that has just been written. A mail that somebody took up before is left to the sweep.
async fn deliver_new(worker: &Worker, id: MailId) -> Report {
    let delivered = async {
        match worker.store.mail(id).await? {
            Some(mail) if mail.attempts == 0 => deliver(worker, mail).await,
            _ => Ok(Report::default()),
        }
    };
    delivered.await.unwrap_or_else(|error: StoreError| {
        tracing::error!(mail = %id, cause = %error, "left for the sweep");
        Report::failure()
    })
}

/// Delivers every mail that is to be tried by now.
pub async fn sweep(worker: &Worker) -> Report {
    each_due(worker.world.now(), |asked| worker.store.due_mails(asked), |id| deliver_due(worker, id)).await
}

/// Delivers a mail that was due a moment ago, unless somebody has taken it up since.
async fn deliver_due(worker: &Worker, id: MailId) -> Result<Report, StoreError> {
    let now = worker.world.now();
    match worker.store.mail(id).await?.filter(|mail| mail.due_at <= now) {
        Some(mail) => match without_deleted(worker, mail).await? {
            Some(mail) => deliver(worker, mail).await,
            None => Ok(Report::default()),
        },
        None => Ok(Report::default()),
    }
}

/// A mail that has waited, without whoever was deleted for good meanwhile (W6). Nobody is left to read what was for him.
async fn without_deleted(worker: &Worker, mail: OutboxMail) -> Result<Option<OutboxMail>, StoreError> {
    let mut mail = mail;
    for erasure in worker.store.erasures_around(mail.account_id).await? {
        if erasure.user_id == mail.reader {
            worker.store.forget_mail(mail.id).await?;
            return Ok(None);
        }
        if mail.mentions == Some(erasure.user_id) {
            mail.params = erasure.reworded(&mail.params);
        }
    }
    Ok(Some(mail))
}

/// One attempt. Whoever takes the mail up first sends it; it is forgotten once SES has it, falls due again when SES is
/// out of reach, and is parked when SES will never take it.
async fn deliver(worker: &Worker, mail: OutboxMail) -> Result<Report, StoreError> {
    let store = &worker.store;
    let now = worker.world.now();
    if !store.take_mail(&mail, now + pause_after(mail.attempts)).await? {
        return Ok(Report::default());
    }
    let taken = OutboxMail { attempts: mail.attempts + 1, ..mail };
    if !Mail::has_reader(&taken.to) {
        store.forget_mail(taken.id).await?;
        return Ok(Report::default());
    }
    let mail = whole(worker, &taken);
    let sent = match (render(&mail, &worker.config.app_url), attachments(worker, &mail).await?) {
        (Ok(rendered), Ok(files)) => worker.sender.send(&mail, &rendered, &files).await.map(drop),
        (Err(error), _) => Err(SendError::Permanent(error.to_string())),
        (_, Err(error)) => Err(SendError::Permanent(error)),
    };
    let (id, template, attempts) = (taken.id, taken.template.name(), taken.attempts);
    match sent {
        Ok(()) => {
            store.forget_mail(taken.id).await?;
            tracing::info!(mail = %id, template, attempts, account = %taken.account_id, "mail sent");
            Ok(Report { mails_sent: 1, ..Report::default() })
        }
        Err(SendError::Transient(cause)) if attempts < MAX_ATTEMPTS => {
            tracing::warn!(mail = %id, template, attempts, cause, "mail is tried again later");
            Ok(Report::failure())
        }
        Err(SendError::Transient(cause) | SendError::Permanent(cause)) => {
            tracing::error!(mail = %id, template, attempts, cause, "mail is given up");
            store.park_mail(&taken, now).await?;
            Ok(Report::failure())
        }
    }
}

/// The mail with the secret of its link.
fn whole(worker: &Worker, taken: &OutboxMail) -> Mail {
    Mail {
        id: taken.id,
        account_id: taken.account_id,
        template: taken.template,
        to: taken.to.clone(),
        reader: taken.reader,
        mentions: taken.mentions,
        locale: taken.locale,
        params: taken.params.clone(),
        token: worker.store.mail_secret(taken),
        created_at: taken.created_at,
    }
}

/// The files that go with a mail: an invoice as it stands now, in its account's language. Inside, why there will never be one.
async fn attachments(worker: &Worker, mail: &Mail) -> Result<Result<Vec<Attachment>, String>, StoreError> {
    let Some(id) = mail.invoice_id() else { return Ok(Ok(Vec::new())) };
    let account = mail.account_id;
    let found = tokio::try_join!(worker.store.invoice(account, id), worker.store.account(account))?;
    let (Some(invoice), Some(account)) = found else { return Ok(Err(format!("there is no invoice {id}"))) };
    let vendor = &worker.config.vendor;
    let document = InvoiceDocument { vendor, account_name: &account.name, invoice: &invoice, locale: account.locale };
    let file = |bytes| vec![Attachment { name: document.file_name(), media_type: "application/pdf", bytes }];
    Ok(pdf(&document).map(file).map_err(|error| error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_for_more_than_a_day() {
        assert_eq!(pause_after(0), TimeDelta::minutes(1));
        assert_eq!(pause_after(3), TimeDelta::minutes(8));
        assert_eq!(pause_after(200), TimeDelta::minutes(240));
        let whole: TimeDelta = (0..MAX_ATTEMPTS - 1).map(pause_after).sum();
        assert!(whole > TimeDelta::hours(24), "{whole}");
    }
}
