#![allow(clippy::unwrap_used)]
use super::*;
use crate::rules::fixtures::{account, at, stamp, user};
use crate::rules::rank;
use crate::rules::request_email::{cancel, request_by_admin, request_own};
use crate::user::UserType;

const NOW: &str = "2026-02-01T10:00:00Z";
/// Within a day of it.
const SOON: &str = "2026-02-01T12:00:00Z";

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn free() -> Standing<'static> {
    Standing { holder: None, former: &[] }
}

/// The link that a change mails.
fn link(change: &Change) -> OneTimeToken {
    let token = |write: &Write| match write {
        Write::Create(record) => match &**record {
            Record::Token(token) => Some(token.clone()),
            _ => None,
        },
        _ => None,
    };
    change.writes.iter().find_map(token).unwrap()
}

/// The user as a change leaves it.
fn after(change: &Change) -> User {
    let user = |write: &Write| match write {
        Write::Replace { now, .. } => match &**now {
            Record::User(user) => Some(user.clone()),
            _ => None,
        },
        _ => None,
    };
    change.writes.iter().find_map(user).unwrap()
}

fn former(change: &Change) -> FormerEmail {
    let former = |write: &Write| match write {
        Write::Create(record) => match &**record {
            Record::FormerEmail(former) => Some(former.clone()),
            _ => None,
        },
        _ => None,
    };
    change.writes.iter().find_map(former).unwrap()
}

/// What a change does with logins and addresses.
fn handles(change: &Change) -> Vec<(&'static str, String)> {
    let one = |write: &Write| match write {
        Write::Claim(claim, _) => Some(("claim", claim.handle.clone())),
        Write::Reserve(claim) => Some(("reserve", claim.handle.clone())),
        Write::Retake(claim) => Some(("retake", claim.handle.clone())),
        Write::Release(claim) => Some(("release", claim.handle.clone())),
        _ => None,
    };
    change.writes.iter().filter_map(one).collect()
}

#[test]
fn the_last_second_counts_and_the_next_does_not_p2_p3() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let (asked, change) = request_own(&account, &user, &email("new@example.com"), free(), &mut stamp(NOW)).unwrap();
    let token = link(&change);
    let (_, change) = confirm(&account, &asked, None, &token, free(), &mut stamp(SOON)).unwrap();
    let confirmed = after(&change);
    for (now, expected) in [
        ("2026-02-02T09:59:59Z", None),
        ("2026-02-02T10:00:00Z", None),
        ("2026-02-02T10:00:00.999Z", None),
        ("2026-02-02T10:00:01Z", Some(Refusal::EmailChangeExpired)),
    ] {
        let got = confirm(&account, &asked, None, &token, free(), &mut stamp(now));
        assert_eq!(got.err(), expected, "to confirm {now}");
        let got = accept(&account, &confirmed, free(), &mut stamp(now));
        assert_eq!(got.err(), expected, "to accept {now}");
    }
}

#[test]
fn what_a_link_confirms_and_what_not_p2() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let mut stamp = stamp(NOW);
    let (asked, change) = request_own(&account, &user, &email("new@example.com"), free(), &mut stamp).unwrap();
    let token = link(&change);
    let (newer, _) = request_own(&account, &asked, &email("newer@example.com"), free(), &mut stamp).unwrap();
    let (cancelled, _) = cancel(&account, &asked, &mut stamp);
    let deactivated = User { status: UserStatus::Deactivated, email_change: None, ..asked.clone() };
    let deleted = User { status: UserStatus::Deleted, ..asked.clone() };
    let somebody = User { id: crate::id::Id::from_bits(77), ..asked.clone() };
    for (case, user, expected) in [
        ("asked", &asked, None),
        ("superseded", &newer, Some(Refusal::LinkExpired)),
        ("cancelled", &cancelled, Some(Refusal::LinkExpired)),
        ("deactivated", &deactivated, Some(Refusal::LinkExpired)),
        ("deleted", &deleted, Some(Refusal::LinkExpired)),
        ("another's", &somebody, Some(Refusal::LinkExpired)),
    ] {
        assert_eq!(confirm(&account, user, None, &token, free(), &mut stamp).err(), expected, "{case}");
    }
    let step = Grant::VerifyEmail { user_id: user.id, email: email("new@example.com") };
    let other = OneTimeToken { grants: step, ..token.clone() };
    assert_eq!(confirm(&account, &asked, None, &other, free(), &mut stamp).err(), Some(Refusal::NotFound));
    // Once more is nothing new, and the accept button comes after it.
    assert_eq!(accept(&account, &asked, free(), &mut stamp).err(), Some(Refusal::NotConfirmed));
    assert_eq!(accept(&account, &user, free(), &mut stamp).err(), Some(Refusal::NotFound));
    let (status, change) = confirm(&account, &asked, None, &token, free(), &mut stamp).unwrap();
    let confirmed = after(&change);
    assert_eq!((status, confirmed.email.clone()), (Confirmed::AwaitingAccept, user.email.clone()), "nothing yet");
    assert!(handles(&change).is_empty());
    let (status, again) = confirm(&account, &confirmed, None, &token, free(), &mut stamp).unwrap();
    assert_eq!((status, again.is_nothing()), (Confirmed::AwaitingAccept, true));
    let (now, change) = accept(&account, &confirmed, free(), &mut stamp).unwrap();
    assert_eq!(now.email, Some(email("new@example.com")));
    assert_eq!(change.mails[0].to, "user2@example.com", "the old address is told");
    assert_eq!(confirm(&account, &now, None, &token, free(), &mut stamp).err(), Some(Refusal::LinkExpired));
}

#[test]
fn what_takes_effect_and_which_logins_follow_p2() {
    let mut account = account("basic");
    account.policy.email_change.self_requires_accept = false;
    let (old, new) = ("user2@example.com", "new@example.com");
    for (login, had_one, expected) in [
        // A login that is the address goes with it.
        (old, true, (new, vec![("claim", new), ("reserve", old)])),
        ("USER2@example.com", true, (new, vec![("claim", new), ("reserve", old)])),
        ("two", true, ("two", vec![("claim", new), ("reserve", old)])),
        // The new address is the login already.
        (new, true, (new, vec![("reserve", old)])),
        ("two", false, ("two", vec![("claim", new)])),
    ] {
        let mut user = User { login: login.into(), email_verified: false, ..user(&account, UserType::Member, 2) };
        user.email = user.email.filter(|_| had_one);
        let mut stamp = stamp(NOW);
        let (asked, change) = request_own(&account, &user, &email(new), free(), &mut stamp).unwrap();
        let (status, change) = confirm(&account, &asked, None, &link(&change), free(), &mut stamp).unwrap();
        let now = after(&change);
        assert_eq!(status, Confirmed::Changed);
        assert_eq!(
            (now.login.as_str(), now.email, now.email_verified),
            (expected.0, Some(email(new)), true),
            "{login}"
        );
        assert_eq!((now.email_change, now.session_epoch), (None, user.session_epoch), "{login}");
        let expected: Vec<_> = expected.1.iter().map(|(what, handle)| (*what, (*handle).to_owned())).collect();
        assert_eq!(handles(&change), expected, "{login}");
        assert_eq!(change.mails.len(), usize::from(had_one), "{login}");
        if had_one {
            let former = former(&change);
            assert_eq!((former.email, former.changed_in), (email(old), now.version));
            assert_eq!(former.was_login, fold(login) == old);
            assert_eq!(former.until, at("2026-02-04T10:00:00Z"), "72 hours");
            assert_eq!(now.earlier_addresses, [address(account.id, &email(old))]);
        }
    }
}

#[test]
fn back_to_an_address_that_one_has_left() {
    let mut account = account("basic");
    account.policy.email_change.self_requires_accept = false;
    let user = user(&account, UserType::Member, 2);
    let mut stamp = stamp(NOW);
    let go = |user: &User, to: &str, standing: Standing<'_>, stamp: &mut Stamp| {
        let (asked, change) = request_own(&account, user, &email(to), standing, stamp).unwrap();
        confirm(&account, &asked, None, &link(&change), standing, stamp).unwrap().1
    };
    let away = go(&user, "new@example.com", free(), &mut stamp);
    let left = [former(&away)];
    let standing = Standing { holder: Some(user.id), former: &left };
    let back = go(&after(&away), "user2@example.com", standing, &mut stamp);
    assert_eq!(handles(&back), [("retake", "user2@example.com".to_owned()), ("reserve", "new@example.com".to_owned())]);
    let gone = back.writes.iter().any(|it| *it == Write::Remove(Box::new(Record::FormerEmail(left[0].clone()))));
    assert!(gone, "there is nothing to put back any more");
}

#[test]
fn what_stands_in_the_way_in_the_end_w8_w9() {
    let mut account = account("unlimited");
    let admin = user(&account, UserType::Admin, 1);
    let guest = user(&account, UserType::Guest, 2);
    let mut stamp = stamp(NOW);
    let (asked, change) =
        request_by_admin(&account, &admin, &guest, &email("new@x.example"), free(), &mut stamp).unwrap();
    let token = link(&change);
    let demoted = User { permissions: guest.permissions.clone(), ..user(&account, UserType::Member, 1) };
    let blocked = User { status: UserStatus::Deactivated, ..admin.clone() };
    let risen = User { email_change: asked.email_change.clone(), ..user(&account, UserType::Admin, 2) };
    let mut desk = user(&account, UserType::Member, 1);
    desk.permissions.insert(Permission::UsersCredentials);
    assert!(rank::may_act_as(&desk, &asked).is_ok());
    for (case, user, requester, holder, expected) in [
        ("as asked", &asked, Some(&admin), None, None),
        ("held by himself", &asked, Some(&admin), Some(guest.id), None),
        ("taken", &asked, Some(&admin), Some(admin.id), Some(Refusal::EmailTaken)),
        ("by an admin who is none any more", &asked, Some(&demoted), None, Some(Refusal::LinkExpired)),
        ("by an admin who has gone", &asked, Some(&blocked), None, Some(Refusal::LinkExpired)),
        ("by nobody", &asked, None, None, Some(Refusal::LinkExpired)),
        ("of somebody above the requester now", &risen, Some(&desk), None, Some(Refusal::LinkExpired)),
    ] {
        let standing = Standing { holder, former: &[] };
        let got = confirm(&account, user, requester, &token, standing, &mut stamp);
        assert_eq!(got.err(), expected, "{case}");
    }
    account.policy.guests.deny_domains = vec!["x.example".into()];
    let got = confirm(&account, &asked, Some(&admin), &token, free(), &mut stamp);
    assert_eq!(got.err(), Some(Refusal::GuestDomainNotAllowed), "the policy counts as it is now");
    account.policy.email_change.admin_allowed = crate::policy::AdminEmailChange::Never;
    let got = confirm(&account, &asked, Some(&admin), &token, free(), &mut stamp);
    assert_eq!(got.err(), Some(Refusal::EmailChangeNotAvailable));
}
