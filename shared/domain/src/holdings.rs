//! What a user holds: how many resources of each kind, and what is on its way from him.
//!
//! Fifty thousand resources do not change hands in one transaction. So one transaction says what becomes of them, a
//! [`Motion`], and moves the numbers; from that moment on every reader sees each resource as it is going to be
//! ([`Holdings::shown`]). The resources themselves are written step by step.

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, UserId};
use crate::resource::{Held, Kind, Resource, State, Visibility};

/// What becomes of all that a user holds. It says the same of a resource whether or not an earlier plan of the kind
/// `Keep` or `Restore` has come to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum Plan {
    /// Stays his: what acts for him stops, and what only he could open closes (W3, W4).
    Keep,
    /// He is back: what had closed opens; what had stopped stays so until somebody hands it over.
    Restore,
    /// Goes to somebody.
    Reassign {
        /// To whom.
        to: UserId,
        /// The number of the holder's holdings.
        epoch: u32,
    },
    /// Waits for an owner.
    Unassign,
}

impl Plan {
    /// Who gets the resources.
    pub const fn to(self) -> Option<UserId> {
        match self {
            Self::Reassign { to, .. } => Some(to),
            _ => None,
        }
    }

    /// Whether the owner changes.
    pub const fn changes_owner(self) -> bool {
        matches!(self, Self::Reassign { .. } | Self::Unassign)
    }

    /// Of which kinds it can change anything.
    pub const fn kinds(self) -> &'static [Kind] {
        match self {
            Self::Keep | Self::Restore => &[Kind::Automation, Kind::Board, Kind::Integration],
            Self::Reassign { .. } | Self::Unassign => Kind::ALL,
        }
    }

    /// A resource as it is under the plan; none when nothing changes for it.
    pub fn applied(self, resource: &Resource, epoch: u32) -> Option<Resource> {
        let state = match (self, resource.kind) {
            (Self::Reassign { to, epoch }, _) => return Some(resource.handed_to(Some((to, epoch)))),
            (Self::Unassign, _) => return Some(resource.handed_to(None)),
            (Self::Keep | Self::Restore, kind) if kind.acts_for_its_owner() => State::Disabled,
            (Self::Keep, Kind::Board)
                if resource.visibility != Visibility::Main && resource.co_owner_ids.is_empty() =>
            {
                State::Inaccessible
            }
            (Self::Restore, Kind::Board) => State::Active,
            _ => return None,
        };
        (state != resource.state).then(|| Resource { state, epoch, version: resource.version + 1, ..resource.clone() })
    }
}

/// Resources on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Motion {
    /// What becomes of them.
    pub plan: Plan,
    /// How many there were to look at.
    pub total: i64,
    /// How many were looked at.
    pub done: i64,
    /// Behind which place to go on; none at the beginning of a round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When it began.
    pub began_at: Instant,
    /// When this round through the list began.
    pub round_at: Instant,
    /// When to go on.
    pub due_at: Instant,
}

/// What a user holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holdings {
    /// Whose.
    pub user_id: UserId,
    /// The account.
    pub account_id: AccountId,
    /// Counts the motions. What was written under a lower number is what the motion is about.
    #[serde(default)]
    pub epoch: u32,
    /// The numbers, as if every motion were over.
    #[serde(flatten)]
    pub held: Held,
    /// What is on its way from him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motion: Option<Motion>,
    /// How many motions are on their way to him.
    #[serde(default)]
    pub incoming: i64,
    /// Counts the changes; 0 before the first.
    #[serde(default)]
    pub version: u64,
}

impl Holdings {
    /// Those of somebody who never held anything.
    pub fn none(account_id: AccountId, user_id: UserId) -> Self {
        Self { user_id, account_id, epoch: 0, held: Held::default(), motion: None, incoming: 0, version: 0 }
    }

    /// A resource of this owner as readers see it: as it is going to be.
    pub fn shown(&self, resource: Resource) -> Resource {
        let Some(motion) = &self.motion else { return resource };
        if resource.owner_id != Some(self.user_id) || resource.epoch >= self.epoch {
            return resource;
        }
        motion.plan.applied(&resource, self.epoch).unwrap_or(resource)
    }

    /// Whether resources are on their way to another owner.
    pub fn changes_owner(&self) -> bool {
        self.motion.as_ref().is_some_and(|motion| motion.plan.changes_owner())
    }
}

/// A change of what somebody holds, good only while no motion begins or ends for him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// The account.
    pub account_id: AccountId,
    /// Whose.
    pub user_id: UserId,
    /// The number that his holdings must still have.
    pub epoch: u32,
    /// Added to the numbers.
    pub delta: Held,
    /// Added to the motions on their way to him.
    pub incoming: i64,
}

impl Hold {
    /// A change of nothing in these holdings.
    pub fn of(holdings: &Holdings) -> Self {
        Self {
            account_id: holdings.account_id,
            user_id: holdings.user_id,
            epoch: holdings.epoch,
            delta: Held::default(),
            incoming: 0,
        }
    }

    /// So many more of a kind.
    pub fn with(mut self, kind: Kind, number: i64) -> Self {
        self.delta.add(kind, number);
        self
    }
}

/// A resource as it stands in the table, and as readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// What a guard must find.
    pub stored: Resource,
    /// What it is going to be: what rules decide on.
    pub shown: Resource,
}

/// Somebody who gets resources.
#[derive(Clone, Copy, Debug)]
pub struct Taker<'a> {
    /// Who.
    pub user: &'a crate::user::User,
    /// What he holds.
    pub holdings: &'a Holdings,
}

/// Changes of what several hold, one for each.
#[derive(Debug, Default)]
pub(crate) struct Holds(Vec<Hold>);

impl Holds {
    /// Counts so many more of a kind for somebody.
    pub(crate) fn add(&mut self, holdings: &Holdings, kind: Kind, number: i64) {
        match self.0.iter_mut().find(|hold| hold.user_id == holdings.user_id) {
            Some(hold) => hold.delta.add(kind, number),
            None => self.0.push(Hold::of(holdings).with(kind, number)),
        }
    }

    /// Puts them into a change.
    pub(crate) fn into(self, change: &mut crate::change::Change) {
        for hold in self.0 {
            change.hold(hold);
        }
    }
}
