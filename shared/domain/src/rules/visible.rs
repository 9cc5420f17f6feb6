//! Who sees whom (B2, B4): one rule for every list and choice that can name a user.

use crate::account::Account;
use crate::refusal::Refusal;
use crate::role::Permission;
use crate::user::{User, UserType};

/// What two users of an account have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Both take part in a board or project.
    pub board: bool,
    /// The one has the other as a contact.
    pub contact: bool,
}

impl Shared {
    /// Nothing.
    pub const NOTHING: Self = Self { board: false, contact: false };
}

/// Whether a user of one type sees one of another: whoever belongs to the account sees everybody; guests see admins and
/// members, and others only with whom they have something in common.
pub const fn visible(viewer: UserType, other: UserType, shared: Shared) -> bool {
    match (viewer, other) {
        (UserType::Admin | UserType::Member | UserType::Viewer, _) | (_, UserType::Admin | UserType::Member) => true,
        (UserType::Guest, UserType::Viewer | UserType::Guest) => shared.board || shared.contact,
    }
}

/// Whether a user of one type sees those of another all, so that nobody has to look for what they have in common.
pub const fn sees_all(viewer: UserType, other: UserType) -> bool {
    visible(viewer, other, Shared::NOTHING)
}

/// Whether a user of one type is told the address of another (B3): not a guest, who belongs to another team.
pub const fn address_visible(viewer: UserType) -> bool {
    !matches!(viewer, UserType::Guest)
}

/// Whether a user of one type is shown the team with its roles (B4): on professional plans, and not to guests, who have
/// contacts instead.
pub const fn team(account: &Account, viewer: UserType) -> Result<(), Refusal> {
    if matches!(viewer, UserType::Guest) {
        return Err(Refusal::NotForGuests);
    }
    if !account.subscription.professional {
        return Err(Refusal::ProfessionalPlanRequired);
    }
    Ok(())
}

/// Whether somebody is told how others sign in: only who does more with users than read of them.
pub fn logins_visible(viewer: &User) -> bool {
    use Permission::{UsersCredentials, UsersDelete, UsersInvite, UsersStatus, UsersWrite};
    let administering = [UsersWrite, UsersInvite, UsersStatus, UsersDelete, UsersCredentials];
    administering.iter().any(|permission| viewer.permissions.contains(permission))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::fixtures::{account, user};

    #[test]
    fn the_team_is_for_insiders_on_professional_plans_b4() {
        for plan in ["unlimited", "licensed-monthly", "metered-monthly", "basic"] {
            for viewer in UserType::ALL {
                let expected = match viewer {
                    UserType::Guest => Err(Refusal::NotForGuests),
                    _ if plan == "basic" => Err(Refusal::ProfessionalPlanRequired),
                    _ => Ok(()),
                };
                assert_eq!(team(&account(plan), viewer), expected, "{plan} {viewer:?}");
            }
        }
    }

    #[test]
    fn who_only_reads_is_told_no_logins() {
        use Permission::{UsersCredentials, UsersDelete, UsersInvite, UsersStatus, UsersWrite};
        let account = account("unlimited");
        for permission in Permission::ALL.iter().copied() {
            let viewer = User { permissions: [permission].into(), ..user(&account, UserType::Member, 1) };
            let told = matches!(permission, UsersCredentials | UsersDelete | UsersInvite | UsersStatus | UsersWrite);
            assert_eq!(logins_visible(&viewer), told, "{permission:?}");
        }
    }

    #[test]
    fn guests_see_the_team_and_with_whom_they_share() {
        use UserType::{Admin, Guest, Member, Viewer};
        let nothing = Shared::NOTHING;
        let board = Shared { board: true, ..nothing };
        let contact = Shared { contact: true, ..nothing };
        for viewer in UserType::ALL {
            for other in UserType::ALL {
                let alone = viewer != Guest || matches!(other, Admin | Member);
                assert_eq!(visible(viewer, other, nothing), alone, "{viewer:?} {other:?}");
                assert_eq!(sees_all(viewer, other), alone, "{viewer:?} {other:?}");
                assert!(visible(viewer, other, board), "{viewer:?} {other:?} on a board");
                assert!(visible(viewer, other, contact), "{viewer:?} {other:?} as contacts");
            }
        }
        for (viewer, told) in [(Admin, true), (Member, true), (Viewer, true), (Guest, false)] {
            assert_eq!(address_visible(viewer), told, "{viewer:?}");
        }
    }
}
