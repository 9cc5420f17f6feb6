//! The policy of a form: signed by the service, and held by the store.

use std::time::SystemTime;

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use domain::Instant;
use http::StatusCode;
use platform::files::Bucket;
use serde::Deserialize;
use serde_json::Value;

use super::form::Upload;
use super::{Refusal, denied};

/// Fields that need no condition: the policy itself, and what proves it.
const UNCONDITIONAL: [&str; 2] = ["policy", "x-amz-signature"];

#[derive(Deserialize)]
struct Policy {
    expiration: Instant,
    conditions: Vec<Value>,
}

/// Fails unless the policy is the service's own and the upload keeps to all of it, and to nothing else.
pub(super) fn check(upload: &Upload, bucket: &Bucket, now: Instant) -> Result<(), Refusal> {
    let field = |name: &str| upload.field(name).ok_or_else(|| denied(&format!("The form has no {name}.")));
    let encoded = field("policy")?;
    if field("x-amz-signature")? != signature(encoded, field("x-amz-date")?, bucket)? {
        let message = "The policy is not signed with the key of the bucket.";
        return Err(Refusal(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message.to_owned()));
    }
    let policy = STANDARD.decode(encoded).ok().and_then(|text| serde_json::from_slice::<Policy>(&text).ok());
    let policy = policy.ok_or_else(|| denied("The policy is none."))?;
    if now >= policy.expiration {
        return Err(denied("Invalid according to Policy: Policy expired."));
    }
    let mut held = Vec::new();
    for condition in &policy.conditions {
        held.extend(holds(condition, upload, bucket)?);
    }
    let known = |name: &String| held.contains(name) || UNCONDITIONAL.contains(&name.as_str());
    match upload.fields.iter().find(|(name, _)| !known(name)) {
        Some((name, _)) => Err(denied(&format!("Invalid according to Policy: Extra input fields: {name}"))),
        None => Ok(()),
    }
}

fn signature(policy: &str, date: &str, bucket: &Bucket) -> Result<String, Refusal> {
    let at = NaiveDateTime::parse_from_str(date, "%Y%m%dT%H%M%SZ").map_err(|_| denied("The date is none."))?.and_utc();
    let secret = bucket.credentials.secret_access_key();
    let key = generate_signing_key(secret, SystemTime::from(at), &bucket.region, "s3");
    Ok(calculate_signature(key, policy.as_bytes()))
}

/// The field that a condition is about, if it holds.
fn holds(condition: &Value, upload: &Upload, bucket: &Bucket) -> Result<Option<String>, Refusal> {
    let failed = || denied(&format!("Invalid according to Policy: Policy Condition failed: {condition}"));
    let value = |name: &str| if name == "bucket" { Some(bucket.name.as_str()) } else { upload.field(name) };
    let (kind, name, expected) = match condition {
        Value::Object(one) => match one.iter().next() {
            Some((name, expected)) => ("eq", name.to_ascii_lowercase(), expected),
            None => return Err(failed()),
        },
        Value::Array(parts) => match parts.as_slice() {
            [Value::String(kind), least, most] if kind == "content-length-range" => {
                return within(upload.file.len(), least, most).map(|()| None);
            }
            [Value::String(kind), Value::String(name), expected] => {
                (kind.as_str(), name.trim_start_matches('$').to_ascii_lowercase(), expected)
            }
            _ => return Err(failed()),
        },
        _ => return Err(failed()),
    };
    let (given, expected) = value(&name).zip(expected.as_str()).ok_or_else(failed)?;
    let good = match kind {
        "eq" => given == expected,
        "starts-with" => given.starts_with(expected),
        _ => false,
    };
    if good { Ok(Some(name)) } else { Err(failed()) }
}

fn within(size: usize, least: &Value, most: &Value) -> Result<(), Refusal> {
    let size = u64::try_from(size).unwrap_or(u64::MAX);
    let sized = |name, message: &str| Err(Refusal(StatusCode::BAD_REQUEST, name, message.to_owned()));
    match (least.as_u64(), most.as_u64()) {
        (Some(least), _) if size < least => {
            sized("EntityTooSmall", "The file is smaller than the minimum allowed size.")
        }
        (_, Some(most)) if size > most => sized("EntityTooLarge", "The file exceeds the maximum allowed size."),
        (Some(_), Some(_)) => Ok(()),
        _ => Err(denied("The policy names no sizes.")),
    }
}
