//! Making a user at once, without an invitation (R3, R4, P4).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::Claim;
use crate::counts::Counts;
use crate::locale::Locale;
use crate::mail::Template;
use crate::policy::ReservedOn;
use crate::refusal::Refusal;
use crate::rules::accept::Proof;
use crate::rules::avatar::{AvatarEdit, Prepared, set_avatar};
use crate::rules::confer::{Named, role_for};
use crate::rules::confirm_sign_in::ask_to_confirm;
use crate::rules::verify_email::ask_to_verify;
use crate::stamp::Stamp;
use crate::text::{Email, fold};
use crate::user::{Credential, NewUser, Seat, User, UserType};

/// Whom to make.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// What others call him.
    pub name: String,
    /// What he signs in with, beside the address.
    pub login: String,
    /// His address, if he gets mail.
    pub email: Option<Email>,
    /// As what.
    pub user_type: UserType,
    /// With which role.
    pub role: Named,
    /// A telephone number.
    pub phone: Option<String>,
    /// A picture.
    pub avatar: Option<Prepared>,
    /// How he is to sign in.
    pub proof: Proof,
    /// The language of his mails.
    pub locale: Locale,
}

/// Makes a user, pending until the first sign-in (R6), with a license where the policy takes it before (B11). With an
/// address, a mail tells the login and confirms the address, and never the password (R4); who is to sign in with Google or
/// Microsoft is asked to confirm who he is there (P4).
///
/// Refuses viewers and guests, who bring nobody in whatever their role, roles that the creator cannot confer, passwords that
/// a partner's people choose, guests' domains that the policy denies, ways to sign in that it does not allow, and logins and addresses that somebody has.
pub fn create_user(
    account: &Account,
    counts: &Counts,
    creator: &User,
    command: CreateUser,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if matches!(creator.user_type, UserType::Viewer | UserType::Guest) {
        return Err(Refusal::MayNotInvite);
    }
    let role = role_for(creator, account, command.user_type, &command.role)?;
    let domain_allowed = |email: &Email| account.policy.guests.admits(&email.domain());
    if command.user_type == UserType::Guest && !command.email.as_ref().is_none_or(domain_allowed) {
        return Err(Refusal::GuestDomainNotAllowed);
    }
    // Whoever chooses another's password can sign in as him: what is closed to a partner's people would be open.
    if stamp.origin.acting_for.is_some() && matches!(command.proof, Proof::Password(_)) {
        return Err(Refusal::NotWhileActingFor);
    }
    let sign_in = command.proof.sign_in();
    if !account.policy.sign_in_methods.0.contains(&sign_in) {
        return Err(Refusal::SignInMethodNotAllowed);
    }
    let licensed = account.policy.licensed_types.contains(command.user_type);
    let at_once = account.policy.invitations.license_reserved_on == ReservedOn::Invitation;
    let new = NewUser {
        id: stamp.id(),
        user_type: command.user_type,
        role,
        name: command.name,
        login: command.login,
        email: command.email,
        locale: command.locale,
    };
    let mut user = User {
        seat: if licensed && at_once { Seat::Reserved } else { Seat::None },
        phone: command.phone,
        sign_in,
        ..User::pending(account.id, new, stamp.now)
    };
    let mut change = Change::new(account.id, account.subscription.model);
    change.counts = change.counts.moved(None, Some(&user)).checked(counts)?;
    if let Some(avatar) = command.avatar {
        set_avatar(&mut user, AvatarEdit::Use(avatar), &mut change, stamp);
    }
    change.create(Record::User(user.clone()));
    let credential = Credential::new(&user, command.proof.password());
    change.create(Record::Credential(credential.clone()));
    let login = fold(&user.login);
    for handle in user.handles() {
        let taken = if handle == login { Refusal::LoginTaken } else { Refusal::EmailTaken };
        change.writes.push(Write::Claim(Claim::handle(handle, account.id, user.id), taken));
    }
    let mut facts = json!({ "type": user.user_type, "role_id": user.role_id, "sign_in": user.sign_in });
    if let Some(avatar) = &user.avatar {
        facts["avatar"] = json!(avatar.upload_id);
    }
    change.audit.push(AuditEntry::of(account.id, "user.created", user.id, (Value::Null, facts), stamp));
    match mail_of(&user) {
        Some(Template::SsoConfirmation) => ask_to_confirm(account, &user, &credential, &mut change, stamp),
        Some(template) => {
            let params = [("login", user.login.clone()), ("creator_name", creator.name.clone())];
            ask_to_verify(template, account, &user, &params, &mut change, stamp);
        }
        None => {}
    }
    Ok((user, change))
}

/// The one mail that a new user gets.
fn mail_of(user: &User) -> Option<Template> {
    user.email.as_ref()?;
    let confirms = crate::identity::Provider::of(user.sign_in).is_some();
    Some(if confirms { Template::SsoConfirmation } else { Template::UserCreated })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::identity::Provider;
    use crate::password::Password;
    use crate::policy::SignIn;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserStatus;

    fn command(email: Option<&str>, proof: Proof) -> CreateUser {
        CreateUser {
            name: "Ben".into(),
            login: "ben".into(),
            email: email.map(|email| Email::parse(email).unwrap()),
            user_type: UserType::Member,
            role: Named::Own,
            phone: None,
            avatar: None,
            proof,
            locale: Locale::En,
        }
    }

    fn password() -> Proof {
        Proof::Password(Password::presented("x").hash([1; 16]))
    }

    #[test]
    fn which_mail_a_new_user_gets_r4_p4() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        let google = Proof::Provider(Provider::Google);
        for (email, proof, mail, claims) in [
            (Some("ben@example.com"), password(), Some(Template::UserCreated), 2),
            (Some("Ben@example.com"), google, Some(Template::SsoConfirmation), 2),
            (None, password(), None, 1),
        ] {
            let command = command(email, proof);
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let (user, change) = create_user(&account, &Counts::default(), &admin, command, &mut stamp).unwrap();
            assert_eq!((user.status, user.email_verified), (UserStatus::Pending, false));
            assert_eq!(change.mails.first().map(|mail| mail.template), mail);
            assert!(change.mails.len() <= 1);
            let claimed = change.writes.iter().filter(|write| matches!(write, Write::Claim(..))).count();
            assert_eq!(claimed, claims);
        }
    }

    #[test]
    fn who_can_be_made_b9_w8() {
        let mut account = account("licensed-monthly");
        account.policy.guests.deny_domains = vec!["bad.example".into()];
        account.policy.sign_in_methods.0 = vec![SignIn::Password, SignIn::Google];
        let full = Counts { available: 0, ..Counts::default() };
        let free = Counts { available: 1, ..Counts::default() };
        let (admin, member) = (user(&account, UserType::Admin, 1), user(&account, UserType::Member, 2));
        let email = Some("ben@bad.example");
        let microsoft = Proof::Provider(Provider::Microsoft);
        for (creator, counts, user_type, proof, expected) in [
            (&admin, &free, UserType::Member, password(), None),
            (&admin, &full, UserType::Member, password(), Some(Refusal::NoLicenseAvailable)),
            (&admin, &full, UserType::Viewer, password(), None),
            (&admin, &free, UserType::Guest, password(), Some(Refusal::GuestDomainNotAllowed)),
            (&admin, &free, UserType::Member, microsoft, Some(Refusal::SignInMethodNotAllowed)),
            (&member, &free, UserType::Admin, password(), Some(Refusal::CannotGrant)),
        ] {
            let command = CreateUser { user_type, ..command(email, proof) };
            let got = create_user(&account, counts, creator, command, &mut stamp("2026-02-01T10:00:00Z"));
            assert_eq!(got.err(), expected, "{user_type:?}");
        }
    }

    #[test]
    fn the_license_is_taken_when_the_policy_says_b11() {
        let mut account = account("licensed-monthly");
        let admin = user(&account, UserType::Admin, 1);
        let counts = Counts { available: 1, ..Counts::default() };
        for (reserved_on, seat) in [(ReservedOn::Invitation, Seat::Reserved), (ReservedOn::Acceptance, Seat::None)] {
            account.policy.invitations.license_reserved_on = reserved_on;
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let (user, _) = create_user(&account, &counts, &admin, command(None, password()), &mut stamp).unwrap();
            assert_eq!(user.seat, seat);
        }
    }
}
