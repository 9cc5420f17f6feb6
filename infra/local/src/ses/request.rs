//! What `SendEmail` is asked, and which mails that makes.

use aws_smithy_types::base64;
use serde::Deserialize;
use serde_json::Value;

use super::inbox::{Attachment, NewMail};

/// SES takes no more recipients at once.
const MAX_RECIPIENTS: usize = 50;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    content: Option<Content>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[allow(clippy::struct_field_names, reason = "SES names them so")]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
    raw: Option<Value>,
    template: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
    #[serde(default)]
    attachments: Vec<File>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct File {
    #[serde(rename = "FileName")]
    name: String,
    content_type: Option<String>,
    raw_content: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Header {
    name: String,
    value: String,
}

impl SendEmail {
    pub(super) fn parse(body: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(body).map_err(|error| format!("The request cannot be read: {error}"))
    }

    /// One mail for each recipient, or what SES finds wrong.
    pub(super) fn into_mails(self) -> Result<Vec<NewMail>, String> {
        let simple = match self.content {
            Some(Content { raw: None, template: None, simple: Some(simple) }) => simple,
            Some(Content { simple: None, raw: None, template: None }) | None => {
                return Err("The message has no content.".to_owned());
            }
            Some(_) => return Err("Only simple content is supported here, neither raw nor templates.".to_owned()),
        };
        self.from_email_address.as_deref().and_then(address).ok_or("The sender's address is missing or malformed.")?;
        if simple.subject.data.contains(['\r', '\n']) {
            return Err("The subject has more than one line.".to_owned());
        }
        if simple.body.text.is_none() && simple.body.html.is_none() {
            return Err("The body has neither text nor HTML.".to_owned());
        }
        for header in &simple.headers {
            check_header(header)?;
        }
        let attachments = simple.attachments.iter().map(attachment).collect::<Result<_, _>>()?;
        let Destination { to_addresses, cc_addresses, bcc_addresses } = self.destination;
        let recipients: Vec<String> = to_addresses.into_iter().chain(cc_addresses).chain(bcc_addresses).collect();
        if recipients.is_empty() || recipients.len() > MAX_RECIPIENTS {
            return Err(format!("A message has 1 to {MAX_RECIPIENTS} recipients."));
        }
        let header = |name: &str| {
            simple
                .headers
                .iter()
                .find(|header| header.name.eq_ignore_ascii_case(name))
                .map(|header| header.value.clone())
        };
        let mail = NewMail {
            mail_id: header("X-Mail-Id"),
            to: String::new(),
            template: header("X-Template"),
            subject: simple.subject.data,
            text: simple.body.text.map(|text| text.data),
            html: simple.body.html.map(|html| html.data),
            locale: header("Content-Language"),
            attachments,
        };
        let to = |recipient: String| match address(&recipient) {
            Some(to) => Ok(NewMail { to: to.to_owned(), ..mail.clone() }),
            None => Err(format!("{recipient:?} is no address.")),
        };
        recipients.into_iter().map(to).collect()
    }
}

/// The bare address of `Name <address>` or `address`.
fn address(text: &str) -> Option<&str> {
    let bare = match text.trim().strip_suffix('>') {
        Some(named) => named.rsplit_once('<')?.1,
        None => text.trim(),
    };
    let (local, domain) = bare.rsplit_once('@')?;
    let plain = !bare.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;".contains(c));
    (plain && !local.is_empty() && !domain.is_empty()).then_some(bare)
}

fn attachment(file: &File) -> Result<Attachment, String> {
    let File { name: file_name, content_type, raw_content } = file;
    let named = !file_name.is_empty() && file_name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    let bytes = base64::decode(raw_content).ok().filter(|bytes| named && !bytes.is_empty());
    let bytes = bytes.ok_or_else(|| format!("The attachment {file_name:?} is malformed."))?;
    Ok(Attachment { file_name: file_name.clone(), content_type: content_type.clone(), size: bytes.len() })
}

fn check_header(Header { name, value }: &Header) -> Result<(), String> {
    let good_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
    let good_value = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
    if good_name && good_value { Ok(()) } else { Err(format!("The header {name:?} is malformed.")) }
}
