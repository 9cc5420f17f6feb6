//! The life of an invitation as tables: status × time × verb.
#![allow(clippy::unwrap_used)]

use crate::account::Account;
use crate::change::{Change, Record, Write};
use crate::counts::Counts;
use crate::invitation::{Invitation, InvitationStatus as S};
use crate::locale::Locale;
use crate::password::Password;
use crate::policy::{ReservedOn, WhoInvites};
use crate::refusal::Refusal;
use crate::role::BuiltIn;
use crate::rules::accept::{Accept, Proof, accept, acceptable};
use crate::rules::approve::{approve, reject};
use crate::rules::confer::Named;
use crate::rules::expire::expire_invitation;
use crate::rules::fixtures::{account, at, stamp, user};
use crate::rules::invite::{Held, Invite, Row, invite};
use crate::rules::resend::{MAX_TIMES_SENT, resend};
use crate::rules::revoke::revoke;
use crate::text::Email;
use crate::user::{Seat, User, UserStatus, UserType};

const SENT: &str = "2026-02-01T10:00:00Z";
const LAST: &str = "2026-02-08T10:00:00Z";
const LATE: &str = "2026-02-08T10:00:00.001Z";

fn invited(account: &Account) -> (Invitation, User) {
    let admin = user(account, UserType::Admin, 1);
    let command =
        Invite { user_type: UserType::Member, role: Named::Own, name: None, message: None, locale: Locale::En };
    let rows = [Row { text: String::new(), email: Email::parse("a@example.com"), held: Held::Free }];
    let counts = Counts { available: 9, ..Counts::default() };
    let (outcomes, change) = invite(account, &counts, &admin, &command, &rows, &[], &mut stamp(SENT)).unwrap();
    let pending = change
        .writes
        .iter()
        .find_map(|write| match write {
            Write::Create(record) => match &**record {
                Record::User(user) => Some(user.clone()),
                _ => None,
            },
            _ => None,
        })
        .unwrap();
    (outcomes[0].clone().unwrap(), pending)
}

fn at_status(invitation: &Invitation, status: S) -> Invitation {
    Invitation { status, ..invitation.clone() }
}

fn accepted(
    account: &Account,
    counts: &Counts,
    invitation: &Invitation,
    user: &User,
    now: &str,
) -> Result<(User, Change), Refusal> {
    let proof = Proof::Password(Password::presented("x").hash([1; 16]));
    let command = Accept { name: "A".into(), proof, user_agent: None };
    let digest = invitation.digest.clone().unwrap();
    accept(account, counts, invitation, user, &digest, command, &mut stamp(now))
        .map(|(user, _, _, change)| (user, change))
}

#[test]
fn when_a_link_is_good() {
    let (invitation, _) = invited(&account("licensed-monthly"));
    let other = crate::secret::Secret::from_bytes([9; 32]).digest();
    for (status, now, newest, expected) in [
        (S::Pending, SENT, true, Ok(())),
        (S::Pending, LAST, true, Ok(())),
        (S::Pending, LATE, true, Err(Refusal::InvitationExpired)),
        (S::Pending, SENT, false, Err(Refusal::InvitationRevoked)),
        (S::Expired, LATE, true, Err(Refusal::InvitationExpired)),
        (S::Accepted, SENT, true, Err(Refusal::InvitationUsed)),
        (S::Accepted, LATE, false, Err(Refusal::InvitationUsed)),
        (S::Revoked, SENT, true, Err(Refusal::InvitationRevoked)),
        (S::Rejected, SENT, true, Err(Refusal::InvitationRevoked)),
        (S::AwaitingApproval, SENT, true, Err(Refusal::InvitationRevoked)),
    ] {
        let digest = if newest { invitation.digest.clone().unwrap() } else { other.clone() };
        let got = acceptable(&at_status(&invitation, status), &digest, &stamp(now));
        assert_eq!(got, expected, "{status:?} at {now}, newest: {newest}");
    }
}

#[test]
fn the_license_moves_with_the_acceptance_b11() {
    for (reserved_on, available, expected) in [
        (ReservedOn::Invitation, 0, Ok((-1, 1, 0))),
        (ReservedOn::Acceptance, 1, Ok((0, 1, -1))),
        (ReservedOn::Acceptance, 0, Err(Refusal::NoLicenseAvailable)),
    ] {
        let mut account = account("licensed-monthly");
        account.policy.invitations.license_reserved_on = reserved_on;
        let (invitation, pending) = invited(&account);
        let counts = Counts { available, ..Counts::default() };
        let got = accepted(&account, &counts, &invitation, &pending, SENT).map(|(user, change)| {
            assert_eq!((user.seat, user.status, user.email_verified), (Seat::Held, UserStatus::Active, true));
            assert_eq!(user.email, pending.email);
            let delta = change.counts.delta;
            (delta.reserved, delta.in_use, delta.available)
        });
        assert_eq!(got, expected, "{reserved_on:?} with {available}");
    }
}

#[test]
fn an_invitation_is_accepted_once() {
    let account = account("unlimited");
    let (invitation, pending) = invited(&account);
    let (user, _) = accepted(&account, &Counts::default(), &invitation, &pending, SENT).unwrap();
    let again = accepted(&account, &Counts::default(), &invitation, &user, SENT);
    assert_eq!(again.err(), Some(Refusal::InvitationUsed));
}

#[test]
fn what_can_be_sent_again_b8() {
    let account = account("licensed-monthly");
    let admin = user(&account, UserType::Admin, 1);
    let (invitation, pending) = invited(&account);
    for (status, sent, available, with_user, expected) in [
        (S::Pending, 1, 0, true, Ok(0)),
        (S::Pending, MAX_TIMES_SENT, 0, true, Err(Refusal::InvitationSentTooOften)),
        (S::Expired, 1, 1, false, Ok(1)),
        (S::Expired, 1, 0, false, Err(Refusal::NoLicenseAvailable)),
        (S::Revoked, 1, 1, false, Err(Refusal::InvitationNotOpen)),
        (S::Accepted, 1, 1, false, Err(Refusal::InvitationNotOpen)),
        (S::AwaitingApproval, 0, 1, false, Err(Refusal::InvitationNotOpen)),
    ] {
        let old = Invitation { times_sent: sent, ..at_status(&invitation, status) };
        let counts = Counts { available, ..Counts::default() };
        let got = resend(
            &account,
            &counts,
            &admin,
            (&old, &Named::Own),
            with_user.then_some(&pending),
            Held::Free,
            &mut stamp(LATE),
        );
        if let Ok((now, change)) = &got {
            assert_ne!(now.digest, old.digest, "the link is new");
            assert_eq!(now.times_sent, sent + 1);
            assert_eq!(now.expires_at, Some(at(LATE) + chrono::Duration::hours(168)));
            assert_eq!(change.mails.len(), 1);
        }
        assert_eq!(got.map(|(_, change)| change.counts.delta.reserved), expected, "{status:?} sent {sent}");
    }
}

#[test]
fn what_can_be_taken_back_b8() {
    let account = account("licensed-monthly");
    let (invitation, pending) = invited(&account);
    for (status, expected) in [
        (S::Pending, Ok(-1)),
        (S::Revoked, Ok(0)),
        (S::Accepted, Err(Refusal::InvitationUsed)),
        (S::Expired, Err(Refusal::InvitationNotOpen)),
        (S::Rejected, Err(Refusal::InvitationNotOpen)),
    ] {
        let user = (status == S::Pending).then_some(&pending);
        let got = revoke(&account, &at_status(&invitation, status), user, &mut stamp(SENT));
        assert_eq!(got.map(|change| change.counts.delta.reserved), expected, "{status:?}");
    }
}

#[test]
fn expiry_is_to_the_millisecond() {
    let account = account("licensed-monthly");
    let (invitation, pending) = invited(&account);
    for (status, now, expired) in [
        (S::Pending, LAST, false),
        (S::Pending, LATE, true),
        (S::Accepted, LATE, false),
        (S::Revoked, LATE, false),
        (S::AwaitingApproval, LATE, false),
    ] {
        let got = expire_invitation(&account, &at_status(&invitation, status), Some(&pending), &mut stamp(now));
        assert_eq!(got.is_some(), expired, "{status:?} at {now}");
        if let Some(change) = got {
            assert_eq!((change.counts.delta.reserved, change.counts.delta.available), (-1, 1));
        }
    }
}

#[test]
fn an_admins_word_b10() {
    let account = account("licensed-monthly");
    let (sent, _) = invited(&account);
    let admin = user(&account, UserType::Admin, 1);
    let member = user(&account, UserType::Member, 2);
    let waiting = Invitation { digest: None, times_sent: 0, ..at_status(&sent, S::AwaitingApproval) };
    for (status, available, expected) in [
        (S::AwaitingApproval, 1, Ok(S::Pending)),
        (S::AwaitingApproval, 0, Err(Refusal::NoLicenseAvailable)),
        (S::Pending, 1, Err(Refusal::InvitationNotOpen)),
        (S::Rejected, 1, Err(Refusal::InvitationNotOpen)),
    ] {
        let counts = Counts { available, ..Counts::default() };
        let got = approve(&account, &counts, &admin, &at_status(&waiting, status), &Named::Own, &mut stamp(SENT));
        assert_eq!(got.map(|(now, _)| now.status), expected, "{status:?} with {available}");
    }
    let (now, change) = reject(&account, &admin, &waiting, Some(&member), &mut stamp(SENT)).unwrap();
    assert_eq!((now.status, change.mails.len()), (S::Rejected, 1));
    assert_eq!(change.mails[0].to, "user2@example.com");
}

#[test]
fn what_would_not_be_invited_is_not_sent_again_b10() {
    let counts = Counts { available: 9, ..Counts::default() };
    for (who, approved, actor, user_type, denied, expected) in [
        (WhoInvites::Admins, false, UserType::Admin, UserType::Member, false, Ok(2)),
        (WhoInvites::Admins, false, UserType::Member, UserType::Member, false, Err("forbidden")),
        (WhoInvites::Members, false, UserType::Member, UserType::Member, false, Ok(2)),
        (WhoInvites::MembersWithApproval, false, UserType::Member, UserType::Member, false, Err("forbidden")),
        (WhoInvites::MembersWithApproval, true, UserType::Member, UserType::Member, false, Ok(2)),
        (WhoInvites::Members, false, UserType::Member, UserType::Admin, false, Err("cannot_grant")),
        (WhoInvites::Admins, false, UserType::Admin, UserType::Guest, true, Err("guest_domain_not_allowed")),
    ] {
        let mut account = account("licensed-monthly");
        let (sent, pending) = invited(&account);
        account.policy.invitations.who = who;
        account.policy.guests.deny_domains = if denied { vec!["example.com".into()] } else { Vec::new() };
        let actor = user(&account, actor, 2);
        let role_id = BuiltIn::for_type(user_type).id();
        let approved_by = approved.then_some(actor.id);
        let old = Invitation { user_type, role_id, approved_by, ..sent };
        let got = resend(&account, &counts, &actor, (&old, &Named::Own), Some(&pending), Held::Free, &mut stamp(SENT));
        let got = got.map(|(now, _)| now.times_sent).map_err(|refusal| refusal.code());
        assert_eq!(got, expected, "{who:?} {:?} {user_type:?}", actor.user_type);
    }
}

#[test]
fn an_expired_invitation_is_revived_only_if_the_address_is_free() {
    let account = account("unlimited");
    let admin = user(&account, UserType::Admin, 1);
    let (sent, _) = invited(&account);
    let old = at_status(&sent, S::Expired);
    for (held, expected) in [
        (Held::Free, Ok(())),
        (Held::Invited, Err(Refusal::AlreadyInvited)),
        (Held::Member { deactivated: true }, Err(Refusal::AlreadyMember { deactivated: true })),
    ] {
        let got = resend(&account, &Counts::default(), &admin, (&old, &Named::Own), None, held, &mut stamp(LATE));
        assert_eq!(got.map(drop), expected, "{held:?}");
    }
}

#[test]
fn an_approval_looks_at_the_policy_of_its_day_w8() {
    let mut account = account("unlimited");
    let admin = user(&account, UserType::Admin, 1);
    let (sent, _) = invited(&account);
    let guest = BuiltIn::for_type(UserType::Guest).id();
    let waiting = Invitation { user_type: UserType::Guest, role_id: guest, ..at_status(&sent, S::AwaitingApproval) };
    let got = |account: &Account| {
        approve(account, &Counts::default(), &admin, &waiting, &Named::Own, &mut stamp(SENT)).map(drop)
    };
    assert_eq!(got(&account), Ok(()));
    account.policy.guests.deny_domains = vec!["example.com".into()];
    assert_eq!(got(&account), Err(Refusal::GuestDomainNotAllowed));
}

#[test]
fn a_type_that_no_longer_takes_a_license_gives_the_kept_one_back() {
    let mut account = account("licensed-monthly");
    let (invitation, pending) = invited(&account);
    account.policy.licensed_types.0 = vec![UserType::Admin];
    let (user, change) = accepted(&account, &Counts::default(), &invitation, &pending, SENT).unwrap();
    let delta = change.counts.delta;
    assert_eq!((user.seat, delta.reserved, delta.in_use, delta.available), (Seat::None, -1, 0, 1));
}
