//! Resources one by one, as they stand and as readers see them.

use std::collections::{BTreeMap, BTreeSet};

use domain::holdings::{Holdings, Seen, shown_among};
use domain::id::{AccountId, UserId};
use domain::resource::{Kind, Resource, ResourceId, State, Trace};
use domain::user::{User, UserStatus};
use futures::future::try_join_all;

use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::store::Store;

/// In which states something that has an owner can be.
pub(crate) const OWNED_STATES: [State; 3] = [State::Active, State::Disabled, State::Inaccessible];
/// How many items are read at the same time.
const READS_AT_ONCE: usize = 25;

/// What some users hold.
pub type HeldBy = BTreeMap<UserId, Holdings>;

/// A sorted partition to read from: of the index `owned`, or of `listing`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Owned(String),
    Listed(String),
}

impl Source {
    /// Somebody's resources in some states.
    pub(crate) fn of(account: AccountId, owner: UserId, states: &[State]) -> Vec<Self> {
        states.iter().map(|state| Self::Owned(keys::owned(account, owner, *state))).collect()
    }
}

impl Store {
    /// A resource as it stands, and as it is going to be, with what its owner then holds, as it is now.
    pub async fn resource(
        &self,
        account: AccountId,
        kind: Kind,
        id: &ResourceId,
    ) -> Result<Option<(Seen, Option<Holdings>)>, StoreError> {
        let (found, mut held) = self.named_resources(account, &[(kind, id)]).await?;
        Ok(found.into_iter().flatten().next().map(|seen| {
            let holdings = seen.shown.owner_id.and_then(|owner| held.remove(&owner));
            (seen, holdings)
        }))
    }

    /// Some resources, each as it stands and as it is going to be; none where there is none. With what their owners hold,
    /// each read once.
    pub async fn named_resources(
        &self,
        account: AccountId,
        named: &[(Kind, &ResourceId)],
    ) -> Result<(Vec<Option<Seen>>, HeldBy), StoreError> {
        let keys: Vec<Key> = named.iter().map(|(kind, id)| keys::resource(account, *kind, id)).collect();
        let mut stored = self.resources_at(&keys).await?;
        let mut held = HeldBy::new();
        self.hold_all(account, &stored, &mut held).await?;
        // What is older than its owner's number, and has nothing before it, may have been moved between the two reads.
        for index in 0..stored.len() {
            let moved = |row: &Resource| {
                let holdings = row.owner_id.and_then(|owner| held.get(&owner));
                holdings.is_some_and(|holdings| row.epoch < holdings.epoch && holdings.shown(row.clone()) == *row)
            };
            if stored[index].as_ref().is_some_and(moved) {
                stored[index] = self.get(&keys[index]).await?;
            }
        }
        self.hold_all(account, &stored, &mut held).await?;
        let seen = |stored: Resource| Seen { shown: shown_among(stored.clone(), |id| held.get(&id)), stored };
        Ok((stored.into_iter().map(|row| row.map(seen)).collect(), held))
    }

    /// What is kept of a resource that was forgotten.
    pub async fn trace(&self, account: AccountId, kind: Kind, id: &ResourceId) -> Result<Option<Trace>, StoreError> {
        self.get(&keys::trace(account, kind, id)).await
    }

    async fn resources_at(&self, keys: &[Key]) -> Result<Vec<Option<Resource>>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for some in keys.chunks(READS_AT_ONCE) {
            found.extend(try_join_all(some.iter().map(|key| self.get::<Resource>(key))).await?);
        }
        Ok(found)
    }

    /// Reads what all hold through whose hands some resources go, unless it has been read already.
    async fn hold_all(
        &self,
        account: AccountId,
        rows: &[Option<Resource>],
        held: &mut HeldBy,
    ) -> Result<(), StoreError> {
        loop {
            let owner = |row: &Resource| shown_among(row.clone(), |id| held.get(&id)).owner_id;
            let owners: BTreeSet<UserId> = rows.iter().flatten().filter_map(owner).collect();
            let unread: Vec<UserId> = owners.into_iter().filter(|owner| !held.contains_key(owner)).collect();
            if unread.is_empty() {
                return Ok(());
            }
            for some in unread.chunks(READS_AT_ONCE) {
                let read = try_join_all(some.iter().map(|owner| self.holdings(account, *owner))).await?;
                held.extend(read.into_iter().map(|holdings| (holdings.user_id, holdings)));
            }
        }
    }

    /// Resources as people see them: open where a co-owner who is active keeps them so (W4). Reads those co-owners alone
    /// whose word counts.
    pub async fn opened(&self, account: AccountId, rows: Vec<Resource>) -> Result<Vec<Resource>, StoreError> {
        let openers: BTreeSet<UserId> = rows.iter().flat_map(Resource::openers).copied().collect();
        if openers.is_empty() {
            return Ok(rows);
        }
        // One that is asked for by itself is as it is now; a list may be a moment old.
        let users: Vec<User> = if rows.len() == 1 {
            let read = openers.iter().map(|id| self.user(account, *id));
            try_join_all(read).await?.into_iter().flatten().collect()
        } else {
            let keys: Vec<Key> = openers.iter().map(|id| keys::user(account, *id)).collect();
            serde_dynamo::from_items(self.items_of(&keys).await?)?
        };
        let active: BTreeSet<UserId> =
            users.iter().filter(|user| user.status == UserStatus::Active).map(|user| user.id).collect();
        Ok(rows.into_iter().map(|row| row.opened(|id| active.contains(&id))).collect())
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
        let sources = Source::of(account, owner, &OWNED_STATES);
        let whole = [None];
        let some: Vec<Option<Kind>> = kinds.iter().copied().map(Some).collect();
        // All kinds are one stretch of the list.
        let stretches = if kinds.len() == Kind::ALL.len() { whole.as_slice() } else { &some };
        let mut rows = Vec::new();
        for kind in stretches {
            let between = keys::resource_places(*kind, after);
            rows.extend(self.merged(&[&sources], &between, limit + 1 - rows.len()).await?);
            if rows.len() > limit {
                break;
            }
        }
        let end = rows.len() <= limit;
        rows.truncate(limit);
        Ok((rows, end))
    }

    /// The first rows of several partitions between two places, each resource once, as it stood last. The groups of
    /// partitions are read one after the other: what hops from one of the first to one of the second is in either.
    pub(crate) async fn merged(
        &self,
        groups: &[&[Source]],
        between: &(String, String),
        limit: usize,
    ) -> Result<Vec<Resource>, StoreError> {
        let mut items = Vec::new();
        for sources in groups {
            let reads = sources.iter().map(|source| match source {
                Source::Owned(partition) => self.between(&keys::OWNED, partition, between, limit),
                Source::Listed(partition) => self.between(&keys::LISTING, partition, between, limit),
            });
            items.extend(try_join_all(reads).await?.into_iter().flatten());
        }
        let mut rows: Vec<Resource> = serde_dynamo::from_items(items)?;
        rows.sort_by_cached_key(|row| (row.place(), std::cmp::Reverse(row.version)));
        rows.dedup_by(|one, other| (one.kind, &one.id) == (other.kind, &other.id));
        rows.truncate(limit);
        Ok(rows)
    }
}
