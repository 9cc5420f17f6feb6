use bytes::Bytes;
use http::{Request, StatusCode};
use platform::World;
use platform::files::Terms;

use super::*;

fn form(fields: &[(&str, &str)], file: Option<&[u8]>) -> Bytes {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    if let Some(file) = file {
        body.extend(b"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--b--\r\n");
    body.into()
}

async fn post(s3: &LocalS3, path: &str, body: Bytes) -> (StatusCode, String) {
    let request = Request::post(path).header("content-type", "multipart/form-data; boundary=b").body(body).unwrap();
    let answer = s3.serve(&request).await;
    (answer.status(), String::from_utf8_lossy(answer.body()).into_owned())
}

fn terms(world: &World) -> Terms {
    Terms { most: 10, media_types: "image/", expires_at: world.now() + chrono::TimeDelta::minutes(1) }
}

#[tokio::test]
async fn files_in_a_folder_are_there_when_it_is_opened_again() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::default());
    let open = || LocalS3::new("http://localhost", Some(dir.path().join("files")), world.clone());
    let now = world.now();
    open().files().write("avatars/a/B-_9", "image/jpeg", b"one".to_vec(), now).await.unwrap();
    let again = open().files();
    assert_eq!(again.read("avatars/a/B-_9", 10, now).await.unwrap().as_deref(), Some(b"one".as_slice()));
    assert_eq!(open().paths(), ["avatars/a/B-_9"]);
    again.remove("avatars/a/B-_9", now).await.unwrap();
    assert_eq!(again.read("avatars/a/B-_9", 10, now).await.unwrap(), None);
    assert!(open().paths().is_empty());
}

#[tokio::test]
async fn no_path_leads_out_of_the_folder() {
    let (dir, world) = (tempfile::tempdir().unwrap(), World::default());
    std::fs::write(dir.path().join("secret"), b"s").unwrap();
    let files = LocalS3::new("http://localhost", Some(dir.path().join("files")), world.clone()).files();
    let now = world.now();
    for path in ["../secret", "a/../../secret", "a//b", "./secret", "%2e%2e/secret", "a.b"] {
        assert!(files.write(path, "image/jpeg", b"x".to_vec(), now).await.is_err(), "{path}");
        assert_eq!(files.read(path, 10, now).await.ok().flatten(), None, "{path}");
        let _ = files.remove(path, now).await;
    }
    assert_eq!(std::fs::read(dir.path().join("secret")).unwrap(), b"s");
}

#[tokio::test]
async fn only_a_signed_form_uploads() {
    let world = World::default();
    let s3 = LocalS3::new("http://localhost", None, world.clone());
    let signed = s3.files().form("uploads/a/b/c", &terms(&world), world.now()).unwrap();
    let mut fields: Vec<(&str, &str)> = signed.fields.iter().map(|(name, value)| (&**name, &**value)).collect();
    fields.push(("Content-Type", "image/png"));
    let bucket = "/_local/s3/roster-avatars";
    assert_eq!(post(&s3, bucket, form(&fields, Some(b"0123456789"))).await.0, StatusCode::NO_CONTENT);
    assert_eq!(s3.paths(), ["uploads/a/b/c"]);
    let without = |name: &str| fields.iter().copied().filter(|field| field.0 != name).collect::<Vec<_>>();
    for (what, body, code) in [
        ("no fields", form(&[], Some(b"1")), "AccessDenied"),
        ("no file", form(&fields, None), "InvalidArgument"),
        ("no form", Bytes::from_static(b"x"), "MalformedPOSTRequest"),
        ("nothing in the file", form(&fields, Some(b"")), "EntityTooSmall"),
        ("no policy", form(&without("policy"), Some(b"1")), "AccessDenied"),
        ("no signature", form(&without("x-amz-signature"), Some(b"1")), "AccessDenied"),
        ("no type", form(&without("Content-Type"), Some(b"1")), "AccessDenied"),
        ("no key", form(&without("key"), Some(b"1")), "AccessDenied"),
    ] {
        let (_, said) = post(&s3, bucket, body).await;
        assert!(said.contains(&format!("<Code>{code}</Code>")), "{what}: {said}");
    }
    assert_eq!(post(&s3, "/_local/s3/other", form(&fields, Some(b"1"))).await.0, StatusCode::NOT_FOUND);
    // Another store has another key.
    let other = LocalS3::new("http://localhost", None, world);
    assert!(post(&other, bucket, form(&fields, Some(b"1"))).await.1.contains("SignatureDoesNotMatch"));
    for method in ["GET", "PUT", "DELETE"] {
        let request = Request::builder().method(method).uri("/_local/s3/roster-avatars/uploads/a/b/c");
        let answer = s3.serve(&request.body(Bytes::new()).unwrap()).await;
        assert!(answer.status().is_client_error(), "{method}");
    }
    assert_eq!(s3.paths(), ["uploads/a/b/c"]);
}
