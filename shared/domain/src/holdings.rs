//! What a user holds: how many resources of each kind, and what is on its way from him.
//!
//! Fifty thousand resources do not change hands in one transaction. So one transaction says what becomes of them, a
//! [`Motion`], and moves the numbers; from that moment on every reader sees each resource as it is going to be
//! ([`Holdings::shown`]). The resources themselves are written step by step.
//!
//! Whoever leaves while resources are on their way, from him or to him, gets a further [`Stage`]: a resource goes through
//! all that are newer than itself, and on to its next owner's ([`shown_among`]).

use serde::{Deserialize, Serialize};

use crate::Instant;
use crate::id::{AccountId, UserId};
use crate::refusal::Refusal;
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

    /// Whether it can show resources of a kind, or of any, in a state.
    pub fn leads_to(self, state: State, kind: Option<Kind>) -> bool {
        let of_kind = |kind: Kind| match (self, state) {
            (Self::Keep | Self::Restore | Self::Unassign, State::Disabled) => kind.acts_for_its_owner(),
            (Self::Keep, State::Inaccessible | State::Active) | (Self::Restore, State::Active) => kind == Kind::Board,
            (Self::Unassign, State::Unassigned) => !kind.acts_for_its_owner(),
            (Self::Reassign { .. }, State::Active) => true,
            _ => false,
        };
        kind.map_or_else(|| Kind::ALL.iter().any(|kind| of_kind(*kind)), of_kind)
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
            (Self::Keep, Kind::Board) if resource.visibility != Visibility::Main => State::Inaccessible,
            (Self::Restore, Kind::Board) => State::Active,
            _ => return None,
        };
        (state != resource.state).then(|| Resource { state, epoch, version: resource.version + 1, ..resource.clone() })
    }
}

/// What becomes of resources that are older than it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What becomes of them.
    pub plan: Plan,
    /// The number of the holdings that it began: it is about what was written under lower ones.
    pub epoch: u32,
    /// How many motions, begun before it, still bring resources that it is about.
    pub awaits: i64,
    /// Since when nothing more is written that it is about, but by its own motion.
    pub since: Instant,
}

/// Resources on their way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Motion {
    /// What becomes of them, oldest first; never empty.
    pub stages: Vec<Stage>,
    /// How many there were to look at.
    pub total: i64,
    /// How many were looked at.
    pub done: i64,
    /// Behind which place to go on; none at the beginning of a round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When this round through the list began.
    pub round_at: Instant,
    /// When to go on.
    pub due_at: Instant,
}

impl Motion {
    /// Of which kinds it can change anything.
    pub fn kinds(&self) -> &'static [Kind] {
        let changes_owner = |stage: &&Stage| stage.plan.changes_owner();
        self.stages.iter().find(changes_owner).or(self.stages.first()).map_or(Kind::ALL, |stage| stage.plan.kinds())
    }
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
    /// How many motions are on their way to him, beside those that a stage awaits.
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

    /// A resource of this owner as it is going to be when it leaves him, or to stay with him.
    pub fn shown(&self, resource: Resource) -> Resource {
        self.stages().fold(resource, |row, stage| {
            if row.owner_id != Some(self.user_id) || row.epoch >= stage.epoch {
                return row;
            }
            stage.plan.applied(&row, stage.epoch).unwrap_or(row)
        })
    }

    /// What becomes of his resources, oldest first.
    pub fn stages(&self) -> impl Iterator<Item = &Stage> {
        self.motion.iter().flat_map(|motion| &motion.stages)
    }

    /// Refuses to hand over all that he holds while so much was said of his resources that the worker should come first.
    /// Nobody's leaving is asked this.
    pub fn may_be_handed_over(&self) -> Result<(), Refusal> {
        if self.stages().count() < MOST_STAGES { Ok(()) } else { Err(Refusal::ResourcesInMotion) }
    }

    /// A motion that was begun when his number was `epoch` has brought everything.
    #[must_use]
    pub fn arrived(mut self, epoch: u32, now: Instant) -> Self {
        let mut stages = self.motion.iter_mut().flat_map(|motion| &mut motion.stages);
        match stages.find(|stage| stage.epoch > epoch) {
            Some(stage) => {
                stage.awaits -= 1;
                stage.since = now;
            }
            None => self.incoming -= 1,
        }
        self.version += 1;
        self
    }
}

/// So many stages wait for the worker, which comes each minute, before another transfer.
const MOST_STAGES: usize = 10;
/// Most owners that a resource passes through on its way: more than anybody can name before a motion ends.
const MOST_OWNERS: usize = 100;

/// A resource as readers see it: where it is going to be, through whatever hands.
pub fn shown_among<'a>(resource: Resource, holdings: impl Fn(UserId) -> Option<&'a Holdings>) -> Resource {
    let mut row = resource;
    for _ in 0..MOST_OWNERS {
        let owner = row.owner_id;
        let Some(holdings) = owner.and_then(&holdings) else { break };
        row = holdings.shown(row);
        if row.owner_id == owner {
            break;
        }
    }
    row
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
