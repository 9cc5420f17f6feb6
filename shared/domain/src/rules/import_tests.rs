#![allow(clippy::unwrap_used)]
use super::*;
use crate::change::Write;
use crate::id::Id;
use crate::import::Wish;
use crate::locale::Locale;
use crate::policy::WhoInvites;
use crate::role::{Permissions, Role};
use crate::rules::fixtures::{account, stamp, user};
use crate::user::UserType;

const NOW: &str = "2026-02-01T10:00:00Z";

fn asked(email: &str, user_type: UserType) -> Asked {
    let wish = Wish { user_type, role_id: None, locale: Locale::En };
    let row = ImportRow { email: email.into(), wish: Some(wish), ..ImportRow::default() };
    Asked { row, fault: None, role: Named::Own, held: Held::Free }
}

fn codes(parts: &[ImportPart]) -> Vec<String> {
    let code = |row: &ImportRow| match &row.outcome {
        RowOutcome::Refused { code, .. } => code.clone(),
        outcome => outcome.name().to_owned(),
    };
    parts.iter().flat_map(|part| &part.rows).map(code).collect()
}

/// An import of so many rows of members.
fn looked_at(account: &Account, maker: &User, rows: usize) -> (Import, Vec<ImportPart>) {
    let counts = Counts { available: 100_000, ..Counts::default() };
    let rows = (0..rows).map(|number| asked(&format!("u{number}@example.com"), UserType::Member)).collect();
    let checked = check(account, &counts, maker, (None, rows), &mut stamp(NOW)).unwrap();
    (checked.import, checked.parts)
}

fn replaced(change: &Change) -> (Option<Import>, Option<ImportPart>) {
    let (mut import, mut part) = (None, None);
    for write in &change.writes {
        if let Write::Replace { now, .. } = write {
            match &**now {
                Record::Import(now) => import = Some(now.clone()),
                Record::ImportPart(now) => part = Some(now.clone()),
                _ => {}
            }
        }
    }
    (import, part)
}

#[test]
fn each_row_is_told_what_becomes_of_it_b9() {
    let account = account("licensed-monthly");
    let admin = user(&account, UserType::Admin, 1);
    let rows = vec![
        asked("a@example.com", UserType::Member),
        asked("A@example.com ", UserType::Member),
        asked("b@example.com", UserType::Guest),
        asked("nothing", UserType::Member),
        Asked { held: Held::Invited, ..asked("c@example.com", UserType::Member) },
        Asked { held: Held::Member { deactivated: true }, ..asked("d@example.com", UserType::Member) },
        Asked { role: Named::Unknown, ..asked("e@example.com", UserType::Member) },
        Asked { fault: Some(Refusal::field("type", "unknown_type", "")), ..asked("f@example.com", UserType::Member) },
        asked("g@example.com", UserType::Member),
        asked("h@example.com", UserType::Admin),
    ];
    let counts = Counts { available: 2, ..Counts::default() };
    let checked = check(&account, &counts, &admin, (None, rows), &mut stamp(NOW)).unwrap();
    let expected = [
        "ready",
        "already_invited",
        "ready",
        "invalid_email",
        "already_invited",
        "already_member",
        "unknown_role",
        "unknown_type",
        "ready",
        "no_license_available",
    ];
    assert_eq!(codes(&checked.parts), expected);
    let import = &checked.import;
    let figures = (import.rows, import.ready, import.refused, import.licenses, import.mails);
    assert_eq!(figures, (10, 3, 7, 2, 3));
    // What is kept is the import and its rows: nobody is invited.
    let kept = keep(&account, &checked, Some("uploads/x".into()), &mut stamp(NOW));
    assert_eq!((kept.writes.len(), kept.counts.is_nothing(), kept.mails.len()), (3, true, 0));
}

#[test]
fn who_may_import_b10() {
    for (who, member) in
        [(WhoInvites::Admins, false), (WhoInvites::MembersWithApproval, false), (WhoInvites::Members, true)]
    {
        let mut account = account("unlimited");
        account.policy.invitations.who = who;
        for user_type in UserType::ALL {
            let maker = user(&account, user_type, 1);
            let rows = vec![asked("a@example.com", UserType::Guest)];
            let got = check(&account, &Counts::default(), &maker, (None, rows), &mut stamp(NOW));
            let expected = user_type == UserType::Admin || (user_type == UserType::Member && member);
            assert_eq!(got.is_ok(), expected, "{who:?} {user_type:?}");
        }
    }
}

#[test]
fn a_file_has_one_to_ten_thousand_rows_in_one_transaction() {
    let account = account("unlimited");
    let admin = user(&account, UserType::Admin, 1);
    let of = |rows: usize| {
        let rows = vec![asked("nothing", UserType::Member); rows];
        check(&account, &Counts::default(), &admin, (None, rows), &mut stamp(NOW))
    };
    for (rows, parts) in [(1, 1), (ROWS_PER_PART, 1), (ROWS_PER_PART + 1, 2), (MAX_ROWS, 79)] {
        let checked = of(rows).unwrap();
        assert_eq!(checked.parts.len(), parts, "{rows}");
        assert!(keep(&account, &checked, Some(String::new()), &mut stamp(NOW)).writes.len() < 99);
    }
    assert!(of(0).is_err() && of(MAX_ROWS + 1).is_err());
}

#[test]
fn only_its_maker_begins_an_import_and_only_once() {
    let account = account("unlimited");
    let (maker, other) = (user(&account, UserType::Admin, 1), user(&account, UserType::Admin, 2));
    let (import, _) = looked_at(&account, &maker, 1);
    for (status, by, expected) in [
        (ImportStatus::Checked, &maker, Ok((ImportStatus::Running, 1))),
        (ImportStatus::Checked, &other, Err(Refusal::ImportOfAnother)),
        (ImportStatus::Running, &maker, Ok((ImportStatus::Running, 0))),
        (ImportStatus::Done, &maker, Ok((ImportStatus::Done, 0))),
        (ImportStatus::Stopped, &maker, Err(Refusal::ImportStopped)),
    ] {
        let import = Import { status, ..import.clone() };
        let got = commit(&account, by, &import, &mut stamp(NOW));
        assert_eq!(got.map(|(now, change)| (now.status, change.writes.len())), expected, "{status:?}");
        let (now, change) = stop(&account, &import, None, &mut stamp(NOW));
        let open = matches!(status, ImportStatus::Checked | ImportStatus::Running);
        assert_eq!(
            (now.status == ImportStatus::Stopped, change.writes.len()),
            (status != ImportStatus::Done, usize::from(open))
        );
    }
}

#[test]
fn rows_go_on_as_many_as_fit_until_all_have_an_outcome() {
    let account = account("unlimited");
    let maker = user(&account, UserType::Admin, 1);
    let counts = Counts { available: 100_000, ..Counts::default() };
    // Roles of the account's own, which count those who have them: none, all the same, each row another one.
    for roles in [0_u128, 1, 1_000] {
        let role = |index: usize| {
            let id = Id::from_bits(1_000 + u128::try_from(index).unwrap().checked_rem(roles)?);
            Some(Role { id, name: "Desk".into(), permissions: Permissions::new() })
        };
        let (import, mut parts) = looked_at(&account, &maker, ROWS_PER_PART + 5);
        for (index, row) in parts.iter_mut().flat_map(|part| part.rows.iter_mut().enumerate()) {
            row.wish.as_mut().unwrap().role_id = role(index).map(|role| role.id);
        }
        let (mut import, _) = commit(&account, &maker, &import, &mut stamp(NOW)).unwrap();
        let (mut steps, mut mails) = (0, 0);
        while import.is_due(stamp(NOW).now) {
            let number = import.part as usize;
            let (end, ready) = upcoming(&import, &parts[number], 100);
            assert!(!ready.is_empty());
            // The first of each step was taken by somebody else meanwhile.
            let first = ready[0];
            let held = |index: usize| if index == first { Held::Member { deactivated: false } } else { Held::Free };
            let named = |index: usize| role(index).map_or(Named::Own, Named::Role);
            let people = ready.iter().map(|index| (*index, named(*index), held(*index))).collect();
            let change =
                step(&account, &counts, Some(&maker), (&import, &parts[number]), (end, people), &mut stamp(NOW));
            let words: usize = ready.iter().map(|index| parts[number].rows[*index].words()).sum();
            let counted: BTreeSet<_> = ready.iter().filter_map(|index| role(*index)).map(|role| role.id).collect();
            let actions = change.writes.len() + change.audit.len() + change.mails.len() + 1 + words + counted.len();
            assert!(actions <= 100, "{actions} with {roles} roles");
            let (now, part) = replaced(&change);
            assert_eq!(now.as_ref().unwrap().version, import.version + 1);
            import = now.unwrap();
            parts[number] = part.unwrap();
            (steps, mails) = (steps + 1, mails + change.mails.len());
        }
        assert_eq!((import.status, import.ready), (ImportStatus::Done, 0));
        assert_eq!((import.refused, import.invited), (steps, import.rows - steps));
        assert_eq!(mails, import.invited as usize);
        assert_eq!(codes(&parts).iter().filter(|code| *code == "already_member").count(), steps as usize);
    }
}

#[test]
fn what_was_shown_long_ago_is_not_begun() {
    let account = account("unlimited");
    let maker = user(&account, UserType::Admin, 1);
    let (import, _) = looked_at(&account, &maker, 1);
    for (age, expected) in [(BEGUN_WITHIN, true), (BEGUN_WITHIN + TimeDelta::seconds(1), false)] {
        let old = Import { created_at: stamp(NOW).now - age, ..import.clone() };
        assert_eq!(commit(&account, &maker, &old, &mut stamp(NOW)).is_ok(), expected, "{age}");
    }
}

#[test]
fn an_import_stops_when_its_maker_may_invite_no_more() {
    let account = account("unlimited");
    let maker = user(&account, UserType::Admin, 1);
    let (import, parts) = looked_at(&account, &maker, 1);
    let (import, _) = commit(&account, &maker, &import, &mut stamp(NOW)).unwrap();
    let status = |status| User { status, ..maker.clone() };
    let demoted = user(&account, UserType::Viewer, 1);
    for (inviter, reason) in [
        (None, Some("user_deactivated")),
        (Some(status(UserStatus::Deactivated)), Some("user_deactivated")),
        (Some(demoted), Some("forbidden")),
        (Some(maker.clone()), None),
    ] {
        let people = vec![(0, Named::Own, Held::Free)];
        let counts = Counts::default();
        let change = step(&account, &counts, inviter.as_ref(), (&import, &parts[0]), (1, people), &mut stamp(NOW));
        let (now, _) = replaced(&change);
        let now = now.unwrap();
        assert_eq!(now.reason.as_deref(), reason);
        assert_eq!(
            (now.status == ImportStatus::Stopped, change.mails.is_empty()),
            (reason.is_some(), reason.is_some())
        );
    }
}

#[test]
fn an_import_is_seen_by_its_maker_and_whoever_invites_by_right() {
    let account = account("unlimited");
    let maker = user(&account, UserType::Member, 1);
    let import = Import { created_by: maker.id, ..looked_at(&account, &user(&account, UserType::Admin, 2), 1).0 };
    assert!(is_seen(&maker, &import));
    for (user_type, expected) in
        [(UserType::Admin, true), (UserType::Member, false), (UserType::Viewer, false), (UserType::Guest, false)]
    {
        assert_eq!(is_seen(&user(&account, user_type, 7), &import), expected, "{user_type:?}");
    }
    assert_ne!(maker.id, Id::from_bits(7));
}
