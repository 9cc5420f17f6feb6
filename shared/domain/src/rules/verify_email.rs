//! Showing that an address is one's own.

use chrono::TimeDelta;
use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::mail::{Mail, Template, moment};
use crate::refusal::Refusal;
use crate::stamp::Stamp;
use crate::token::{Grant, OneTimeToken, within};
use crate::user::{User, UserStatus};

/// How long the link that confirms an address is good.
pub const VERIFY_EMAIL_HOURS: i64 = 72;

/// Mails a link that shows that the address is the user's; nothing where there is no address.
pub(crate) fn ask_to_verify(
    template: Template,
    account: &Account,
    user: &User,
    params: &[(&str, String)],
    change: &mut Change,
    stamp: &mut Stamp,
) {
    let Some(email) = user.email.clone() else { return };
    let grant = Grant::VerifyEmail { user_id: user.id, email };
    let (token, secret) = OneTimeToken::fresh(account.id, grant, TimeDelta::hours(VERIFY_EMAIL_HOURS), stamp);
    let params = [params, &[("expires_at", moment(token.expires_at))]].concat();
    change.create(Record::Token(token));
    change.mails.extend(Mail::to_user(template, account, user, &params, Some(secret), stamp));
}

/// Mails a new link to confirm the address; nothing when it is confirmed, or there is none.
pub fn verify_again(account: &Account, user: &User, stamp: &mut Stamp) -> Change {
    let mut change = Change::new(account.id, account.subscription.model);
    if !user.email_verified {
        ask_to_verify(Template::VerifyEmail, account, user, &[], &mut change, stamp);
    }
    change
}

/// Marks the address as confirmed and uses the token up (B3). A token for an address that the user no longer has is
/// as good as expired.
pub fn verify_email(
    account: &Account,
    user: &User,
    token: &OneTimeToken,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    let Grant::VerifyEmail { user_id, email } = &token.grants else { return Err(Refusal::NotFound) };
    let same_address = user.email.as_ref().is_some_and(|current| current.folded() == email.folded());
    if *user_id != user.id
        || !within(stamp.now, token.expires_at)
        || !same_address
        || user.status == UserStatus::Deleted
    {
        return Err(Refusal::LinkExpired);
    }
    let mut change = Change::new(account.id, account.subscription.model);
    change.remove(Record::Token(token.clone()));
    if !user.email_verified {
        let now = User { email_verified: true, version: user.version + 1, ..user.clone() };
        change.replace(Record::User(user.clone()), Record::User(now));
        let values = (json!({ "email_verified": false }), json!({ "email_verified": true }));
        change.audit.push(AuditEntry::of(account.id, "user.email_verified", user.id, values, stamp));
    }
    Ok(change)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, at, stamp, user};
    use crate::text::Email;
    use crate::user::UserType;

    #[test]
    fn the_last_moment_counts_and_the_next_does_not() {
        let account = account("basic");
        let mut user = user(&account, UserType::Member, 1);
        user.email_verified = false;
        let token = |email: &str| OneTimeToken {
            digest: crate::secret::Secret::from_bytes([1; 32]).digest(),
            account_id: account.id,
            expires_at: at("2026-02-02T10:00:00Z"),
            grants: Grant::VerifyEmail { user_id: user.id, email: Email::parse(email).unwrap() },
        };
        for (now, email, good) in [
            ("2026-02-02T10:00:00Z", "USER1@example.com", true),
            ("2026-02-02T10:00:00.001Z", "user1@example.com", false),
            ("2026-02-02T09:00:00Z", "other@example.com", false),
        ] {
            let got = verify_email(&account, &user, &token(email), &mut stamp(now));
            assert_eq!(got.is_ok(), good, "{now} {email}");
        }
    }
}
