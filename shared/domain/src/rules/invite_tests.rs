//! Who may invite whom, address by address, as tables.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::rules::fixtures::{account, stamp, user};

fn row(text: &str, held: Held) -> Row {
    Row { text: text.into(), email: Email::parse(text), held }
}

fn command(user_type: UserType) -> Invite {
    Invite { user_type, role: Named::Own, name: None, message: None, locale: Locale::En }
}

fn codes(outcomes: &[RowOutcome]) -> Vec<&'static str> {
    outcomes.iter().map(|outcome| outcome.as_ref().map_or_else(Refusal::code, |_| "invited")).collect()
}

#[test]
fn who_may_invite_b10() {
    use UserType::{Admin, Guest, Member, Viewer};
    for (who, inviter, expected) in [
        (WhoInvites::Admins, Admin, Ok(Route::Direct)),
        (WhoInvites::Admins, Member, Err(Refusal::Forbidden(Permission::UsersInvite))),
        (WhoInvites::MembersWithApproval, Admin, Ok(Route::Direct)),
        (WhoInvites::MembersWithApproval, Member, Ok(Route::WithApproval)),
        (WhoInvites::Members, Member, Ok(Route::Direct)),
        (WhoInvites::Members, Viewer, Err(Refusal::MayNotInvite)),
        (WhoInvites::Members, Guest, Err(Refusal::MayNotInvite)),
    ] {
        let mut account = account("licensed-monthly");
        account.policy.invitations.who = who;
        assert_eq!(route(&account, &user(&account, inviter, 1)), expected, "{who:?} {inviter:?}");
    }
}

#[test]
fn each_address_has_its_outcome_l3() {
    let mut account = account("licensed-monthly");
    account.policy.guests.company_domains = vec!["us.example".into()];
    let admin = user(&account, UserType::Admin, 1);
    let counts = Counts { available: 1, ..Counts::default() };
    let rows = [
        row("no address", Held::Free),
        row("a@example.com", Held::Member { deactivated: true }),
        row("b@example.com", Held::Invited),
        row("c@example.com", Held::Free),
        row("C@Example.com", Held::Free),
        row("d@example.com", Held::Free),
    ];
    let mut stamp = stamp("2026-02-01T10:00:00Z");
    let (outcomes, change) =
        invite(&account, &counts, &admin, &command(UserType::Member), &rows, &[], &mut stamp).unwrap();
    assert_eq!(
        codes(&outcomes),
        ["invalid_request", "already_member", "already_invited", "invited", "already_invited", "no_license_available"]
    );
    assert_eq!((change.mails.len(), change.counts.delta.reserved, change.counts.delta.available), (1, 1, -1));
    let guests = [row("a@us.example", Held::Free), row("a@x.example", Held::Free)];
    let (outcomes, change) =
        invite(&account, &counts, &admin, &command(UserType::Guest), &guests, &[], &mut stamp).unwrap();
    assert_eq!(codes(&outcomes), ["guest_domain_not_allowed", "invited"]);
    assert_eq!(change.counts.delta.reserved, 0);
}

#[test]
fn the_license_is_taken_when_the_policy_says_b11() {
    for (reserved_on, reserved) in [(ReservedOn::Invitation, 1), (ReservedOn::Acceptance, 0)] {
        let mut account = account("licensed-monthly");
        account.policy.invitations.license_reserved_on = reserved_on;
        let admin = user(&account, UserType::Admin, 1);
        let counts = Counts { available: 1, ..Counts::default() };
        let rows = [row("a@example.com", Held::Free)];
        let mut stamp = stamp("2026-02-01T10:00:00Z");
        let (_, change) =
            invite(&account, &counts, &admin, &command(UserType::Member), &rows, &[], &mut stamp).unwrap();
        assert_eq!((change.counts.delta.reserved, change.counts.delta.pending), (reserved, 1), "{reserved_on:?}");
    }
}

#[test]
fn approval_mails_the_admins_and_nobody_else_b10() {
    let mut account = account("licensed-monthly");
    account.policy.invitations.who = WhoInvites::MembersWithApproval;
    let member = user(&account, UserType::Member, 2);
    let admins = [(crate::id::Id::from_bits(1), Email::parse("admin@example.com").unwrap(), Locale::De)];
    let rows = [row("a@example.com", Held::Free)];
    let mut stamp = stamp("2026-02-01T10:00:00Z");
    let (outcomes, change) =
        invite(&account, &Counts::default(), &member, &command(UserType::Member), &rows, &admins, &mut stamp).unwrap();
    assert_eq!(outcomes[0].as_ref().unwrap().status, InvitationStatus::AwaitingApproval);
    assert_eq!(change.mails.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["admin@example.com"]);
    assert!(change.counts.is_nothing());
}
