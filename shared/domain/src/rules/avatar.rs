//! Giving a user a picture, another, or none (R3, R7).

use crate::Instant;
use crate::account::Account;
use crate::avatar::{Avatar, AvatarKey, Discard, upload_path};
use crate::change::{Change, Record};
use crate::id::UploadId;
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::stamp::Stamp;
use crate::user::User;

/// What becomes of a user's picture.
#[derive(Clone, Debug)]
pub enum AvatarEdit {
    /// There is none any more.
    Remove,
    /// It is this one.
    Use(Prepared),
}

/// A picture that is about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The picture.
    pub avatar: Avatar,
    /// Where the file is that was uploaded.
    pub upload: String,
    /// What removes the picture if nobody gets it.
    pub discard: Discard,
}

/// Announces the file of a picture before it is written, so that it does not stay if no user gets it. The upload is the
/// asking user's own.
pub fn prepare(account: &Account, asking: &User, upload_id: UploadId, stamp: &mut Stamp) -> (Prepared, Change) {
    let key = AvatarKey::fresh(stamp);
    let discard = Discard::unless_used(account.id, key.path(account.id), stamp);
    let mut change = Change::new(account.id, account.subscription.model);
    change.create(Record::Discard(discard.clone()));
    let upload = upload_path(account.id, asking.id, upload_id);
    (Prepared { avatar: Avatar { key, upload_id }, upload, discard }, change)
}

/// Gives a user the picture, and lets go of the files that nobody needs after that: the one that was uploaded, and the
/// picture before.
pub fn set_avatar(user: &mut User, edit: AvatarEdit, change: &mut Change, stamp: &mut Stamp) {
    let old = user.avatar.take().map(|avatar| avatar.key.path(user.account_id));
    match edit {
        AvatarEdit::Remove => discard(user, old.into_iter().collect(), change, stamp),
        AvatarEdit::Use(Prepared { avatar, upload, discard }) => {
            let paths = std::iter::once(upload).chain(old).collect();
            let now = Discard { paths, due_at: stamp.now, version: discard.version + 1, ..discard.clone() };
            change.replace(Record::Discard(discard), Record::Discard(now));
            user.avatar = Some(avatar);
        }
    }
}

/// Lets go of files that nobody needs any more.
fn discard(user: &User, paths: Vec<String>, change: &mut Change, stamp: &mut Stamp) {
    if !paths.is_empty() {
        change.create(Record::Discard(Discard::now(user.account_id, paths, stamp)));
    }
}

/// Forgets files that were removed; none while somebody may still need them.
pub fn removed(discard: &Discard, now: Instant) -> Option<Change> {
    let mut change = Change::new(discard.account_id, Model::Unlimited);
    change.remove(Record::Discard(discard.clone()));
    (discard.due_at <= now).then_some(change)
}

/// The upload that was named is not there, or is another user's.
pub fn unknown_upload() -> Refusal {
    Refusal::field("avatar", "unknown_upload", "There is no such upload of yours. Uploads are kept for a day.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Write;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    /// The files that a change lets go of now, and those that it may let go of later.
    fn discarded(change: &Change, stamp: &Stamp) -> (Vec<String>, Vec<String>) {
        let (mut now, mut later) = (Vec::new(), Vec::new());
        for write in &change.writes {
            let (Write::Create(record) | Write::Replace { now: record, .. }) = write else { continue };
            if let Record::Discard(discard) = &**record {
                let due = discard.due_at <= stamp.now;
                if due { &mut now } else { &mut later }.extend(discard.paths.clone());
            }
        }
        (now, later)
    }

    #[test]
    fn a_picture_comes_changes_and_goes_r7() {
        let account = account("basic");
        let mut user = user(&account, UserType::Member, 1);
        let stamp = &mut stamp("2026-02-01T10:00:00Z");
        let fresh = || Change::new(account.id, account.subscription.model);
        let mut before: Option<String> = None;
        for _ in 0..2 {
            let (prepared, change) = prepare(&account, &user, stamp.id(), stamp);
            let path = prepared.avatar.key.path(account.id);
            // Until somebody has it, it is to go.
            assert_eq!(discarded(&change, stamp), (vec![], vec![path.clone()]));
            let mut change = fresh();
            set_avatar(&mut user, AvatarEdit::Use(prepared.clone()), &mut change, stamp);
            assert_eq!(user.avatar.as_ref(), Some(&prepared.avatar));
            let old: Vec<String> = [prepared.upload.clone()].into_iter().chain(before.clone()).collect();
            assert_eq!(discarded(&change, stamp), (old, vec![]), "the picture itself stays");
            let is_guarded = |write: &Write| matches!(write, Write::Replace { was, .. } if **was == Record::Discard(prepared.discard.clone()));
            assert!(change.writes.iter().any(is_guarded), "whoever removed it meanwhile is noticed");
            before = Some(path);
        }
        let mut change = fresh();
        set_avatar(&mut user, AvatarEdit::Remove, &mut change, stamp);
        assert_eq!(user.avatar, None);
        assert_eq!(discarded(&change, stamp), (before.into_iter().collect(), vec![]));
        let mut change = fresh();
        set_avatar(&mut user, AvatarEdit::Remove, &mut change, stamp);
        assert!(change.is_nothing());
    }

    #[test]
    fn a_path_says_whose_an_upload_is() {
        let account = account("basic");
        let (one, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let stamp = &mut stamp("2026-02-01T10:00:00Z");
        let id = stamp.id();
        let path = |user: &User, stamp: &mut Stamp| prepare(&account, user, id, stamp).0.upload;
        assert_ne!(path(&one, stamp), path(&other, stamp));
        assert_eq!(path(&one, stamp), format!("uploads/{}/{}/{id}", account.id, one.id));
    }

    #[test]
    fn time_is_left_for_half_an_hour() {
        let account = account("basic");
        let asking = user(&account, UserType::Member, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let id = stamp.id();
        let (Prepared { discard, .. }, _) = prepare(&account, &asking, id, &mut stamp);
        for (minutes, expected) in [(0, true), (29, true), (30, false), (60, false), (600, false)] {
            let at = stamp.now + chrono::TimeDelta::minutes(minutes);
            assert_eq!(discard.leaves_time(at), expected, "{minutes}");
            // The worker and a request never mean the same file.
            assert_eq!(removed(&discard, at).is_some(), minutes >= 60, "{minutes}");
        }
    }
}
