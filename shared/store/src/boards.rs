//! Who takes part in which boards and projects: a row for each co-owner and participant, in step with the resource. What
//! somebody owns is found by the index `owned`, as it is going to be.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::{AttributeValue, ReturnConsumedCapacity};
use domain::holdings::shown_among;
use domain::id::{AccountId, UserId};
use domain::resource::{Kind, ResourceId};
use domain::user::User;

use crate::error::StoreError;
use crate::keys;
use crate::resource_list::{Which, sources};
use crate::store::{Item, Store};

/// How many boards and projects of somebody's are looked at to find out whether another takes part.
const MOST_BOARDS: usize = 1_000;
/// Of how many it is looked at who takes part.
const MOST_READ: usize = 100;
/// Most contacts and participants of his boards that somebody is told of in lists.
pub const MOST_ACQUAINTANCES: usize = 500;

impl Store {
    /// Whether two users take part in a board or project together.
    pub async fn share_board(&self, account: AccountId, one: UserId, other: UserId) -> Result<bool, StoreError> {
        let boards = self.boards_of(account, one, MOST_BOARDS).await?;
        Ok(!boards.is_empty() && !boards.is_disjoint(&self.boards_of(account, other, MOST_BOARDS).await?))
    }

    /// A user's contacts, and who takes part in boards and projects with him: [`MOST_ACQUAINTANCES`], contacts first.
    pub async fn acquaintances(&self, user: &User) -> Result<BTreeSet<UserId>, StoreError> {
        let account = user.account_id;
        let (mut found, boards) =
            tokio::try_join!(self.contact_ids(user, MOST_ACQUAINTANCES), self.boards_of(account, user.id, MOST_READ))?;
        let boards: Vec<(Kind, ResourceId)> = boards.iter().filter_map(|place| keys::of_place(place)).collect();
        let named: Vec<_> = boards.iter().map(|(kind, id)| (*kind, id)).collect();
        let (seen, _) = self.named_resources(account, &named).await?;
        for id in seen.iter().flatten().flat_map(|seen| seen.shown.participants()).filter(|id| *id != user.id) {
            if found.len() >= MOST_ACQUAINTANCES {
                break;
            }
            found.insert(id);
        }
        Ok(found)
    }

    /// The places of boards and projects in which somebody takes part, about so many.
    async fn boards_of(&self, account: AccountId, user: UserId, most: usize) -> Result<BTreeSet<String>, StoreError> {
        let (mut places, holdings) =
            tokio::try_join!(self.board_rows(account, user, most), self.holdings(account, user))?;
        // Nearly no guest owns any; what is on its way to him is counted already.
        for kind in [Kind::Board, Kind::Project].into_iter().filter(|kind| holdings.held.of(*kind) > 0) {
            let motions = self.motions(account).await?;
            let (left, own) = sources(account, &motions, Which { owner: Some(user), kind: Some(kind), state: None });
            // One after the other, so that what is moved meanwhile is found in either. What others pass on is no reason to
            // read less of his own.
            for group in [left, own] {
                let rows = self.merged(&[&group], &keys::resource_places(Some(kind), None), most).await?;
                let shown = rows.into_iter().map(|row| shown_among(row, |id| motions.get(&id)));
                places.extend(shown.filter(|row| row.owner_id == Some(user)).map(|row| row.place()));
            }
        }
        Ok(places)
    }

    async fn board_rows(&self, account: AccountId, user: UserId, most: usize) -> Result<BTreeSet<String>, StoreError> {
        let answer = self
            .client
            .query()
            .table_name(&self.table)
            .key_condition_expression("pk = :boards")
            .expression_attribute_values(":boards", AttributeValue::S(keys::boards(account, user)))
            .consistent_read(true)
            .limit(i32::try_from(most).unwrap_or(i32::MAX))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::of(&error))?;
        self.meter.read(answer.consumed_capacity());
        let place = |mut row: Item| row.remove("sk")?.as_s().ok().cloned();
        Ok(answer.items.unwrap_or_default().into_iter().filter_map(place).collect())
    }
}
