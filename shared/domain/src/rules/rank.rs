//! Who may lay hands on whom.

use crate::refusal::Refusal;
use crate::user::{User, UserType};

/// Whether somebody may take a user's place or rights away: only an administrator makes and unmakes admins (B9).
pub fn may_unmake(actor: &User, user: &User) -> Result<(), Refusal> {
    if user.user_type == UserType::Admin && !actor.is_administrator() {
        return Err(Refusal::CannotGrant);
    }
    Ok(())
}

/// Whether somebody may give a user what he had: only rights that the giver has, too.
pub fn may_restore(actor: &User, user: &User) -> Result<(), Refusal> {
    may_unmake(actor, user)?;
    if !user.permissions.is_subset(&actor.conferrable()) {
        return Err(Refusal::CannotGrant);
    }
    Ok(())
}

/// Whether somebody may change what another signs in with, and so sign in as him: nobody who holds a right that one
/// lacks, and an administrator only if one is one, since he makes admins.
pub fn may_act_as(actor: &User, user: &User) -> Result<(), Refusal> {
    if let Some(lacking) = user.permissions.difference(&actor.conferrable()).next() {
        return Err(Refusal::Outranked(*lacking));
    }
    if user.is_administrator() && !actor.is_administrator() {
        return Err(Refusal::CannotGrant);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Id;
    use crate::role::{Permission, Role};
    use crate::rules::fixtures::{account, user};

    #[test]
    fn who_may_lay_hands_on_whom_b9() {
        let account = account("unlimited");
        let own = |permissions: &[Permission]| Role {
            id: Id::from_bits(7),
            name: "Own".into(),
            permissions: permissions.iter().copied().collect(),
        };
        let administrator = user(&account, UserType::Admin, 1);
        let half = user(&account, UserType::Admin, 2).with_role(own(&Permission::ALL[1..]));
        // Every right, and yet no administrator.
        let clerk = user(&account, UserType::Member, 3).with_role(own(Permission::ALL));
        let desk =
            user(&account, UserType::Member, 4).with_role(own(&[Permission::UsersRead, Permission::UsersStatus]));
        let guest = user(&account, UserType::Guest, 5);
        for (actor, target, unmake, restore, act_as) in [
            (&administrator, &half, true, true, true),
            (&administrator, &clerk, true, true, true),
            (&half, &administrator, false, false, false),
            (&half, &half, false, false, true),
            (&half, &guest, true, true, true),
            (&half, &clerk, true, false, false),
            (&clerk, &administrator, false, false, false),
            (&clerk, &half, false, false, true),
            (&clerk, &desk, true, true, true),
            (&desk, &administrator, false, false, false),
            (&desk, &clerk, true, false, false),
            (&desk, &guest, true, true, true),
            (&desk, &desk, true, true, true),
        ] {
            let got = [may_unmake(actor, target), may_restore(actor, target), may_act_as(actor, target)];
            assert_eq!(got.map(|it| it.is_ok()), [unmake, restore, act_as], "{} on {}", actor.name, target.name);
        }
    }
}
