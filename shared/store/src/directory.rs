//! The directory: the users of an account, chosen, searched and sorted.

use std::cmp::{Ordering, Reverse};
use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::counts::Counts;
use domain::id::{AccountId, UserId};
use domain::search::Search;
use domain::user::{User, UserStatus, UserType};
use serde::Serialize;

use crate::error::StoreError;
use crate::keys::{self, Index};
use crate::listing::{Direction, Place, Row};
use crate::merge::Merge;
use crate::store::{Item, Store};

/// Among how many words a search is exact: then all whom it finds are read and sorted.
pub(crate) const FEW: usize = 200;
/// How many rows are looked through for a page where a search finds more.
pub(crate) const MOST_ROWS: usize = 1_000;
/// The same where rows have only keys, and each user is a read of its own.
const MOST_KEYS: usize = 200;
/// How many of its beginnings a search is looked for by.
pub(crate) const MOST_BEGINNINGS: usize = 2;
/// How many rows of the directory cost as much as one user that is read by its id.
const ROWS_PER_USER: usize = 6;
/// By how much more is read where nobody was found yet.
const GROWTH: usize = 2;

/// What users are sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum UserOrder {
    /// Their names.
    Name,
    /// When they were last seen; who never was comes first (W11).
    Activity,
    /// When they were made.
    Created,
}

impl UserOrder {
    const fn index(self) -> &'static Index {
        match self {
            Self::Name => &keys::LISTING,
            Self::Activity => &keys::ACTIVITY,
            Self::Created => &keys::CREATED,
        }
    }

    /// Where a user stands in the order.
    fn place(self, user: &User) -> String {
        match self {
            Self::Name => keys::directory_place(&user.sort_name(), user.id),
            Self::Activity => keys::activity_place(user.last_active_at, user.id),
            Self::Created => keys::created_place(user.created_at, user.id),
        }
    }
}

/// Which users, and in which order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// Partitions of the directory: a group's are merged, and the groups follow each other.
    pub groups: Vec<Vec<(UserStatus, UserType)>>,
    /// What each group is sorted by.
    pub order: UserOrder,
    /// Which way.
    pub direction: Direction,
    /// Only those whom it finds.
    pub search: Option<Search>,
}

impl Choice {
    /// The users of some statuses and types: status by status in the order of lists, each by name.
    pub fn by_status(statuses: impl Fn(UserStatus) -> bool, types: impl Fn(UserType) -> bool) -> Self {
        let types: Vec<UserType> = UserType::ALL.into_iter().filter(|it| types(*it)).collect();
        let group = |status| types.iter().map(|user_type| (status, *user_type)).collect();
        let groups = UserStatus::ALL.into_iter().filter(|it| statuses(*it)).map(group).collect();
        Self { groups, order: UserOrder::Name, direction: Direction::Ascending, search: None }
    }

    /// The same users in one order, whatever their status.
    pub fn sorted(self, order: UserOrder, direction: Direction) -> Self {
        Self { groups: vec![self.groups.concat()], order, direction, ..self }
    }

    /// Only those whom a search finds.
    pub fn found_by(self, search: Option<Search>) -> Self {
        Self { search, ..self }
    }

    /// Those of them whose types are some. Everybody keeps his place.
    fn only(&self, types: impl Fn(UserType) -> bool) -> Self {
        let only = |group: &Vec<_>| group.iter().copied().filter(|(_, user_type)| types(*user_type)).collect();
        Self { groups: self.groups.iter().map(only).collect(), ..self.clone() }
    }

    fn partitions(&self, account: AccountId) -> Vec<Vec<String>> {
        let partition = |(status, user_type): &(_, _)| keys::directory(account, *status, *user_type);
        self.groups.iter().map(|group| group.iter().map(partition).collect()).collect()
    }

    /// Where a user stands among the chosen; none if it is not one of them.
    fn place(&self, user: &User) -> Option<Place> {
        let group = self.groups.iter().position(|group| group.contains(&(user.status, user.user_type)))?;
        Some(Place { group, after: Some(self.order.place(user)) })
    }

    /// Whether it is cheaper to read all whom a search may find than to look through the list until a page is full.
    fn is_cheaper_by_id(&self, found: usize, limit: usize, size: usize) -> bool {
        let rows = (limit + 1) * size / found.max(1);
        // What a user costs that is read by its id, in rows of the index.
        let (price, most) = if self.order.index().whole { (ROWS_PER_USER, MOST_ROWS) } else { (1, MOST_KEYS) };
        // A page's worth is read by id in any case: then it costs the same in the smallest account.
        found <= limit || rows > most || found * price < rows
    }

    /// One page of what two pages of parts of the list have, and where they end: what is behind the nearer end is not known
    /// from both.
    fn joined<T>(
        &self,
        mut placed: Vec<(Place, T)>,
        ends: [Option<Place>; 2],
        limit: usize,
    ) -> (Vec<T>, Option<Place>) {
        let end = ends.into_iter().flatten().min_by(|one, other| self.compare(one, other));
        placed.retain(|(place, _)| end.as_ref().is_none_or(|end| self.compare(place, end) != Ordering::Greater));
        placed.sort_by(|(one, _), (other, _)| self.compare(one, other));
        let full = placed.len() > limit;
        placed.truncate(limit);
        let next = if full { placed.last().map(|(place, _)| place.clone()) } else { end };
        (placed.into_iter().map(|(_, one)| one).collect(), next)
    }

    /// Which of two places comes first in the list.
    fn compare(&self, one: &Place, other: &Place) -> Ordering {
        let within = match (&one.after, &other.after) {
            // Nothing is before the beginning of a group, whichever way it is read.
            (None, _) | (_, None) => one.after.cmp(&other.after),
            _ if self.direction == Direction::Descending => other.after.cmp(&one.after),
            _ => one.after.cmp(&other.after),
        };
        one.group.cmp(&other.group).then(within)
    }
}

impl Store {
    /// A page of the chosen users, in their order. A search that finds many looks through a bounded number of rows, so
    /// a page of it may be short, or empty, and yet have a next one.
    pub async fn users(
        &self,
        account: AccountId,
        choice: &Choice,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let (users, next) = match &choice.search {
            None => {
                let partitions = choice.partitions(account);
                let page = self.page(choice.order.index(), &partitions, from, choice.direction, limit).await?;
                let users = self.users_of(choice, page.rows).await?;
                (users.into_iter().map(|(_, user)| user).collect(), page.next)
            }
            Some(search) => match self.found(account, search).await? {
                Some(ids) if choice.is_cheaper_by_id(ids.len(), limit, self.size(account).await?) => {
                    self.few(account, choice, &ids, from, limit).await?
                }
                _ => self.many(account, choice, search, from, limit).await?,
            },
        };
        Ok((self.with_roles(users).await?, next))
    }

    /// The same for somebody who sees only some types whole, and of the others these users alone. They stand where they do
    /// for everybody.
    pub async fn users_seen(
        &self,
        account: AccountId,
        choice: &Choice,
        (whole, others): (impl Fn(UserType) -> bool, &BTreeSet<UserId>),
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let (some, rest) = (choice.only(&whole), choice.only(|user_type| !whole(user_type)));
        let ((mut users, next), (others, more)) = tokio::try_join!(
            self.users(account, &some, from, limit),
            self.users_among(account, &rest, others, from, limit)
        )?;
        users.extend(others);
        let placed = users.into_iter().filter_map(|user| Some((choice.place(&user)?, user))).collect();
        Ok(choice.joined(placed, [next, more], limit))
    }

    /// A page of those of some users who are chosen, in their order.
    pub async fn users_among(
        &self,
        account: AccountId,
        choice: &Choice,
        among: &BTreeSet<UserId>,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let found = match &choice.search {
            // Whoever is read by his id costs more than all words.
            Some(search) if among.len() > limit => self.found(account, search).await?,
            _ => None,
        };
        let ids: Vec<UserId> = match found {
            Some(found) => found.into_iter().filter(|id| among.contains(id)).collect(),
            None => among.iter().copied().collect(),
        };
        let (users, next) = self.few(account, choice, &ids, from, limit).await?;
        Ok((self.with_roles(users).await?, next))
    }

    /// About how many users an account has.
    async fn size(&self, account: AccountId) -> Result<usize, StoreError> {
        let counts: Counts = self.peek(&keys::counts(account)).await?.unwrap_or_default();
        Ok(usize::try_from(counts.active + counts.pending + counts.deactivated).unwrap_or(0))
    }

    /// Whom a search may find: who has words with its rarest beginning. None if those are more than [`FEW`].
    async fn found(&self, account: AccountId, search: &Search) -> Result<Option<Vec<UserId>>, StoreError> {
        // A long beginning is likely to be rare.
        let mut beginnings: Vec<&String> = search.beginnings().iter().collect();
        beginnings.sort_by_key(|beginning| Reverse(beginning.chars().count()));
        if beginnings.is_empty() {
            return Ok(Some(Vec::new()));
        }
        for beginning in beginnings.into_iter().take(MOST_BEGINNINGS) {
            let places = self.words(keys::words(account), beginning).await?;
            if places.len() <= FEW {
                let ids: BTreeSet<UserId> = places.iter().filter_map(|place| keys::holder_of_word(place)).collect();
                return Ok(Some(ids.into_iter().collect()));
            }
        }
        Ok(None)
    }

    /// The words of a partition with a beginning and whose they are: one more than [`FEW`] at most.
    pub(crate) async fn words(&self, partition: String, beginning: &str) -> Result<Vec<String>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :words AND begins_with(sk, :beginning)")
            .expression_attribute_values(":words", AttributeValue::S(partition))
            .expression_attribute_values(":beginning", AttributeValue::S(beginning.to_owned()))
            .limit(i32::try_from(FEW + 1).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let place = |mut item: Item| item.remove("sk")?.as_s().ok().cloned();
        Ok(answer.items.unwrap_or_default().into_iter().filter_map(place).collect())
    }

    /// A page of few users: all are read and sorted.
    async fn few(
        &self,
        account: AccountId,
        choice: &Choice,
        ids: &[UserId],
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| keys::user(account, *id)).collect();
        let users: Vec<User> = serde_dynamo::from_items(self.items_of(&keys).await?)?;
        let finds = |user: &User| choice.search.as_ref().is_none_or(|search| search.finds(user));
        let placed = users.into_iter().filter(finds).filter_map(|user| Some((choice.place(&user)?, user)));
        let mut placed: Vec<(Place, User)> =
            placed.filter(|(place, _)| choice.compare(place, from) == Ordering::Greater).collect();
        placed.sort_by(|(one, _), (other, _)| choice.compare(one, other));
        let more = placed.len() > limit;
        placed.truncate(limit);
        let next = placed.last().filter(|_| more).map(|(place, _)| place.clone());
        Ok((placed.into_iter().map(|(_, user)| user).collect(), next))
    }

    /// A page of many users: looked for among the rows of the directory, in its order.
    async fn many(
        &self,
        account: AccountId,
        choice: &Choice,
        search: &Search,
        from: &Place,
        limit: usize,
    ) -> Result<(Vec<User>, Option<Place>), StoreError> {
        let index = choice.order.index();
        let partitions = choice.partitions(account);
        let mut merge = Merge::new(self, index, &partitions, from, choice.direction);
        let most = if index.whole { MOST_ROWS } else { MOST_KEYS };
        let mut left = most;
        let mut found: Vec<(Place, User)> = Vec::new();
        let mut place = Some(from.clone());
        let mut wanted = limit + 1;
        while found.len() <= limit && left > 0 && place.is_some() {
            let rows = merge.take(wanted.min(left)).await?;
            place = rows.last().filter(|_| rows.len() == wanted.min(left)).map(|last| last.place.clone());
            left -= rows.len();
            found.extend(self.users_of(choice, rows).await?.into_iter().filter(|(_, user)| search.finds(user)));
            // As many more as are likely to fill the page.
            let missing = (limit + 1).saturating_sub(found.len());
            wanted = (missing * (most - left)).checked_div(found.len()).unwrap_or(wanted * GROWTH).max(missing);
        }
        if found.len() > limit {
            found.truncate(limit);
            place = found.last().map(|(place, _)| place.clone());
        }
        Ok((found.into_iter().map(|(_, user)| user).collect(), place))
    }

    /// The users of some rows. Where the index has only their keys, they are read, and left out where they have moved on
    /// meanwhile.
    async fn users_of(&self, choice: &Choice, rows: Vec<Row>) -> Result<Vec<(Place, User)>, StoreError> {
        let rows = if choice.order.index().whole { rows } else { self.whole(rows).await? };
        let user = |row: Row| Ok((row.place, serde_dynamo::from_item::<_, User>(row.item)?));
        let users: Result<Vec<(Place, User)>, StoreError> = rows.into_iter().map(user).collect();
        Ok(users?.into_iter().filter(|(_, user)| choice.place(user).is_some()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_way_is_taken() {
        let by_name = Choice::by_status(|_| true, |_| true);
        let by_age = by_name.clone().sorted(UserOrder::Created, Direction::Ascending);
        // Found, of how many; by name, by age.
        for (found, size, name, age) in [
            (1, 60, true, true),
            (50, 60, true, true),
            (60, 60, false, false),
            (60, 10_000, true, true),
            (200, 300, false, false),
            (200, 10_000, true, true),
            (200, 100_000, true, true),
            (0, 0, true, true),
        ] {
            assert_eq!(by_name.is_cheaper_by_id(found, 50, size), name, "{found} of {size} by name");
            assert_eq!(by_age.is_cheaper_by_id(found, 50, size), age, "{found} of {size} by age");
        }
    }

    #[test]
    fn two_parts_of_a_list_are_one_list() {
        let by_name = Choice::by_status(|_| true, |_| true);
        let backwards = by_name.clone().sorted(UserOrder::Name, Direction::Descending);
        let at = |group: usize, name: &str| Place { group, after: Some(name.to_owned()) };
        let all = || vec![(at(0, "d"), "d"), (at(1, "a"), "A"), (at(0, "b"), "b"), (at(0, "c"), "c")];
        for (ends, limit, expected, next) in [
            ([None, None], 9, vec!["b", "c", "d", "A"], None),
            ([None, None], 4, vec!["b", "c", "d", "A"], None),
            ([None, None], 3, vec!["b", "c", "d"], Some(at(0, "d"))),
            // What one part has beyond the other's end waits: there may be more before it.
            ([Some(at(0, "c")), None], 9, vec!["b", "c"], Some(at(0, "c"))),
            ([Some(at(1, "a")), Some(at(0, "bb"))], 9, vec!["b"], Some(at(0, "bb"))),
            ([None, Some(at(0, "a"))], 9, vec![], Some(at(0, "a"))),
            ([Some(at(0, "d")), None], 1, vec!["b"], Some(at(0, "b"))),
        ] {
            assert_eq!(by_name.joined(all(), ends.clone(), limit), (expected, next), "{ends:?} {limit}");
        }
        let one_group = vec![(at(0, "b"), "b"), (at(0, "d"), "d"), (at(0, "c"), "c")];
        let page = backwards.joined(one_group, [Some(at(0, "c")), None], 9);
        assert_eq!(page, (vec!["d", "c"], Some(at(0, "c"))));
    }
}
