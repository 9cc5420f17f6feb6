//! Mails to send: written with the change that they tell of, gone when they are sent.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use chrono::TimeDelta;
use domain::Instant;
use domain::id::{AccountId, MailId, UserId};
use domain::locale::Locale;
use domain::mail::{Mail, Template};
use domain::secret::Secret;
use platform::Sealer;
use serde::{Deserialize, Serialize};

use crate::error::StoreError;
use crate::items;
use crate::keys::{self, DueKind};
use crate::store::{Item, Store};

/// How long the stream has for a new mail before the schedule takes it up.
const GRACE: TimeDelta = TimeDelta::seconds(60);
/// For how long a mail that could not be sent is kept to be looked at.
const KEEP_FAILED: TimeDelta = TimeDelta::days(14);

/// A mail in the outbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutboxMail {
    /// Its id.
    pub id: MailId,
    /// On whose behalf.
    pub account_id: AccountId,
    /// What it says.
    pub template: Template,
    /// Who gets it.
    pub to: String,
    /// Whose address that is.
    pub reader: UserId,
    /// Another user whom it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mentions: Option<UserId>,
    /// The reader's language.
    pub locale: Locale,
    /// What the template fills in.
    pub params: BTreeMap<String, String>,
    /// The link's secret, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed: Option<String>,
    /// When it was decided.
    pub created_at: Instant,
    /// When it is to be tried next. Until then somebody else may be about to send it.
    pub due_at: Instant,
    /// How often it was tried.
    pub attempts: u32,
}

fn context(id: MailId) -> String {
    format!("mail {id}")
}

/// The item of a new mail.
pub(crate) fn item(mail: &Mail, sealer: &Sealer) -> Result<Item, StoreError> {
    let nonce = nonce_of(mail.id);
    let record = OutboxMail {
        id: mail.id,
        account_id: mail.account_id,
        template: mail.template,
        to: mail.to.clone(),
        reader: mail.reader,
        mentions: mail.mentions,
        locale: mail.locale,
        params: mail.params.clone(),
        sealed: mail.token.as_ref().map(|token| sealer.seal(&context(mail.id), token.reveal().as_bytes(), nonce)),
        created_at: mail.created_at,
        due_at: mail.created_at + GRACE,
        attempts: 0,
    };
    let mut item = items::fields(&record)?;
    let key = keys::mail(mail.id);
    items::place(&mut item, &key);
    items::listed(&mut item, &keys::OWNED, (keys::traces(mail.account_id, mail.reader), key.pk));
    if let Some(named) = mail.mentions {
        items::listed(&mut item, &keys::LISTING, (keys::mentions(mail.account_id, named), mail.id.to_string()));
    }
    items::listed(&mut item, &keys::DUE, keys::due(DueKind::Mail, record.due_at, mail.id));
    Ok(item)
}

/// A mail's id is fresh and has 74 random bits, and each is sealed once: its end is a nonce.
fn nonce_of(id: MailId) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce.copy_from_slice(&id.bits().to_be_bytes()[4..]);
    nonce
}

impl Store {
    /// A mail that is still to be sent.
    pub async fn mail(&self, id: MailId) -> Result<Option<OutboxMail>, StoreError> {
        self.get(&keys::mail(id)).await
    }

    /// The secret of a mail's link.
    pub fn mail_secret(&self, mail: &OutboxMail) -> Option<Secret> {
        let plain = self.sealer.open(&context(mail.id), mail.sealed.as_deref()?)?;
        Secret::presented(std::str::from_utf8(&plain).ok()?)
    }

    /// Takes a mail up for one attempt: whoever comes second gets `false`. Unless it is gone by then, it falls due again
    /// at `again_at`.
    pub async fn take_mail(&self, mail: &OutboxMail, again_at: Instant) -> Result<bool, StoreError> {
        let (partition, place) = keys::due(DueKind::Mail, again_at, mail.id);
        let due_at: AttributeValue = serde_dynamo::to_attribute_value(again_at)?;
        self.note_attempt(mail, "SET attempts = :next, due_at = :due_at, dpk = :dpk, dsk = :dsk", |call| {
            call.expression_attribute_values(":due_at", due_at)
                .expression_attribute_values(":dpk", AttributeValue::S(partition))
                .expression_attribute_values(":dsk", AttributeValue::S(place))
        })
        .await
    }

    /// Gives a mail up: it no longer falls due, and stays for a fortnight to be looked at, without its secret.
    pub async fn park_mail(&self, mail: &OutboxMail, now: Instant) -> Result<bool, StoreError> {
        let forget = (now + KEEP_FAILED).timestamp().to_string();
        self.note_attempt(mail, "SET attempts = :next, #ttl = :ttl REMOVE dpk, dsk, sealed", |call| {
            call.expression_attribute_names("#ttl", "ttl")
                .expression_attribute_values(":ttl", AttributeValue::N(forget))
        })
        .await
    }

    async fn note_attempt(
        &self,
        mail: &OutboxMail,
        expression: &str,
        extend: impl FnOnce(
            aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder,
        ) -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder,
    ) -> Result<bool, StoreError> {
        let key = keys::mail(mail.id);
        let call = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .condition_expression("attempts = :seen")
            .update_expression(expression)
            .expression_attribute_values(":seen", AttributeValue::N(mail.attempts.to_string()))
            .expression_attribute_values(":next", AttributeValue::N((mail.attempts + 1).to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total);
        match extend(call).send().await {
            Ok(answer) => {
                self.meter.write(answer.consumed_capacity());
                Ok(true)
            }
            Err(SdkError::ServiceError(answer))
                if matches!(answer.err(), UpdateItemError::ConditionalCheckFailedException(_)) =>
            {
                Ok(false)
            }
            Err(error) => Err(StoreError::of(&error)),
        }
    }

    /// Forgets a mail that was sent.
    pub async fn forget_mail(&self, id: MailId) -> Result<(), StoreError> {
        let key = keys::mail(id);
        let answer = self
            .client
            .delete_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.write(answer.consumed_capacity());
        Ok(())
    }
}
