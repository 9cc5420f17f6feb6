//! Time-based one-time passwords (RFC 6238) and recovery codes: the second factor.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Totp};

use crate::Instant;
use crate::secret::SecretDigest;
use crate::stamp::Stamp;

/// Seconds of a step, as every authenticator app has them.
pub const STEP_SECONDS: u64 = 30;
/// How many recovery codes there are.
pub const RECOVERY_CODES: usize = 10;
/// How long a secret that was shown waits for its first code.
pub const SETUP_MINUTES: i64 = 60;

/// A shared secret of 160 bits. Neither serialised nor printed.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret([u8; 20]);

impl std::fmt::Debug for TotpSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TotpSecret(…)")
    }
}

impl TotpSecret {
    /// A fresh secret.
    pub fn fresh(stamp: &mut Stamp) -> Self {
        Self(stamp.bytes())
    }

    /// The secret of these bytes; none unless they are twenty.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The twenty bytes, to be locked away.
    pub const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// What a person types into an app that has no camera: base32.
    pub fn base32(&self) -> String {
        self.totp().secret().to_base32()
    }

    /// The URI that authenticator apps read (`otpauth://totp/…`).
    pub fn uri(&self, product: &str, account_name: &str) -> Option<String> {
        // A label must not have a colon of its own.
        let label = account_name.replace(':', " ");
        let issuer = product.replace(':', " ");
        let builder = Builder::new().with_secret(self.0.to_vec()).with_account_name(label).with_issuer(Some(issuer));
        builder.build().ok()?.to_url().ok()
    }

    /// The step that a code of six digits belongs to: this one, the one before or the one after; none for a wrong code.
    pub fn step_of(&self, code: &str, now: Instant) -> Option<u64> {
        let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        self.totp().check(&code, u64::try_from(now.timestamp()).ok()?)
    }

    /// The code of a moment: what the app shows.
    pub fn code_at(&self, now: Instant) -> String {
        self.totp().generate(u64::try_from(now.timestamp()).unwrap_or_default()).to_string()
    }

    fn totp(&self) -> Totp {
        // SHA-1, six digits, 30 seconds, one step of drift: what every app can do. Twenty bytes are long enough.
        Builder::new().with_secret(self.0.to_vec()).with_skew(1).with_step_duration(STEP_SECONDS).build_noncompliant()
    }
}

/// A second factor that is set up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondFactor {
    /// The shared secret, locked.
    pub locked: String,
    /// The last step of which a code was taken: no code counts twice, nor one before it.
    pub last_step: u64,
    /// What is kept of the recovery codes that are left.
    pub recovery: Vec<SecretDigest>,
}

/// A second factor whose first code is still to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingFactor {
    /// The shared secret, locked.
    pub locked: String,
    /// When it was shown.
    pub shown_at: Instant,
}

impl PendingFactor {
    /// Whether its first code may still come.
    pub fn is_open(&self, now: Instant) -> bool {
        now <= self.shown_at + TimeDelta::minutes(SETUP_MINUTES)
    }
}

impl SecondFactor {
    /// The factor after an app's code was taken: of a later step than the last. None for any other.
    pub fn taken(&self, secret: &TotpSecret, code: &str, now: Instant) -> Option<Self> {
        let step = secret.step_of(code, now)?;
        (step > self.last_step).then(|| Self { last_step: step, ..self.clone() })
    }

    /// The factor after a recovery code was used up. None for any other. It needs no secret, so it helps also when the
    /// secret cannot be had.
    pub fn recovered(&self, code: &str) -> Option<Self> {
        let digest = RecoveryCode::presented(code).digest();
        let recovery: Vec<_> = self.recovery.iter().filter(|kept| **kept != digest).cloned().collect();
        (recovery.len() < self.recovery.len()).then(|| Self { recovery, ..self.clone() })
    }
}

/// A recovery code: 80 random bits as sixteen letters and digits, kept as a SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

impl std::fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RecoveryCode(…)")
    }
}

impl RecoveryCode {
    /// A fresh code.
    pub fn fresh(stamp: &mut Stamp) -> Self {
        Self(stamp.readable::<16>())
    }

    /// What somebody presents as a code: case, spaces and hyphens do not matter.
    pub fn presented(text: &str) -> Self {
        Self(text.chars().filter(char::is_ascii_alphanumeric).take(64).collect::<String>().to_ascii_lowercase())
    }

    /// As it is shown, once: four groups of four.
    pub fn shown(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
    }

    /// What is kept of it.
    pub fn digest(&self) -> SecretDigest {
        SecretDigest::of(&format!("recovery code {}", self.0))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{at, stamp};

    /// The secret of RFC 6238's test vectors.
    fn rfc() -> TotpSecret {
        TotpSecret::from_bytes(b"12345678901234567890").unwrap()
    }

    #[test]
    fn the_vectors_of_rfc_6238() {
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924")] {
            assert_eq!(rfc().code_at(Instant::from_timestamp(seconds, 0).unwrap()), code);
        }
    }

    #[test]
    fn one_step_of_drift_to_either_side() {
        let now = at("2026-02-01T10:00:15Z");
        for (seconds, good) in [(-46, false), (-45, true), (-30, true), (0, true), (30, true), (44, true), (45, false)]
        {
            let code = rfc().code_at(now + TimeDelta::seconds(seconds));
            assert_eq!(rfc().step_of(&code, now).is_some(), good, "{seconds}");
        }
        let code = rfc().code_at(now);
        assert!(rfc().step_of(&format!(" {} {}", &code[..3], &code[3..]), now).is_some());
        for wrong in ["", "12345", "1234567", "abcdef", "-12345", "١٢٣٤٥٦"] {
            assert_eq!(rfc().step_of(wrong, now), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_counts_once_and_none_before_it_either() {
        let now = at("2026-02-01T10:00:15Z");
        let factor = SecondFactor { locked: String::new(), last_step: 0, recovery: vec![] };
        let later = factor.taken(&rfc(), &rfc().code_at(now), now).unwrap();
        assert_eq!(later.taken(&rfc(), &rfc().code_at(now), now), None);
        assert_eq!(later.taken(&rfc(), &rfc().code_at(now - TimeDelta::seconds(30)), now), None);
        assert!(later.taken(&rfc(), &rfc().code_at(now + TimeDelta::seconds(30)), now).is_some());
    }

    #[test]
    fn a_recovery_code_counts_once_however_it_is_typed() {
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::fresh(&mut stamp)).collect();
        let recovery = codes.iter().map(RecoveryCode::digest).collect();
        let factor = SecondFactor { locked: String::new(), last_step: 0, recovery };
        let typed = codes[3].shown().to_uppercase().replace('-', " ");
        let left = factor.recovered(&typed).unwrap();
        assert_eq!(left.recovery.len(), RECOVERY_CODES - 1);
        assert_eq!(left.recovered(&typed), None);
        assert_eq!(codes[0].shown().len(), 19);
        assert_eq!(factor.recovered(""), None);
    }

    #[test]
    fn the_uri_is_what_apps_read() {
        let uri = rfc().uri("Roster", "Anna: Müller@example.com").unwrap();
        assert!(uri.starts_with("otpauth://totp/Roster:Anna"), "{uri}");
        assert!(uri.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ") && uri.contains("issuer=Roster"), "{uri}");
    }
}
