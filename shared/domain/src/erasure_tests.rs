#![allow(clippy::unwrap_used)]
use serde_json::json;

use super::*;
use crate::account::Account;
use crate::id::Id;
use crate::import::{ImportPart, ImportRow, RowOutcome};
use crate::invitation::InvitationStatus;
use crate::locale::Locale;
use crate::refusal::Refusal;
use crate::resource::{Kind, ResourceId, State, Visibility};
use crate::rules::fixtures::{account, at, stamp, user};
use crate::stamp::Origin;
use crate::user::UserType;

const NOW: &str = "2026-02-01T10:00:00Z";
const EARLIER: &str = "2026-02-01T09:00:00Z";
const LATER: &str = "2026-02-01T11:00:00Z";

fn erasure(account: &Account) -> Erasure {
    Erasure::of(&user(account, UserType::Member, 2), "Somebody", at(NOW))
}

fn invitation(account: &Account, user: u128, by: u128, email: &str, created_at: &str) -> Invitation {
    Invitation {
        id: Id::from_bits(5),
        account_id: account.id,
        user_id: Id::from_bits(user),
        email: Email::parse(email).unwrap(),
        user_type: UserType::Member,
        role_id: Id::from_bits(2),
        status: InvitationStatus::Revoked,
        invited_by: Id::from_bits(by),
        invited_by_name: "The inviter".into(),
        approved_by: None,
        message: Some("Words".into()),
        locale: Locale::De,
        sent_at: None,
        expires_at: None,
        times_sent: 1,
        digest: None,
        erased: false,
        created_at: at(created_at),
        version: 3,
    }
}

#[test]
fn what_an_audit_entry_keeps_w6() {
    let account = account("unlimited");
    let erasure = erasure(&account);
    let (him, her) = (erasure.user_id, Id::from_bits(1));
    let facts = json!({ "name": "Ben", "phone": "1", "status": "active", "anything_new": "x" });
    let gone = json!({ "name": null, "phone": null, "status": "active", "anything_new": null });
    for (actor, subject, ip, values) in [
        // By him, of him.
        (Some(him), him.to_string(), None, &gone),
        // Of him, by an admin, who stays; by nobody who is known, which was him.
        (Some(her), him.to_string(), Some("192.0.2.1"), &gone),
        (None, him.to_string(), None, &gone),
        // By him, of others.
        (Some(him), her.to_string(), None, &facts),
        (Some(him), "lead#1".to_owned(), None, &facts),
        // Nothing of his.
        (Some(her), her.to_string(), Some("192.0.2.1"), &facts),
        (None, her.to_string(), Some("192.0.2.1"), &facts),
    ] {
        let origin = Origin { actor, acting_for: None, ip: Some("192.0.2.1".into()) };
        let mut stamp = crate::Stamp::new(at(NOW), [1; 32], origin);
        let entry = AuditEntry::of(account.id, "user.updated", &subject, (Value::Null, facts.clone()), &mut stamp);
        let now = erasure.redacted(&entry).unwrap_or_else(|| entry.clone());
        assert_eq!((now.origin.ip.as_deref(), &now.after), (ip, values), "{actor:?} {subject}");
        assert_eq!((now.id, now.at, &now.action, now.origin.actor), (entry.id, entry.at, &entry.action, actor));
        assert_eq!(erasure.redacted(&now), None, "it is done once");
    }
}

#[test]
fn whose_invitations_are_his_w6() {
    let account = account("unlimited");
    let erasure = erasure(&account);
    let (his, before, after) = ("User2@Example.com", "2026-02-01T09:59:59.999Z", NOW);
    let other = "other@example.com";
    for (user, by, email, made, address_gone, words_gone) in [
        (2, 1, other, before, true, true),
        (2, 1, his, before, true, true),
        (7, 1, his, before, true, true),
        // Whoever is invited to the same address since is somebody who begins anew.
        (7, 1, his, after, false, false),
        (7, 2, other, before, false, true),
        (7, 2, other, after, false, true),
        (7, 1, other, before, false, false),
    ] {
        let invitation = invitation(&account, user, by, email, made);
        let now = erasure.uninvited(&invitation).unwrap_or_else(|| invitation.clone());
        assert_eq!(now.erased, address_gone, "{user} {by} {email} {made}");
        assert_eq!(now.email != invitation.email, address_gone);
        assert_eq!(now.message.is_none(), words_gone, "{user} {by} {email} {made}");
        let inviter = if by == 2 { "Somebody" } else { "The inviter" };
        assert_eq!((now.invited_by_name.as_str(), now.version), (inviter, invitation.version));
        assert_eq!(erasure.uninvited(&now), None, "it is done once");
    }
    let nobody = Erasure { address: None, ..erasure };
    assert_eq!(nobody.uninvited(&invitation(&account, 7, 1, his, before)), None);
    let elsewhere = Account { id: Id::from_bits(98), ..account.clone() };
    let email = Email::parse(his).unwrap();
    assert_ne!(address(account.id, &email), address(elsewhere.id, &email));
}

#[test]
fn what_is_shared_goes_on_without_him_w6() {
    let account = account("unlimited");
    let erasure = erasure(&account);
    let [him, her]: [UserId; 2] = [erasure.user_id, Id::from_bits(1)];
    for (co_owners, participants, expected) in [
        (vec![him, her], vec![], Some((vec![her], vec![]))),
        (vec![her], vec![her, him], Some((vec![her], vec![her]))),
        (vec![her], vec![], None),
    ] {
        let resource = Resource {
            account_id: account.id,
            kind: Kind::Board,
            id: ResourceId::parse("b").unwrap(),
            name: "B".into(),
            owner_id: Some(her),
            co_owner_ids: co_owners,
            participant_ids: participants,
            visibility: Visibility::Private,
            state: State::Active,
            epoch: 4,
            version: 2,
        };
        let now = erasure.unshared(&resource);
        assert!(now.iter().all(|now| (now.version, now.epoch, now.state) == (3, 4, State::Active)));
        assert_eq!(now.map(|now| (now.co_owner_ids, now.participant_ids)), expected);
    }
}

#[test]
fn a_mail_to_somebody_else_goes_out_without_him_w6() {
    let params = |list: &[(&str, &str)]| list.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let mail = params(&[("inviter_name", "Ben"), ("message", "I, Ben"), ("account_name", "Acme"), ("type", "member")]);
    let expected = params(&[("inviter_name", "Somebody"), ("account_name", "Acme"), ("type", "member")]);
    assert_eq!(erasure(&account("unlimited")).reworded(&mail), expected);
}

#[test]
fn every_stage_is_gone_through_twice_w6() {
    let account = account("unlimited");
    let first = erasure(&account);
    let page = first.onward(Some("x".into()), at(NOW)).unwrap();
    assert_eq!((page.stage, page.after.as_deref(), page.version), (Stage::Traces, Some("x"), 2));
    let round = |from: &Erasure, now: &str| {
        let (mut stages, mut here) = (vec![from.stage], from.clone());
        loop {
            match here.onward(None, at(now)) {
                Some(next) if next.stage != Stage::Traces => {
                    let again = here.round_at > here.began_at && matches!(next.stage, Stage::AuditOf | Stage::AuditBy);
                    assert_eq!(next.after.is_some(), again, "old entries are looked at once");
                    stages.push(next.stage);
                }
                end => return (stages, end),
            }
            here = here.onward(None, at(now)).unwrap();
        }
    };
    let (stages, again) = round(&page, NOW);
    assert_eq!(stages, Stage::ALL);
    // The second round waits until no index lags.
    let again = again.unwrap();
    assert_eq!((again.due_at, again.after.clone()), (at("2026-02-01T10:01:00Z"), None));
    let (stages, end) = round(&again, "2026-02-01T10:01:00Z");
    assert_eq!((stages, end), (Stage::ALL.to_vec(), None));
    // A first round that takes longer than that is followed by a second one all the same.
    let (_, late) = round(&first, "2026-02-01T10:05:00Z");
    let late = late.unwrap();
    assert_eq!(late.due_at, at("2026-02-01T10:05:00Z"));
    assert_eq!(round(&late, "2026-02-01T10:05:00Z").1, None);
    assert_eq!(stamp(NOW).now, at(NOW));
}

#[test]
fn what_is_left_of_imported_rows_w6() {
    let account = account("unlimited");
    let erasure = erasure(&account);
    let row = |email: &str, outcome: RowOutcome| ImportRow {
        line: 2,
        email: email.into(),
        name: "Ben".into(),
        outcome,
        ..ImportRow::default()
    };
    let invited = |user: u128| RowOutcome::Invited { invitation_id: Id::from_bits(9), user_id: Id::from_bits(user) };
    let part = |made_at: &str, row: ImportRow| ImportPart {
        account_id: account.id,
        import_id: ImportId::earliest(at(made_at)),
        number: 0,
        rows: vec![row],
        version: 4,
    };
    for (made_at, email, outcome, his) in [
        (EARLIER, "user2@example.com", RowOutcome::Ready, true),
        (EARLIER, " USER2@example.com", RowOutcome::refused(&Refusal::AlreadyInvited), true),
        (EARLIER, "user3@example.com", RowOutcome::Ready, false),
        (EARLIER, "nobody", RowOutcome::Ready, false),
        // Invited under another address than the one that he had in the end.
        (EARLIER, "old@example.com", invited(2), true),
        (EARLIER, "old@example.com", invited(3), false),
        // Once is enough.
        (EARLIER, "", invited(2), false),
        // Whoever has the address now.
        (LATER, "user2@example.com", RowOutcome::Ready, false),
    ] {
        let part = part(made_at, row(email, outcome.clone()));
        let now = unlisted(std::slice::from_ref(&erasure), &part);
        assert_eq!(now.is_some(), his, "{made_at} {email} {outcome:?}");
        let Some(now) = now else { continue };
        let [left] = now.rows.as_slice() else { panic!("one row") };
        assert_eq!((left.email.as_str(), left.name.as_str(), left.line, now.version), ("", "", 2, 5));
        assert!(left.outcome != RowOutcome::Ready, "nobody is invited for it");
    }
}
