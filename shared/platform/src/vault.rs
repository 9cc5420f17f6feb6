//! Small secrets at rest that must be read again for years, such as those of authenticator apps.
//!
//! In a deployment each is sealed under a data key of its own, which KMS made and which is kept beside it, encrypted by
//! KMS: whoever reads the table, or knows `SEALING_KEY`, opens nothing without being allowed to use the KMS key. Elsewhere
//! the sealing key seals them.

#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::DataKeySpec;
use aws_types::SdkConfig;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::NONCE_LEN;

use crate::config::ConfigError;
use crate::seal::{Sealer, SealingKey};

/// `local1.<sealed>`: sealed with the sealing key.
const LOCAL: &str = "local1";

/// `kms1.<encrypted data key, URL-safe base64>.<sealed>`: sealed with a data key of KMS.
const KMS: &str = "kms1";

/// What KMS binds a data key to, besides its key.
const CONTEXT: &str = "context";

/// Keeps small secrets encrypted. Clones share a connection.
#[derive(Clone)]
pub struct Vault {
    local: Sealer,
    kms: Option<Arc<Kms>>,
}

/// What keeps a vault from locking or unlocking. It tells nothing secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// KMS cannot be asked, does not answer, or does not let us: trying again later may help.
    #[error("the vault is out of reach: {0}")]
    Unavailable(String),
    /// What is kept was not locked here for this context, or was tampered with: trying again is of no use.
    #[error("what is kept cannot be unlocked: {0}")]
    Broken(String),
}

impl Vault {
    /// A vault that locks with the sealing key.
    pub const fn local(sealer: Sealer) -> Self {
        Self { local: sealer, kms: None }
    }

    /// A vault that locks with KMS, under the key of this id or ARN. It still unlocks what the sealing key locked before.
    ///
    /// `connect` is called when KMS is first needed: most functions never do, and no cold start shall pay for it.
    pub fn kms(
        sealer: Sealer,
        key_id: String,
        connect: impl Fn() -> Result<SdkConfig, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        let kms = Kms { key_id, connect: Box::new(connect), client: OnceLock::new() };
        Self { local: sealer, kms: Some(Arc::new(kms)) }
    }

    /// Locks a secret for a context, such as the id of its owner, without which it cannot be unlocked. KMS writes contexts
    /// into its log: nothing secret may be in one. The nonce must be fresh.
    pub async fn lock(&self, context: &str, plain: &[u8], nonce: [u8; NONCE_LEN]) -> Result<String, VaultError> {
        let Some(kms) = &self.kms else {
            return Ok(format!("{LOCAL}.{}", self.local.seal(&bound(context), plain, nonce)));
        };
        let (sealer, encrypted) = kms.fresh(context).await?;
        Ok(format!("{KMS}.{}.{}", URL_SAFE_NO_PAD.encode(encrypted), sealer.seal(&bound(context), plain, nonce)))
    }

    /// Unlocks what was locked for the same context.
    pub async fn unlock(&self, context: &str, locked: &str) -> Result<Vec<u8>, VaultError> {
        let opened = match locked.split_once('.') {
            Some((LOCAL, sealed)) => self.local.open(&bound(context), sealed),
            Some((KMS, rest)) => {
                let (encrypted, sealed) = rest.split_once('.').ok_or_else(|| broken("it has no data key"))?;
                let encrypted = URL_SAFE_NO_PAD.decode(encrypted).map_err(|_| broken("its data key is no base64"))?;
                let kms =
                    self.kms.as_ref().ok_or_else(|| unavailable("it was locked with KMS, and there is no key"))?;
                kms.known(context, encrypted).await?.open(&bound(context), sealed)
            }
            _ => return Err(broken("its format is unknown")),
        };
        opened.ok_or_else(|| broken("it was locked otherwise"))
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.kms.is_some() { "Vault(KMS, …)" } else { "Vault(local, …)" })
    }
}

/// KMS, connected to when it is first asked.
struct Kms {
    key_id: String,
    connect: Box<dyn Fn() -> Result<SdkConfig, ConfigError> + Send + Sync>,
    client: OnceLock<Client>,
}

impl Kms {
    /// A new data key, and the same encrypted.
    async fn fresh(&self, context: &str) -> Result<(Sealer, Vec<u8>), VaultError> {
        let request = self.client()?.generate_data_key().key_id(&self.key_id).key_spec(DataKeySpec::Aes256);
        let answer = request.encryption_context(CONTEXT, context).send().await.map_err(|error| failed(&error))?;
        let encrypted = answer.ciphertext_blob.ok_or_else(|| unavailable("KMS gave no encrypted data key"))?;
        Ok((sealer(answer.plaintext)?, encrypted.into_inner()))
    }

    /// The data key that was encrypted.
    async fn known(&self, context: &str, encrypted: Vec<u8>) -> Result<Sealer, VaultError> {
        let request = self.client()?.decrypt().key_id(&self.key_id).ciphertext_blob(Blob::new(encrypted));
        let answer = request.encryption_context(CONTEXT, context).send().await.map_err(|error| {
            let refused = error.as_service_error();
            if refused.is_some_and(|it| it.is_invalid_ciphertext_exception() || it.is_incorrect_key_exception()) {
                return broken("KMS does not know its data key, or knows it for something else");
            }
            failed(&error)
        })?;
        sealer(answer.plaintext)
    }

    fn client(&self) -> Result<&Client, VaultError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let config = (self.connect)().map_err(|error| unavailable(&error.to_string()))?;
        Ok(self.client.get_or_init(|| Client::new(&config)))
    }
}

/// The sealer of a data key.
fn sealer(plain: Option<Blob>) -> Result<Sealer, VaultError> {
    let key = plain.and_then(|blob| <[u8; 32]>::try_from(blob.into_inner()).ok());
    Ok(Sealer::new(&SealingKey::from_bytes(key.ok_or_else(|| unavailable("KMS gave no data key of 256 bits"))?)))
}

/// The context of a seal: the sealing key seals other things too, and none of them shall pass for a secret.
fn bound(context: &str) -> String {
    format!("vault {context}")
}

/// Shows nothing of an answer but its code and message: the SDK's error holds all of it, and one that it cannot read may
/// hold a data key.
fn failed<E, R>(error: &SdkError<E, R>) -> VaultError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: fmt::Debug,
{
    match error {
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => match (error.code(), error.message()) {
            (Some(code), message) => unavailable(&format!("KMS says {code}: {}", message.unwrap_or_default())),
            (None, _) => unavailable("KMS's answer cannot be read"),
        },
        error => VaultError::Unavailable(DisplayErrorContext(error).to_string()),
    }
}

fn unavailable(why: &str) -> VaultError {
    VaultError::Unavailable(why.to_owned())
}

fn broken(why: &str) -> VaultError {
    VaultError::Broken(why.to_owned())
}
