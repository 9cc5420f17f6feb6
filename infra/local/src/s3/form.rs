//! A form that uploads a file, read.

use bytes::Bytes;
use futures::stream;
use http::{Request, StatusCode, header};
use multer::Multipart;

use super::Refusal;

/// What a browser posted: the fields that came before the file, and the file.
#[derive(Debug)]
pub(super) struct Upload {
    /// Names, in lower case, and values.
    pub(super) fields: Vec<(String, String)>,
    pub(super) file: Bytes,
}

impl Upload {
    pub(super) async fn parse(request: &Request<Bytes>) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok()).ok_or_else(malformed)?;
        let body = request.body().clone();
        let mut parts = Multipart::new(stream::iter([Ok::<_, std::io::Error>(body)]), boundary);
        let mut fields = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(|_| malformed())? {
            let name = part.name().unwrap_or_default().to_ascii_lowercase();
            if name == "file" {
                // What follows the file is not looked at, as in S3.
                let file = part.bytes().await.map_err(|_| malformed())?;
                return Ok(Self { fields, file });
            }
            fields.push((name, part.text().await.map_err(|_| malformed())?));
        }
        Err(Refusal(StatusCode::BAD_REQUEST, "InvalidArgument", "The form has no file.".to_owned()))
    }

    /// The first field of a name.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

fn malformed() -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, "MalformedPOSTRequest", "This is no multipart/form-data.".to_owned())
}
