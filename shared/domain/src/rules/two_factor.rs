//! The second factor: set up in two steps, turned off by oneself or by an admin (L10).

use serde_json::json;

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::mail::{Mail, Template, moment};
use crate::policy::{SignIn, TwoFactor};
use crate::refusal::Refusal;
use crate::rules::admin_password::may_reset;
use crate::stamp::Stamp;
use crate::totp::{PendingFactor, RECOVERY_CODES, RecoveryCode, SecondFactor, TotpSecret};
use crate::user::{Credential, User};

/// Whether a user must set up a second factor before anything else: the policy demands it. Google and Microsoft have
/// second factors of their own; who signs in there must have confirmed who he is.
pub fn must_set_up(account: &Account, user: &User) -> bool {
    let has = if user.sign_in == SignIn::Password { user.two_factor } else { user.identity_bound };
    account.policy.two_factor == TwoFactor::Required && !has
}

/// Begins the setup: keeps a secret that waits for its first code. Beginning again replaces one that still waits.
pub fn begin(
    account: &Account,
    user: &User,
    credential: &Credential,
    locked: String,
    stamp: &Stamp,
) -> Result<Change, Refusal> {
    if user.sign_in != SignIn::Password {
        return Err(Refusal::SignInMethodNotAllowed);
    }
    if credential.second_factor.is_some() {
        return Err(Refusal::TwoFactorAlreadyEnabled);
    }
    let pending_factor = Some(PendingFactor { locked, shown_at: stamp.now });
    let now = Credential { pending_factor, version: credential.version + 1, ..credential.clone() };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::Credential(credential.clone()), Record::Credential(now));
    Ok(change)
}

/// The setup that waits for its first code.
pub fn pending(credential: &Credential, stamp: &Stamp) -> Result<PendingFactor, Refusal> {
    if credential.second_factor.is_some() {
        return Err(Refusal::TwoFactorAlreadyEnabled);
    }
    credential.pending_factor.clone().filter(|factor| factor.is_open(stamp.now)).ok_or(Refusal::TwoFactorNotStarted)
}

/// Turns the second factor on with the app's first code, makes the recovery codes, and tells the holder.
pub fn confirm(
    account: &Account,
    user: &User,
    credential: &Credential,
    secret: &TotpSecret,
    code: &str,
    stamp: &mut Stamp,
) -> Result<(Vec<RecoveryCode>, Change), Refusal> {
    let PendingFactor { locked, .. } = pending(credential, stamp)?;
    let last_step = secret.step_of(code, stamp.now).ok_or(Refusal::InvalidCode)?;
    let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| RecoveryCode::fresh(stamp)).collect();
    let recovery = codes.iter().map(RecoveryCode::digest).collect();
    let factor = SecondFactor { locked, last_step, recovery };
    Ok((codes, switched(account, user, credential, Some(factor), &user.name, stamp)))
}

/// Turns one's own second factor off, and tells the holder. Nothing happens where there is none.
pub fn disable(account: &Account, user: &User, credential: &Credential, stamp: &mut Stamp) -> Change {
    if credential.second_factor.is_none() {
        return Change::new(account.id, account.subscription.model);
    }
    switched(account, user, credential, None, &user.name, stamp)
}

/// Turns another's second factor off (L10), and tells him who did. Nothing happens where there is none.
pub fn disable_by_admin(
    account: &Account,
    actor: &User,
    user: &User,
    credential: Option<&Credential>,
    stamp: &mut Stamp,
) -> Result<Change, Refusal> {
    may_reset(actor, user)?;
    Ok(match credential {
        Some(credential) if credential.second_factor.is_some() => {
            switched(account, user, credential, None, &actor.name, stamp)
        }
        _ => Change::new(account.id, account.subscription.model),
    })
}

/// What the audit says of a sign-in that used up a recovery code: how many were left, and are. Nothing of an app's code.
pub fn recovery_code_used(
    user: &User,
    before: &SecondFactor,
    after: &SecondFactor,
    stamp: &mut Stamp,
) -> Option<AuditEntry> {
    let left = |factor: &SecondFactor| json!({ "recovery_codes_left": factor.recovery.len() });
    stamp.origin.actor = Some(user.id);
    let values = (left(before), left(after));
    (before.recovery.len() != after.recovery.len())
        .then(|| AuditEntry::of(user.account_id, "user.recovery_code_used", user.id, values, stamp))
}

fn switched(
    account: &Account,
    user: &User,
    credential: &Credential,
    second_factor: Option<SecondFactor>,
    actor_name: &str,
    stamp: &mut Stamp,
) -> Change {
    let on = second_factor.is_some();
    let kept =
        Credential { second_factor, pending_factor: None, version: credential.version + 1, ..credential.clone() };
    let now = User { two_factor: on, version: user.version + 1, ..user.clone() };
    let mut change = Change::new(account.id, account.subscription.model);
    change.replace(Record::Credential(credential.clone()), Record::Credential(kept));
    change.replace(Record::User(user.clone()), Record::User(now));
    let (action, template) = if on {
        ("user.two_factor_enabled", Template::TwoFactorEnabled)
    } else {
        ("user.two_factor_disabled", Template::TwoFactorDisabled)
    };
    let values = (json!({ "two_factor_enabled": !on }), json!({ "two_factor_enabled": on }));
    change.audit.push(AuditEntry::of(account.id, action, user.id, values, stamp));
    let params = [("actor_name", actor_name.to_owned()), ("changed_at", moment(stamp.now))];
    change.mails.extend(Mail::to_user(template, account, user, &params, None, stamp));
    change
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, at, stamp, user};
    use crate::user::UserType;

    #[test]
    fn whom_the_policy_sends_into_the_setup() {
        let mut account = account("basic");
        for (policy, sign_in, has, must) in [
            (TwoFactor::Optional, SignIn::Password, false, false),
            (TwoFactor::Required, SignIn::Password, false, true),
            (TwoFactor::Required, SignIn::Password, true, false),
            (TwoFactor::Required, SignIn::Google, false, true),
            (TwoFactor::Required, SignIn::Google, true, false),
            (TwoFactor::Optional, SignIn::Google, false, false),
        ] {
            account.policy.two_factor = policy;
            let google = sign_in == SignIn::Google;
            let (two_factor, identity_bound) = (has && !google, has && google);
            let user = User { sign_in, two_factor, identity_bound, ..user(&account, UserType::Member, 1) };
            assert_eq!(must_set_up(&account, &user), must, "{policy:?} {sign_in:?} {has}");
        }
    }

    #[test]
    fn the_first_code_turns_it_on_within_an_hour() {
        let account = account("basic");
        let user = user(&account, UserType::Member, 1);
        let credential = Credential::new(&user, None);
        let mut shown = stamp("2026-02-01T10:00:00Z");
        let secret = TotpSecret::fresh(&mut shown);
        assert_eq!(pending(&credential, &shown).err(), Some(Refusal::TwoFactorNotStarted));
        begin(&account, &user, &credential, "locked".into(), &shown).unwrap();
        let pending = Some(PendingFactor { locked: "locked".into(), shown_at: shown.now });
        let waiting = Credential { pending_factor: pending, ..credential.clone() };
        for (now, code, refused) in [
            ("2026-02-01T11:00:00Z", None, None),
            ("2026-02-01T11:00:00.001Z", None, Some(Refusal::TwoFactorNotStarted)),
            ("2026-02-01T10:30:00Z", Some("000000"), Some(Refusal::InvalidCode)),
        ] {
            let code = code.map_or_else(|| secret.code_at(at(now)), str::to_owned);
            let got = confirm(&account, &user, &waiting, &secret, &code, &mut stamp(now));
            assert_eq!(got.as_ref().err(), refused.as_ref(), "{now}");
            if let Ok((codes, change)) = got {
                assert_eq!((codes.len(), change.mails.len()), (RECOVERY_CODES, 1));
            }
        }
        let factor = SecondFactor { locked: "locked".into(), last_step: 1, recovery: vec![] };
        let on = Credential { second_factor: Some(factor), ..credential.clone() };
        let again = begin(&account, &user, &on, "other".into(), &shown);
        assert_eq!(again.err(), Some(Refusal::TwoFactorAlreadyEnabled));
        let google = User { sign_in: SignIn::Google, ..user.clone() };
        let refused = begin(&account, &google, &credential, "locked".into(), &shown);
        assert_eq!(refused.err(), Some(Refusal::SignInMethodNotAllowed));
    }

    #[test]
    fn turning_it_off_is_told_once_l10() {
        let account = account("basic");
        let (admin, member) = (user(&account, UserType::Admin, 1), user(&account, UserType::Member, 2));
        let factor = SecondFactor { locked: String::new(), last_step: 1, recovery: vec![] };
        let with = Credential { second_factor: Some(factor), ..Credential::new(&member, None) };
        let without = Credential::new(&member, None);
        for (credential, mails) in [(&with, 1), (&without, 0)] {
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let change = disable_by_admin(&account, &admin, &member, Some(credential), &mut stamp).unwrap();
            assert_eq!(change.mails.len(), mails);
            assert_eq!(disable(&account, &member, credential, &mut stamp).mails.len(), mails);
        }
        let refused = disable_by_admin(&account, &member, &admin, Some(&with), &mut stamp("2026-02-01T10:00:00Z"));
        assert!(matches!(refused, Err(Refusal::Outranked(_))));
    }
}
