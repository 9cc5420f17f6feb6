//! A new account with its owner.

use std::collections::BTreeMap;

use chrono::Duration;
use serde_json::{Value, json};

use crate::account::{Account, AccountKind, Region, Subscription, slug_of};
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::{Claim, SlugClaim};
use crate::counts::{Counts, CountsChange};
use crate::id::{AccountId, UserId};
use crate::invoice::Invoice;
use crate::locale::Locale;
use crate::mail::{Mail, Template};
use crate::password::PasswordHash;
use crate::plan::{Model, Plan};
use crate::policy::{Policy, SignIn};
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::secret::Secret;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::text::Email;
use crate::token::{Grant, OneTimeToken};
use crate::user::{Credential, Seat, User, UserStatus, UserType};

/// Who signs up for what.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// What the account is called.
    pub name: String,
    /// Its plan.
    pub plan: &'static Plan,
    /// Licenses to begin with, at least one; without meaning where the plan has none.
    pub licenses: i64,
    /// Where.
    pub region: Region,
    /// Which kind.
    pub kind: AccountKind,
    /// The account's language.
    pub locale: Locale,
    /// The owner's name.
    pub owner_name: String,
    /// The owner's address.
    pub owner_email: Email,
    /// The owner's password.
    pub owner_password: PasswordHash,
    /// The owner's language.
    pub owner_locale: Locale,
    /// The device.
    pub user_agent: Option<String>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct SignedUp {
    /// The account.
    pub account: Account,
    /// Its numbers.
    pub counts: Counts,
    /// Its owner: an admin, active.
    pub owner: User,
    /// The owner's session.
    pub session: Session,
    /// The session's token.
    pub token: Secret,
}

/// How long the link that confirms an address is good.
pub const VERIFY_EMAIL_HOURS: i64 = 72;

/// Makes an account, its owner, the owner's session, the first licenses with their invoice (L1), and asks the owner to
/// confirm the address.
pub fn sign_up(command: SignUp, stamp: &mut Stamp) -> Result<(SignedUp, Change), Refusal> {
    let plan = command.plan;
    let id: AccountId = stamp.id();
    let account = Account {
        id,
        slug: slug(&command.name, stamp),
        name: command.name,
        kind: command.kind,
        parent_account_id: None,
        region: command.region,
        locale: command.locale,
        plan_id: plan.id.to_owned(),
        subscription: Subscription::starting(plan, stamp.now),
        policy: Policy::default(),
        created_at: stamp.now,
        version: 1,
    };
    let owner = first_admin(
        &account,
        stamp.id(),
        (command.owner_name, command.owner_email.clone(), command.owner_locale),
        stamp,
    );
    let (session, token) = Session::open(&owner, &account.policy, command.user_agent.as_deref(), stamp);

    let mut change = Change::new(id, plan.model);
    let mut opening = CountsChange::none(id, plan.model).moved(None, Some(&owner));
    if plan.model == Model::Licensed {
        opening = opening.purchased(command.licenses);
        let invoice = Invoice::for_purchase(&account, command.licenses, 0, stamp);
        opening = opening.invoiced();
        change.create(Record::Invoice(invoice));
    }
    let counts = opening.delta;
    change.writes.push(Write::OpenCounts(id, counts));
    change.create(Record::Slug(SlugClaim { slug: account.slug.clone(), account_id: id }));
    change.create(Record::Account(account.clone()));
    change.create(Record::User(owner.clone()));
    let taken = Refusal::AlreadyMember { deactivated: false };
    for handle in owner.handles() {
        change.writes.push(Write::Claim(Claim { handle, account_id: id, user_id: owner.id }, taken.clone()));
    }
    change.create(Record::Credential(Credential {
        user_id: owner.id,
        account_id: id,
        password: Some(command.owner_password),
        version: 1,
    }));
    change.create(Record::Session(session.clone()));
    confirm_address(&account, &owner, &command.owner_email, &mut change, stamp);
    change.audit.push(AuditEntry::of(
        id,
        "account.created",
        id,
        (Value::Null, json!({ "plan_id": account.plan_id, "kind": account.kind, "region": account.region })),
        stamp,
    ));
    Ok((SignedUp { account, counts, owner, session, token }, change))
}

/// Mails a link that shows that the address is the user's.
fn confirm_address(account: &Account, user: &User, email: &Email, change: &mut Change, stamp: &mut Stamp) {
    let secret = stamp.secret();
    let expires_at = stamp.now + Duration::hours(VERIFY_EMAIL_HOURS);
    change.create(Record::Token(OneTimeToken {
        digest: secret.digest(),
        account_id: account.id,
        expires_at,
        grants: Grant::VerifyEmail { user_id: user.id, email: email.clone() },
    }));
    change.mails.push(Mail {
        id: stamp.id(),
        account_id: account.id,
        template: Template::VerifyEmail,
        to: email.to_string(),
        locale: user.locale,
        params: BTreeMap::from([
            ("name".into(), user.name.clone()),
            ("account_name".into(), account.name.clone()),
            ("expires_at".into(), expires_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
        ]),
        token: Some(secret),
        created_at: stamp.now,
    });
}

fn first_admin(account: &Account, id: UserId, (name, email, locale): (String, Email, Locale), stamp: &Stamp) -> User {
    let role = BuiltIn::Administrator;
    let licensed = account.policy.licensed_types.contains(UserType::Admin);
    User {
        id,
        account_id: account.id,
        user_type: UserType::Admin,
        role_id: role.id(),
        role_name: role.name().to_owned(),
        permissions: role.permissions(),
        status: UserStatus::Active,
        seat: if licensed { Seat::Held } else { Seat::None },
        name,
        login: email.to_string(),
        email: Some(email),
        email_verified: false,
        phone: None,
        title: None,
        locale,
        time_zone: None,
        sign_in: SignIn::Password,
        invitation_id: None,
        session_epoch: 1,
        last_active_at: Some(stamp.now),
        created_at: stamp.now,
        activated_at: Some(stamp.now),
        deactivated_at: None,
        version: 1,
    }
}

/// The name's own slug with four random characters, so that nobody learns by signing up which names are taken.
fn slug(name: &str, stamp: &mut Stamp) -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let tail: String = stamp.bytes::<4>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    let head = slug_of(name).unwrap_or_else(|| "account".to_owned());
    format!("{head}-{tail}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::password::Password;
    use crate::plan::plan;
    use crate::rules::fixtures::stamp;

    fn command(plan_id: &str, licenses: i64) -> SignUp {
        SignUp {
            name: "Müller & Söhne".into(),
            plan: plan(plan_id).unwrap(),
            licenses,
            region: Region::Us,
            kind: AccountKind::Standard,
            locale: Locale::De,
            owner_name: "Anna Müller".into(),
            owner_email: Email::parse("Anna@Example.com").unwrap(),
            owner_password: Password::presented("x").hash([1; 16]),
            owner_locale: Locale::De,
            user_agent: None,
        }
    }

    #[test]
    fn the_owner_takes_the_first_license_l1() {
        for (plan_id, licenses, purchased, available, invoices) in [
            ("licensed-monthly", 1, 1, 0, 1),
            ("licensed-yearly", 5, 5, 4, 1),
            ("metered-monthly", 1, 0, 0, 0),
            ("basic", 1, 0, 0, 0),
        ] {
            let (up, change) = sign_up(command(plan_id, licenses), &mut stamp("2026-02-01T10:00:00Z")).unwrap();
            let counts = up.counts;
            assert_eq!((counts.purchased, counts.available, counts.in_use), (purchased, available, 1), "{plan_id}");
            assert_eq!((counts.active, counts.admins), (1, 1), "{plan_id}");
            assert_eq!(change.invoices().count(), invoices, "{plan_id}");
            assert_eq!(change.mails.len(), 1);
        }
    }

    #[test]
    fn slugs_are_readable_and_not_guessable_from_the_name() {
        let (up, _) = sign_up(command("basic", 1), &mut stamp("2026-02-01T10:00:00Z")).unwrap();
        assert!(up.account.slug.starts_with("muller-sohne-"), "{}", up.account.slug);
        assert!(slug_of("日本").is_some_and(|slug| slug.is_ascii()));
        assert_eq!(slug_of("!!!"), None);
    }
}
