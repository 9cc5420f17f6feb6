//! Which customers a partner's user may enter (P6).

use std::collections::BTreeSet;

use serde_json::json;

use crate::account::{Account, AccountKind};
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record, Write};
use crate::counts::Counts;
use crate::customers::{AccessMode, MOST_CHOSEN, Reach, Selection};
use crate::id::AccountId;
use crate::refusal::Refusal;
use crate::role::Permission;
use crate::rules::rank::may_unmake;
use crate::stamp::Stamp;
use crate::user::{User, UserStatus};

/// What is chosen for somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// All that there are, and those that come.
    All,
    /// These, each of them a customer of the partner's.
    These(BTreeSet<AccountId>),
}

impl Chosen {
    const fn mode(&self) -> AccessMode {
        match self {
            Self::All => AccessMode::All,
            Self::These(_) => AccessMode::Selected,
        }
    }
}

/// Whether somebody may give another these customers: those that he may enter himself, and those that the other has
/// already. `had` is none for somebody who is new.
pub fn may_choose(actor: &User, reach: &Reach, had: Option<&Reach>, chosen: &Chosen) -> Result<(), Refusal> {
    let enters = actor.permissions.contains(&Permission::CustomersAccess);
    let allowed = match chosen {
        Chosen::All => (enters && *reach == Reach::All) || had == Some(&Reach::All),
        Chosen::These(ids) => {
            let gives = |id: &AccountId| (enters && reach.covers(*id)) || had.is_some_and(|had| had.covers(*id));
            ids.iter().all(gives)
        }
    };
    if allowed { Ok(()) } else { Err(Refusal::CannotGrant) }
}

/// Chooses the customers that a user may enter. Sessions in others are over with the next request. A choice that changes
/// nothing writes nothing.
///
/// Refuses accounts that are no partner's, more than [`MOST_CHOSEN`], customers that the actor may not enter himself, admins
/// to whoever is no administrator, and the last administrator's loss: somebody must be able to give all.
pub fn choose_customers(
    account: &Account,
    counts: &Counts,
    (actor, reach): (&User, &Reach),
    (user, kept): (&User, &Selection),
    chosen: Chosen,
    stamp: &mut Stamp,
) -> Result<(User, Reach, Change), Refusal> {
    fits(account, &chosen)?;
    let had = &Reach::of(user, kept);
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    if actor.id != user.id {
        may_unmake(actor, user)?;
    }
    may_choose(actor, reach, Some(had), &chosen)?;
    let mut change = Change::new(account.id, account.subscription.model);
    let mut now = User { customer_access: chosen.mode(), ..user.clone() };
    let reach = match (had, chosen) {
        (Reach::All, Chosen::All) => return Ok((now, Reach::All, change)),
        (Reach::Selected(_), Chosen::These(ids)) if kept.customers == ids => return Ok((now, had.clone(), change)),
        (Reach::Selected(_), Chosen::All) => {
            if kept.version > 0 {
                change.remove(Record::Selection(kept.clone()));
            }
            Reach::All
        }
        (_, Chosen::These(ids)) => Reach::Selected(keep(kept, ids, &mut change)),
    };
    now.version += 1;
    change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
    let facts = |reach: &Reach| match reach {
        Reach::All => json!({ "mode": AccessMode::All, "accounts": null }),
        Reach::Selected(selection) => json!({ "mode": AccessMode::Selected, "accounts": selection.customers.len() }),
    };
    let (before, after) = (facts(had), facts(&reach));
    // As many others are another choice, too.
    let values = if before == after { (before, after) } else { difference(&before, &after) };
    change.audit.push(AuditEntry::of(account.id, "user.customers_chosen", user.id, values, stamp));
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    Ok((now, reach, change))
}

/// Chooses the customers of a user whom a change is about to make.
pub fn choose_for_new(
    account: &Account,
    (actor, reach): (&User, &Reach),
    user: &mut User,
    chosen: Chosen,
    change: &mut Change,
) -> Result<Reach, Refusal> {
    let Chosen::These(ids) = chosen else {
        // What everybody begins with, in accounts of any kind.
        return if account.kind == AccountKind::Partner {
            may_choose(actor, reach, None, &Chosen::All).map(|()| Reach::All)
        } else {
            Ok(Reach::All)
        };
    };
    let chosen = Chosen::These(ids.clone());
    fits(account, &chosen)?;
    may_choose(actor, reach, None, &chosen)?;
    user.customer_access = AccessMode::Selected;
    let kept = keep(&Selection::none(user.account_id, user.id), ids, change);
    as_chosen(&kept, change);
    Ok(Reach::Selected(kept))
}

fn fits(account: &Account, chosen: &Chosen) -> Result<(), Refusal> {
    if account.kind != AccountKind::Partner {
        return Err(Refusal::NotAPartner);
    }
    match chosen {
        Chosen::These(ids) if ids.len() > MOST_CHOSEN => Err(Refusal::TooManyChosen),
        _ => Ok(()),
    }
}

/// Lets a user be as he was whom a change makes again: an invitation that is revived. What was chosen for him is kept.
pub fn as_chosen(kept: &Selection, change: &mut Change) {
    for write in &mut change.writes {
        if let Write::Create(record) = write
            && let Record::User(made) = &mut **record
            && made.id == kept.user_id
            && kept.version > 0
        {
            made.customer_access = AccessMode::Selected;
        }
    }
}

/// Writes a selection over with other customers; the new one.
pub(crate) fn keep(kept: &Selection, customers: BTreeSet<AccountId>, change: &mut Change) -> Selection {
    let now = kept.with(customers);
    if kept.version == 0 {
        change.create(Record::Selection(now.clone()));
    } else {
        change.replace(Record::Selection(kept.clone()), Record::Selection(now.clone()));
    }
    now
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::id::Id;
    use crate::role::Role;
    use crate::rules::fixtures::{account, stamp, user};
    use crate::user::UserType;

    fn ids(numbers: &[u128]) -> BTreeSet<AccountId> {
        numbers.iter().map(|number| Id::from_bits(*number)).collect()
    }

    fn partner() -> Account {
        Account { kind: AccountKind::Partner, ..account("unlimited") }
    }

    #[test]
    fn nobody_gives_customers_whom_he_may_not_enter_p6() {
        let partner = partner();
        let administrator = user(&partner, UserType::Admin, 1);
        let clerk = user(&partner, UserType::Member, 2).with_role(Role {
            id: Id::from_bits(7),
            name: "Clerk".into(),
            permissions: [Permission::UsersWrite].into(),
        });
        let member = user(&partner, UserType::Member, 3);
        let other = user(&partner, UserType::Admin, 4);
        let some = |user: &User, numbers: &[u128]| {
            Reach::Selected(Selection::none(user.account_id, user.id).with(ids(numbers)))
        };
        let these = |numbers: &[u128]| Chosen::These(ids(numbers));
        let counts = Counts { administrators: 2, ..Counts::default() };
        for (actor, reach, target, had, chosen, expected) in [
            (&administrator, Reach::All, &member, Reach::All, these(&[1, 2]), Ok(AccessMode::Selected)),
            (&administrator, Reach::All, &member, Reach::All, these(&[]), Ok(AccessMode::Selected)),
            (&administrator, Reach::All, &member, some(&member, &[1]), Chosen::All, Ok(AccessMode::All)),
            (
                &administrator,
                some(&administrator, &[1]),
                &member,
                some(&member, &[1]),
                Chosen::All,
                Err(Refusal::CannotGrant),
            ),
            (
                &administrator,
                some(&administrator, &[1]),
                &member,
                some(&member, &[]),
                these(&[1]),
                Ok(AccessMode::Selected),
            ),
            (
                &administrator,
                some(&administrator, &[1]),
                &member,
                some(&member, &[]),
                these(&[2]),
                Err(Refusal::CannotGrant),
            ),
            (
                &administrator,
                some(&administrator, &[1]),
                &member,
                some(&member, &[2]),
                these(&[1, 2]),
                Ok(AccessMode::Selected),
            ),
            (&administrator, some(&administrator, &[1]), &member, Reach::All, these(&[1]), Ok(AccessMode::Selected)),
            // Who may enter no customers gives none, and takes away.
            (&clerk, Reach::All, &member, some(&member, &[1]), these(&[1, 2]), Err(Refusal::CannotGrant)),
            (&clerk, Reach::All, &member, some(&member, &[1]), Chosen::All, Err(Refusal::CannotGrant)),
            (&clerk, Reach::All, &member, some(&member, &[1, 2]), these(&[2]), Ok(AccessMode::Selected)),
            (&clerk, Reach::All, &other, Reach::All, these(&[]), Err(Refusal::CannotGrant)),
            // Oneself: less, and never more.
            (&administrator, Reach::All, &administrator, Reach::All, these(&[1]), Ok(AccessMode::Selected)),
            (
                &administrator,
                some(&administrator, &[1]),
                &administrator,
                some(&administrator, &[1]),
                Chosen::All,
                Err(Refusal::CannotGrant),
            ),
        ] {
            let stamp = &mut stamp("2026-02-01T10:00:00Z");
            let told = format!("{} {reach:?} {had:?} {chosen:?}", actor.name);
            let actor = &User { customer_access: reach.mode(), ..actor.clone() };
            let target = &User { customer_access: had.mode(), ..target.clone() };
            let kept = match had {
                Reach::All => Selection::none(target.account_id, target.id),
                Reach::Selected(kept) => kept,
            };
            let got = choose_customers(&partner, &counts, (actor, &reach), (target, &kept), chosen, stamp);
            assert_eq!(got.map(|(user, ..)| user.customer_access), expected, "{told}");
        }
    }

    #[test]
    fn what_a_choice_changes_p6() {
        let (partner, stamp) = (partner(), &mut stamp("2026-02-01T10:00:00Z"));
        let administrator = user(&partner, UserType::Admin, 1);
        let selection = Selection::none(administrator.account_id, administrator.id).with(ids(&[1]));
        let chosen = User { customer_access: AccessMode::Selected, ..administrator.clone() };
        let nothing = Selection::none(administrator.account_id, administrator.id);
        let mut choose = |counts: i64, user: &User, kept: &Selection, chosen: Chosen| {
            let counts = Counts { administrators: counts, ..Counts::default() };
            choose_customers(&partner, &counts, (&administrator, &Reach::All), (user, kept), chosen, stamp)
        };
        // The same is nothing; as many others are something.
        let same = choose(1, &chosen, &selection, Chosen::These(ids(&[1]))).unwrap();
        assert!(same.2.is_nothing() && same.0 == chosen);
        assert!(choose(1, &administrator, &nothing, Chosen::All).unwrap().2.is_nothing());
        let others = choose(1, &chosen, &selection, Chosen::These(ids(&[2]))).unwrap();
        assert_eq!((others.0.version, others.2.audit.len()), (2, 1));
        // All there are: nothing is kept of the choice.
        let (now, reach, change) = choose(1, &chosen, &selection, Chosen::All).unwrap();
        assert_eq!((now.customer_access, reach, change.counts.delta.administrators), (AccessMode::All, Reach::All, 1));
        assert!(change.writes.iter().any(|write| matches!(write, Write::Remove(_))));
        // Somebody must be left who can give all.
        let last = choose(1, &administrator, &nothing, Chosen::These(ids(&[1])));
        assert_eq!(last.err(), Some(Refusal::LastAdmin));
        assert!(choose(2, &administrator, &nothing, Chosen::These(ids(&[1]))).is_ok());
        let most = u128::try_from(MOST_CHOSEN).unwrap();
        for (number, fits) in [(most, true), (most + 1, false)] {
            let many = Chosen::These((0..number).map(Id::from_bits).collect());
            let refused = choose(2, &administrator, &nothing, many).err();
            assert_eq!(refused, (!fits).then_some(Refusal::TooManyChosen));
        }
    }

    #[test]
    fn who_may_enter_chosen_customers_gives_nobody_the_right_to_enter_any_p6() {
        use crate::role::BuiltIn;
        use crate::rules::confer::{Named, role_for};
        use crate::rules::rank::{may_act_as, may_restore};
        let partner = partner();
        let all = user(&partner, UserType::Admin, 1);
        let some = User { customer_access: AccessMode::Selected, ..all.clone() };
        let other = user(&partner, UserType::Admin, 2);
        let member = user(&partner, UserType::Member, 3);
        for (actor, ok) in [(&all, true), (&some, false)] {
            let named = Named::Role(BuiltIn::Administrator.role());
            assert_eq!(role_for(actor, &partner, UserType::Admin, &named).is_ok(), ok);
            assert_eq!((may_act_as(actor, &other).is_ok(), may_restore(actor, &other).is_ok()), (ok, ok));
            assert!(may_act_as(actor, &member).is_ok() && may_restore(actor, &member).is_ok());
            assert!(role_for(actor, &partner, UserType::Member, &Named::Own).is_ok());
        }
    }

    #[test]
    fn a_new_user_begins_with_what_its_maker_may_give_p6() {
        let partner = partner();
        let standard = account("unlimited");
        let admin = user(&partner, UserType::Admin, 1);
        let some = Reach::Selected(Selection::none(admin.account_id, admin.id).with(ids(&[1])));
        for (account, reach, chosen, expected) in [
            (&partner, &Reach::All, Chosen::All, Ok(AccessMode::All)),
            (&partner, &Reach::All, Chosen::These(ids(&[1])), Ok(AccessMode::Selected)),
            (&partner, &some, Chosen::All, Err(Refusal::CannotGrant)),
            (&partner, &some, Chosen::These(ids(&[1])), Ok(AccessMode::Selected)),
            (&partner, &some, Chosen::These(ids(&[2])), Err(Refusal::CannotGrant)),
            (&standard, &Reach::All, Chosen::All, Ok(AccessMode::All)),
            (&standard, &Reach::All, Chosen::These(ids(&[])), Err(Refusal::NotAPartner)),
        ] {
            let mut new = user(account, UserType::Member, 5);
            let mut change = Change::new(account.id, account.subscription.model);
            change.create(Record::User(new.clone()));
            let got = choose_for_new(account, (&admin, reach), &mut new, chosen, &mut change);
            assert_eq!(got.map(|reach| reach.mode()), expected);
            let Write::Create(made) = &change.writes[0] else { panic!("the user is made") };
            let Record::User(made) = &**made else { panic!("the user is made") };
            assert_eq!(made.customer_access, new.customer_access);
        }
    }
}
