//! The store of files: one bucket of S3, as far as the service uses it. The service itself reads, writes and removes files
//! in process; browsers upload theirs with a signed form, over HTTP.

mod form;
mod keep;
mod policy;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use domain::avatar::UPLOAD_DAYS;
use domain::id::UploadId;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use platform::files::Bucket;
use platform::web::Web;
use platform::{Files, World};

use self::form::Upload;
use self::keep::Keep;
use crate::controls::refuse_foreign_names;

/// Below this the bucket is.
pub const PREFIX: &str = "/_local/s3/";
/// The bucket's name.
pub const BUCKET: &str = "roster-avatars";
/// What uploads that nobody has used yet begin with: the lifecycle rule of the template forgets them after a day.
const UPLOADS: &str = "uploads/";

/// A store of files. Clones share it.
#[derive(Clone)]
pub struct LocalS3(Arc<Service>);

struct Service {
    bucket: Bucket,
    keep: Keep,
    world: World,
    away: AtomicBool,
}

/// An answer that is no success, as S3 words it.
struct Refusal(StatusCode, &'static str, String);

impl LocalS3 {
    /// A store under this address with credentials of its own, kept in a folder or in memory.
    pub fn new(app_url: &str, folder: Option<PathBuf>, world: World) -> Self {
        let secret = format!("{:032x}", u128::from_be_bytes(world.random()));
        let bucket = Bucket {
            name: BUCKET.to_owned(),
            region: "us-east-1".to_owned(),
            endpoint: Some(format!("{app_url}{}", PREFIX.trim_end_matches('/'))),
            credentials: Credentials::new("local", secret, None, None, "local"),
        };
        Self(Arc::new(Service { bucket, keep: Keep::new(folder), world, away: AtomicBool::new(false) }))
    }

    /// The files as the service shall see them, without a port.
    pub fn files(&self) -> Files {
        Files::new(self.0.bucket.clone(), Web::with(SharedHttpConnector::new(self.clone())))
    }

    /// Lets every request fail from now on, or no more.
    pub fn set_away(&self, away: bool) {
        self.0.away.store(away, Ordering::Relaxed);
    }

    /// Where all files are.
    pub fn paths(&self) -> Vec<String> {
        self.0.keep.paths()
    }

    /// Forgets uploads that nobody has used for a day. An id knows when it was made.
    pub fn expire(&self) {
        let end = UploadId::earliest(self.0.world.now() - chrono::TimeDelta::days(UPLOAD_DAYS));
        for path in self.paths() {
            let id = path.strip_prefix(UPLOADS).and_then(|rest| rest.rsplit('/').next()).and_then(|id| id.parse().ok());
            if id.is_some_and(|id: UploadId| id < end) {
                self.0.keep.remove(&path);
            }
        }
    }

    /// Answers what comes over HTTP: forms that upload a file, and nothing else.
    pub async fn serve(&self, request: &Request<Bytes>) -> Response<Bytes> {
        if let Some(refusal) = refuse_foreign_names(request.headers()) {
            return refusal;
        }
        let bucket = request.uri().path().strip_prefix(PREFIX).map(|rest| rest.trim_end_matches('/'));
        let outcome = match (request.method(), bucket) {
            _ if self.0.away.load(Ordering::Relaxed) => Err(away()),
            (&Method::POST, Some(BUCKET)) => self.upload(request).await,
            (_, Some(BUCKET)) => Err(Refusal(
                StatusCode::METHOD_NOT_ALLOWED,
                "MethodNotAllowed",
                "Only forms are taken here.".to_owned(),
            )),
            _ => Err(Refusal(StatusCode::NOT_FOUND, "NoSuchBucket", "There is no such bucket.".to_owned())),
        };
        match outcome {
            Ok(()) => status(StatusCode::NO_CONTENT),
            Err(refusal) => refusal.respond(),
        }
    }

    async fn upload(&self, request: &Request<Bytes>) -> Result<(), Refusal> {
        self.expire();
        let upload = Upload::parse(request).await?;
        policy::check(&upload, &self.0.bucket, self.0.world.now())?;
        let path = upload.field("key").unwrap_or_default();
        if self.0.keep.write(path, &upload.file) { Ok(()) } else { Err(denied("The key is none that is kept here.")) }
    }

    /// Answers what the service asks in process.
    fn object(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let ours = format!("AWS4-HMAC-SHA256 Credential={}/", self.0.bucket.credentials.access_key_id());
        let signed = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let path = request.uri().path().strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix(BUCKET));
        let path = path.map(|path| path.trim_start_matches('/')).unwrap_or_default();
        if self.0.away.load(Ordering::Relaxed) {
            return away().respond();
        }
        if !signed.is_some_and(|signed| signed.starts_with(&ours)) {
            return denied("The request is not signed.").respond();
        }
        match *request.method() {
            Method::GET => match self.0.keep.read(path) {
                Some(file) => Response::new(file),
                None => Refusal(StatusCode::NOT_FOUND, "NoSuchKey", "There is no such file.".to_owned()).respond(),
            },
            Method::PUT if self.0.keep.write(path, request.body()) => status(StatusCode::OK),
            Method::PUT => denied("The key is none that is kept here.").respond(),
            Method::DELETE => {
                self.0.keep.remove(path);
                status(StatusCode::NO_CONTENT)
            }
            _ => Refusal(StatusCode::METHOD_NOT_ALLOWED, "MethodNotAllowed", "No.".to_owned()).respond(),
        }
    }
}

impl HttpConnector for LocalS3 {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.clone();
        HttpConnectorFuture::ready((|| {
            let other = |error: Box<dyn std::error::Error + Send + Sync>| ConnectorError::other(error, None);
            let body = Bytes::copy_from_slice(request.body().bytes().unwrap_or_default());
            let request = request.try_into_http1x().map_err(|error| other(error.into()))?.map(|_| body);
            HttpResponse::try_from(service.object(&request).map(SdkBody::from)).map_err(|error| other(error.into()))
        })())
    }
}

impl fmt::Debug for LocalS3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalS3").field("away", &self.0.away).finish_non_exhaustive()
    }
}

impl Refusal {
    fn respond(self) -> Response<Bytes> {
        let Self(code, name, message) = self;
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{name}</Code><Message>{message}</Message></Error>"
        );
        let mut response = status(code).map(|_| Bytes::from(body));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        response
    }
}

fn status(code: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = code;
    response
}

fn denied(message: &str) -> Refusal {
    Refusal(StatusCode::FORBIDDEN, "AccessDenied", message.to_owned())
}

fn away() -> Refusal {
    Refusal(StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Reduce your request rate.".to_owned())
}
