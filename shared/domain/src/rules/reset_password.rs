//! Choosing a new password with a mailed link (R9, L9).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::password::PasswordHash;
use crate::refusal::Refusal;
use crate::rules::change_password::tell;
use crate::rules::forgot_password::has_password;
use crate::stamp::Stamp;
use crate::token::{Grant, OneTimeToken, within};
use crate::user::{Credential, User};

/// Whether the link is good now: in its window, no other password was set since it was mailed, and the address that it
/// was mailed to is still the user's.
pub fn resettable(
    account: &Account,
    user: &User,
    credential: &Credential,
    token: &OneTimeToken,
    stamp: &Stamp,
) -> Result<(), Refusal> {
    let Grant::ResetPassword { user_id, email, password_epoch } = &token.grants else {
        return Err(Refusal::NotFound);
    };
    let same_address = user.email.as_ref().is_some_and(|current| current.folded() == email.folded());
    let good = *user_id == user.id
        && within(stamp.now, token.expires_at)
        && *password_epoch == credential.password_epoch
        && same_address
        && has_password(account, user);
    if good { Ok(()) } else { Err(Refusal::LinkExpired) }
}

/// Sets the password, ends every session, uses up this link and every other one, and tells the holder. A link that came to
/// the address shows that it is the user's. The second factor stays as it is.
pub fn reset_password(
    account: &Account,
    user: &User,
    credential: &Credential,
    token: &OneTimeToken,
    password: PasswordHash,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    resettable(account, user, credential, token, stamp)?;
    let now = User { email_verified: true, ..user.signed_out() };
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Token(token.clone()));
    change.replace(Record::User(user.clone()), Record::User(now));
    change
        .replace(Record::Credential(credential.clone()), Record::Credential(credential.with_password(Some(password))));
    stamp.origin.actor = Some(user.id);
    let values = (Value::Null, json!({ "sessions": "ended" }));
    change.audit.push(AuditEntry::of(account.id, "user.password_reset_by_link", user.id, values, stamp));
    tell(account, user, &mut change, stamp);
    Ok(change)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::Write;
    use crate::password::Password;
    use crate::policy::SignIn;
    use crate::rules::fixtures::{account, at, stamp, user};
    use crate::secret::Secret;
    use crate::text::Email;
    use crate::user::{UserStatus, UserType};

    #[test]
    fn when_a_link_is_good_r9() {
        let account = account("basic");
        let user = user(&account, UserType::Member, 1);
        let credential = Credential::new(&user, None);
        let token = |epoch| OneTimeToken {
            digest: Secret::from_bytes([1; 32]).digest(),
            account_id: account.id,
            expires_at: at("2026-02-01T11:00:00Z"),
            grants: Grant::ResetPassword {
                user_id: user.id,
                email: Email::parse("USER1@example.com").unwrap(),
                password_epoch: epoch,
            },
        };
        for (now, epoch, status, sign_in, good) in [
            ("2026-02-01T11:00:00Z", 1, UserStatus::Active, SignIn::Password, true),
            ("2026-02-01T11:00:00Z", 1, UserStatus::Pending, SignIn::Password, true),
            ("2026-02-01T11:00:00.001Z", 1, UserStatus::Active, SignIn::Password, false),
            ("2026-02-01T10:00:00Z", 2, UserStatus::Active, SignIn::Password, false),
            ("2026-02-01T10:00:00Z", 1, UserStatus::Deactivated, SignIn::Password, false),
            ("2026-02-01T10:00:00Z", 1, UserStatus::Active, SignIn::Google, false),
        ] {
            let user = User { status, sign_in, email_verified: false, ..user.clone() };
            let hash = Password::presented("x").hash([1; 16]);
            let got = reset_password(&account, &user, &credential, &token(epoch), hash, &mut stamp(now));
            assert_eq!(got.is_ok(), good, "{now} {epoch} {status:?} {sign_in:?}");
            let Ok(change) = got else { continue };
            assert_eq!(change.mails.len(), 1, "the holder is told");
            let mut users = change.writes.iter().filter_map(|write| match write {
                Write::Replace { now, .. } => match &**now {
                    Record::User(user) => Some(user),
                    _ => None,
                },
                _ => None,
            });
            let now = users.next_back().unwrap();
            assert_eq!((now.session_epoch, now.email_verified), (user.session_epoch + 1, true));
        }
        let wrong_step = OneTimeToken { grants: Grant::Nothing, ..token(1) };
        let stamp = stamp("2026-02-01T10:00:00Z");
        assert_eq!(resettable(&account, &user, &credential, &wrong_step, &stamp), Err(Refusal::NotFound));
        let moved = User { email: Email::parse("new@example.com"), ..user.clone() };
        assert_eq!(resettable(&account, &moved, &credential, &token(1), &stamp), Err(Refusal::LinkExpired));
    }
}
