//! States for the tables of the rules.
#![allow(clippy::unwrap_used)]

use crate::Instant;
use crate::account::{Account, AccountKind, Region, Subscription};
use crate::id::Id;
use crate::locale::Locale;
use crate::plan::plan;
use crate::policy::{Policy, SignIn};
use crate::role::BuiltIn;
use crate::stamp::{Origin, Stamp};
use crate::text::Email;
use crate::user::{Seat, User, UserStatus, UserType};
use uuid::Uuid;

pub(crate) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(crate) fn stamp(now: &str) -> Stamp {
    let mut seed = [7; 32];
    seed.iter_mut().zip(now.bytes()).for_each(|(seed, byte)| *seed ^= byte);
    Stamp::new(at(now), seed, Origin::default())
}

pub(crate) fn account(plan_id: &str) -> Account {
    let created_at = at("2026-01-31T12:00:00Z");
    Account {
        id: Id::from_uuid(Uuid::from_u128(99)),
        name: "Tracker".into(),
        slug: "tracker".into(),
        kind: AccountKind::Standard,
        parent_account_id: None,
        region: Region::Us,
        locale: Locale::En,
        plan_id: plan_id.into(),
        subscription: Subscription::starting(plan(plan_id).unwrap(), created_at),
        policy: Policy::default(),
        overdue_invoices: 0,
        created_at,
        version: 1,
    }
}

pub(crate) fn user(account: &Account, user_type: UserType, number: u128) -> User {
    let role = BuiltIn::for_type(user_type).role();
    User {
        id: Id::from_uuid(Uuid::from_u128(number)),
        account_id: account.id,
        user_type,
        role_id: role.id,
        role_name: role.name,
        permissions: role.permissions,
        status: UserStatus::Active,
        seat: if account.policy.licensed_types.contains(user_type) { Seat::Held } else { Seat::None },
        name: format!("User {number}"),
        login: format!("user{number}@example.com"),
        email: Email::parse(&format!("user{number}@example.com")),
        email_verified: true,
        email_change: None,
        earlier_addresses: Vec::new(),
        phone: None,
        title: None,
        avatar: None,
        locale: Locale::En,
        time_zone: None,
        notifications: crate::user::Notifications::default(),
        sign_in: SignIn::Password,
        two_factor: false,
        identity_bound: false,
        customer_access: crate::customers::AccessMode::All,
        invitation_id: None,
        paid_in: None,
        session_epoch: 1,
        last_active_at: None,
        created_at: account.created_at,
        activated_at: Some(account.created_at),
        deactivated_at: None,
        version: 1,
    }
}
