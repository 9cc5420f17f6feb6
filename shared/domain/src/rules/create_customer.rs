//! A partner's new customer (P6).

use serde_json::{Value, json};

use crate::account::{Account, AccountKind, Region, Subscription};
use crate::audit::AuditEntry;
use crate::change::{Change, Record, Write};
use crate::claim::SlugClaim;
use crate::counts::{Counts, CountsChange};
use crate::customers::{MOST_CHOSEN, Reach, Visit, signed};
use crate::id::AccountId;
use crate::invitation::{Invitation, InvitationStatus};
use crate::locale::Locale;
use crate::plan::{Model, Plan};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::rules::choose_customers::keep;
use crate::rules::invite::{claim, facts, invited_user, send};
use crate::rules::sign_up::{first_licenses, slug};
use crate::stamp::{ActingFor, Stamp};
use crate::text::Email;
use crate::user::{User, UserType};

/// Which customer.
#[derive(Clone, Debug)]
pub struct NewCustomer {
    /// What the account is called.
    pub name: String,
    /// Its plan.
    pub plan: Plan,
    /// Licenses to begin with, at least one; without meaning where the plan has none.
    pub licenses: i64,
    /// Where; where the partner is unless given.
    pub region: Option<Region>,
    /// The account's language; the partner's unless given.
    pub locale: Option<Locale>,
    /// The owner's name, until the owner says it himself.
    pub owner_name: String,
    /// The owner's address.
    pub owner_email: Email,
}

/// Makes a customer's account, with its first licenses and their invoice, and invites its owner as an admin. Until that one
/// accepts it has no active admin; the partner's people can invite others. Whoever may enter chosen customers alone may
/// enter this one too.
///
/// Refuses accounts that are no partner's.
pub fn create_customer(
    partner: &Account,
    (creator, reach): (&User, &Reach),
    command: NewCustomer,
    stamp: &mut Stamp,
) -> Result<(Account, Counts, Change), Refusal> {
    if partner.kind != AccountKind::Partner {
        return Err(Refusal::NotAPartner);
    }
    let plan = &command.plan;
    let id: AccountId = stamp.id();
    let account = Account {
        id,
        slug: slug(&command.name, stamp),
        name: command.name,
        kind: AccountKind::Customer,
        parent_account_id: Some(partner.id),
        region: command.region.unwrap_or(partner.region),
        locale: command.locale.unwrap_or(partner.locale),
        plan_id: plan.id.clone(),
        subscription: Subscription::starting(plan, stamp.now),
        policy: Policy::default(),
        overdue_invoices: 0,
        created_at: stamp.now,
        version: 1,
    };
    let mut change = Change::new(id, plan.model);
    let mut opening = CountsChange::none(id, plan.model);
    if plan.model == Model::Licensed {
        opening = first_licenses(&account, command.licenses, opening, &mut change, stamp);
    }
    let role = BuiltIn::Administrator.role();
    let mut invitation = Invitation {
        id: stamp.id(),
        account_id: id,
        user_id: stamp.id(),
        email: command.owner_email,
        user_type: UserType::Admin,
        role_id: role.id,
        status: InvitationStatus::Pending,
        invited_by: creator.id,
        invited_by_name: signed(&creator.name, partner),
        approved_by: None,
        message: None,
        locale: account.locale,
        sent_at: None,
        expires_at: None,
        times_sent: 0,
        digest: None,
        erased: false,
        created_at: stamp.now,
        version: 1,
    };
    let owner = User { name: command.owner_name, ..invited_user(&account, &invitation, (&role, None), stamp) };
    let counts = opening.moved(None, Some(&owner)).delta;
    send(&account, &counts, &mut invitation, None, &mut change, stamp)?;
    change.writes.push(Write::OpenCounts(id, counts));
    change.create(Record::Slug(SlugClaim { slug: account.slug.clone(), account_id: id }));
    change.create(Record::Account(account.clone()));
    change.create(Record::User(owner));
    change.writes.push(Write::Claim(claim(&invitation), Refusal::AlreadyInvited));
    change.create(Record::Invitation(invitation.clone()));
    change.create(Record::Visit(Visit { account_id: partner.id, user_id: creator.id, customer_id: id }));
    if let Reach::Selected(selection) = reach {
        let mut customers = selection.customers.clone();
        customers.insert(id);
        if customers.len() > MOST_CHOSEN {
            return Err(Refusal::TooManyChosen);
        }
        keep(selection, customers, &mut change);
    }
    // The customer's people see who made it; the partner's see it among what he did for them.
    let made = json!({ "plan_id": account.plan_id, "kind": account.kind, "region": account.region });
    for (action, subject, after) in [
        ("account.created", id.to_string(), made),
        ("invitation.created", invitation.id.to_string(), facts(&invitation)),
    ] {
        let mut entry = AuditEntry::of(id, action, subject, (Value::Null, after), stamp);
        entry.origin.acting_for = Some(ActingFor { customer: id, partner: partner.id });
        change.audit.push(entry);
    }
    let values = (Value::Null, json!({ "plan_id": account.plan_id }));
    change.audit.push(AuditEntry::of(partner.id, "customer.created", id, values, stamp));
    Ok((account, counts, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::customers::Selection;
    use crate::id::Id;
    use crate::plan::plan;
    use crate::rules::fixtures::{account, stamp, user};

    fn command(plan_id: &str, licenses: i64) -> NewCustomer {
        NewCustomer {
            name: "Bakery".into(),
            plan: plan(plan_id).unwrap().clone(),
            licenses,
            region: None,
            locale: None,
            owner_name: "Otto Owner".into(),
            owner_email: Email::parse("otto@bakery.example").unwrap(),
        }
    }

    #[test]
    fn a_customer_begins_with_an_invited_admin_p6() {
        let partner = Account { kind: AccountKind::Partner, region: Region::Eu, ..account("unlimited") };
        let creator = user(&partner, UserType::Admin, 1);
        for (plan_id, licenses, purchased, reserved, available, invoices) in [
            ("licensed-monthly", 1, 1, 1, 0, 1),
            ("licensed-yearly", 5, 5, 1, 4, 1),
            ("metered-monthly", 1, 0, 1, 0, 0),
            ("basic", 1, 0, 1, 0, 0),
        ] {
            let stamp = &mut stamp("2026-02-01T10:00:00Z");
            let made = create_customer(&partner, (&creator, &Reach::All), command(plan_id, licenses), stamp);
            let (customer, counts, change) = made.unwrap();
            assert_eq!((customer.kind, customer.parent_account_id), (AccountKind::Customer, Some(partner.id)));
            assert_eq!(customer.region, Region::Eu);
            let got = (counts.purchased, counts.reserved, counts.available, counts.invoices);
            assert_eq!(got, (purchased, reserved, available, invoices), "{plan_id}");
            assert_eq!((counts.pending, counts.active, counts.admins, counts.administrators), (1, 0, 0, 0));
            let visit = Visit { account_id: partner.id, user_id: creator.id, customer_id: customer.id };
            let noted = Write::Create(Box::new(Record::Visit(visit)));
            assert!(change.writes.contains(&noted), "the creator's name stands there");
            let [mail] = change.mails.as_slice() else { panic!("one mail") };
            assert_eq!(mail.params["inviter_name"], "User 1 (Tracker)");
            let whose: Vec<_> = change.audit.iter().map(|it| (it.account_id, it.origin.acting_for.is_some())).collect();
            assert_eq!(whose, [(customer.id, true), (customer.id, true), (partner.id, false)]);
        }
    }

    #[test]
    fn only_partners_have_customers_and_a_selection_grows_to_its_limit_p6() {
        for kind in [AccountKind::Standard, AccountKind::Customer] {
            let own = Account { kind, ..account("unlimited") };
            let creator = user(&own, UserType::Admin, 1);
            let refused =
                create_customer(&own, (&creator, &Reach::All), command("basic", 1), &mut stamp("2026-02-01T10:00:00Z"));
            assert_eq!(refused.err(), Some(Refusal::NotAPartner));
        }
        let partner = Account { kind: AccountKind::Partner, ..account("unlimited") };
        let creator = user(&partner, UserType::Admin, 1);
        for (chosen, grows) in [(0, true), (MOST_CHOSEN - 1, true), (MOST_CHOSEN, false)] {
            let ids = (0..chosen).map(|id| Id::from_bits(u128::try_from(id).unwrap())).collect();
            let selection = Selection::none(creator.account_id, creator.id).with(ids);
            let stamp = &mut stamp("2026-02-01T10:00:00Z");
            let made = create_customer(&partner, (&creator, &Reach::Selected(selection)), command("basic", 1), stamp);
            let Ok((customer, _, change)) = made else {
                assert!(!grows, "{chosen}");
                continue;
            };
            let kept = change.writes.iter().find_map(|write| match write {
                Write::Replace { now, .. } => match &**now {
                    Record::Selection(now) => Some(now.clone()),
                    _ => None,
                },
                _ => None,
            });
            let kept = kept.unwrap();
            assert!(grows && kept.customers.contains(&customer.id), "{chosen}");
            assert_eq!(kept.customers.len(), chosen + 1);
        }
    }
}
