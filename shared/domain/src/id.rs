//! Typed ids: a prefix and a `UUIDv7` in base32 (`TypeID`), such as `usr_01kc2m9x4nf3t8v5w7y2a6b4cd`.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
pub use type_safe_id::StaticType;
use type_safe_id::TypeSafeId;
use uuid::Uuid;

use crate::Instant;

/// The id of a `K`. Ids made later sort later.
pub struct Id<K>(Uuid, PhantomData<fn() -> K>);

macro_rules! ids {
    ($($(#[$doc:meta])* $alias:ident = $kind:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        pub type $alias = Id<$kind>;

        #[doc = concat!("The kind of ids that begin with `", $prefix, "_`.")]
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $kind;

        impl StaticType for $kind {
            const TYPE: &'static str = $prefix;
        }
    )*};
}

ids! {
    /// An account.
    AccountId = AccountKind, "acc";
    /// A user.
    UserId = UserKind, "usr";
    /// An invitation.
    InvitationId = InvitationKind, "inv";
    /// A session.
    SessionId = SessionKind, "ses";
    /// A role.
    RoleId = RoleKind, "rol";
    /// An invoice.
    InvoiceId = InvoiceKind, "bil";
    /// An audit entry.
    AuditId = AuditKind, "evt";
    /// A mail.
    MailId = MailKind, "msg";
    /// A file that somebody uploads.
    UploadId = UploadKind, "upl";
    /// An import of invitations.
    ImportId = ImportKind, "imp";
    /// A change of address.
    EmailChangeId = EmailChangeKind, "emc";
    /// Files that are to be removed.
    DiscardId = DiscardKind, "dis";
    /// A posting of the license ledger.
    PostingId = PostingKind, "led";
}

impl<K: StaticType> Id<K> {
    /// The id that this UUID makes.
    pub const fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The id of these 128 bits.
    pub const fn from_bits(bits: u128) -> Self {
        Self::from_uuid(Uuid::from_u128(bits))
    }

    /// What sorts before every id made at a moment or later, and behind every id made before it. Ids know milliseconds.
    pub fn earliest(at: Instant) -> Self {
        let whole = at.timestamp_millis();
        let later = i64::from(!at.timestamp_subsec_nanos().is_multiple_of(1_000_000));
        let millis = u128::try_from(whole + later).unwrap_or_default();
        Self::from_bits(millis.min((1 << 48) - 1) << 80)
    }

    /// When it was made.
    pub fn made_at(self) -> Instant {
        i64::try_from(self.bits() >> 80).ok().and_then(Instant::from_timestamp_millis).unwrap_or_default()
    }

    /// The number in an id that was made with one ([`crate::Stamp::numbered_id`]); without meaning in any other.
    pub const fn number(self) -> i64 {
        let high = (self.bits() >> 64) & 0xfff;
        let low = (self.bits() >> 32) & 0x3fff_ffff;
        #[allow(clippy::cast_possible_truncation, reason = "42 bits")]
        let number = ((high << 30) | low) as i64;
        number
    }

    /// Its 128 bits, of which the last 62 are random.
    pub const fn bits(self) -> u128 {
        self.0.as_u128()
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for Id<K> {}

impl<K> std::hash::Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K: StaticType> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TypeSafeId::<K>::from_uuid(self.0).fmt(f)
    }
}

impl<K: StaticType> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no id of the kind asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id that begins with {0}_")]
pub struct NotAnId(&'static str);

impl<K: StaticType> FromStr for Id<K> {
    type Err = NotAnId;

    fn from_str(text: &str) -> Result<Self, NotAnId> {
        let id: TypeSafeId<K> = text.parse().map_err(|_| NotAnId(K::TYPE))?;
        Ok(Self::from_uuid(id.uuid()))
    }
}

impl<K: StaticType> Serialize for Id<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: StaticType> Deserialize<'de> for Id<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl<K: StaticType> JsonSchema for Id<K> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Id_{}", K::TYPE).into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": format!("^{}_[0-7][0-9a-hjkmnp-tv-z]{{25}}$", K::TYPE) })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::stamp::{Origin, Stamp};

    #[test]
    fn a_moment_lies_between_the_ids_made_before_and_after_it() {
        let made = |at: &str, seed| Stamp::new(at.parse().unwrap(), [seed; 32], Origin::default()).id::<AuditKind>();
        let bound = |at: &str| AuditId::earliest(at.parse().unwrap());
        for seed in 0..50 {
            let id = made("2026-02-01T10:00:00.500Z", seed);
            for (at, is_before) in [
                ("2026-02-01T10:00:00.499Z", true),
                ("2026-02-01T10:00:00.499999Z", true),
                ("2026-02-01T10:00:00.500Z", true),
                ("2026-02-01T12:00:00.500+02:00", true),
                ("2026-02-01T10:00:00.500001Z", false),
                ("2026-02-01T10:00:00.501Z", false),
                ("1900-01-01T00:00:00Z", true),
                ("9999-12-31T23:59:59Z", false),
            ] {
                assert_eq!(bound(at) <= id, is_before, "{at}");
                assert_eq!(bound(at).to_string() <= id.to_string(), is_before, "{at} as text");
            }
        }
    }
}
