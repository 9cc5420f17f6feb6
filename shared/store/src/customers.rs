//! A partner's customers: who may enter which, listed by name, searched. A page costs the same whether there are ten or ten
//! thousand.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::account::Account;
use domain::counts::Counts;
use domain::customers::{AccessMode, Reach, Selection, Visit};
use domain::id::{AccountId, UserId};
use domain::search::Search;
use domain::text::fold;
use domain::user::User;

use crate::directory::{FEW, MOST_BEGINNINGS, MOST_ROWS};
use crate::error::StoreError;
use crate::keys::{self, Key};
use crate::listing::{Direction, Place};
use crate::merge::Merge;
use crate::store::{Item, Store};

/// How many rows of the list cost as much as one customer that is read by its id.
const ROWS_PER_ACCOUNT: usize = 5;

impl Store {
    /// Which customers a user may enter, as it is now.
    pub async fn reach(&self, user: &User) -> Result<Reach, StoreError> {
        match user.customer_access {
            AccessMode::All => Ok(Reach::All),
            AccessMode::Selected => Ok(Reach::Selected(self.selection(user.account_id, user.id).await?)),
        }
    }

    /// The customers that were chosen for a user, as they are now. One whose invitation is over may be chosen for still.
    pub async fn selection(&self, account: AccountId, user: UserId) -> Result<Selection, StoreError> {
        let found = self.get(&keys::selection(account, user)).await?;
        Ok(found.unwrap_or_else(|| Selection::none(account, user)))
    }

    /// Whether a user has acted for a customer before.
    pub async fn has_visited(&self, user: &User, customer: AccountId) -> Result<bool, StoreError> {
        let visit: Option<Visit> = self.peek(&keys::visit(user.account_id, user.id, customer)).await?;
        Ok(visit.is_some())
    }

    /// Those of some ids that are customers of a partner, as it is now.
    pub async fn customers_among(
        &self,
        partner: AccountId,
        ids: &[AccountId],
    ) -> Result<BTreeSet<AccountId>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|id| keys::account(*id)).collect();
        let found: Vec<Account> = serde_dynamo::from_items(self.items_as_they_are(&keys).await?)?;
        Ok(found.iter().filter(|it| it.parent_account_id == Some(partner)).map(|it| it.id).collect())
    }

    /// A page of a partner's customers that somebody may enter, by name. A search that finds many looks through a bounded
    /// number of rows, so a page of it may be short, or empty, and yet have a next one.
    pub async fn customers(
        &self,
        partner: AccountId,
        (reach, search): (&Reach, Option<&Search>),
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Account>, Option<Place>), StoreError> {
        let found = match search {
            Some(search) => self.customers_found(partner, search).await?,
            None => None,
        };
        let finds = |account: &Account| {
            reach.covers(account.id) && search.is_none_or(|search| search.finds_name(&account.name))
        };
        let ids: Vec<AccountId> = match (reach, found) {
            (_, Some(found)) => found.into_iter().filter(|id| reach.covers(*id)).collect(),
            (Reach::Selected(selection), None) => selection.customers.iter().copied().collect(),
            (Reach::All, None) => {
                let (customers, place, _) = self.in_order(partner, finds, (from, limit), (MOST_ROWS, true)).await?;
                return Ok((customers, place));
            }
        };
        if ids.len() > limit {
            // Perhaps they stand close together in the list.
            let most = MOST_ROWS.min(ids.len() * ROWS_PER_ACCOUNT);
            let (customers, place, full) = self.in_order(partner, finds, (from, limit), (most, false)).await?;
            if full {
                return Ok((customers, place));
            }
        }
        self.by_id(partner, ids, finds, from, limit).await
    }

    /// How many users and licenses some accounts have, as it was a moment ago.
    pub async fn counts_of(&self, accounts: &[Account]) -> Result<BTreeMap<AccountId, Counts>, StoreError> {
        let keys: Vec<Key> = accounts.iter().map(|account| keys::counts(account.id)).collect();
        let id = |item: &Item| item.get("pk")?.as_s().ok()?.strip_prefix("A#")?.parse().ok();
        let found = self.items_of(&keys).await?.into_iter().filter_map(|item| Some((id(&item)?, item)));
        found.map(|(id, item)| Ok((id, serde_dynamo::from_item(item)?))).collect()
    }

    /// Some users of some accounts, as they were a moment ago.
    pub async fn people(&self, ids: &BTreeSet<(AccountId, UserId)>) -> Result<Vec<User>, StoreError> {
        let keys: Vec<Key> = ids.iter().map(|(account, id)| keys::user(*account, *id)).collect();
        Ok(serde_dynamo::from_items(self.items_of(&keys).await?)?)
    }

    /// Whom a search may find: those with words that have its rarest beginning. None if those are more than [`FEW`].
    async fn customers_found(
        &self,
        partner: AccountId,
        search: &Search,
    ) -> Result<Option<BTreeSet<AccountId>>, StoreError> {
        let mut beginnings: Vec<&String> = search.beginnings().iter().collect();
        beginnings.sort_by_key(|beginning| Reverse(beginning.chars().count()));
        if beginnings.is_empty() {
            return Ok(Some(BTreeSet::new()));
        }
        for beginning in beginnings.into_iter().take(MOST_BEGINNINGS) {
            let places = self.words(keys::customer_words(partner), beginning).await?;
            if places.len() <= FEW {
                return Ok(Some(places.iter().filter_map(|place| keys::customer_of_word(place)).collect()));
            }
        }
        Ok(None)
    }

    /// A page of some customers: all are read and sorted.
    async fn by_id(
        &self,
        partner: AccountId,
        ids: Vec<AccountId>,
        finds: impl Fn(&Account) -> bool,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<Account>, Option<Place>), StoreError> {
        let keys: Vec<Key> = ids.into_iter().map(keys::account).collect();
        let found: Vec<Account> = serde_dynamo::from_items(self.items_of(&keys).await?)?;
        let place = |account: &Account| keys::customer_place(&fold(&account.name), account.id);
        let mine = found.into_iter().filter(|it| it.parent_account_id == Some(partner) && finds(it));
        let mut placed: Vec<(String, Account)> = mine.map(|account| (place(&account), account)).collect();
        placed.retain(|(place, _)| from.after.as_ref().is_none_or(|after| place > after));
        placed.sort_by(|(one, _), (other, _)| one.cmp(other));
        let more = placed.len() > limit;
        placed.truncate(limit);
        let next = placed.last().filter(|_| more).map(|(place, _)| Place { group: 0, after: Some(place.clone()) });
        Ok((placed.into_iter().map(|(_, account)| account).collect(), next))
    }

    /// A page of customers, looked for among so many rows of the list in its own order. Unless it is
    /// patient, it gives up before that where they are too few and far between. And whether the page is as long as can be: full, or at the list's end.
    async fn in_order(
        &self,
        partner: AccountId,
        finds: impl Fn(&Account) -> bool,
        (from, limit): (&Place, usize),
        (most, patient): (usize, bool),
    ) -> Result<(Vec<Account>, Option<Place>, bool), StoreError> {
        let groups = [vec![keys::customers(partner)]];
        let mut merge = Merge::new(self, &keys::LISTING, &groups, from, Direction::Ascending);
        let mut found: Vec<(Place, Account)> = Vec::new();
        let (mut place, mut left, mut ask) = (Some(from.clone()), most, limit + 1);
        while found.len() <= limit && left > 0 && place.is_some() {
            let wanted = ask.min(left);
            ask *= 2;
            let rows = merge.take(wanted).await?;
            place = rows.last().filter(|_| rows.len() == wanted).map(|last| last.place.clone());
            left -= rows.len();
            for row in rows {
                let account: Account = serde_dynamo::from_item(row.item)?;
                if finds(&account) {
                    found.push((row.place, account));
                }
            }
            let likely = found.len() * most / (most - left).max(1);
            if !patient && likely <= limit {
                break;
            }
        }
        let full = found.len() > limit || place.is_none();
        if found.len() > limit {
            found.truncate(limit);
            place = found.last().map(|(place, _)| place.clone());
        }
        Ok((found.into_iter().map(|(_, account)| account).collect(), place, full))
    }
}
