//! Signing in with Google or Microsoft (P4): the identity there is bound once, by a link that was mailed to the user, and
//! never by an address that the provider tells.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::identity::{Identity, Provider};
use crate::mail::{Mail, Template, moment};
use crate::refusal::Refusal;
use crate::stamp::Stamp;
use crate::text::fold;
use crate::token::{Grant, OneTimeToken, within};
use crate::user::{Credential, User, UserStatus};

/// How long the link that binds an identity is good.
pub const CONFIRM_HOURS: i64 = 168;

/// Asks a user who signs in with Google or Microsoft to confirm who he is there; nothing for other users.
pub(crate) fn ask_to_confirm(
    account: &Account,
    user: &User,
    credential: &Credential,
    change: &mut Change,
    stamp: &mut Stamp,
) {
    let (Some(provider), Some(email)) = (Provider::of(user.sign_in), user.email.clone()) else { return };
    let password_epoch = credential.password_epoch;
    let grant = Grant::ConfirmSignIn { user_id: user.id, email, provider, password_epoch };
    let (token, secret) = OneTimeToken::fresh(account.id, grant, TimeDelta::hours(CONFIRM_HOURS), stamp);
    let params = [("provider", provider.label().to_owned()), ("expires_at", moment(token.expires_at))];
    change.create(Record::Token(token));
    change.mails.extend(Mail::to_user(Template::SsoConfirmation, account, user, &params, Some(secret), stamp));
}

/// Whether the link can bind an identity now: in its window, to a user who signs in there and has none yet, at the address
/// that it was mailed to. Answers the provider.
pub fn confirmable(
    user: &User,
    credential: &Credential,
    token: &OneTimeToken,
    stamp: &Stamp,
) -> Result<Provider, Refusal> {
    let Grant::ConfirmSignIn { user_id, email, provider, password_epoch } = &token.grants else {
        return Err(Refusal::NotFound);
    };
    let same_address = user.email.as_ref().is_some_and(|current| current.folded() == email.folded());
    let waits = user.status == UserStatus::Active || user.is_created_and_pending();
    let good = *user_id == user.id
        && within(stamp.now, token.expires_at)
        && same_address
        && *password_epoch == credential.password_epoch
        && waits
        && user.sign_in == provider.sign_in()
        && credential.identity.is_none();
    if good { Ok(*provider) } else { Err(Refusal::LinkExpired) }
}

/// Binds an identity to the user whom the link was mailed to; the address is confirmed with it. Answers the user as he is
/// then, for the sign-in that follows in the same change.
///
/// `address` is what the provider says: one that is not the user's is a sign of the wrong account in the browser, and is
/// refused; one that is proves nothing.
pub fn confirm_sign_in(
    account: &Account,
    user: &User,
    credential: &Credential,
    token: &OneTimeToken,
    (identity, address): (&Identity, Option<&str>),
    change: &mut Change,
    stamp: &mut Stamp,
) -> Result<User, Refusal> {
    if confirmable(user, credential, token, stamp)? != identity.provider {
        return Err(Refusal::LinkExpired);
    }
    let own = user.email.as_ref().map(crate::text::Email::folded);
    if address.is_some_and(|address| own.as_deref() != Some(fold(address).as_str())) {
        return Err(Refusal::IdentityMismatch);
    }
    let bound = Credential { identity: Some(identity.clone()), version: credential.version + 1, ..credential.clone() };
    change.remove(Record::Token(token.clone()));
    change.replace(Record::Credential(credential.clone()), Record::Credential(bound));
    change.writes.push(Write::Claim(Claim::identity(identity, account.id, user.id), Refusal::IdentityTaken));
    stamp.origin.actor = Some(user.id);
    let values = (Value::Null, json!({ "sign_in": user.sign_in }));
    change.audit.push(AuditEntry::of(account.id, "user.sign_in_confirmed", user.id, values, stamp));
    Ok(User { email_verified: true, identity_bound: true, ..user.clone() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::policy::SignIn;
    use crate::rules::fixtures::{account, at, stamp, user};
    use crate::secret::Secret;
    use crate::text::Email;
    use crate::user::UserType;

    #[test]
    fn when_an_identity_is_bound_p4() {
        use Provider::{Google, Microsoft};
        let account = account("basic");
        let user = User { sign_in: SignIn::Google, ..user(&account, UserType::Member, 1) };
        let token = |email: &str| OneTimeToken {
            digest: Secret::from_bytes([1; 32]).digest(),
            account_id: account.id,
            expires_at: at("2026-02-08T10:00:00Z"),
            grants: Grant::ConfirmSignIn {
                user_id: user.id,
                email: Email::parse(email).unwrap(),
                provider: Provider::Google,
                password_epoch: 1,
            },
        };
        let expired = Some(Refusal::LinkExpired);
        for (now, mailed_to, provider, says, bound, refused) in [
            ("2026-02-08T10:00:00Z", "user1@example.com", Google, Some("USER1@example.com"), false, None),
            ("2026-02-08T10:00:00Z", "user1@example.com", Google, None, false, None),
            ("2026-02-08T10:00:00.001Z", "user1@example.com", Google, None, false, expired.clone()),
            ("2026-02-01T10:00:00Z", "before@example.com", Google, None, false, expired.clone()),
            ("2026-02-01T10:00:00Z", "user1@example.com", Microsoft, None, false, expired.clone()),
            ("2026-02-01T10:00:00Z", "user1@example.com", Google, None, true, expired),
            (
                "2026-02-01T10:00:00Z",
                "user1@example.com",
                Google,
                Some("other@example.com"),
                false,
                Some(Refusal::IdentityMismatch),
            ),
        ] {
            let identity = Identity { provider, issuer: "https://i".into(), subject: "s".into() };
            let mut credential = Credential::new(&user, None);
            credential.identity = bound.then(|| identity.clone());
            let mut change = Change::new(account.id, account.subscription.model);
            let mut stamp = stamp(now);
            let said = (&identity, says);
            let got = confirm_sign_in(&account, &user, &credential, &token(mailed_to), said, &mut change, &mut stamp);
            assert_eq!(got.err(), refused, "{now} {mailed_to} {provider:?} {says:?} {bound}");
        }
    }
}
