//! The store of files: one bucket of S3, or of what speaks like it.
//!
//! Three requests and a form are all that is needed of S3, and most functions need none of them. They are signed by the
//! crate that the SDK signs with. S3's own SDK is many times what is used of it, and signs no forms.

mod form;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use domain::Instant;
use http::{Method, Request, Response, StatusCode, header};

pub use self::form::{Form, Terms};
use crate::config::{Aws, ConfigError, endpoint};
use crate::web::{Web, WebError};

/// How often a request is tried, and how long the first pause is; the next is twice as long.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_millis(100);

/// A bucket, and the right to use it.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub region: String,
    /// The address of what stands in for S3: buckets are the first part of paths there.
    pub endpoint: Option<String>,
    /// Who asks.
    pub credentials: Credentials,
}

impl Bucket {
    /// The bucket of this name, reached as the environment says.
    pub fn from_env(name: String) -> Result<Self, ConfigError> {
        let aws = Aws::from_env()?;
        let credentials =
            Credentials::new(aws.access_key_id, aws.secret_access_key, aws.session_token, None, "environment");
        Ok(Self { name, region: aws.region, endpoint: endpoint("S3"), credentials })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        if let Some(endpoint) = &self.endpoint {
            return format!("{}/{}", endpoint.trim_end_matches('/'), self.name);
        }
        let china = if self.region.starts_with("cn-") { ".cn" } else { "" };
        format!("https://{}.s3.{}.amazonaws.com{china}", self.name, self.region)
    }
}

/// What keeps a file from being read or written. It is for logs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// The store does not answer, does not let us, or is not configured.
    #[error("the store of files: {0}")]
    Unavailable(String),
    /// The file is larger than what was asked for.
    #[error("the file is too large")]
    TooLarge,
}

/// The files of a deployment, by their paths. Clones share a connection, which is made when it is first needed.
#[derive(Clone)]
pub struct Files(Option<Arc<Store>>);

struct Store {
    bucket: Bucket,
    web: Web,
}

impl Files {
    /// No store: whoever needs one fails.
    pub const fn none() -> Self {
        Self(None)
    }

    /// The files of a bucket, reached over this web.
    pub fn new(bucket: Bucket, web: Web) -> Self {
        Self(Some(Arc::new(Store { bucket, web })))
    }

    /// The files of the bucket of this name, if there is one, in AWS or at the endpoint that the environment names.
    pub fn from_env(bucket: Option<String>) -> Result<Self, ConfigError> {
        bucket.map_or(Ok(Self::none()), |name| Ok(Self::new(Bucket::from_env(name)?, Web::to_aws())))
    }

    /// A file of at most `most` bytes; none if there is no such file.
    pub async fn read(&self, path: &str, most: usize, now: Instant) -> Result<Option<Vec<u8>>, FilesError> {
        let answer = self.send((Method::GET, path), (None, Vec::new()), most, now).await?;
        match answer.status() {
            StatusCode::OK => Ok(Some(answer.into_body())),
            StatusCode::NOT_FOUND => Ok(None),
            // Who may not list a bucket is not told that a file is absent, but that it is forbidden.
            StatusCode::FORBIDDEN => {
                tracing::warn!(answer = said(&answer), "a file is absent, or may not be read");
                Ok(None)
            }
            _ => Err(refused(&answer)),
        }
    }

    /// Writes a file, over whatever is there.
    pub async fn write(&self, path: &str, media_type: &str, bytes: Vec<u8>, now: Instant) -> Result<(), FilesError> {
        let answer = self.send((Method::PUT, path), (Some(media_type), bytes), MOST_SAID, now).await?;
        if answer.status().is_success() { Ok(()) } else { Err(refused(&answer)) }
    }

    /// Removes a file. One that is not there is gone already.
    pub async fn remove(&self, path: &str, now: Instant) -> Result<(), FilesError> {
        let answer = self.send((Method::DELETE, path), (None, Vec::new()), MOST_SAID, now).await?;
        let gone = answer.status().is_success() || answer.status() == StatusCode::NOT_FOUND;
        if gone { Ok(()) } else { Err(refused(&answer)) }
    }

    /// A form with which a browser uploads one file to a path, under terms that the store holds it to.
    pub fn form(&self, path: &str, terms: &Terms, now: Instant) -> Result<Form, FilesError> {
        Ok(form::signed(&self.store()?.bucket, path, terms, now))
    }

    /// Sends a request, and again where trying again may help. All of them may come twice.
    async fn send(
        &self,
        (method, path): (Method, &str),
        (media_type, body): (Option<&str>, Vec<u8>),
        most: usize,
        now: Instant,
    ) -> Result<Response<Vec<u8>>, FilesError> {
        let store = self.store()?;
        let address = format!("{}/{path}", store.bucket.url());
        let mut last = FilesError::Unavailable("it was not asked".to_owned());
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                tokio::time::sleep(PAUSE * (1 << (attempt - 1))).await;
            }
            let mut request = Request::builder().method(method.clone()).uri(&address);
            if let Some(media_type) = media_type {
                request = request.header(header::CONTENT_TYPE, media_type);
            }
            let mut request = request.body(body.clone()).map_err(|error| unavailable(&error))?;
            authorize(&mut request, &store.bucket, now)?;
            last = match store.web.call_within(request, most.max(MOST_SAID)).await {
                Ok(answer) if answer.status().is_server_error() => refused(&answer),
                Ok(answer) if answer.status() == StatusCode::OK && answer.body().len() > most => {
                    return Err(FilesError::TooLarge);
                }
                Ok(answer) => return Ok(answer),
                Err(WebError::TooLarge) => return Err(FilesError::TooLarge),
                // Whoever asked has waited long enough.
                Err(error @ WebError::Timeout) => return Err(unavailable(&error)),
                Err(error) => unavailable(&error),
            };
        }
        Err(last)
    }

    fn store(&self) -> Result<&Store, FilesError> {
        self.0.as_deref().ok_or_else(|| FilesError::Unavailable("AVATAR_BUCKET is not set".to_owned()))
    }
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.as_ref().map(|store| &store.bucket.name);
        f.debug_struct("Files").field("bucket", &name).finish_non_exhaustive()
    }
}

/// Most bytes of an answer that is no file.
const MOST_SAID: usize = 16 * 1024;

/// Signs a request in its headers (AWS Signature Version 4), as S3 wants it: the path as it stands, the body by its hash.
fn authorize(request: &mut Request<Vec<u8>>, bucket: &Bucket, now: Instant) -> Result<(), FilesError> {
    let identity: Identity = bucket.credentials.clone().into();
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&bucket.region)
        .name("s3")
        .time(SystemTime::from(now))
        .settings(settings)
        .build()
        .map_err(|error| unavailable(&error))?
        .into();
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()));
    let uri = request.uri().to_string();
    let whole = SignableRequest::new(request.method().as_str(), uri, headers, SignableBody::Bytes(request.body()))
        .map_err(|error| unavailable(&error))?;
    let (instructions, _) = sign(whole, &params).map_err(|error| unavailable(&error))?.into_parts();
    instructions.apply_to_request_http1x(request);
    Ok(())
}

fn unavailable(error: &dyn fmt::Display) -> FilesError {
    FilesError::Unavailable(error.to_string())
}

fn refused(answer: &Response<Vec<u8>>) -> FilesError {
    FilesError::Unavailable(format!("{}: {}", answer.status(), said(answer)))
}

/// The beginning of what the store says of itself.
fn said(answer: &Response<Vec<u8>>) -> String {
    let body = answer.body();
    String::from_utf8_lossy(body.get(..300).unwrap_or(body)).into_owned()
}
