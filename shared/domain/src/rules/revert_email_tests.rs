#![allow(clippy::unwrap_used)]
use super::*;
use crate::id::Id;
use crate::rules::fixtures::{account, at, stamp, user};
use crate::secret::Secret;
use crate::text::Email;
use crate::user::UserType;

const UNTIL: &str = "2026-02-04T10:00:00Z";

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// An address that was left by the change of this number.
fn left(account: &Account, text: &str, was_login: bool, number: u64) -> FormerEmail {
    FormerEmail {
        id: Id::from_bits(number.into()),
        account_id: account.id,
        user_id: user(account, UserType::Member, 2).id,
        email: email(text),
        was_login,
        changed_in: number,
        until: at(UNTIL),
    }
}

/// The link that was mailed to it.
fn link(former: &FormerEmail) -> OneTimeToken {
    OneTimeToken {
        digest: Secret::from_bytes([1; 32]).digest(),
        account_id: former.account_id,
        expires_at: former.until,
        grants: Grant::RevertEmail { user_id: former.user_id, change_id: former.id },
    }
}

#[test]
fn the_last_second_counts_and_the_next_does_not() {
    let account = account("basic");
    let user = user(&account, UserType::Member, 2);
    let former = left(&account, "old@example.com", false, 2);
    for (now, open) in [
        ("2026-02-04T09:59:59Z", true),
        (UNTIL, true),
        ("2026-02-04T10:00:00.999Z", true),
        ("2026-02-04T10:00:01Z", false),
    ] {
        let got = revert(&account, &user, std::slice::from_ref(&former), &link(&former), &mut stamp(now));
        assert_eq!(got.err(), (!open).then_some(Refusal::EmailChangeExpired), "{now}");
        assert_eq!(release(&former, at(now)).is_none(), open, "the worker goes by the same moment: {now}");
    }
    for (case, user, former) in [
        ("used", user.clone(), vec![]),
        ("another's", User { id: Id::from_bits(77), ..user.clone() }, vec![former.clone()]),
        ("deleted", User { status: UserStatus::Deleted, ..user.clone() }, vec![former.clone()]),
    ] {
        let token = link(&left(&account, "old@example.com", false, 2));
        let got = revert(&account, &user, &former, &token, &mut stamp("2026-02-02T10:00:00Z"));
        assert_eq!(got.err(), Some(Refusal::LinkExpired), "{case}");
    }
    let step = Grant::ConfirmEmail { user_id: user.id, change_id: former.id };
    let other = OneTimeToken { grants: step, ..link(&former) };
    let got = revert(&account, &user, &[former], &other, &mut stamp("2026-02-02T10:00:00Z"));
    assert_eq!(got.err(), Some(Refusal::NotFound), "a token of one step is worthless in another");
}

#[test]
fn the_address_is_back_and_what_came_after_is_undone() {
    let account = account("basic");
    // Three changes: a to b to c to d.
    let all: Vec<_> = ["a", "b", "c"]
        .iter()
        .zip(2..)
        .map(|(name, number)| left(&account, &format!("{name}@x.example"), true, number))
        .collect();
    let now = User {
        email: Some(email("d@x.example")),
        login: "d@x.example".into(),
        email_verified: false,
        ..user(&account, UserType::Member, 2)
    };
    let release = |name: &str| ("release", format!("{name}@x.example"));
    let retake = |name: &str| ("retake", format!("{name}@x.example"));
    for (back, expected) in [
        (0, vec![retake("a"), release("d"), release("b"), release("c")]),
        (1, vec![retake("b"), release("d"), release("c")]),
        (2, vec![retake("c"), release("d")]),
    ] {
        let (then, change) =
            revert(&account, &now, &all, &link(&all[back]), &mut stamp("2026-02-02T10:00:00Z")).unwrap();
        assert_eq!((then.email.as_ref(), then.email_verified), (Some(&all[back].email), true));
        assert_eq!(then.login, all[back].email.to_string(), "the login goes back with it");
        assert_eq!(then.session_epoch, now.session_epoch + 1, "every session is over");
        let handles: Vec<_> = change
            .writes
            .iter()
            .filter_map(|write| match write {
                Write::Retake(claim) => Some(("retake", claim.handle.clone())),
                Write::Release(claim) => Some(("release", claim.handle.clone())),
                _ => None,
            })
            .collect();
        assert_eq!(handles, expected);
        let gone = change.writes.iter().filter(|write| matches!(write, Write::Remove(_))).count();
        assert_eq!(gone, 3 - back, "this link and every later one");
        assert!(change.mails.is_empty());
    }
}

#[test]
fn a_login_of_its_own_stays() {
    let account = account("basic");
    let former = [left(&account, "old@example.com", false, 2)];
    let now = User { login: "two".into(), ..user(&account, UserType::Member, 2) };
    let (then, _) = revert(&account, &now, &former, &link(&former[0]), &mut stamp("2026-02-02T10:00:00Z")).unwrap();
    assert_eq!((then.login.as_str(), then.email), ("two", Some(email("old@example.com"))));
    // The login was the old address, and was given another name since.
    let former = [left(&account, "old@example.com", true, 2)];
    let (then, _) = revert(&account, &now, &former, &link(&former[0]), &mut stamp("2026-02-02T10:00:00Z")).unwrap();
    assert_eq!(then.login, "two");
}
