//! Pictures of users (R3, R7): where their files are, and which files are to go.

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, DiscardId, UploadId, UserId};
use crate::secret::Secret;
use crate::stamp::Stamp;

/// Most bytes of a file that is uploaded.
pub const MAX_UPLOAD: u64 = 8 << 20;
/// For how long a form to upload with is good.
pub const UPLOAD_WINDOW: TimeDelta = TimeDelta::minutes(15);
/// For how long an upload that nobody uses is kept, in days: the store of files forgets it by itself.
pub const UPLOAD_DAYS: i64 = 1;
/// For how long a picture may be on its way into a user before it counts as left behind: far longer than any request runs.
const ON_ITS_WAY: TimeDelta = TimeDelta::hours(1);

/// The name of a picture: 256 random bits, since whoever knows it sees the picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(extend("pattern" = "^[A-Za-z0-9_-]{43}$"))]
pub struct AvatarKey(String);

/// A text that is no name of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a picture")]
pub struct NotAKey;

impl TryFrom<String> for AvatarKey {
    type Error = NotAKey;

    fn try_from(text: String) -> Result<Self, NotAKey> {
        Secret::presented(&text).map(|_| Self(text)).ok_or(NotAKey)
    }
}

impl From<AvatarKey> for String {
    fn from(key: AvatarKey) -> Self {
        key.0
    }
}

impl AvatarKey {
    /// A fresh one.
    pub fn fresh(stamp: &mut Stamp) -> Self {
        Self(stamp.secret().reveal().to_owned())
    }

    /// Its 43 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the picture's file is.
    pub fn path(&self, account: AccountId) -> String {
        format!("avatars/{account}/{}", self.0)
    }

    /// Where browsers find the picture, behind the service's own address.
    pub fn place(&self, account: AccountId) -> String {
        format!("/avatars/{account}/{}", self.0)
    }
}

/// A user's picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Avatar {
    /// Its name.
    pub key: AvatarKey,
    /// The upload that it was made of: who asks for the same one again has it already.
    pub upload_id: UploadId,
}

/// Where the file of an upload is. The path says whose it is, so nobody can use another's.
pub fn upload_path(account: AccountId, user: UserId, id: UploadId) -> String {
    format!("uploads/{account}/{user}/{id}")
}

/// Files that are to be removed, kept in the table with the change that made them useless, or before they were written: a
/// process that dies leaves nothing behind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discard {
    /// Its id.
    pub id: DiscardId,
    /// The account whose files they are.
    pub account_id: AccountId,
    /// Where they are.
    pub paths: Vec<String>,
    /// From when on nobody may need them.
    pub due_at: Instant,
    /// Counts the changes, from 1.
    pub version: u64,
}

/// For how long an upload is good, from the form on.
const GOOD_FOR: TimeDelta = TimeDelta::days(1);

/// Whether an upload is good no more, though the file may still be there.
pub fn is_over(upload: UploadId, now: Instant) -> bool {
    upload < UploadId::earliest(now - GOOD_FOR)
}

impl Discard {
    /// Files that nobody needs any more.
    pub fn now(account: AccountId, paths: Vec<String>, stamp: &mut Stamp) -> Self {
        Self { id: stamp.id(), account_id: account, paths, due_at: stamp.now, version: 1 }
    }

    /// A file that is about to be written, and useless unless a user gets it.
    pub fn unless_used(account: AccountId, path: String, stamp: &mut Stamp) -> Self {
        Self { due_at: stamp.now + ON_ITS_WAY, ..Self::now(account, vec![path], stamp) }
    }

    /// Whether there is time left to use the file: not in the last minutes, when a worker may be about to remove it.
    pub fn leaves_time(&self, now: Instant) -> bool {
        now + ON_ITS_WAY / 2 < self.due_at
    }
}
