//! What reaches SES, and what becomes of its answers.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use std::sync::{Arc, Mutex};

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use domain::locale::Locale;
use domain::mail::{Mail, Template};
use domain::secret::Secret;
use mail::{Attachment, Rendered, SendError, SesSender};
use serde_json::{Value, json};

/// Keeps what it is asked and always answers the same.
#[derive(Clone, Debug)]
struct Ses {
    answer: Answer,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

#[derive(Clone, Copy, Debug)]
enum Answer {
    Status(u16, &'static str, &'static str),
    Timeout,
    Unreachable,
}

impl HttpConnector for Ses {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        self.asked.lock().unwrap().push((request.uri().to_owned(), body));
        HttpConnectorFuture::ready(match self.answer {
            Answer::Status(status, code, body) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                response.headers_mut().insert("x-amzn-errortype", code);
                Ok(response)
            }
            Answer::Timeout => Err(ConnectorError::timeout("no answer".into())),
            Answer::Unreachable => Err(ConnectorError::io("connection refused".into())),
        })
    }
}

async fn send(answer: Answer) -> (Result<String, SendError>, Vec<(String, Value)>) {
    send_with(answer, &[]).await
}

async fn send_with(answer: Answer, files: &[Attachment]) -> (Result<String, SendError>, Vec<(String, Value)>) {
    let ses = Ses { answer, asked: Arc::default() };
    let connector = SharedHttpConnector::new(ses.clone());
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::from_keys("id", "key", None)))
        .retry_config(RetryConfig::disabled())
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .build();
    let sent = SesSender::new(config, "Roster <roster@example.com>", None).send(&mail(), &content(), files).await;
    let asked = ses.asked.lock().unwrap().clone();
    (sent, asked)
}

fn mail() -> Mail {
    Mail {
        id: "msg_01kc2m9x4ne3t8v5w7y2a6b4cd".parse().unwrap(),
        account_id: "acc_01kc2m9x4ne3t8v5w7y2a6b4cd".parse().unwrap(),
        template: Template::VerifyEmail,
        to: "dana@example.org".to_owned(),
        reader: domain::id::UserId::from_bits(1),
        mentions: None,
        locale: Locale::En,
        params: [].into(),
        token: Some(Secret::from_bytes([7; 32])),
        created_at: "2025-11-16T14:05:00Z".parse().unwrap(),
    }
}

fn content() -> Rendered {
    Rendered { subject: "Grüße".to_owned(), text: "Text\n".to_owned(), html: "<p>Text</p>".to_owned() }
}

#[tokio::test]
async fn a_mail_is_handed_over_whole() {
    let (sent, asked) = send(Answer::Status(200, "", r#"{"MessageId": "0100"}"#)).await;
    assert_eq!(sent.as_deref(), Ok("0100"));
    let [(address, body)] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(address, "https://email.eu-central-1.amazonaws.com/v2/email/outbound-emails");
    assert_eq!(
        *body,
        json!({
            "FromEmailAddress": "Roster <roster@example.com>",
            "Destination": {"ToAddresses": ["dana@example.org"]},
            "Content": {"Simple": {
                "Subject": {"Data": "Grüße", "Charset": "UTF-8"},
                "Body": {
                    "Text": {"Data": "Text\n", "Charset": "UTF-8"},
                    "Html": {"Data": "<p>Text</p>", "Charset": "UTF-8"},
                },
                "Headers": [
                    {"Name": "X-Template", "Value": "verify_email"},
                    {"Name": "X-Mail-Id", "Value": "msg_01kc2m9x4ne3t8v5w7y2a6b4cd"},
                    {"Name": "Content-Language", "Value": "en"},
                ],
            }},
        })
    );
}

#[tokio::test]
async fn a_file_goes_with_the_mail() {
    let file = Attachment { name: "invoice-7.pdf".to_owned(), media_type: "application/pdf", bytes: b"%PDF".to_vec() };
    let (sent, asked) = send_with(Answer::Status(200, "", r#"{"MessageId": "0100"}"#), &[file]).await;
    assert_eq!(sent.as_deref(), Ok("0100"));
    assert_eq!(
        asked[0].1["Content"]["Simple"]["Attachments"],
        json!([{
            "FileName": "invoice-7.pdf",
            "ContentType": "application/pdf",
            "ContentDisposition": "ATTACHMENT",
            "ContentTransferEncoding": "BASE64",
            "RawContent": "JVBERg==",
        }])
    );
}

#[tokio::test]
async fn failures_that_a_retry_may_mend() {
    for answer in [
        Answer::Status(429, "TooManyRequestsException", "{}"),
        Answer::Status(400, "LimitExceededException", "{}"),
        Answer::Status(400, "ThrottlingException", "{}"),
        Answer::Status(400, "SendingPausedException", "{}"),
        Answer::Status(400, "AccountSuspendedException", "{}"),
        Answer::Status(400, "MailFromDomainNotVerifiedException", "{}"),
        Answer::Status(403, "AccessDeniedException", "{}"),
        Answer::Status(403, "ExpiredTokenException", "{}"),
        Answer::Status(500, "InternalFailure", "{}"),
        Answer::Status(503, "", "not JSON"),
        Answer::Status(200, "", "not JSON"),
        Answer::Timeout,
        Answer::Unreachable,
    ] {
        let (sent, _) = send(answer).await;
        assert!(matches!(sent, Err(SendError::Transient(_))), "{answer:?}: {sent:?}");
    }
}

#[tokio::test]
async fn failures_that_no_retry_mends() {
    for answer in [
        Answer::Status(400, "MessageRejected", r#"{"message": "Email address is on the suppression list"}"#),
        Answer::Status(400, "BadRequestException", r#"{"message": "Illegal address"}"#),
    ] {
        let (sent, _) = send(answer).await;
        assert!(matches!(sent, Err(SendError::Permanent(_))), "{answer:?}: {sent:?}");
    }
}

#[tokio::test]
async fn errors_say_what_but_not_to_whom() {
    let token = mail().token.unwrap().reveal().to_owned();
    let body = format!(
        r#"{{"message": "Rejected in EU-CENTRAL-1: dana@example.org, Dana <DANA@Example.org>; https://a.example/x?token={token}"}}"#
    );
    let (sent, _) = send(Answer::Status(400, "MessageRejected", body.leak())).await;
    let error = sent.unwrap_err();
    for shown in [error.to_string(), format!("{error:?}")] {
        assert!(shown.contains("Rejected in EU-CENTRAL-1") && shown.contains("MessageRejected"), "{shown}");
        assert!(!shown.contains('@') && !shown.to_lowercase().contains("dana@") && !shown.contains(&token), "{shown}");
    }
}
