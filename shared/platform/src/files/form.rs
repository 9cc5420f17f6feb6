//! A form that uploads one file: S3's POST policies, which its SDK for Rust does not make.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use domain::Instant;
use serde_json::json;

use super::Bucket;

/// What the store holds an upload to.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Most bytes.
    pub most: u64,
    /// What the field `Content-Type` must begin with.
    pub media_types: &'static str,
    /// Until when.
    pub expires_at: Instant,
}

/// Where to post a file, and what beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The address.
    pub url: String,
    /// The fields that come before the file.
    pub fields: BTreeMap<String, String>,
}

/// The form that lets anybody who has it upload one file to this path.
pub(super) fn signed(bucket: &Bucket, path: &str, terms: &Terms, now: Instant) -> Form {
    let credentials = &bucket.credentials;
    let day = now.format("%Y%m%d").to_string();
    let scope = format!("{day}/{}/s3/aws4_request", bucket.region);
    let mut fields = BTreeMap::from([
        ("key".to_owned(), path.to_owned()),
        ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential".to_owned(), format!("{}/{scope}", credentials.access_key_id())),
        ("x-amz-date".to_owned(), now.format("%Y%m%dT%H%M%SZ").to_string()),
    ]);
    if let Some(token) = credentials.session_token() {
        fields.insert("x-amz-security-token".to_owned(), token.to_owned());
    }
    let mut conditions = vec![
        json!({ "bucket": bucket.name }),
        json!(["starts-with", "$Content-Type", terms.media_types]),
        json!(["content-length-range", 1, terms.most]),
    ];
    conditions.extend(fields.iter().map(|(name, value)| json!({ name: value })));
    let expiration = terms.expires_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let policy = STANDARD.encode(json!({ "expiration": expiration, "conditions": conditions }).to_string());
    let key = generate_signing_key(credentials.secret_access_key(), SystemTime::from(now), &bucket.region, "s3");
    fields.insert("x-amz-signature".to_owned(), calculate_signature(key, policy.as_bytes()));
    fields.insert("policy".to_owned(), policy);
    Form { url: bucket.url(), fields }
}
