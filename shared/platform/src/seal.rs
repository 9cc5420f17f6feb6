//! Sealing: what must be read again but not by whoever reads the table.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::digest::{SHA256, digest};
use ring::{hkdf, hmac};

/// A key that things are sealed with.
#[derive(Clone, PartialEq, Eq)]
pub struct SealingKey([u8; 32]);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealingKey(…)")
    }
}

impl SealingKey {
    /// The key that a configured secret of at least 32 characters makes.
    pub fn from_text(text: &str) -> Option<Self> {
        if text.len() < 32 {
            return None;
        }
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Some(Self(key))
    }

    /// A key of 32 random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// Seals and opens texts: AES-256-GCM, bound to a context, in URL-safe base64.
#[derive(Clone)]
pub struct Sealer {
    key: [u8; 32],
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(…)")
    }
}

/// A length for HKDF.
struct KeyLen;

impl hkdf::KeyType for KeyLen {
    fn len(&self) -> usize {
        32
    }
}

impl Sealer {
    /// A sealer with this key.
    pub const fn new(key: &SealingKey) -> Self {
        Self { key: key.0 }
    }

    /// A sealer whose key is made of this one's and of something that only a client knows: without that, nobody opens
    /// what it sealed.
    pub fn with_secret(&self, secret: &[u8]) -> Self {
        let mut key = [0; 32];
        let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &self.key).extract(secret);
        if let Ok(okm) = prk.expand(&[b"client secret"], KeyLen) {
            // Filling fails only for lengths that HKDF cannot give.
            let _ = okm.fill(&mut key);
        }
        Self { key }
    }

    /// What stands for some bytes without telling them, not even to somebody who guesses: a keyed hash (HMAC-SHA-256), in
    /// URL-safe base64.
    pub fn fingerprint(&self, context: &str, bytes: &[u8]) -> String {
        let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.key));
        mac.update(context.as_bytes());
        mac.update(&[0]);
        mac.update(bytes);
        URL_SAFE_NO_PAD.encode(mac.sign())
    }

    /// Seals a text for a context; the nonce must be fresh.
    pub fn seal(&self, context: &str, plain: &[u8], nonce: [u8; NONCE_LEN]) -> String {
        URL_SAFE_NO_PAD.encode(self.seal_bytes(context, plain, nonce))
    }

    /// As [`Sealer::seal`], for a place that takes bytes.
    pub fn seal_bytes(&self, context: &str, plain: &[u8], nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let mut sealed = plain.to_vec();
        if let Ok(key) = UnboundKey::new(&AES_256_GCM, &self.key) {
            let bound = Aad::from(context.as_bytes());
            // Sealing fails only for texts of more than 64 GiB.
            let _ =
                LessSafeKey::new(key).seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound, &mut sealed);
        }
        let mut out = nonce.to_vec();
        out.append(&mut sealed);
        out
    }

    /// Opens what was sealed for the same context; none if it was not, or was tampered with.
    pub fn open(&self, context: &str, sealed: &str) -> Option<Vec<u8>> {
        self.open_bytes(context, &URL_SAFE_NO_PAD.decode(sealed).ok()?)
    }

    /// As [`Sealer::open`], of bytes.
    pub fn open_bytes(&self, context: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &self.key).ok()?);
        let mut body = body.to_vec();
        let plain = key.open_in_place(nonce, Aad::from(context.as_bytes()), &mut body).ok()?;
        Some(plain.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_key_and_context_open() {
        let sealer = Sealer::new(&SealingKey::from_bytes([1; 32]));
        let other = Sealer::new(&SealingKey::from_bytes([2; 32]));
        let sealed = sealer.seal("here", b"plain", [3; 12]);
        assert_eq!(sealer.open("here", &sealed).as_deref(), Some(&b"plain"[..]));
        assert_eq!(sealer.open("there", &sealed), None);
        assert_eq!(other.open("here", &sealed), None);
        assert_eq!(sealer.with_secret(b"client").open("here", &sealed), None);
        let mut damaged = sealed.clone();
        damaged.replace_range(20..21, if &sealed[20..21] == "A" { "B" } else { "A" });
        for text in [damaged.as_str(), "", "A", "ä", &sealed[..15]] {
            assert_eq!(sealer.open("here", text), None, "{text}");
        }
    }

    #[test]
    fn a_fingerprint_needs_the_key() {
        let sealer = Sealer::new(&SealingKey::from_bytes([1; 32]));
        let other = Sealer::new(&SealingKey::from_bytes([2; 32]));
        assert_eq!(sealer.fingerprint("a", b"b"), sealer.fingerprint("a", b"b"));
        assert_ne!(sealer.fingerprint("a", b"b"), other.fingerprint("a", b"b"));
        assert_ne!(sealer.fingerprint("a", b"b"), sealer.fingerprint("ab", b""));
    }

    #[test]
    fn short_secrets_are_no_keys() {
        assert!(SealingKey::from_text(&"x".repeat(31)).is_none());
        assert!(SealingKey::from_text(&"x".repeat(32)).is_some());
    }
}
