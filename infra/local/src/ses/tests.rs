use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader, RawMessage};

use platform::aws::stand_in;

use super::*;

fn service() -> (LocalSes, Arc<Inbox>, Client) {
    let inbox = Arc::new(Inbox::in_memory());
    let ses = LocalSes::new(Arc::clone(&inbox), Arc::new(MovableClock::default()));
    let client = Client::new(&stand_in(ses.http_client()));
    (ses, inbox, client)
}

fn content(text: &str) -> Content {
    Content::builder().data(text).charset("UTF-8").build().unwrap()
}

fn simple(subject: &str, template: &str) -> EmailContent {
    let header = |name: &str, value: &str| MessageHeader::builder().name(name).value(value).build().unwrap();
    let message = Message::builder()
        .subject(content(subject))
        .body(Body::builder().text(content("text ✓")).html(content("<p>html</p>")).build())
        .headers(header("X-Template", template))
        .headers(header("Content-Language", "uk"))
        .headers(header("X-Mail-Id", "msg_outbox"))
        .build();
    EmailContent::builder().simple(message).build()
}

async fn send(client: &Client, to: &str, content: EmailContent) -> Result<String, SendEmailError> {
    let sent = client
        .send_email()
        .from_email_address("Accounts <no-reply@example.com>")
        .destination(Destination::builder().to_addresses(to).build())
        .content(content)
        .send()
        .await;
    sent.map(|sent| sent.message_id.unwrap()).map_err(aws_sdk_sesv2::error::SdkError::into_service_error)
}

fn to(address: &str) -> MailFilter {
    MailFilter { to: Some(address.to_owned()), ..MailFilter::default() }
}

#[tokio::test]
async fn a_mail_arrives_as_it_was_sent() {
    let (_ses, inbox, client) = service();
    let id = send(&client, "Ann <ann@example.com>", simple("Вітаємо", "invitation")).await.unwrap();
    let mails = inbox.list(&MailFilter::default());
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(mail.id, id);
    assert!(id.starts_with("msg_") && id.len() == 30);
    assert_eq!(mail.to, "ann@example.com");
    assert_eq!(mail.template.as_deref(), Some("invitation"));
    assert_eq!(mail.subject, "Вітаємо");
    assert_eq!(mail.text.as_deref(), Some("text ✓"));
    assert_eq!(mail.html.as_deref(), Some("<p>html</p>"));
    assert_eq!(mail.locale.as_deref(), Some("uk"));
    assert_eq!(mail.mail_id.as_deref(), Some("msg_outbox"));
    assert!(mail.sent_at.ends_with('Z'));
    assert_eq!(inbox.get(&id).as_ref(), Some(mail));
}

#[tokio::test]
async fn mails_are_found_newest_first_by_recipient_and_template() {
    let (_ses, inbox, client) = service();
    for (address, template) in [("a@example.com", "one"), ("B@example.com", "one"), ("a@example.com", "two")] {
        send(&client, address, simple(template, template)).await.unwrap();
    }
    let subjects = |filter: &MailFilter| inbox.list(filter).into_iter().map(|mail| mail.subject).collect::<Vec<_>>();
    assert_eq!(subjects(&to("a@example.com")), ["two", "one"]);
    assert_eq!(subjects(&to("b@EXAMPLE.com")), ["one"]);
    assert_eq!(subjects(&MailFilter { template: Some("one".to_owned()), ..to("a@example.com") }), ["one"]);
    assert_eq!(subjects(&MailFilter { limit: Some(1), ..MailFilter::default() }), ["two"]);
    assert!(subjects(&to("c@example.com")).is_empty());
}

#[tokio::test]
async fn what_ses_refuses_is_refused() {
    let (_ses, inbox, client) = service();
    let raw = EmailContent::builder().raw(RawMessage::builder().data(Blob::new("x")).build().unwrap()).build();
    for (to, content) in [
        ("a@example.com", raw),
        ("a@example.com", EmailContent::builder().build()),
        ("a@example.com", simple("two\r\nlines", "one")),
        ("a@example.com", simple("header", "one\r\nBcc: x@example.com")),
        ("nobody", simple("one", "one")),
        ("a@example.com, b@example.com", simple("one", "one")),
    ] {
        let error = send(&client, to, content).await.unwrap_err();
        assert!(error.is_bad_request_exception(), "{error:?}");
    }
    let unserved = client.get_account().send().await.unwrap_err();
    assert_eq!(unserved.into_service_error().code(), Some("NotFoundException"));
    assert!(inbox.list(&MailFilter::default()).is_empty());
}

#[tokio::test]
async fn it_fails_as_it_is_told() {
    let (ses, inbox, client) = service();
    ses.fail_next(1, SesFault::Rejected);
    assert!(send(&client, "a@example.com", simple("1", "t")).await.unwrap_err().is_message_rejected());

    ses.fail_next(99, SesFault::Throttled);
    assert!(send(&client, "a@example.com", simple("2", "t")).await.unwrap_err().is_too_many_requests_exception());
    ses.recover();
    ses.fail_next(2, SesFault::InternalError);
    send(&client, "a@example.com", simple("3", "t")).await.unwrap();
    assert_eq!(inbox.list(&MailFilter::default()).len(), 1);

    ses.fail_next(1, SesFault::AnswerLost);
    send(&client, "a@example.com", simple("4", "t")).await.unwrap();
    assert_eq!(inbox.list(&MailFilter::default()).len(), 3, "the lost one and its retry");

    ses.fail_next(9, SesFault::Rejected);
    ses.recover();
    send(&client, "a@example.com", simple("5", "t")).await.unwrap();
}

#[tokio::test]
async fn an_inbox_on_disk_outlives_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("inbox.jsonl");
    let send_all = |subjects: &'static [&'static str]| {
        let inbox = Arc::new(Inbox::open(&file).unwrap());
        let ses = LocalSes::new(inbox, Arc::new(MovableClock::default()));
        async move {
            let client = Client::new(&stand_in(ses.http_client()));
            for subject in subjects {
                send(&client, "a@example.com", simple(subject, "t")).await.unwrap();
            }
        }
    };
    send_all(&["one", "two"]).await;
    // As a process leaves it that is killed while it writes.
    let mut kept = std::fs::read(&file).unwrap();
    kept.extend(br#"{"id":"msg_cut"#);
    std::fs::write(&file, kept).unwrap();
    send_all(&["three"]).await;

    let kept = Inbox::open(&file).unwrap().list(&MailFilter::default());
    let subjects: Vec<&str> = kept.iter().map(|mail| mail.subject.as_str()).collect();
    assert_eq!(subjects, ["three", "two", "one"]);
    let ids: std::collections::HashSet<&str> = kept.iter().map(|mail| mail.id.as_str()).collect();
    assert_eq!(ids.len(), 3);
}
