//! Lists of resources, that cost the same for an owner of fifty and of fifty thousand.
//!
//! While resources are on their way, the table has them where they were, and readers see them where they are going to be.
//! A list therefore reads first the partitions that its resources may still stand in, then its own, and picks out what
//! belongs to it. A resource that is moved meanwhile is found in one of both.

use std::collections::BTreeSet;

use domain::holdings::{Holdings, Stage, shown_among};
use domain::id::{AccountId, UserId};
use domain::resource::{Kind, Resource, State};

use crate::error::StoreError;
use crate::keys::{self, SHELVES, Shelf};
use crate::listing::Place;
use crate::resources::{HeldBy, OWNED_STATES, Source};
use crate::store::Store;

/// How many times its limit a page may look at: what belongs elsewhere is passed over, and a page may be short.
const MOST_ROUNDS: usize = 4;
/// Of so many users whose resources are on their way a list reads the partitions. Of more it looks through the account's,
/// so much for each page.
const MOST_MOVERS: usize = 8;

/// Which resources to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Which {
    /// Those of this owner.
    pub owner: Option<UserId>,
    /// Those in this state.
    pub state: Option<State>,
    /// Those of this kind.
    pub kind: Option<Kind>,
}

impl Store {
    /// The users of an account whose resources are on their way.
    pub async fn motions(&self, account: AccountId) -> Result<HeldBy, StoreError> {
        let everywhere = ("#".to_owned(), "~".to_owned());
        let items = self.between(&keys::LISTING, &keys::motions(account), &everywhere, usize::MAX).await?;
        let holdings: Vec<Holdings> = serde_dynamo::from_items(items)?;
        Ok(holdings.into_iter().map(|holdings| (holdings.user_id, holdings)).collect())
    }

    /// A page of resources, by kind and id, as people see them while these motions go on. It may be shorter than its limit
    /// while resources are on their way, or where boards are closed.
    pub async fn resources(
        &self,
        account: AccountId,
        motions: &HeldBy,
        which: Which,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Resource>, Option<Place>), StoreError> {
        let (left, own) = sources(account, motions, which);
        let mut page: Vec<Resource> = Vec::new();
        let mut after = from.after.clone();
        for _ in 0..MOST_ROUNDS {
            let wanted = limit + 1 - page.len();
            let between = keys::resource_places(which.kind, after.as_deref());
            let rows = self.merged(&[&left, &own], &between, wanted).await?;
            let end = rows.len() < wanted;
            let shown = rows.into_iter().map(|row| shown_among(row, |id| motions.get(&id))).collect();
            for row in self.opened(account, shown).await? {
                let fits = which.owner.is_none_or(|owner| row.owner_id == Some(owner))
                    && which.state.is_none_or(|state| row.state == state);
                if fits && page.len() == limit {
                    return Ok((page, Some(Place { group: 0, after })));
                }
                after = Some(row.place());
                if fits {
                    page.push(row);
                }
            }
            if end {
                return Ok((page, None));
            }
        }
        Ok((page, Some(Place { group: 0, after })))
    }
}

/// The partitions that resources of a list leave, and the list's own: what hops from one of the first to one of the second
/// is in either, if they are read in this order.
pub(crate) fn sources(account: AccountId, motions: &HeldBy, which: Which) -> (Vec<Source>, Vec<Source>) {
    (left(account, motions, which), own(account, motions, which))
}

/// The list's own partitions, where its resources stand when nothing is on its way.
fn own(account: AccountId, motions: &HeldBy, which: Which) -> Vec<Source> {
    // A board whose owner is gone, and that a co-owner keeps open, stands with those that are closed.
    let states = match (which.owner, which.state) {
        (Some(owner), _) if motions.contains_key(&owner) => &OWNED_STATES[..],
        (_, None) => &OWNED_STATES[..],
        (_, Some(State::Active)) => &[State::Active, State::Inaccessible],
        (_, Some(State::Disabled)) => &[State::Disabled],
        (_, Some(State::Inaccessible)) => &[State::Inaccessible],
        (_, Some(State::Unassigned)) => &[],
    };
    match (which.owner, which.state) {
        (Some(owner), _) => Source::of(account, owner, states),
        (None, None) => listed(account, &SHELVES),
        (None, Some(State::Active)) => listed(account, &[Shelf::Of(State::Active), Shelf::Shared]),
        (None, Some(State::Inaccessible)) => listed(account, &[Shelf::Of(State::Inaccessible), Shelf::Shared]),
        (None, Some(state)) => listed(account, &[Shelf::Of(state)]),
    }
}

/// The partitions that resources of the list leave, or may stand in still.
fn left(account: AccountId, motions: &HeldBy, which: Which) -> Vec<Source> {
    // All that has an owner: nothing else is on its way.
    let everywhere = || {
        let owned = SHELVES.into_iter().filter(|shelf| *shelf != Shelf::Of(State::Unassigned));
        listed(account, &owned.collect::<Vec<_>>())
    };
    let leads = |stage: &Stage| match which {
        Which { owner: Some(owner), .. } => stage.plan.to() == Some(owner),
        Which { state: Some(state), kind, .. } => stage.plan.leads_to(state, kind),
        _ => true,
    };
    let movers: Vec<UserId> = motions
        .keys()
        .filter(|user| which.owner == Some(**user) || ways(motions, **user).iter().any(|stage| leads(stage)))
        .copied()
        .collect();
    match movers.len() {
        0 => Vec::new(),
        1..=MOST_MOVERS if which.owner.is_some() || which.state.is_some() => {
            movers.iter().flat_map(|user| Source::of(account, *user, &OWNED_STATES)).collect()
        }
        _ => everywhere(),
    }
}

/// All stages that somebody's resources may go through.
fn ways(motions: &HeldBy, from: UserId) -> Vec<&Stage> {
    let (mut seen, mut open, mut stages) = (BTreeSet::from([from]), vec![from], Vec::new());
    while let Some(holdings) = open.pop().and_then(|user| motions.get(&user)) {
        for stage in holdings.stages() {
            stages.push(stage);
            open.extend(stage.plan.to().filter(|to| motions.contains_key(to) && seen.insert(*to)));
        }
    }
    stages
}

fn listed(account: AccountId, shelves: &[Shelf]) -> Vec<Source> {
    shelves.iter().map(|shelf| Source::Listed(keys::resources(account, *shelf))).collect()
}
