//! Changing one's own password.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::mail::{Mail, Template, moment};
use crate::password::PasswordHash;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::user::{Credential, User};

/// Sets a new password, ends every session but the one that asks, and tells the holder.
pub fn change_password(
    account: &Account,
    user: &User,
    session: &Session,
    credential: &Credential,
    password: PasswordHash,
    stamp: &mut Stamp,
) -> Change {
    let now = user.signed_out();
    let kept = Session { epoch: now.session_epoch, ..session.clone() };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::User(user.clone()), Record::User(now));
    change.replace(Record::Session(session.clone()), Record::Session(kept));
    change
        .replace(Record::Credential(credential.clone()), Record::Credential(credential.with_password(Some(password))));
    let values = (Value::Null, json!({ "other_sessions": "ended" }));
    change.audit.push(AuditEntry::of(account.id, "user.password_changed", user.id, values, stamp));
    tell(account, user, &mut change, stamp);
    change
}

/// Tells the holder that the password has changed.
pub(crate) fn tell(account: &Account, user: &User, change: &mut Change, stamp: &mut Stamp) {
    let params = [("changed_at", moment(stamp.now))];
    change.mails.extend(Mail::to_user(Template::PasswordChanged, account, user, &params, None, stamp));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Write;
    use crate::password::Password;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn only_the_session_that_asks_goes_on() {
        let account = account("basic");
        let user = user(&account, UserType::Member, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (mine, _) = Session::open(&user, &account.policy, None, &mut stamp);
        let (other, _) = Session::open(&user, &account.policy, None, &mut stamp);
        let hash = Password::presented("x").hash([1; 16]);
        let change = change_password(&account, &user, &mine, &Credential::new(&user, None), hash, &mut stamp);
        let (mut after, mut kept) = (None, None);
        for write in change.writes {
            let Write::Replace { now, .. } = write else { panic!("only replaced") };
            match *now {
                Record::User(user) => after = Some(user),
                Record::Session(session) => kept = Some(session),
                _ => {}
            }
        }
        let (after, kept) = (after.unwrap(), kept.unwrap());
        assert!(kept.is_alive(&after, &account.policy, stamp.now));
        assert!(!other.is_alive(&after, &account.policy, stamp.now));
        assert_eq!(change.mails.len(), 1);
    }
}
