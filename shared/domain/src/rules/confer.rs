//! Nobody confers a right that he lacks, on any path.

use crate::account::Account;
use crate::id::RoleId;
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::user::{User, UserType};

/// The role that somebody gets as a `user_type`: the one named, else the type's own.
///
/// Refuses types that the plan does not have (B4), roles that do not exist or do not go with the type, and whatever
/// holds a right that the giver lacks; only an administrator makes an admin (B9).
pub fn role_for(
    giver: &User,
    account: &Account,
    user_type: UserType,
    role_id: Option<RoleId>,
) -> Result<BuiltIn, Refusal> {
    if !account.subscription.professional && matches!(user_type, UserType::Guest | UserType::Viewer) {
        return Err(Refusal::ProfessionalPlanRequired);
    }
    let role = match role_id {
        None => BuiltIn::for_type(user_type),
        Some(id) => BuiltIn::of_id(id)
            .ok_or_else(|| Refusal::field("role_id", "unknown_role", "There is no such role in this account."))?,
    };
    if (role == BuiltIn::Administrator) != (user_type == UserType::Admin) {
        return Err(Refusal::field("role_id", "role_not_for_type", "Admins, and only they, are administrators."));
    }
    let makes_admin = user_type == UserType::Admin;
    if makes_admin && giver.role_id != BuiltIn::Administrator.id() || !role.permissions().is_subset(&giver.permissions)
    {
        return Err(Refusal::CannotGrant);
    }
    Ok(role)
}

#[cfg(test)]
mod tests {
    use super::*;
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
            assert_eq!(role_for(&giver, &account, given, None).is_ok(), allowed, "{:?} → {given:?}", giver.user_type);
        }
        let admin = user(&account, Admin, 1);
        for (user_type, role, allowed) in
            [(Member, BuiltIn::Administrator, false), (Admin, BuiltIn::Member, false), (Member, BuiltIn::Viewer, true)]
        {
            assert_eq!(
                role_for(&admin, &account, user_type, Some(role.id())).is_ok(),
                allowed,
                "{user_type:?} {role:?}"
            );
        }
    }

    #[test]
    fn plans_that_are_not_professional_have_admins_and_members_only_b4() {
        let account = account("basic");
        let admin = user(&account, UserType::Admin, 1);
        for user_type in UserType::ALL {
            let refused = role_for(&admin, &account, user_type, None) == Err(Refusal::ProfessionalPlanRequired);
            assert_eq!(refused, matches!(user_type, UserType::Guest | UserType::Viewer), "{user_type:?}");
        }
    }
}
