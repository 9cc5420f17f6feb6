//! Nobody confers a right that he lacks, on any path.

use crate::account::Account;
use crate::counts::Counts;
use crate::customers::NOT_ABROAD;
use crate::refusal::Refusal;
use crate::role::{BuiltIn, Role};
use crate::user::{User, UserType};

/// The role that a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// None: the type's own is meant.
    Own,
    /// This one, of the account or built in.
    Role(Role),
    /// One that the account does not have.
    Unknown,
}

/// The role that somebody gets as a `user_type`: the one named, else the type's own.
///
/// Refuses types that the plan does not have (B4), roles that do not exist or do not go with the type, and whatever
/// holds a right that the giver cannot give; only an administrator makes an admin (B9). An admin may have a role of the account's
/// own instead of the administrator's: the rights of that one less some (P5).
pub fn role_for(giver: &User, account: &Account, user_type: UserType, named: &Named) -> Result<Role, Refusal> {
    if !account.subscription.professional && matches!(user_type, UserType::Guest | UserType::Viewer) {
        return Err(Refusal::ProfessionalPlanRequired);
    }
    let role = match named {
        Named::Own => BuiltIn::for_type(user_type).role(),
        Named::Role(role) => role.clone(),
        Named::Unknown => {
            return Err(Refusal::field("role_id", "unknown_role", "There is no such role in this account."));
        }
    };
    let fits = match BuiltIn::of_id(role.id) {
        None => true,
        Some(BuiltIn::Administrator) => user_type == UserType::Admin,
        Some(_) => user_type != UserType::Admin,
    };
    if !fits {
        return Err(Refusal::field("role_id", "role_not_for_type", "This role does not go with this type."));
    }
    let makes_admin = user_type == UserType::Admin;
    if makes_admin && !giver.is_administrator() || !role.permissions.is_subset(&giver.conferrable()) {
        return Err(Refusal::CannotGrant);
    }
    Ok(role)
}

/// The role that somebody gets who is invited: as [`role_for`], but that a partner's administrator invites the first admin
/// of a customer, as long as there is none who could (P6).
pub fn role_for_invitee(
    giver: &User,
    account: &Account,
    counts: &Counts,
    (user_type, named): (UserType, &Named),
) -> Result<Role, Refusal> {
    let administrator = BuiltIn::Administrator.role();
    let abroad = giver.account_id != account.id;
    let at_home = administrator.permissions.iter().all(|it| NOT_ABROAD.contains(it) || giver.permissions.contains(it));
    let meant = *named == Named::Own || *named == Named::Role(administrator.clone());
    if abroad
        && counts.admins == 0
        && at_home
        && meant
        && giver.user_type == UserType::Admin
        && user_type == UserType::Admin
    {
        return Ok(administrator);
    }
    role_for(giver, account, user_type, named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::role::Permission;
    use crate::rules::fixtures::{account, user};

    #[test]
    fn only_what_one_holds_b9() {
        use UserType::{Admin, Guest, Member, Viewer};
        let account = account("licensed-monthly");
        for (giver, given, allowed) in [
            (Admin, Admin, true),
            (Admin, Member, true),
            (Admin, Guest, true),
            (Member, Admin, false),
            (Member, Member, true),
            (Member, Viewer, true),
            (Member, Guest, true),
            (Viewer, Member, false),
            (Guest, Viewer, false),
            (Guest, Guest, true),
        ] {
            let giver = user(&account, giver, 1);
            let got = role_for(&giver, &account, given, &Named::Own);
            assert_eq!(got.is_ok(), allowed, "{:?} → {given:?}", giver.user_type);
        }
    }

    #[test]
    fn which_role_goes_with_which_type_p5() {
        use UserType::{Admin, Guest, Member};
        let account = account("licensed-monthly");
        let custom = |permissions: &[Permission]| Role {
            id: Id::from_bits(77),
            name: "Own".into(),
            permissions: permissions.iter().copied().collect(),
        };
        let less = custom(&Permission::ALL[1..]);
        let little = custom(&[Permission::UsersRead]);
        let (administrator, member) = (user(&account, Admin, 1), user(&account, Member, 2));
        let limited = User { user_type: Admin, ..user(&account, Member, 3).with_role(less.clone()) };
        for (giver, user_type, role, allowed) in [
            (&administrator, Member, BuiltIn::Administrator.role(), false),
            (&administrator, Admin, BuiltIn::Member.role(), false),
            (&administrator, Member, BuiltIn::Viewer.role(), true),
            (&administrator, Admin, less.clone(), true),
            (&administrator, Guest, little.clone(), true),
            (&limited, Admin, less.clone(), false),
            (&limited, Member, little.clone(), false),
            (&limited, Member, custom(&[Permission::AuditRead]), true),
            (&member, Member, little, true),
            (&member, Member, less, false),
        ] {
            let got = role_for(giver, &account, user_type, &Named::Role(role.clone()));
            assert_eq!(got.is_ok(), allowed, "{} {user_type:?} {}", giver.role_name, role.name);
        }
        let unknown = role_for(&administrator, &account, Member, &Named::Unknown);
        assert!(matches!(unknown, Err(Refusal::Invalid(_))));
    }

    #[test]
    fn plans_that_are_not_professional_have_admins_and_members_only_b4() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        for user_type in UserType::ALL {
            let refused = role_for(&admin, &account, user_type, &Named::Own) == Err(Refusal::ProfessionalPlanRequired);
            assert_eq!(refused, matches!(user_type, UserType::Guest | UserType::Viewer), "{user_type:?}");
        }
    }

    #[test]
    fn a_partners_administrator_invites_the_first_admin_of_a_customer_and_no_other_p6() {
        let (partner, mut customer) = (account("unlimited"), account("unlimited"));
        customer.id = Id::from_bits(7);
        let acting = |user_type| crate::customers::acting(&user(&partner, user_type, 1), &partner);
        for (giver, admins, given, named, allowed) in [
            (acting(UserType::Admin), 0, UserType::Admin, Named::Own, true),
            (acting(UserType::Admin), 0, UserType::Admin, Named::Role(BuiltIn::Administrator.role()), true),
            (acting(UserType::Admin), 1, UserType::Admin, Named::Own, false),
            (acting(UserType::Admin), 1, UserType::Member, Named::Own, true),
            (acting(UserType::Member), 0, UserType::Admin, Named::Own, false),
            // At home nothing is otherwise.
            (user(&customer, UserType::Admin, 2), 1, UserType::Admin, Named::Own, true),
            (user(&customer, UserType::Member, 2), 0, UserType::Admin, Named::Own, false),
        ] {
            let counts = Counts { admins, ..Counts::default() };
            let got = role_for_invitee(&giver, &customer, &counts, (given, &named));
            assert_eq!(got.is_ok(), allowed, "{} {admins} {given:?} {named:?}", giver.name);
        }
    }
}
