//! A forgotten password (R9): a link to choose another goes to the address that is kept, and to no other.

use chrono::TimeDelta;

use crate::account::Account;
use crate::change::{Change, Record};
use crate::id::AccountId;
use crate::identity::Provider;
use crate::mail::{Mail, Template, moment};
use crate::plan::Model;
use crate::policy::SignIn;
use crate::rules::confirm_sign_in::ask_to_confirm;
use crate::stamp::Stamp;
use crate::token::{Grant, OneTimeToken};
use crate::user::{Credential, User, UserStatus};

/// For how long a link to choose a password is good.
pub const RESET_HOURS: i64 = 1;

/// Whether a user can come in, once he has proved himself.
fn may_enter(user: &User) -> bool {
    user.status == UserStatus::Active || user.is_created_and_pending()
}

/// Whether a link to choose a password helps this user: he signs in with one, and may.
pub(crate) fn has_password(account: &Account, user: &User) -> bool {
    let method = user.sign_in == SignIn::Password && account.policy.sign_in_methods.0.contains(&SignIn::Password);
    method && may_enter(user)
}

/// Mails a link to choose a password; to whoever signs in with Google or Microsoft and has not confirmed yet, the link that
/// confirms. Where neither helps, as much is written that tells nothing: the answer takes the same time.
pub fn forgot_password(found: Option<(&Account, &User, &Credential)>, stamp: &mut Stamp) -> Change {
    match found {
        Some((account, user, credential)) if has_password(account, user) && user.email.is_some() => {
            let mut change = Change::new(account.id, account.subscription.model);
            let params = [("login", user.login.clone())];
            mail_link(Template::PasswordResetRequested, account, user, credential, &params, &mut change, stamp);
            change
        }
        Some((account, user, credential)) if waits_for_confirmation(user, credential) => {
            let mut change = Change::new(account.id, account.subscription.model);
            ask_to_confirm(account, user, credential, &mut change, stamp);
            change
        }
        _ => {
            let nobody = AccountId::from_bits(0);
            let mut change = Change::new(nobody, Model::Unlimited);
            let lasts = TimeDelta::hours(RESET_HOURS);
            change.create(Record::Token(OneTimeToken::fresh(nobody, Grant::Nothing, lasts, stamp).0));
            change.mails.push(Mail::to_nobody(Template::PasswordResetRequested, stamp));
            change
        }
    }
}

fn waits_for_confirmation(user: &User, credential: &Credential) -> bool {
    let provider = Provider::of(user.sign_in).is_some();
    provider && may_enter(user) && credential.identity.is_none() && user.email.is_some()
}

/// Mails a link to choose a password in the place of `credential`'s; nothing where there is no address.
pub(crate) fn mail_link(
    template: Template,
    account: &Account,
    user: &User,
    credential: &Credential,
    params: &[(&str, String)],
    change: &mut Change,
    stamp: &mut Stamp,
) {
    let Some(email) = user.email.clone() else { return };
    let grant = Grant::ResetPassword { user_id: user.id, email, password_epoch: credential.password_epoch };
    let (token, secret) = OneTimeToken::fresh(account.id, grant, TimeDelta::hours(RESET_HOURS), stamp);
    let params = [params, &[("expires_at", moment(token.expires_at))]].concat();
    change.create(Record::Token(token));
    change.mails.extend(Mail::to_user(template, account, user, &params, Some(secret), stamp));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn who_gets_a_link_and_that_nobody_else_can_tell_r9() {
        let account = account("basic");
        for (status, invited, sign_in, with_email, mailed) in [
            (UserStatus::Active, false, SignIn::Password, true, true),
            (UserStatus::Pending, false, SignIn::Password, true, true),
            (UserStatus::Pending, true, SignIn::Password, true, false),
            (UserStatus::Deactivated, false, SignIn::Password, true, false),
            (UserStatus::Active, false, SignIn::Google, true, true),
            (UserStatus::Deactivated, false, SignIn::Google, true, false),
            (UserStatus::Active, false, SignIn::Password, false, false),
        ] {
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let mut user = User { status, sign_in, ..user(&account, UserType::Member, 1) };
            user.invitation_id = invited.then(|| stamp.id());
            user.email = user.email.filter(|_| with_email);
            let credential = Credential::new(&user, None);
            let change = forgot_password(Some((&account, &user, &credential)), &mut stamp);
            let [mail] = change.mails.as_slice() else { panic!("one mail") };
            assert_eq!(Mail::has_reader(&mail.to), mailed, "{status:?} {invited} {sign_in:?} {with_email}");
            assert_eq!((change.writes.len(), change.audit.len()), (1, 0), "as much is written for everybody");
        }
        let change = forgot_password(None, &mut stamp("2026-02-01T10:00:00Z"));
        assert_eq!((change.writes.len(), change.mails.len(), change.audit.len()), (1, 1, 0));
    }
}
