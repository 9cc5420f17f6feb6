//! Entering a customer's account (P6).

use serde_json::{Value, json};

use crate::account::Account;
use crate::audit::AuditEntry;
use crate::change::{Change, Record};
use crate::customers::{Reach, Visit, may_enter};
use crate::refusal::Refusal;
use crate::rules::two_factor::must_set_up;
use crate::secret::Secret;
use crate::session::Session;
use crate::stamp::{ActingFor, Stamp};
use crate::user::User;

/// Opens a session in a customer's account, from one's own. It lives no longer than the session that it comes from, and as
/// long as the user may enter that account. Both accounts' audits tell of it. `visited` says that he has been there before.
///
/// A customer that he may not enter is as absent as none. Refuses whoever lacks the second factor that the customer demands.
pub fn switch(
    (user, reach, session): (&User, &Reach, &Session),
    customer: Option<&Account>,
    visited: bool,
    stamp: &mut Stamp,
) -> Result<(Session, Secret, Change), Refusal> {
    let customer = customer.filter(|customer| may_enter(user, reach, customer)).ok_or(Refusal::NotFound)?;
    if must_set_up(customer, user) {
        return Err(Refusal::TwoFactorSetupRequired);
    }
    let (switched, token) = session.switched(user, customer, stamp);
    let mut change = Change::new(customer.id, customer.subscription.model);
    change.create(Record::Session(switched.clone()));
    let (account_id, customer_id) = (user.account_id, customer.id);
    if !visited {
        change.create(Record::Visit(Visit { account_id, user_id: user.id, customer_id }));
    }
    for account in [account_id, customer_id] {
        let values = (Value::Null, json!({ "user_id": user.id, "account_id": customer_id }));
        let mut entry = AuditEntry::of(account, "session.switched", switched.id, values, stamp);
        entry.origin.acting_for = Some(ActingFor { customer: customer_id, partner: account_id });
        change.audit.push(entry);
    }
    Ok((switched, token, change))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::account::AccountKind;
    use crate::customers::Selection;
    use crate::id::Id;
    use crate::policy::TwoFactor;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    #[test]
    fn a_switched_session_is_of_its_user_and_of_both_policies_p6() {
        let partner = Account { kind: AccountKind::Partner, ..account("unlimited") };
        let mut customer = Account {
            id: Id::from_bits(7),
            kind: AccountKind::Customer,
            parent_account_id: Some(partner.id),
            ..account("basic")
        };
        let admin = user(&partner, UserType::Admin, 1);
        let stamp = &mut stamp("2026-02-01T10:00:00Z");
        for (own, theirs, expected) in [(720, 720, 720), (2, 720, 2), (720, 3, 3)] {
            let mut home = partner.clone();
            home.policy.sessions.ttl_hours = own;
            customer.policy.sessions.ttl_hours = theirs;
            let (session, _) = Session::open(&admin, &home.policy, Some("Browser"), stamp);
            for visited in [false, true] {
                let (switched, _, change) =
                    switch((&admin, &Reach::All, &session), Some(&customer), visited, stamp).unwrap();
                assert_eq!((switched.ttl_hours, switched.user_agent.as_deref()), (expected, Some("Browser")));
                assert_eq!((switched.account_id, switched.home_account()), (customer.id, partner.id));
                assert_eq!(switched.acting_for(), Some(customer.id));
                assert_eq!((change.writes.len(), change.audit.len()), (if visited { 1 } else { 2 }, 2));
                assert!(switched.is_alive(&admin, &customer.policy, stamp.now));
                assert!(!switched.is_alive(&admin.signed_out(), &customer.policy, stamp.now));
            }
        }
    }

    #[test]
    fn who_is_let_in_and_what_others_are_told_p6() {
        let partner = Account { kind: AccountKind::Partner, ..account("unlimited") };
        let customer = |number| Account {
            id: Id::from_bits(number),
            kind: AccountKind::Customer,
            parent_account_id: Some(partner.id),
            ..account("basic")
        };
        let mut strict = customer(7);
        strict.policy.two_factor = TwoFactor::Required;
        let admin = user(&partner, UserType::Admin, 1);
        let careful = User { two_factor: true, ..admin.clone() };
        let stamp = &mut stamp("2026-02-01T10:00:00Z");
        let (session, _) = Session::open(&admin, &partner.policy, None, stamp);
        let chosen = Reach::Selected(Selection::none(admin.account_id, admin.id).with([Id::from_bits(7)].into()));
        let foreign = Account { parent_account_id: Some(Id::from_bits(5)), ..customer(7) };
        for (user, reach, whom, expected) in [
            (&admin, &Reach::All, Some(customer(7)), None),
            (&admin, &chosen, Some(customer(7)), None),
            (&admin, &chosen, Some(customer(8)), Some(Refusal::NotFound)),
            (&admin, &Reach::All, None, Some(Refusal::NotFound)),
            (&admin, &Reach::All, Some(foreign), Some(Refusal::NotFound)),
            (&admin, &Reach::All, Some(strict.clone()), Some(Refusal::TwoFactorSetupRequired)),
            (&careful, &Reach::All, Some(strict), None),
        ] {
            let got = switch((user, reach, &session), whom.as_ref(), false, stamp);
            assert_eq!(got.err(), expected, "{reach:?} {whom:?}");
        }
    }
}
