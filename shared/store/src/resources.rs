//! Resources: one by one, and in lists that cost the same for an owner of fifty and of fifty thousand.
//!
//! While resources are on their way, the table has them where they were, and readers see them where they are going to be.
//! A list therefore reads, beside its own partitions, those of the users whose resources are on their way, and picks out
//! what belongs to it.

use std::collections::BTreeMap;

use domain::holdings::{Holdings, Seen};
use domain::id::{AccountId, UserId};
use domain::resource::{Kind, Resource, ResourceId, State};
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::keys;
use crate::listing::Place;
use crate::store::Store;

/// In which states something that has an owner can be.
const OWNED_STATES: [State; 3] = [State::Active, State::Disabled, State::Inaccessible];
/// How many times its limit a page may look at: what is on its way elsewhere is passed over, and a page may be short.
const MOST_ROUNDS: usize = 4;
/// Most users of one account whose resources are on their way at once: several whole batches of deactivations.
const MOST_MOTIONS: usize = 1_000;

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

/// A sorted partition to read from: of the index `owned`, or of `listing`.
enum Source {
    Owned(String),
    Listed(String),
}

impl Store {
    /// A resource as it stands, and as readers see it, with what its owner holds, as it is now.
    pub async fn resource(
        &self,
        account: AccountId,
        kind: Kind,
        id: &ResourceId,
    ) -> Result<Option<(Seen, Option<Holdings>)>, StoreError> {
        let Some(stored) = self.get::<Resource>(&keys::resource(account, kind, id)).await? else { return Ok(None) };
        let Some(owner) = stored.owner_id else {
            return Ok(Some((Seen { shown: stored.clone(), stored }, None)));
        };
        let holdings = self.holdings(account, owner).await?;
        let shown = holdings.shown(stored.clone());
        let holdings = match shown.owner_id {
            Some(now) if now == owner => Some(holdings),
            Some(now) => Some(self.holdings(account, now).await?),
            None => None,
        };
        Ok(Some((Seen { stored, shown }, holdings)))
    }

    /// What a user holds.
    pub async fn holdings(&self, account: AccountId, user: UserId) -> Result<Holdings, StoreError> {
        let found = self.get(&keys::holdings(account, user)).await?;
        Ok(found.unwrap_or_else(|| Holdings::none(account, user)))
    }

    /// Up to `limit` of somebody's resources of some kinds behind a place, as they stand, and whether there are no more.
    pub async fn owned(
        &self,
        account: AccountId,
        owner: UserId,
        kinds: &[Kind],
        after: Option<&str>,
        limit: usize,
    ) -> Result<(Vec<Resource>, bool), StoreError> {
        let sources = sources_of(account, owner, &OWNED_STATES);
        let whole = [None];
        let some: Vec<Option<Kind>> = kinds.iter().copied().map(Some).collect();
        // All kinds are one stretch of the list.
        let stretches = if kinds.len() == Kind::ALL.len() { whole.as_slice() } else { &some };
        let mut rows = Vec::new();
        for kind in stretches {
            let between = keys::resource_places(*kind, after);
            rows.extend(self.merged(&sources, &between, limit + 1 - rows.len()).await?);
            if rows.len() > limit {
                break;
            }
        }
        let end = rows.len() <= limit;
        rows.truncate(limit);
        Ok((rows, end))
    }

    /// A page of resources, by kind and id, as readers see them. It may be shorter than its limit while resources are on
    /// their way.
    pub async fn resources(
        &self,
        account: AccountId,
        which: Which,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Resource>, Option<Place>), StoreError> {
        let motions = self.motions(account).await?;
        let mut sources = match (which.owner, which.state) {
            (Some(owner), Some(state)) if !motions.contains_key(&owner) => sources_of(account, owner, &[state]),
            (Some(owner), _) => sources_of(account, owner, &OWNED_STATES),
            (None, Some(state)) => vec![Source::Listed(keys::resources(account, state))],
            (None, None) => State::ALL.iter().map(|state| Source::Listed(keys::resources(account, *state))).collect(),
        };
        for (from, holdings) in &motions {
            let to = holdings.motion.as_ref().and_then(|motion| motion.plan.to());
            let comes = which.owner.map_or(which.state.is_some(), |owner| to == Some(owner) && *from != owner);
            if comes {
                sources.extend(sources_of(account, *from, &OWNED_STATES));
            }
        }
        let mut page: Vec<Resource> = Vec::new();
        let mut after = from.after.clone();
        for _ in 0..MOST_ROUNDS {
            let wanted = limit + 1 - page.len();
            let between = keys::resource_places(which.kind, after.as_deref());
            let rows = self.merged(&sources, &between, wanted).await?;
            let end = rows.len() < wanted;
            for row in rows {
                let place = row.place();
                let shown = match row.owner_id.and_then(|owner| motions.get(&owner)) {
                    Some(holdings) => holdings.shown(row),
                    None => row,
                };
                let fits = which.owner.is_none_or(|owner| shown.owner_id == Some(owner))
                    && which.state.is_none_or(|state| shown.state == state);
                if fits && page.len() == limit {
                    return Ok((page, Some(Place { group: 0, after })));
                }
                if fits {
                    page.push(shown);
                }
                after = Some(place);
            }
            if end {
                return Ok((page, None));
            }
        }
        Ok((page, Some(Place { group: 0, after })))
    }

    /// The first rows of several partitions between two places, each resource once.
    async fn merged(
        &self,
        sources: &[Source],
        between: &(String, String),
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        let reads = sources.iter().map(|source| match source {
            Source::Owned(partition) => self.between(&keys::OWNED, partition, between, limit),
            Source::Listed(partition) => self.between(&keys::LISTING, partition, between, limit),
        });
        let items: Vec<_> = try_join_all(reads).await?.into_iter().flatten().collect();
        let mut rows: Vec<Resource> = serde_dynamo::from_items(items)?;
        rows.sort_by_cached_key(|row| (row.place(), std::cmp::Reverse(row.version)));
        rows.dedup_by(|one, other| (one.kind, &one.id) == (other.kind, &other.id));
        rows.truncate(limit);
        Ok(rows)
    }

    /// The users of an account whose resources are on their way.
    async fn motions(&self, account: AccountId) -> Result<BTreeMap<UserId, Holdings>, StoreError> {
        let everywhere = ("#".to_owned(), "~".to_owned());
        let index = &keys::LISTING;
        let items = self.between(index, &keys::motions(account), &everywhere, MOST_MOTIONS).await?;
        let holdings: Vec<Holdings> = serde_dynamo::from_items(items)?;
        Ok(holdings.into_iter().map(|holdings| (holdings.user_id, holdings)).collect())
    }
}

fn sources_of(account: AccountId, owner: UserId, states: &[State]) -> Vec<Source> {
    states.iter().map(|state| Source::Owned(keys::owned(account, owner, *state))).collect()
}
