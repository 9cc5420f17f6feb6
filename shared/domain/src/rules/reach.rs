//! Whose resources somebody administers with the permission `resources.write`.

use crate::resource::Resource;
use crate::role::BuiltIn;
use crate::user::{User, UserType};

/// Whether somebody administers everybody's resources: admins do, and whoever has a role of the account's own, or the
/// administrator's, that names the permission. All others have it for what they own.
pub fn reaches_all(actor: &User) -> bool {
    let role = BuiltIn::of_id(actor.role_id);
    actor.user_type == UserType::Admin || role.is_none_or(|role| role == BuiltIn::Administrator)
}

/// Whether a resource is there for somebody: he owns it, alone or with others, or administers everybody's.
pub fn reaches(actor: &User, resource: &Resource) -> bool {
    reaches_all(actor) || resource.owners().any(|owner| owner == actor.id)
}

/// Whether somebody may say who takes part in a resource: whoever takes part, and whoever administers everybody's (B5). Only
/// boards and projects have participants; their owners are some.
pub fn takes_part(actor: &User, resource: &Resource) -> bool {
    resource.kind.has_participants() && (reaches_all(actor) || resource.participants().any(|id| id == actor.id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::id::Id;
    use crate::resource::{Kind, ResourceId, State, Visibility};
    use crate::rules::fixtures::{account, user};

    #[test]
    fn members_reach_their_own_and_admins_everybodys() {
        let account = account("unlimited");
        let (ben, other) = (user(&account, UserType::Member, 1), user(&account, UserType::Member, 2));
        let admin = user(&account, UserType::Admin, 3);
        let own_role = Id::from_bits(77);
        let desk = User { role_id: own_role, ..user(&account, UserType::Member, 4) };
        let limited = User { role_id: own_role, ..user(&account, UserType::Admin, 5) };
        let viewer = user(&account, UserType::Viewer, 6);
        for (actor, owner, co_owner, expected) in [
            (&ben, Some(&ben), None, true),
            (&ben, Some(&other), Some(&ben), true),
            (&ben, None, Some(&ben), true),
            (&ben, Some(&other), None, false),
            (&ben, Some(&admin), Some(&other), false),
            (&ben, None, None, false),
            (&viewer, Some(&other), None, false),
            (&desk, Some(&other), None, true),
            (&desk, None, None, true),
            (&admin, Some(&other), None, true),
            (&limited, Some(&other), None, true),
        ] {
            let resource = Resource {
                account_id: account.id,
                kind: Kind::Board,
                id: ResourceId::parse("b").unwrap(),
                name: "B".into(),
                owner_id: owner.map(|user| user.id),
                co_owner_ids: co_owner.iter().map(|user| user.id).collect(),
                participant_ids: Vec::new(),
                visibility: Visibility::Private,
                state: State::Active,
                epoch: 0,
                version: 1,
            };
            assert_eq!(reaches(actor, &resource), expected, "{} {:?}", actor.name, resource.owner_id);
        }
    }
}
