use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;

/// Answers with these statuses and bodies, one after the other, and notes what was asked.
#[derive(Clone, Debug)]
struct Elsewhere(Arc<Mutex<State>>);

type State = (Vec<(u16, usize)>, Vec<String>);

impl HttpConnector for Elsewhere {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut state = self.0.lock().unwrap();
        let (status, size) = state.0.remove(0);
        let signed = request.headers().get("authorization").unwrap_or_default();
        state.1.push(format!("{} {} {signed}", request.method(), request.uri()));
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), SdkBody::from(vec![b'x'; size]))))
    }
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn bucket(endpoint: Option<&str>) -> Bucket {
    Bucket {
        name: "examplebucket".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: endpoint.map(str::to_owned),
        // Those of Amazon's examples.
        credentials: Credentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            None,
            None,
            "example",
        ),
    }
}

fn files(answers: &[(u16, usize)]) -> (Files, Elsewhere) {
    let elsewhere = Elsewhere(Arc::new(Mutex::new((answers.to_vec(), Vec::new()))));
    (Files::new(bucket(None), Web::with(SharedHttpConnector::new(elsewhere.clone()))), elsewhere)
}

#[tokio::test(start_paused = true)]
async fn what_the_store_says_is_understood() {
    let now = at("2026-02-01T10:00:00Z");
    for (answers, expected, asked) in [
        (vec![(200, 5)], Ok(Some(vec![b'x'; 5])), 1),
        (vec![(200, 10)], Ok(Some(vec![b'x'; 10])), 1),
        (vec![(200, 11)], Err(FilesError::TooLarge), 1),
        (vec![(200, 100_000)], Err(FilesError::TooLarge), 1),
        (vec![(404, 0)], Ok(None), 1),
        (vec![(403, 0)], Ok(None), 1),
        (vec![(503, 0), (500, 0), (200, 1)], Ok(Some(vec![b'x'])), 3),
    ] {
        let (files, elsewhere) = files(&answers);
        assert_eq!(files.read("a/b", 10, now).await, expected, "{answers:?}");
        assert_eq!(elsewhere.0.lock().unwrap().1.len(), asked, "{answers:?}");
    }
    let (out_of_reach, _) = files(&[(503, 0); 9]);
    assert!(matches!(out_of_reach.read("a", 10, now).await, Err(FilesError::Unavailable(_))));
    assert!(matches!(out_of_reach.write("a", "image/jpeg", vec![1], now).await, Err(FilesError::Unavailable(_))));
    let (forbidding, _) = files(&[(403, 0), (403, 0), (204, 0), (404, 0)]);
    assert!(forbidding.write("a", "image/jpeg", vec![1], now).await.is_err());
    assert!(forbidding.remove("a", now).await.is_err());
    for _ in 0..2 {
        assert_eq!(forbidding.remove("a", now).await, Ok(()));
    }
    assert!(matches!(Files::none().read("a", 10, now).await, Err(FilesError::Unavailable(_))));
}

/// Amazon's own example of a signed `GET` of an object, but for the header `Range` that it has.
#[tokio::test]
async fn requests_are_signed_for_the_bucket() {
    let (files, elsewhere) = files(&[(200, 1)]);
    files.read("test.txt", 10, at("2013-05-24T00:00:00Z")).await.unwrap();
    let asked = elsewhere.0.lock().unwrap().1[0].clone();
    assert!(
        asked.starts_with("GET https://examplebucket.s3.us-east-1.amazonaws.com/test.txt AWS4-HMAC-SHA256 "),
        "{asked}"
    );
    assert!(asked.contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"), "{asked}");
    assert!(asked.contains("SignedHeaders=host;x-amz-content-sha256;x-amz-date"), "{asked}");
}

#[test]
fn a_bucket_has_an_address() {
    assert_eq!(bucket(None).url(), "https://examplebucket.s3.us-east-1.amazonaws.com");
    assert_eq!(bucket(Some("http://127.0.0.1:4566/")).url(), "http://127.0.0.1:4566/examplebucket");
    let china = Bucket { region: "cn-north-1".to_owned(), ..bucket(None) };
    assert_eq!(china.url(), "https://examplebucket.s3.cn-north-1.amazonaws.com.cn");
    assert!(!format!("{:?}", bucket(None)).contains("wJalrXUtnFEMI"));
}

#[test]
fn a_form_is_held_to_its_terms() {
    let now = at("2026-02-01T10:00:00Z");
    let terms = Terms { most: 100, media_types: "image/", expires_at: at("2026-02-01T10:15:00Z") };
    let form = Files::new(bucket(None), Web::lazy()).form("uploads/a/b/c", &terms, now).unwrap();
    assert_eq!(form.url, "https://examplebucket.s3.us-east-1.amazonaws.com");
    let policy: Value = serde_json::from_slice(&STANDARD.decode(&form.fields["policy"]).unwrap()).unwrap();
    assert_eq!(policy["expiration"], "2026-02-01T10:15:00.000Z");
    let conditions = policy["conditions"].as_array().unwrap();
    for condition in [
        json!({ "bucket": "examplebucket" }),
        json!({ "key": "uploads/a/b/c" }),
        json!(["starts-with", "$Content-Type", "image/"]),
        json!(["content-length-range", 1, 100]),
        json!({ "x-amz-date": "20260201T100000Z" }),
    ] {
        assert!(conditions.contains(&condition), "{condition} in {conditions:?}");
    }
    for (name, value) in form.fields.iter().filter(|(name, _)| !["policy", "x-amz-signature"].contains(&name.as_str()))
    {
        assert!(conditions.contains(&json!({ name: value })), "{name}");
    }
    // Nobody makes such a form without the key, and none can be made another.
    let mut other = bucket(None);
    other.credentials = Credentials::new("AKIAIOSFODNN7EXAMPLE", "guessed", Some("token".to_owned()), None, "example");
    let forged = Files::new(other, Web::lazy()).form("uploads/a/b/c", &terms, now).unwrap();
    assert_ne!(forged.fields["x-amz-signature"], form.fields["x-amz-signature"]);
    assert_eq!(forged.fields["x-amz-security-token"], "token");
}

/// Amazon's example of a policy for a browser's upload: this text, this key, this signature.
#[test]
fn a_policy_is_signed_as_in_amazons_example() {
    use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
    let policy = concat!(
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2",
        "NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMt",
        "cmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29t",
        "L3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4",
        "LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0s",
        "DQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZP",
        "RE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1B",
        "Qy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9",
    );
    let key = generate_signing_key(
        bucket(None).credentials.secret_access_key(),
        SystemTime::from(at("2015-12-29T00:00:00Z")),
        "us-east-1",
        "s3",
    );
    let expected = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e";
    assert_eq!(calculate_signature(key, policy.as_bytes()), expected);
}
