//! Who a user is to the account, and what he may: his type (W7) and his role (R2).

use serde_json::json;

use crate::account::Account;
use crate::audit::{AuditEntry, difference};
use crate::change::{Change, Record, Write};
use crate::counts::Counts;
use crate::invitation::Invitation;
use crate::policy::ReservedOn;
use crate::refusal::Refusal;
use crate::rules::confer::{Named, role_for};
use crate::rules::rank::may_restore;
use crate::stamp::Stamp;
use crate::user::{Seat, User, UserStatus, UserType};

/// Gives a user another type (W7), with the role named or the type's own. A type that takes a license takes one in the same
/// change, one that takes none frees it.
///
/// Refuses guests of domains that the policy denies (W8), what the actor cannot confer, and the last administrator's loss.
pub fn set_type(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    (user_type, role): (UserType, &Named),
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    let role = if user_type == user.user_type && *role == Named::Own {
        // Nothing was asked of the role, and it fits.
        &Named::Role(user.role())
    } else {
        role
    };
    let role = role_for(actor, account, user_type, role)?;
    let denied = |email: &crate::text::Email| !account.policy.guests.admits(&email.domain());
    if user_type == UserType::Guest && user.user_type != UserType::Guest && user.email.as_ref().is_some_and(denied) {
        return Err(Refusal::GuestDomainNotAllowed);
    }
    let licensed = account.policy.licensed_types.contains(user_type);
    let seat = match (licensed, user.status) {
        (false, _) | (_, UserStatus::Deactivated | UserStatus::Deleted) => Seat::None,
        (true, UserStatus::Active) => Seat::Held,
        (true, UserStatus::Pending) if user.user_type == user_type => user.seat,
        (true, UserStatus::Pending) => match account.policy.invitations.license_reserved_on {
            ReservedOn::Invitation => Seat::Reserved,
            ReservedOn::Acceptance => Seat::None,
        },
    };
    let now = User { user_type, seat, ..user.with_role(role) };
    changed(account, counts, actor, user, now, stamp)
}

/// Gives a user another role that goes with his type (R2, P5).
pub fn set_role(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    role: &Named,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    if user.status == UserStatus::Deleted {
        return Err(Refusal::NotFound);
    }
    let role = role_for(actor, account, user.user_type, role)?;
    changed(account, counts, actor, user, user.with_role(role), stamp)
}

fn changed(
    account: &Account,
    counts: &Counts,
    actor: &User,
    user: &User,
    mut now: User,
    stamp: &mut Stamp,
) -> Result<(User, Change), Refusal> {
    let mut change = Change::new(account.id, account.subscription.model);
    if now == *user {
        return Ok((now, change));
    }
    // Nor takes anybody rights away that he could not give back.
    may_restore(actor, user)?;
    now.version = user.version + 1;
    change.counts = change.counts.moved(Some(user), Some(&now)).checked(counts)?;
    let facts = |user: &User| json!({ "type": user.user_type, "role_id": user.role_id });
    let values = difference(&facts(user), &facts(&now));
    let action = if now.user_type == user.user_type { "user.role_changed" } else { "user.type_changed" };
    change.audit.push(AuditEntry::of(account.id, action, user.id, values, stamp));
    change.replace(Record::User(user.clone()), Record::User(now.clone()));
    Ok((now, change))
}

/// Lets the open invitation of a pending user say what he is to be from now on: it is what is listed, mailed and revived.
pub fn follow(invitation: &Invitation, change: &mut Change) {
    let of_user = |write: &Write| match write {
        Write::Replace { now, .. } => match &**now {
            Record::User(user) if user.id == invitation.user_id => Some((user.user_type, user.role_id)),
            _ => None,
        },
        _ => None,
    };
    let Some((user_type, role_id)) = change.writes.iter().find_map(of_user) else { return };
    if (invitation.user_type, invitation.role_id) != (user_type, role_id) {
        let now = Invitation { user_type, role_id, version: invitation.version + 1, ..invitation.clone() };
        change.replace(Record::Invitation(invitation.clone()), Record::Invitation(now));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::role::{BuiltIn, Permission};
    use crate::rules::fixtures::{account, stamp, user};

    #[test]
    fn what_a_change_of_type_does_to_the_license_w7() {
        use UserType::{Admin, Guest, Member, Viewer};
        let account = account("licensed-monthly");
        let administrator = user(&account, Admin, 1);
        for (from, status, to, free, expected) in [
            (Member, UserStatus::Active, Viewer, 0, Ok((Seat::None, 1))),
            (Viewer, UserStatus::Active, Member, 1, Ok((Seat::Held, -1))),
            (Viewer, UserStatus::Active, Member, 0, Err(Refusal::NoLicenseAvailable)),
            (Member, UserStatus::Active, Admin, 0, Ok((Seat::Held, 0))),
            (Viewer, UserStatus::Active, Guest, 0, Ok((Seat::None, 0))),
            (Viewer, UserStatus::Pending, Member, 1, Ok((Seat::Reserved, -1))),
            (Viewer, UserStatus::Deactivated, Member, 0, Ok((Seat::None, 0))),
            (Member, UserStatus::Deleted, Viewer, 0, Err(Refusal::NotFound)),
        ] {
            let mut target = User { status, ..user(&account, from, 2) };
            if status != UserStatus::Active {
                target.seat = Seat::None;
            }
            let counts = Counts { available: free, administrators: 1, ..Counts::default() };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = set_type(&account, &counts, &administrator, &target, (to, &Named::Own), &mut stamp);
            let got = got.map(|(user, change)| (user.seat, change.counts.delta.available));
            assert_eq!(got, expected, "{from:?} {status:?} → {to:?}");
        }
    }

    #[test]
    fn who_changes_whose_type_w7_w8() {
        use UserType::{Admin, Guest, Member};
        let mut account = account("unlimited");
        account.policy.guests.company_domains = vec!["example.com".into()];
        let administrator = user(&account, Admin, 1);
        let mut clerk = user(&account, Member, 2);
        clerk.permissions.insert(Permission::UsersWrite);
        let other = user(&account, Admin, 3);
        let member = user(&account, Member, 4);
        for (actor, target, to, administrators, expected) in [
            (&administrator, &member, Admin, 1, None),
            (&administrator, &other, Member, 2, None),
            (&administrator, &administrator, Member, 2, None),
            (&administrator, &administrator, Member, 1, Some(Refusal::LastAdmin)),
            (&administrator, &member, Guest, 1, Some(Refusal::GuestDomainNotAllowed)),
            (&clerk, &member, Admin, 1, Some(Refusal::CannotGrant)),
            (&clerk, &other, Member, 2, Some(Refusal::CannotGrant)),
            (&clerk, &member, UserType::Viewer, 1, None),
        ] {
            let counts = Counts { administrators, admins: administrators, ..Counts::default() };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let got = set_type(&account, &counts, actor, target, (to, &Named::Own), &mut stamp);
            assert_eq!(got.err(), expected, "{} {} → {to:?}", actor.name, target.name);
        }
    }

    #[test]
    fn the_last_administrator_keeps_the_role() {
        let account = account("unlimited");
        let administrator = user(&account, UserType::Admin, 1);
        let less = crate::role::Role {
            id: crate::id::Id::from_bits(77),
            name: "Less".into(),
            permissions: Permission::ALL[1..].iter().copied().collect(),
        };
        for (administrators, refused) in [(1, Some(Refusal::LastAdmin)), (2, None)] {
            let counts = Counts { administrators, admins: 2, ..Counts::default() };
            let mut stamp = stamp("2026-02-01T10:00:00Z");
            let named = Named::Role(less.clone());
            let got = set_role(&account, &counts, &administrator, &administrator, &named, &mut stamp);
            assert_eq!(got.err(), refused, "{administrators}");
        }
        let counts = Counts { administrators: 1, ..Counts::default() };
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let same = Named::Role(BuiltIn::Administrator.role());
        let (_, change) = set_role(&account, &counts, &administrator, &administrator, &same, &mut stamp).unwrap();
        assert!(change.is_nothing());
    }
}
