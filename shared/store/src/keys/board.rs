//! Boards and projects by who co-owns them or takes part.

use domain::id::{AccountId, UserId};
use domain::resource::{Kind, Resource, ResourceId};

use super::{Key, resource_place};

/// A board or project that somebody co-owns or takes part in.
pub fn board(user: UserId, resource: &Resource) -> Key {
    Key::new(boards(resource.account_id, user), resource_place(resource))
}

/// The boards and projects that somebody co-owns or takes part in.
pub fn boards(account: AccountId, user: UserId) -> String {
    format!("A#{account}#BOARDS#{user}")
}

/// What stands at a place.
pub fn of_place(place: &str) -> Option<(Kind, ResourceId)> {
    let (kind, id) = place.split_once('#')?;
    Some((*Kind::ALL.iter().find(|it| it.name() == kind)?, ResourceId::parse(id)?))
}
