//! Sending through SES.

use std::fmt;
use std::sync::OnceLock;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{BuildError, DisplayErrorContext, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{
    Attachment as SesAttachment, AttachmentContentDisposition, AttachmentContentTransferEncoding, Body, Content,
    Destination, EmailContent, Message, MessageHeader,
};
use aws_types::SdkConfig;
use domain::mail::Mail;

use crate::render::Rendered;

/// Sends mails through SES. The client is built with the first mail: most cold starts send none.
#[derive(Debug)]
pub struct SesSender {
    config: SdkConfig,
    from: String,
    configuration_set: Option<String>,
    client: OnceLock<Client>,
}

/// A file that goes with a mail.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its name: ASCII, with an extension that SES lets through.
    pub name: String,
    /// What it is, such as `application/pdf`.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why SES has not taken a mail. The text names neither the address nor the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may go through later: throttling, an outage, no answer, or a setting of the sender that can be mended.
    /// After a lost answer SES may have taken it nevertheless.
    #[error("SES has not taken the mail yet: {0}")]
    Transient(String),
    /// This mail will never go through: SES refuses its address or its content.
    #[error("SES refuses the mail: {0}")]
    Permanent(String),
}

impl SesSender {
    /// A sender that writes as `from`: an address, or `Name <address>`, that SES has verified; under SES's configuration
    /// set of that name, if one is given.
    pub fn new(config: SdkConfig, from: impl Into<String>, configuration_set: Option<String>) -> Self {
        Self { config, from: from.into(), configuration_set, client: OnceLock::new() }
    }

    /// Hands one mail to SES, with the headers `X-Template` and `X-Mail-Id` and the files that go with it; answers SES's own
    /// id of it.
    pub async fn send(&self, mail: &Mail, content: &Rendered, attachments: &[Attachment]) -> Result<String, SendError> {
        let message = message(mail, content, attachments).map_err(|error| SendError::Permanent(error.to_string()))?;
        let sent = self
            .client
            .get_or_init(|| Client::new(&self.config))
            .send_email()
            .from_email_address(&self.from)
            .set_configuration_set_name(self.configuration_set.clone())
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(answer.message_id.unwrap_or_default()),
            Err(error) => Err(classified(&error, mail)),
        }
    }
}

fn message(mail: &Mail, content: &Rendered, attachments: &[Attachment]) -> Result<Message, BuildError> {
    let utf8 = |text: &str| Content::builder().data(text).charset("UTF-8").build();
    let header = |name: &str, value: String| MessageHeader::builder().name(name).value(value).build();
    let attached = |file: &Attachment| {
        SesAttachment::builder()
            .file_name(&file.name)
            .content_type(file.media_type)
            .content_disposition(AttachmentContentDisposition::Attachment)
            // Seven bits unless told otherwise: a PDF has eight.
            .content_transfer_encoding(AttachmentContentTransferEncoding::Base64)
            .raw_content(Blob::new(file.bytes.as_slice()))
            .build()
    };
    let attachments = attachments.iter().map(attached).collect::<Result<Vec<_>, _>>()?;
    Ok(Message::builder()
        .subject(utf8(&content.subject)?)
        .body(Body::builder().text(utf8(&content.text)?).html(utf8(&content.html)?).build())
        .headers(header("X-Template", mail.template.name().to_owned())?)
        .headers(header("X-Mail-Id", mail.id.to_string())?)
        .headers(header("Content-Language", mail.locale.tag().to_owned())?)
        .set_attachments((!attachments.is_empty()).then_some(attachments))
        .build())
}

/// Permanent is only what SES says about this very mail. Everything else is worth a retry, also what an operator has to
/// mend first, such as a paused account or missing rights: no mail is lost by that.
fn classified(error: &SdkError<SendEmailError>, mail: &Mail) -> SendError {
    let refused = matches!(
        error.as_service_error().and_then(|refusal| refusal.code()),
        Some("BadRequestException" | "InvalidParameterValue" | "MessageRejected" | "ValidationException")
    );
    let detail = without_secrets(&DisplayErrorContext(error).to_string(), mail);
    // SES words a sender that it does not know, or a sandbox, as a rejected message: an operator can mend that.
    let unverified = detail.contains("not verified");
    if refused && !unverified { SendError::Permanent(detail) } else { SendError::Transient(detail) }
}

/// SES quotes addresses in what it answers, at times in another form than they were given.
fn without_secrets(detail: &str, mail: &Mail) -> String {
    let mut detail = detail.replace(&mail.to, "<address>");
    if let Some(token) = &mail.token {
        detail = detail.replace(token.reveal(), "<token>");
    }
    let ends_word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';' | '<' | '>' | '(' | ')');
    let hidden = |word: &str| match word.chars().next_back().filter(|&c| ends_word(c)) {
        _ if !word.contains('@') => word.to_owned(),
        Some(end) => format!("<address>{end}"),
        None => "<address>".to_owned(),
    };
    detail.split_inclusive(ends_word).map(hidden).collect()
}
