//! Who somebody is at Google or Microsoft (P4).

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::AccountId;
use crate::locale::Locale;
use crate::policy::SignIn;
use crate::secret::SecretDigest;

/// Who vouches for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Google.
    Google,
    /// Microsoft.
    Microsoft,
}

impl Provider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Google, Self::Microsoft];

    /// The name in paths.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Google => "google",
            Self::Microsoft => "microsoft",
        }
    }

    /// The name that people know.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
        }
    }

    /// The way to sign in that it is.
    pub const fn sign_in(self) -> SignIn {
        match self {
            Self::Google => SignIn::Google,
            Self::Microsoft => SignIn::Microsoft,
        }
    }

    /// Who vouches for those who sign in so; nobody for passwords.
    pub const fn of(sign_in: SignIn) -> Option<Self> {
        match sign_in {
            SignIn::Password => None,
            SignIn::Google => Some(Self::Google),
            SignIn::Microsoft => Some(Self::Microsoft),
        }
    }
}

/// An identity: the provider, its issuer and the subject there. Never an address, which can change hands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Who vouches.
    pub provider: Provider,
    /// The issuer of its tokens.
    pub issuer: String,
    /// Who it is there.
    pub subject: String,
}

impl Identity {
    /// One text for one identity: what a claim of it is kept under.
    pub fn handle(&self) -> String {
        // No part can run into the next: lengths stand before them.
        let Self { provider, issuer, subject } = self;
        let plain = format!("{} {} {issuer} {} {subject}", provider.name(), issuer.len(), subject.len());
        SecretDigest::of(&plain).as_str().to_owned()
    }
}

/// How long somebody may take at the provider.
pub const FLOW_MINUTES: i64 = 10;

/// A sign-in at a provider that is on its way. The nonce and the code verifier are not kept: they are made anew of the
/// state, which comes back with the browser.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flow {
    /// What is kept of the state.
    pub digest: SecretDigest,
    /// Where the browser went.
    pub provider: Provider,
    /// What is kept of the cookie of the browser that began it: no other may end it.
    pub browser: SecretDigest,
    /// The account to sign in to, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// The mailed token that the identity is to be bound by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<SecretDigest>,
    /// The language of whom the mail is for, to say in it how the sign-in ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// The last moment at which it can end.
    pub expires_at: Instant,
}

impl Flow {
    /// When a flow that begins now is over.
    pub fn end(now: Instant) -> Instant {
        now + TimeDelta::minutes(FLOW_MINUTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_identities_share_a_handle() {
        let identity = |provider, issuer: &str, subject: &str| Identity {
            provider,
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
        };
        let mut handles: Vec<_> = [
            identity(Provider::Google, "https://a", "1"),
            identity(Provider::Microsoft, "https://a", "1"),
            identity(Provider::Google, "https://a", "12"),
            identity(Provider::Google, "https://a 1 1", ""),
            identity(Provider::Google, "https://a ", "1"),
            identity(Provider::Google, "https://A", "1"),
        ]
        .iter()
        .map(Identity::handle)
        .collect();
        handles.sort();
        handles.dedup();
        assert_eq!(handles.len(), 6);
    }
}
