//! The numbers that limit: changed only by conditional updates within a change's transaction.

use serde::{Deserialize, Serialize};

use crate::id::AccountId;
use crate::invoice::Invoice;
use crate::plan::Model;
use crate::refusal::Refusal;
use crate::user::{Seat, User, UserStatus};

/// How many users and licenses an account has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Users that can sign in.
    pub active: i64,
    /// Users that have not signed in yet.
    pub pending: i64,
    /// Blocked users.
    pub deactivated: i64,
    /// Active admins.
    pub admins: i64,
    /// Active admins who hold every right: never below one.
    #[serde(default)]
    pub administrators: i64,
    /// Licenses bought; zero where the plan has none.
    pub purchased: i64,
    /// Licenses of active users.
    pub in_use: i64,
    /// Licenses kept for invited users.
    pub reserved: i64,
    /// `purchased − in_use − reserved`: what a condition can look at. Meaningless where nothing is bought.
    pub available: i64,
    /// Invoices issued.
    pub invoices: i64,
    /// Of the licenses kept for invited users those that are paid for in this period, where users are counted.
    #[serde(default)]
    pub prepaid: i64,
    /// What was paid and not used, in minor units: later invoices use it up. Never negative.
    #[serde(default)]
    pub credit: i64,
    /// Counts the periods: each renewal and each change of plan begins one.
    #[serde(default)]
    pub period: i64,
    /// Postings in the ledger.
    #[serde(default)]
    pub postings: i64,
}

impl Counts {
    /// Each number and its part of a difference.
    pub fn plus(&self, delta: &Self) -> Self {
        Self {
            active: self.active + delta.active,
            pending: self.pending + delta.pending,
            deactivated: self.deactivated + delta.deactivated,
            admins: self.admins + delta.admins,
            administrators: self.administrators + delta.administrators,
            purchased: self.purchased + delta.purchased,
            in_use: self.in_use + delta.in_use,
            reserved: self.reserved + delta.reserved,
            available: self.available + delta.available,
            invoices: self.invoices + delta.invoices,
            prepaid: self.prepaid + delta.prepaid,
            credit: self.credit + delta.credit,
            period: self.period + delta.period,
            postings: self.postings + delta.postings,
        }
    }
}

/// A change of [`Counts`], and the bounds that it must keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountsChange {
    /// The account.
    pub account_id: AccountId,
    /// Added to each number.
    pub delta: Counts,
    /// How users are paid for: where licenses are bought, `available` must not fall below zero.
    pub model: Model,
    /// The numbers that the rule saw.
    pub seen: Option<Counts>,
    /// Whether the licenses must still be as the rule saw them, to the last one.
    pub exact: bool,
    /// How users are paid for from then on, where that changes.
    pub becomes: Option<Model>,
}

impl CountsChange {
    /// A change of nothing.
    pub fn none(account_id: AccountId, model: Model) -> Self {
        Self { account_id, delta: Counts::default(), model, seen: None, exact: false, becomes: None }
    }

    /// Takes a user out of the numbers (`before`), puts one in (`after`): the seat and the status move together.
    pub fn moved(mut self, before: Option<&User>, after: Option<&User>) -> Self {
        for (user, sign) in [(before, -1), (after, 1)] {
            let Some(user) = user else { continue };
            match user.status {
                UserStatus::Active => self.delta.active += sign,
                UserStatus::Pending => self.delta.pending += sign,
                UserStatus::Deactivated => self.delta.deactivated += sign,
                UserStatus::Deleted => {}
            }
            self.delta.admins += if user.is_active_admin() { sign } else { 0 };
            self.delta.administrators += if user.is_active_administrator() { sign } else { 0 };
            match user.seat {
                Seat::None => {}
                Seat::Reserved => self.delta.reserved += sign,
                Seat::Held => self.delta.in_use += sign,
            }
        }
        self.settled()
    }

    /// Adds bought licenses.
    pub fn purchased(mut self, quantity: i64) -> Self {
        self.delta.purchased += quantity;
        self.settled()
    }

    /// Counts an issued invoice, whose number must be the next still, and what it does to the credit.
    pub fn invoiced(mut self, invoice: &Invoice) -> Self {
        self.delta.invoices += 1;
        self.delta.credit += invoice.credit();
        self
    }

    /// Notes what the rule saw: the change fails if another period has begun since.
    pub fn on(mut self, counts: &Counts) -> Self {
        self.seen = Some(*counts);
        self
    }

    /// Fails the change if a single license has moved since the rule saw these numbers.
    pub fn exactly(self, counts: &Counts) -> Self {
        Self { exact: true, ..self.on(counts) }
    }

    /// Whether it is about licenses or invoices, so that how users are paid for must still be as the rule saw it.
    pub fn needs_model(&self) -> bool {
        let delta = &self.delta;
        let numbers = [delta.purchased, delta.in_use, delta.reserved, delta.prepaid, delta.invoices, delta.period];
        numbers.iter().any(|number| *number != 0)
    }

    fn settled(mut self) -> Self {
        self.delta.available =
            if self.limited() { self.delta.purchased - self.delta.in_use - self.delta.reserved } else { 0 };
        self
    }

    fn limited(&self) -> bool {
        self.model == Model::Licensed
    }

    /// Whether the change changes nothing.
    pub fn is_nothing(&self) -> bool {
        self.delta == Counts::default()
    }

    /// Free licenses that must be there.
    pub fn needs_available(&self) -> Option<i64> {
        (self.limited() && self.delta.available < 0).then_some(-self.delta.available)
    }

    /// Active administrators that must be there, so that one stays.
    pub fn needs_administrators(&self) -> Option<i64> {
        (self.delta.administrators < 0).then_some(1 - self.delta.administrators)
    }

    /// Why the change cannot be made on these numbers, if it cannot.
    pub fn refused_on(&self, counts: &Counts) -> Option<Refusal> {
        if self.needs_administrators().is_some_and(|needed| counts.administrators < needed) {
            return Some(Refusal::LastAdmin);
        }
        if self.needs_available().is_some_and(|needed| counts.available < needed) {
            return Some(Refusal::NoLicenseAvailable);
        }
        None
    }

    /// As [`CountsChange::refused_on`], as a result.
    pub fn checked(self, counts: &Counts) -> Result<Self, Refusal> {
        self.refused_on(counts).map_or(Ok(self.on(counts)), Err)
    }
}
