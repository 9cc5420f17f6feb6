//! Where resources stand in the lists of an account.

use domain::resource::{Resource, State};

/// Where a resource stands in the lists of its account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shelf {
    /// With those of its state.
    Of(State),
    /// With those whose owner is gone and whose co-owners decide whether they are open: as people see them, in either state.
    Shared,
}

/// Every shelf.
pub const SHELVES: [Shelf; 5] = [
    Shelf::Of(State::Active),
    Shelf::Of(State::Disabled),
    Shelf::Of(State::Inaccessible),
    Shelf::Of(State::Unassigned),
    Shelf::Shared,
];

impl Shelf {
    /// The shelf of a resource.
    pub const fn of(resource: &Resource) -> Self {
        match resource.state {
            State::Inaccessible if !resource.co_owner_ids.is_empty() => Self::Shared,
            state => Self::Of(state),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Of(state) => state.name(),
            Self::Shared => "shared",
        }
    }
}
