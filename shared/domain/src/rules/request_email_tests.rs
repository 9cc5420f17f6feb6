#![allow(clippy::unwrap_used)]
use super::*;
use crate::Write;
use crate::id::Id;
use crate::policy::Deletion;
use crate::role::Permission;
use crate::rules::fixtures::{account, at, stamp, user};

const NOW: &str = "2026-02-01T10:00:00Z";

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

fn free() -> Standing<'static> {
    Standing { holder: None, former: &[] }
}

fn former(account: &Account, user: &User, until: &str) -> FormerEmail {
    FormerEmail {
        id: Id::from_bits(9),
        account_id: account.id,
        user_id: user.id,
        email: email("old@example.com"),
        was_login: true,
        changed_in: 2,
        until: at(until),
    }
}

#[test]
fn a_window_is_the_policys_and_both_addresses_are_told_p2_w9() {
    let mut account = account("basic");
    let admin = user(&account, UserType::Admin, 1);
    let member = user(&account, UserType::Member, 2);
    let own = |account: &Account| request_own(account, &member, &email("new@example.com"), free(), &mut stamp(NOW));
    let by_admin = |account: &Account| {
        request_by_admin(account, &admin, &member, &email("new@example.com"), free(), &mut stamp(NOW))
    };
    for (hours, accepts, own_until, admin_until) in [
        (None, true, "2026-02-02T10:00:00Z", "2026-02-04T10:00:00Z"),
        (Some((1, 720)), false, "2026-02-01T11:00:00Z", "2026-03-03T10:00:00Z"),
    ] {
        if let Some((own, admin)) = hours {
            account.policy.email_change.self_window_hours = own;
            account.policy.email_change.admin_window_hours = admin;
            account.policy.email_change.self_requires_accept = false;
        }
        for (got, until, needs_accept) in
            [(own(&account), own_until, accepts), (by_admin(&account), admin_until, false)]
        {
            let (now, change) = got.unwrap();
            let asked = now.email_change.clone().unwrap();
            assert_eq!((asked.expires_at, asked.needs_accept), (at(until), needs_accept));
            assert_eq!((now.email, now.version), (member.email.clone(), member.version + 1), "the old one holds");
            let mails: Vec<_> = change.mails.iter().map(|mail| (mail.template, mail.to.as_str())).collect();
            assert_eq!(
                mails,
                [
                    (Template::EmailChangeConfirm, "new@example.com"),
                    (Template::EmailChangeRequested, "user2@example.com")
                ]
            );
            let link = change.writes.iter().find_map(|write| match write {
                Write::Create(record) => match &**record {
                    Record::Token(token) => Some(token.clone()),
                    _ => None,
                },
                _ => None,
            });
            let link = link.unwrap();
            assert_eq!(link.expires_at, at(until), "the link and the window end together");
            assert_eq!(link.grants, Grant::ConfirmEmail { user_id: member.id, change_id: asked.id });
            assert_eq!(change.mails[0].token.as_ref().unwrap().digest(), link.digest);
            assert!(change.mails[1].token.is_none(), "the old address confirms nothing");
            assert!(!change.writes.iter().any(|write| matches!(write, Write::Claim(..))), "nothing is claimed yet");
        }
    }
}

#[test]
fn which_address_can_be_asked_for_p2_w8() {
    let mut account = account("unlimited");
    account.policy.guests.deny_domains = vec!["bad.example".into()];
    let other = user(&account, UserType::Member, 3);
    let own = user(&account, UserType::Member, 2).id;
    for (user_type, text, holder, expected) in [
        (UserType::Member, "new@example.com", None, None),
        (UserType::Member, "new@example.com", Some(own), None),
        (UserType::Member, "new@example.com", Some(other.id), Some("email_taken")),
        (UserType::Member, "USER2@Example.com", Some(own), Some("invalid_request")),
        (UserType::Member, "new@bad.example", None, None),
        (UserType::Guest, "new@bad.example", None, Some("guest_domain_not_allowed")),
        (UserType::Guest, "new@good.example", None, None),
    ] {
        let user = user(&account, user_type, 2);
        let standing = Standing { holder, former: &[] };
        let got = request_own(&account, &user, &email(text), standing, &mut stamp(NOW));
        assert_eq!(got.err().map(|refusal| refusal.code()), expected, "{user_type:?} {text} {holder:?}");
    }
}

#[test]
fn whose_address_an_admin_changes_and_where_w9() {
    use AdminEmailChange::{Always, Never, OutsideEu};
    let account = account("basic");
    let admin = user(&account, UserType::Admin, 1);
    let mut desk = user(&account, UserType::Member, 3);
    desk.permissions.insert(Permission::UsersCredentials);
    for (actor, target, status, invited, expected) in [
        (&admin, UserType::Member, UserStatus::Active, false, None),
        (&admin, UserType::Admin, UserStatus::Active, false, None),
        (&admin, UserType::Member, UserStatus::Pending, false, None),
        (&admin, UserType::Member, UserStatus::Pending, true, Some("user_pending")),
        (&admin, UserType::Member, UserStatus::Deactivated, false, Some("user_deactivated")),
        (&admin, UserType::Member, UserStatus::Deleted, false, Some("not_found")),
        (&desk, UserType::Member, UserStatus::Active, false, None),
        (&desk, UserType::Admin, UserStatus::Active, false, Some("forbidden")),
    ] {
        let invitation_id = invited.then(|| Id::from_bits(5));
        let target = User { status, invitation_id, ..user(&account, target, 2) };
        let got = request_by_admin(&account, actor, &target, &email("new@example.com"), free(), &mut stamp(NOW));
        assert_eq!(got.err().map(|refusal| refusal.code()), expected, "{} {status:?} {invited}", actor.name);
    }
    let oneself = request_by_admin(&account, &admin, &admin, &email("new@example.com"), free(), &mut stamp(NOW));
    assert_eq!(oneself.err(), Some(Refusal::CannotChangeSelf), "the password is asked for there");
    for (region, allowed, has_one, expected) in [
        (Region::Us, OutsideEu, true, None),
        (Region::Eu, OutsideEu, true, Some(Refusal::EmailChangeNotAvailable)),
        (Region::Eu, OutsideEu, false, None),
        (Region::Eu, Always, true, None),
        (Region::Us, Never, true, Some(Refusal::EmailChangeNotAvailable)),
        (Region::Us, Never, false, None),
    ] {
        let mut account = Account { region, ..account.clone() };
        account.policy.email_change.admin_allowed = allowed;
        account.policy.deletion = Deletion::default();
        let mut target = user(&account, UserType::Member, 2);
        target.email = target.email.filter(|_| has_one);
        let got = request_by_admin(&account, &admin, &target, &email("new@example.com"), free(), &mut stamp(NOW));
        assert_eq!(got.as_ref().err(), expected.as_ref(), "{region:?} {allowed:?} {has_one}");
        if let (Ok((_, change)), false) = (got, has_one) {
            assert_eq!(change.mails.len(), 1, "there is no old address to tell");
        }
    }
}

#[test]
fn a_newer_request_supersedes_and_a_cancelled_one_is_gone_p2() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let mut stamp = stamp(NOW);
    let (first, _) = request_own(&account, &user, &email("one@example.com"), free(), &mut stamp).unwrap();
    let (second, change) = request_own(&account, &first, &email("two@example.com"), free(), &mut stamp).unwrap();
    assert_ne!(first.email_change.as_ref().unwrap().id, second.email_change.as_ref().unwrap().id);
    assert_eq!(change.audit[0].before["pending"], "one@example.com");
    let (now, change) = cancel(&account, &second, &mut stamp);
    assert_eq!((now.email_change, change.audit[0].action.as_str()), (None, "user.email_change_cancelled"));
    assert!(cancel(&account, &user, &mut stamp).1.is_nothing());
}

#[test]
fn a_window_ends_with_its_last_second_p2() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let (asked, _) = request_own(&account, &user, &email("new@example.com"), free(), &mut stamp(NOW)).unwrap();
    for (now, over) in [
        ("2026-02-02T09:59:59Z", false),
        ("2026-02-02T10:00:00Z", false),
        ("2026-02-02T10:00:00.999Z", false),
        ("2026-02-02T10:00:01Z", true),
    ] {
        assert_eq!(asked.pending_email_change(at(now)).is_none(), over, "{now}");
        let mut stamp = stamp(now);
        let change = expire(&account, &asked, &mut stamp);
        assert_eq!(change.is_some(), over, "the worker goes by the same moment: {now}");
        assert_eq!(cancel(&account, &asked, &mut stamp).1.is_nothing(), over, "{now}");
        let Some(change) = change else { continue };
        let [Write::Replace { now: noted, .. }] = change.writes.as_slice() else { panic!("one write") };
        let Record::User(noted) = &**noted else { panic!("the user") };
        assert_eq!(noted.email_change.as_ref().unwrap().status, EmailChangeStatus::Expired);
        assert!(expire(&account, noted, &mut stamp).is_none(), "once");
    }
}

#[test]
fn few_addresses_can_be_left_at_once() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let (open, over) = ("2026-02-01T10:00:00Z", "2026-02-01T09:59:59Z");
    for (until, expected) in
        [(vec![open; 2], None), (vec![open; 3], Some(Refusal::EmailChangedTooOften)), (vec![open, open, over], None)]
    {
        let former: Vec<_> = until.iter().map(|until| former(&account, &user, until)).collect();
        let standing = Standing { holder: None, former: &former };
        let got = request_own(&account, &user, &email("new@example.com"), standing, &mut stamp(NOW));
        assert_eq!(got.err(), expected, "{until:?}");
    }
}

#[test]
fn a_session_stands_for_a_password_for_a_quarter_of_an_hour() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let (session, _) = Session::open(&user, &account.policy, None, &mut stamp(NOW));
    for (now, fresh) in [("2026-02-01T10:15:00Z", true), ("2026-02-01T10:15:00.001Z", false)] {
        assert_eq!(is_fresh(&session, at(now)).is_ok(), fresh, "{now}");
    }
}
