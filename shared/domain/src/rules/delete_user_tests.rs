#![allow(clippy::unwrap_used)]
use super::*;
use crate::counts::Counts;
use crate::identity::{Identity, Provider};
use crate::locale::Locale;
use crate::password::Password;
use crate::role::{Permission, Role};
use crate::rules::fixtures::{account, at, stamp, user};
use crate::user::UserType;

const NOW: &str = "2026-02-01T10:00:00Z";

/// Somebody of whom everything is known.
fn known(account: &Account) -> User {
    User {
        status: UserStatus::Deactivated,
        seat: Seat::None,
        name: "Marker".into(),
        login: "marker".into(),
        phone: Some("marker".into()),
        title: Some("marker".into()),
        locale: Locale::Uk,
        time_zone: Some("Europe/Marker".into()),
        two_factor: true,
        last_active_at: Some(at(NOW)),
        deactivated_at: Some(at(NOW)),
        email: crate::text::Email::parse("marker@example.com"),
        ..user(account, UserType::Member, 2)
    }
}

#[test]
fn who_can_be_deleted_and_by_whom_w6_r10() {
    use UserStatus::{Active, Deactivated, Deleted, Pending};
    let account = account("licensed-monthly");
    let mut kept = account.clone();
    kept.policy.deletion = Deletion::Forbidden;
    let admin = user(&account, UserType::Admin, 1);
    let mut deleter = user(&account, UserType::Member, 3);
    deleter.permissions.insert(Permission::UsersDelete);
    for (account, actor, user_type, status, expected) in [
        (&account, &admin, UserType::Member, Deactivated, None),
        (&account, &admin, UserType::Admin, Deactivated, None),
        (&account, &admin, UserType::Member, Active, Some(Refusal::UserNotDeactivated)),
        (&account, &admin, UserType::Member, Pending, Some(Refusal::UserNotDeactivated)),
        (&account, &admin, UserType::Member, Deleted, Some(Refusal::NotFound)),
        (&kept, &admin, UserType::Member, Deactivated, Some(Refusal::DeletionForbidden)),
        (&kept, &admin, UserType::Member, Deleted, Some(Refusal::NotFound)),
        (&account, &deleter, UserType::Member, Deactivated, None),
        (&account, &deleter, UserType::Admin, Deactivated, Some(Refusal::Outranked(Permission::UsersInvite))),
        (&account, &deleter, UserType::Admin, Active, Some(Refusal::Outranked(Permission::UsersInvite))),
    ] {
        let target = User { status, ..user(account, user_type, 2) };
        let got = delete_user(account, actor, &target, None, "X", &mut stamp(NOW));
        assert_eq!(got.err(), expected, "{} {user_type:?} {status:?}", actor.name);
    }
    let oneself = delete_user(&account, &admin, &admin, None, "X", &mut stamp(NOW));
    assert_eq!(oneself.err(), Some(Refusal::CannotChangeSelf));
}

#[test]
fn a_husk_says_nothing_w6() {
    let account = account("licensed-monthly");
    let admin = user(&account, UserType::Admin, 1);
    let role = Role { id: crate::id::Id::from_bits(77), name: "Marker".into(), permissions: [].into() };
    let target = known(&account).with_role(role);
    let identity = Identity { provider: Provider::Google, issuer: "https://i".into(), subject: "marker".into() };
    let hash = Password::presented("x").hash([1; 16]);
    let credential = Credential { identity: Some(identity), ..Credential::new(&target, Some(hash)) };
    let mut stamp = stamp(NOW);
    let (now, change) = delete_user(&account, &admin, &target, Some(&credential), "Nobody", &mut stamp).unwrap();
    let told = serde_json::to_string(&now).unwrap().to_lowercase();
    assert!(!told.contains("marker") && now.email.is_none(), "{told}");
    assert_eq!((now.id, now.user_type, now.name.as_str()), (target.id, target.user_type, "Nobody"));
    assert!(now.permissions.is_empty() && now.session_epoch > target.session_epoch && now.version > target.version);
    assert_eq!(change.counts.delta, Counts { deactivated: -1, ..Counts::default() });
    let released = change.writes.iter().filter(|write| matches!(write, Write::Release(_))).count();
    assert_eq!(released, 3, "login, address, identity");
    assert!(change.mails.is_empty());
    let left = change.writes.iter().find_map(|write| match write {
        Write::Create(record) => Some(serde_json::to_string(&match &**record {
            Record::Erasure(erasure) => erasure.clone(),
            other => panic!("{other:?}"),
        })),
        _ => None,
    });
    let left = left.unwrap().unwrap();
    let audit = serde_json::to_string(&change.audit).unwrap();
    assert!(!left.contains("marker") && !audit.to_lowercase().contains("marker"), "{left} {audit}");
}

#[test]
fn who_can_be_withdrawn_r6() {
    use UserStatus::{Active, Deactivated, Deleted, Pending};
    let account = account("licensed-monthly");
    let admin = user(&account, UserType::Admin, 1);
    let mut helpdesk = user(&account, UserType::Member, 3);
    helpdesk.permissions.insert(Permission::UsersStatus);
    for (actor, user_type, status, invited, expected) in [
        (&admin, UserType::Member, Pending, false, None),
        (&helpdesk, UserType::Member, Pending, false, None),
        (&helpdesk, UserType::Admin, Pending, false, Some(Refusal::Outranked(Permission::UsersInvite))),
        (&admin, UserType::Member, Pending, true, Some(Refusal::UserInvited)),
        (&admin, UserType::Member, Active, false, Some(Refusal::UserNotPending)),
        (&admin, UserType::Member, Deactivated, false, Some(Refusal::UserNotPending)),
        (&admin, UserType::Member, Deleted, false, Some(Refusal::NotFound)),
    ] {
        let invitation_id = invited.then(|| crate::id::Id::from_bits(5));
        let target = User { status, invitation_id, seat: Seat::Reserved, ..user(&account, user_type, 2) };
        let credential = Credential::new(&target, None);
        let got = withdraw(&account, actor, &target, Some(&credential), &mut stamp(NOW));
        let change = match got {
            Ok(change) => change,
            Err(refusal) => {
                assert_eq!(Some(refusal), expected, "{user_type:?} {status:?} {invited}");
                continue;
            }
        };
        assert_eq!(expected, None);
        let delta = Counts { pending: -1, reserved: -1, available: 1, ..Counts::default() };
        assert_eq!(change.counts.delta, delta);
        let removed = change.writes.iter().filter(|write| matches!(write, Write::Remove(_))).count();
        let released = change.writes.iter().filter(|write| matches!(write, Write::Release(_))).count();
        assert_eq!((removed, released), (1, 1), "login and address are the same");
    }
}
