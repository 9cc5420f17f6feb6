//! A new account with its owner.

use serde_json::{Value, json};

use crate::account::{Account, AccountKind, Region, Subscription, slug_of};
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::{Claim, SlugClaim};
use crate::counts::{Counts, CountsChange};
use crate::id::{AccountId, UserId};
use crate::invoice::Invoice;
use crate::ledger::{Entry, EntryKind};
use crate::locale::Locale;
use crate::mail::Template;
use crate::password::PasswordHash;
use crate::plan::{Model, Plan};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::rules::verify_email::ask_to_verify;
use crate::secret::Secret;
use crate::session::Session;
use crate::stamp::Stamp;
use crate::text::Email;
use crate::user::{Credential, NewUser, Seat, User, UserStatus, UserType};

/// Who signs up for what.
#[derive(Clone, Debug)]
pub struct SignUp {
    /// What the account is called.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
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

/// Makes an account, its owner, the owner's session, the first licenses with their invoice (L1), and asks the owner to
/// confirm the address.
pub fn sign_up(command: SignUp, stamp: &mut Stamp) -> Result<(SignedUp, Change), Refusal> {
    let plan = &command.plan;
    let id: AccountId = stamp.id();
    let account = Account {
        id,
        slug: slug(&command.name, stamp),
        name: command.name,
        kind: command.kind,
        parent_account_id: None,
        region: command.region,
        locale: command.locale,
        plan_id: plan.id.clone(),
        subscription: Subscription::starting(plan, stamp.now),
        policy: Policy::default(),
        overdue_invoices: 0,
        created_at: stamp.now,
        version: 1,
    };
    let owner =
        first_admin(&account, stamp.id(), (command.owner_name, command.owner_email, command.owner_locale), stamp);
    let (session, token) = Session::open(&owner, &account.policy, command.user_agent.as_deref(), stamp);

    let mut change = Change::new(id, plan.model);
    let mut opening = CountsChange::none(id, plan.model).moved(None, Some(&owner));
    if plan.model == Model::Licensed {
        opening = first_licenses(&account, command.licenses, opening, &mut change, stamp);
    }
    let counts = opening.delta;
    change.writes.push(Write::OpenCounts(id, counts));
    change.create(Record::Slug(SlugClaim { slug: account.slug.clone(), account_id: id }));
    change.create(Record::Account(account.clone()));
    change.create(Record::User(owner.clone()));
    let taken = Refusal::AlreadyMember { deactivated: false };
    for handle in owner.handles() {
        change.writes.push(Write::Claim(Claim::handle(handle, id, owner.id), taken.clone()));
    }
    change.create(Record::Credential(Credential::new(&owner, Some(command.owner_password))));
    change.create(Record::Session(session.clone()));
    ask_to_verify(Template::VerifyEmail, &account, &owner, &[], &mut change, stamp);
    change.audit.push(AuditEntry::of(
        id,
        "account.created",
        id,
        (Value::Null, json!({ "plan_id": account.plan_id, "kind": account.kind, "region": account.region })),
        stamp,
    ));
    Ok((SignedUp { account, counts, owner, session, token }, change))
}

/// The licenses that a new account begins with, and their invoice.
pub(crate) fn first_licenses(
    account: &Account,
    quantity: i64,
    opening: CountsChange,
    change: &mut Change,
    stamp: &mut Stamp,
) -> CountsChange {
    let invoice = Invoice::for_purchase(account, &Counts::default(), quantity, stamp);
    change.facts.push(Entry::bought(EntryKind::Purchased, quantity, quantity));
    change.facts.extend(Entry::charges(&invoice, &[]));
    change.create(Record::Invoice(invoice.clone()));
    opening.purchased(quantity).invoiced(&invoice)
}

fn first_admin(account: &Account, id: UserId, (name, email, locale): (String, Email, Locale), stamp: &Stamp) -> User {
    let role = BuiltIn::Administrator.role();
    let licensed = account.policy.licensed_types.contains(UserType::Admin);
    let login = email.to_string();
    let new = NewUser { id, user_type: UserType::Admin, role, name, login, email: Some(email), locale };
    User {
        status: UserStatus::Active,
        seat: if licensed { Seat::Held } else { Seat::None },
        last_active_at: Some(stamp.now),
        activated_at: Some(stamp.now),
        ..User::pending(account.id, new, stamp.now)
    }
}

/// The name's own slug with four random characters, so that nobody learns by signing up which names are taken.
pub(crate) fn slug(name: &str, stamp: &mut Stamp) -> String {
    let tail = stamp.readable::<4>();
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
            plan: plan(plan_id).unwrap().clone(),
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
