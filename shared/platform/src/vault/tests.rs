use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::*;
use crate::aws::stand_in;

const KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const PLAIN: &[u8] = b"a secret of twenty b";
const NONCE: [u8; NONCE_LEN] = [7; NONCE_LEN];

/// What the fake KMS does instead of answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    Down,
    Denied,
    ShortKey,
    Garbled,
}

/// `GenerateDataKey` and `Decrypt` as far as the vault uses them. The n-th data key consists of the byte n.
#[derive(Clone, Debug)]
struct FakeKms(Arc<State>);

#[derive(Debug)]
struct State {
    fault: Mutex<Fault>,
    keys: AtomicUsize,
    connections: AtomicUsize,
    asked: Mutex<Vec<(String, Value)>>,
}

impl FakeKms {
    fn new() -> Self {
        Self(Arc::new(State {
            fault: Mutex::new(Fault::None),
            keys: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            asked: Mutex::default(),
        }))
    }

    fn vault(&self) -> Vault {
        let fake = self.clone();
        Vault::kms(sealing(1), KEY_ID.to_owned(), move || {
            fake.0.connections.fetch_add(1, Ordering::Relaxed);
            Ok(stand_in(SharedHttpClient::new(fake.clone())))
        })
    }

    fn fail(&self, fault: Fault) {
        *self.0.fault.lock().unwrap() = fault;
    }

    fn asked(&self) -> Vec<(String, Value)> {
        self.0.asked.lock().unwrap().clone()
    }

    fn answer(&self, operation: &str, asked: &Value) -> (u16, Value) {
        let master = sealing(99);
        let context = asked["EncryptionContext"].to_string();
        let refusal = |kind: &str| (400, json!({"__type": kind, "message": "no"}));
        let encoded = |key: &[u8]| json!(STANDARD.encode(key));
        match (*self.0.fault.lock().unwrap(), operation) {
            (Fault::Denied, _) => refusal("AccessDeniedException"),
            (Fault::ShortKey, _) => (200, json!({"Plaintext": encoded(b"short"), "CiphertextBlob": encoded(b"x")})),
            (_, "GenerateDataKey") => {
                let count = u8::try_from(self.0.keys.fetch_add(1, Ordering::Relaxed) + 1).unwrap();
                let blob = master.seal(&context, &[count; 32], NONCE);
                (200, json!({"Plaintext": encoded(&[count; 32]), "CiphertextBlob": encoded(blob.as_bytes())}))
            }
            (_, "Decrypt") => {
                let blob = STANDARD.decode(asked["CiphertextBlob"].as_str().unwrap()).unwrap();
                match master.open(&context, &String::from_utf8_lossy(&blob)) {
                    Some(key) => (200, json!({"Plaintext": encoded(&key)})),
                    None => refusal("InvalidCiphertextException"),
                }
            }
            _ => refusal("UnsupportedOperationException"),
        }
    }
}

impl HttpConnector for FakeKms {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let fault = *self.0.fault.lock().unwrap();
        if fault == Fault::Down {
            return HttpConnectorFuture::ready(Err(ConnectorError::io("connection refused".into())));
        }
        let target = request.headers().get("x-amz-target").unwrap_or_default();
        let operation = target.trim_start_matches("TrentService.").to_owned();
        let asked: Value = serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
        let (status, mut answer) = self.answer(&operation, &asked);
        self.0.asked.lock().unwrap().push((operation, asked));
        if fault == Fault::Garbled {
            answer["KeyId"] = json!(["no text"]);
        }
        let body = SdkBody::from(answer.to_string());
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body)))
    }
}

impl HttpClient for FakeKms {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

fn sealing(byte: u8) -> Sealer {
    Sealer::new(&SealingKey::from_bytes([byte; 32]))
}

/// The text with another character at a place.
fn with_another(text: &str, at: usize) -> String {
    let other = if &text[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

#[track_caller]
fn is_broken(outcome: &Result<Vec<u8>, VaultError>) {
    assert!(matches!(outcome, Err(VaultError::Broken(_))), "{outcome:?}");
}

#[tokio::test]
async fn what_is_locked_is_unlocked() {
    let fake = FakeKms::new();
    for (vault, tag) in [(Vault::local(sealing(1)), "local1."), (fake.vault(), "kms1.")] {
        for plain in [PLAIN, b""] {
            let locked = vault.lock("usr_1", plain, NONCE).await.unwrap();
            assert!(locked.starts_with(tag), "{locked}");
            assert_eq!(vault.unlock("usr_1", &locked).await.unwrap(), plain);
            assert_eq!(vault.clone().unlock("usr_1", &locked).await.unwrap(), plain);
        }
    }
}

#[tokio::test]
async fn another_context_does_not_unlock() {
    let fake = FakeKms::new();
    for vault in [Vault::local(sealing(1)), fake.vault()] {
        let locked = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
        is_broken(&vault.unlock("usr_2", &locked).await);
    }
}

#[tokio::test]
async fn tampering_is_noticed() {
    let fake = FakeKms::new();
    for vault in [Vault::local(sealing(1)), fake.vault()] {
        let locked = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
        for at in (0..locked.len()).step_by(7) {
            is_broken(&vault.unlock("usr_1", &with_another(&locked, at)).await);
        }
        for text in ["", ".", "kms1", "kms1.", "kms1.AAAA", "kms1.ä.AAAA", "local1.", "kms2.AAAA.AAAA", &locked[..20]]
        {
            is_broken(&vault.unlock("usr_1", text).await);
        }
    }
}

#[tokio::test]
async fn what_is_sealed_for_something_else_is_no_secret() {
    let vault = Vault::local(sealing(1));
    let sealed = sealing(1).seal("usr_1", PLAIN, NONCE);
    is_broken(&vault.unlock("usr_1", &format!("local1.{sealed}")).await);
}

#[tokio::test]
async fn every_secret_has_a_data_key_of_its_own_bound_to_its_context() {
    let fake = FakeKms::new();
    let vault = fake.vault();
    let first = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
    let second = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
    let parts = |locked: &str| locked.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (first, second) = (parts(&first), parts(&second));
    assert_eq!((first.len(), second.len()), (3, 3));
    assert_ne!(first[2], second[2]);
    is_broken(&vault.unlock("usr_1", &format!("kms1.{}.{}", first[1], second[2])).await);
    let asked = fake.asked();
    assert_eq!(asked.len(), 3);
    for (operation, asked) in asked {
        assert_eq!(asked["KeyId"], KEY_ID, "{operation}");
        assert_eq!(asked["EncryptionContext"], json!({"context": "usr_1"}), "{operation}");
        assert_eq!(asked["KeySpec"].as_str(), (operation == "GenerateDataKey").then_some("AES_256"), "{operation}");
        assert!(!asked.to_string().contains(&STANDARD.encode(PLAIN)), "{operation}");
    }
}

#[tokio::test]
async fn a_deployment_may_turn_kms_on_later_but_not_off() {
    let fake = FakeKms::new();
    let (local, kms) = (Vault::local(sealing(1)), fake.vault());
    let before = local.lock("usr_1", PLAIN, NONCE).await.unwrap();
    assert_eq!(kms.unlock("usr_1", &before).await.unwrap(), PLAIN);
    let after = kms.lock("usr_1", PLAIN, NONCE).await.unwrap();
    let outcome = local.unlock("usr_1", &after).await;
    assert!(matches!(outcome, Err(VaultError::Unavailable(_))), "{outcome:?}");
}

#[tokio::test]
async fn kms_is_connected_to_once_and_only_when_it_is_needed() {
    let fake = FakeKms::new();
    let vault = fake.vault();
    let local = Vault::local(sealing(1)).lock("usr_1", PLAIN, NONCE).await.unwrap();
    vault.unlock("usr_1", &local).await.unwrap();
    assert_eq!(fake.0.connections.load(Ordering::Relaxed), 0);
    let locked = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
    vault.clone().unlock("usr_1", &locked).await.unwrap();
    assert_eq!(fake.0.connections.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_kms_that_does_not_give_a_key_is_unavailable_and_no_error_tells_one() {
    let fake = FakeKms::new();
    let vault = fake.vault();
    let locked = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
    for fault in [Fault::Down, Fault::Denied, Fault::ShortKey, Fault::Garbled] {
        fake.fail(fault);
        let outcomes = [vault.lock("usr_1", PLAIN, NONCE).await.err(), vault.unlock("usr_1", &locked).await.err()];
        for error in &outcomes {
            assert!(matches!(error, Some(VaultError::Unavailable(_))), "{fault:?}: {error:?}");
        }
        let told = format!("{outcomes:?}");
        for byte in [1_u8, 2, 3] {
            assert!(!told.contains(&STANDARD.encode([byte; 32])[..12]), "{fault:?}: {told}");
        }
        assert!(!told.contains("a secret") && !told.contains(&STANDARD.encode(b"short")), "{fault:?}: {told}");
    }
    let unset = Vault::kms(sealing(1), KEY_ID.to_owned(), || Err(ConfigError::Missing("AWS_REGION")));
    let outcome = unset.lock("usr_1", PLAIN, NONCE).await;
    assert!(matches!(&outcome, Err(VaultError::Unavailable(why)) if why.contains("AWS_REGION")), "{outcome:?}");
    fake.fail(Fault::None);
    assert_eq!(vault.unlock("usr_1", &locked).await.unwrap(), PLAIN);
}

#[tokio::test]
async fn what_is_shown_and_kept_tells_nothing() {
    let fake = FakeKms::new();
    for (vault, shown) in [(Vault::local(sealing(1)), "Vault(local, …)"), (fake.vault(), "Vault(KMS, …)")] {
        let locked = vault.lock("usr_1", PLAIN, NONCE).await.unwrap();
        assert_eq!(format!("{vault:?}"), shown);
        let kept = locked.split('.').filter_map(|part| URL_SAFE_NO_PAD.decode(part).ok()).collect::<Vec<_>>();
        for part in kept {
            assert!(!part.windows(PLAIN.len()).any(|window| window == PLAIN));
            assert!(!part.windows(8).any(|window| window == [1; 8]));
        }
    }
}
