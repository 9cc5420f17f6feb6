//! Editing an account and one's own profile.

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::locale::Locale;
use crate::policy::{Policy, PolicyPatch, SignIn};
use crate::refusal::Refusal;
use crate::rules::avatar::{AvatarEdit, set_avatar};
use crate::rules::rank::{may_act_as, may_unmake};
use crate::stamp::Stamp;
use crate::user::{Notifications, User, UserStatus};

/// What to change of an account; none leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new language.
    pub locale: Option<Locale>,
    /// What to change of the policy.
    pub policy: Option<PolicyPatch>,
}

/// Edits an account. An edit that changes nothing writes nothing. A policy that would keep the editor himself from signing
/// in is refused: somebody must be able to put it right.
pub fn edit_account(
    account: &Account,
    editor: &User,
    edit: AccountEdit,
    stamp: &mut Stamp,
) -> Result<(Account, Change), Refusal> {
    let mut now = account.clone();
    now.name = edit.name.unwrap_or(now.name);
    now.locale = edit.locale.unwrap_or(now.locale);
    if let Some(patch) = edit.policy {
        now.policy = account.policy.merged(patch).map_err(Refusal::Invalid)?;
        let own = |policy: &Policy| {
            let signing_in = (policy.sign_in_methods.clone(), policy.two_factor, policy.sessions.clone());
            (signing_in, policy.email_change.clone(), policy.deletion)
        };
        // How people sign in and for how long, who changes their addresses and who is deleted is the customer's own to say.
        if stamp.origin.acting_for.is_some() && own(&now.policy) != own(&account.policy) {
            return Err(Refusal::NotWhileActingFor);
        }
        let confirmed = editor.sign_in == SignIn::Password || editor.identity_bound;
        let narrowed = now.policy.sign_in_methods != account.policy.sign_in_methods;
        if narrowed && !(confirmed && now.policy.sign_in_methods.0.contains(&editor.sign_in)) {
            let detail = "This would keep you yourself from signing in.";
            return Err(Refusal::field("policy.sign_in_methods", "locks_you_out", detail));
        }
    }
    let mut change = Change::new(account.id, account.subscription.model);
    if now != *account {
        now.version += 1;
        let facts =
            |account: &Account| json!({ "name": account.name, "locale": account.locale, "policy": account.policy });
        let values = difference(&facts(account), &facts(&now));
        change.audit.push(AuditEntry::of(account.id, "account.updated", account.id, values, stamp));
        change.replace(Record::Account(account.clone()), Record::Account(now.clone()));
    }
    Ok((now, change))
}

/// What to change of a profile; none leaves a field as it is, `Some(None)` empties it.
#[derive(Clone, Debug, Default)]
pub struct ProfileEdit {
    /// A new name.
    pub name: Option<String>,
    /// A new job title.
    pub title: Option<Option<String>>,
    /// A new telephone number.
    pub phone: Option<Option<String>>,
    /// A new language.
    pub locale: Option<Locale>,
    /// A new IANA time zone.
    pub time_zone: Option<Option<String>>,
    /// Which mails are wanted.
    pub notifications: Option<Notifications>,
    /// A new login.
    pub login: Option<String>,
    /// What becomes of the picture.
    pub avatar: Option<AvatarEdit>,
}

/// Edits a profile (R7, L4, W10): neither address nor password. An edit that changes nothing writes nothing.
///
/// Refuses a login that somebody has, another login for somebody who is invited, since he signs in with the address, and
/// for somebody whom the editor could not sign in as. Of admins only administrators edit anything: a name stands in mails.
pub fn edit_profile(
    account: &Account,
    editor: &User,
    user: &User,
    edit: ProfileEdit,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    let mut now = user.clone();
    now.login = edit.login.unwrap_or(now.login);
    if now.login != user.login && stamp.origin.acting_for.is_some() {
        return Err(Refusal::NotWhileActingFor);
    }
    if now.login != user.login && user.invitation_id.is_some() {
        return Err(Refusal::UserPending);
    }
    if editor.id != user.id {
        may_unmake(editor, user)?;
        if now.login != user.login {
            may_act_as(editor, user)?;
        }
    }
    now.notifications = edit.notifications.unwrap_or(now.notifications);
    now.name = edit.name.unwrap_or(now.name);
    now.title = edit.title.unwrap_or(now.title);
    now.phone = edit.phone.unwrap_or(now.phone);
    now.locale = edit.locale.unwrap_or(now.locale);
    now.time_zone = edit.time_zone.unwrap_or(now.time_zone);
    let mut change = Change::new(account.id, account.subscription.model);
    if let Some(avatar) = edit.avatar {
        set_avatar(&mut now, avatar, &mut change, stamp);
    }
    if now != *user {
        now.version += 1;
        let facts = |user: &User| -> Value {
            json!({ "name": user.name, "login": user.login, "title": user.title, "phone": user.phone,
                "locale": user.locale, "time_zone": user.time_zone, "notifications": user.notifications,
                // Which upload it was made of: whoever knows the name of a picture sees it.
                "avatar": user.avatar.as_ref().map(|avatar| avatar.upload_id) })
        };
        let (had, has) = (user.handles(), now.handles());
        for handle in had.iter().filter(|handle| !has.contains(handle)) {
            change.writes.push(Write::Release(Claim::handle(handle.clone(), account.id, user.id)));
        }
        for handle in has.into_iter().filter(|handle| !had.contains(handle)) {
            change.writes.push(Write::Claim(Claim::handle(handle, account.id, user.id), Refusal::LoginTaken));
        }
        let values = difference(&facts(user), &facts(&now));
        change.audit.push(AuditEntry::of(account.id, "user.updated", user.id, values, stamp));
        change.replace(Record::User(user.clone()), Record::User(now.clone()));
    }
    Ok((now, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn only_differences_are_written_and_told() {
        let account = account("basic");
        let user = user(&account, UserType::Member, 1);
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (_, change) = edit_profile(&account, &user, &user, ProfileEdit::default(), &mut stamp).unwrap();
        assert!(change.is_nothing());
        let edit = ProfileEdit { title: Some(Some("CFO".into())), locale: Some(user.locale), ..ProfileEdit::default() };
        let (now, change) = edit_profile(&account, &user, &user, edit, &mut stamp).unwrap();
        assert_eq!((now.title.as_deref(), now.version), (Some("CFO"), 2));
        assert_eq!(change.audit[0].before, json!({ "title": null }));
        assert_eq!(change.audit[0].after, json!({ "title": "CFO" }));
        let (now, change) = edit_account(
            &account,
            &user,
            AccountEdit { name: Some("New".into()), ..AccountEdit::default() },
            &mut stamp,
        )
        .unwrap();
        assert_eq!((now.name.as_str(), now.version), ("New", 2));
        assert_eq!(change.audit[0].after, json!({ "name": "New" }));
    }

    #[test]
    fn a_login_is_claimed_and_given_up_r7() {
        let account = account("basic");
        let user = user(&account, UserType::Member, 1);
        let stamp = &mut stamp("2026-02-01T10:00:00Z");
        let edit = |login: &str| ProfileEdit { login: Some(login.into()), ..ProfileEdit::default() };
        let claims = |change: &Change| {
            let claimed = change.writes.iter().filter(|write| matches!(write, Write::Claim(..))).count();
            let released = change.writes.iter().filter(|write| matches!(write, Write::Release(_))).count();
            (claimed, released)
        };
        // The first login is the address, which stays claimed.
        let (named, change) = edit_profile(&account, &user, &user, edit("anna"), stamp).unwrap();
        assert_eq!(claims(&change), (1, 0));
        let (_, change) = edit_profile(&account, &named, &named, edit("bert"), stamp).unwrap();
        assert_eq!(claims(&change), (1, 1));
        let (_, change) = edit_profile(&account, &named, &named, edit("ANNA"), stamp).unwrap();
        assert_eq!((claims(&change), change.is_nothing()), ((0, 0), false));
        let (_, change) = edit_profile(&account, &named, &named, edit("User1@example.com"), stamp).unwrap();
        assert_eq!(claims(&change), (0, 1));
        let invited = User { invitation_id: Some(stamp.id()), ..user };
        assert_eq!(edit_profile(&account, &invited, &invited, edit("anna"), stamp).err(), Some(Refusal::UserPending));
    }

    #[test]
    fn what_people_sign_in_with_is_not_for_whoever_acts_for_a_customer_p1() {
        use crate::id::Id;
        use crate::stamp::ActingFor;
        let account = account("basic");
        let (admin, member) = (user(&account, UserType::Admin, 1), user(&account, UserType::Member, 2));
        for acting in [false, true] {
            let stamp = &mut stamp("2026-02-01T10:00:00Z");
            let acting_for = ActingFor { customer: account.id, partner: Id::from_bits(5) };
            stamp.origin.acting_for = acting.then_some(acting_for);
            for (patch, own) in [
                (json!({ "sign_in_methods": ["password"] }), true),
                (json!({ "two_factor": "required" }), true),
                (json!({ "email_change": { "admin_window_hours": 1 } }), true),
                (json!({ "two_factor": "optional" }), false),
                (json!({ "sessions": { "ttl_hours": 1 } }), true),
                (json!({ "deletion": "forbidden" }), true),
                (json!({ "invitations": { "who": "members" } }), false),
            ] {
                let policy = Some(serde_json::from_value(patch.clone()).unwrap());
                let edit = AccountEdit { policy, ..AccountEdit::default() };
                let refused = edit_account(&account, &admin, edit, stamp).err();
                assert_eq!(refused, (own && acting).then_some(Refusal::NotWhileActingFor), "{patch}");
            }
            for (login, other) in [("new", true), (member.login.as_str(), false)] {
                let edit = ProfileEdit { login: Some(login.into()), ..ProfileEdit::default() };
                let refused = edit_profile(&account, &admin, &member, edit, stamp).err();
                assert_eq!(refused, (other && acting).then_some(Refusal::NotWhileActingFor), "{login}");
            }
        }
    }
}
