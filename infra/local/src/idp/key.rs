//! Signing tokens: ES256, and the ways in which a token must not be signed.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use platform::World;
use ring::hmac;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::NoKey;

/// A key of P-256, with an id of its own.
pub(super) struct SigningKey {
    id: String,
    pair: EcdsaKeyPair,
}

impl SigningKey {
    pub(super) fn new(world: &World) -> Result<Self, NoKey> {
        Self::named(format!("{:032x}", u128::from_be_bytes(world.random())))
    }

    /// Another key under the name of this one.
    pub(super) fn impostor(&self) -> Result<Self, NoKey> {
        Self::named(self.id.clone())
    }

    fn named(id: String) -> Result<Self, NoKey> {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).map_err(|_| NoKey)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref(), &random);
        Ok(Self { id, pair: pair.map_err(|_| NoKey)? })
    }

    /// The public half, as a JWK.
    pub(super) fn public(&self) -> Value {
        // An uncompressed point: a byte that says so, then both coordinates.
        let (x, y) =
            self.pair.public_key().as_ref().get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": BASE64.encode(x), "y": BASE64.encode(y),
        })
    }

    pub(super) fn sign(&self, claims: &Value) -> Result<String, NoKey> {
        let text = encode(&json!({ "alg": "ES256", "kid": self.id, "typ": "JWT" }), claims);
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).map_err(|_| NoKey)?;
        Ok(format!("{text}.{}", BASE64.encode(signature)))
    }
}

/// A token that nobody signed.
pub(super) fn unsigned(claims: &Value) -> String {
    format!("{}.", encode(&json!({ "alg": "none", "typ": "JWT" }), claims))
}

/// A token that everybody can sign who knows the secret.
pub(super) fn with_secret(secret: &str, claims: &Value) -> String {
    let text = encode(&json!({ "alg": "HS256", "typ": "JWT" }), claims);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes()), text.as_bytes());
    format!("{text}.{}", BASE64.encode(tag))
}

fn encode(header: &Value, claims: &Value) -> String {
    format!("{}.{}", BASE64.encode(header.to_string()), BASE64.encode(claims.to_string()))
}
