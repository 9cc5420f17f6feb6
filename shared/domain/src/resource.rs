//! The host product's objects, as far as the administration of accounts has to do with them: who owns them, and whether
//! they go on.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::Instant;
use crate::id::{AccountId, UserId};

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $name:ident;)*) => {
        /// What a resource is to the host product.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "lowercase")]
        pub enum Kind {
            $($(#[$doc])* $variant,)*
        }

        impl Kind {
            /// Every kind, in the order of lists.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name)),* }
            }
        }

        /// How many resources of each kind.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        #[allow(missing_docs, reason = "a number for each kind")]
        pub struct Held {
            $(pub $name: i64,)*
        }

        impl Held {
            /// How many of a kind.
            pub const fn of(&self, kind: Kind) -> i64 {
                match kind { $(Kind::$variant => self.$name),* }
            }

            /// Counts so many more of a kind.
            pub const fn add(&mut self, kind: Kind, number: i64) {
                match kind { $(Kind::$variant => self.$name += number),* }
            }
        }
    };
}

kinds! {
    /// Works by itself in its owner's name.
    Automation = automation;
    /// A board.
    Board = board;
    /// A conversation.
    Chat = chat;
    /// Ties another product to this one in its owner's name.
    Integration = integration;
    /// A lead.
    Lead = lead;
    /// An order.
    Order = order;
    /// A project.
    Project = project;
    /// A cash register's session.
    Session = session;
    /// Where customers come from.
    Source = source;
    /// What starts something.
    Trigger = trigger;
    /// A workspace.
    Workspace = workspace;
}

impl Kind {
    /// Whether people take part in it beside its owners (B5).
    pub const fn has_participants(self) -> bool {
        matches!(self, Self::Board | Self::Project)
    }

    /// Whether it acts in its owner's name, so that it stops with him (W3).
    pub const fn acts_for_its_owner(self) -> bool {
        matches!(self, Self::Automation | Self::Integration)
    }
}

impl Held {
    /// How many in all.
    pub fn total(&self) -> i64 {
        Kind::ALL.iter().map(|kind| self.of(*kind)).sum()
    }

    /// The same numbers, added or (with `-1`) taken away.
    pub fn plus(mut self, other: &Self, sign: i64) -> Self {
        for kind in Kind::ALL {
            self.add(*kind, sign * other.of(*kind));
        }
        self
    }
}

/// Who sees a resource.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody in the account.
    #[default]
    Main,
    /// Whom it is shared with, from outside too.
    Shareable,
    /// Whom it is shared with.
    Private,
}

/// Whether a resource goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// It does.
    Active,
    /// It waits for an owner (L6).
    Unassigned,
    /// It stopped with its owner, until it is handed over (W3).
    Disabled,
    /// It closed with its only owner, until it is handed over (W4). Kept so, it says that its owner is gone: whether it is
    /// closed is its co-owners' matter ([`Resource::opened`]).
    Inaccessible,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Active, Self::Unassigned, Self::Disabled, Self::Inaccessible];

    /// The name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unassigned => "unassigned",
            Self::Disabled => "disabled",
            Self::Inaccessible => "inaccessible",
        }
    }
}

/// What the host product calls a resource: 1 to 128 characters, letters, digits and `. _ ~ : @ + = -`, a letter or digit
/// first. It is never an id of this service.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(transparent)]
pub struct ResourceId(String);

impl ResourceId {
    /// The id that a text is, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let safe = |byte: u8| byte.is_ascii_alphanumeric() || b"._~:@+=-".contains(&byte);
        let begins_well = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
        (begins_well && text.len() <= 128 && text.bytes().all(safe)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ResourceId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("not a resource's id"))
    }
}

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    /// The account.
    pub account_id: AccountId,
    /// What it is.
    pub kind: Kind,
    /// What the host product calls it.
    pub id: ResourceId,
    /// What people call it.
    pub name: String,
    /// Whose it is; none while it waits for an owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_id: Option<UserId>,
    /// Who owns it too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub co_owner_ids: Vec<UserId>,
    /// Who takes part beside the owners.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participant_ids: Vec<UserId>,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether it goes on.
    pub state: State,
    /// Under which number of its owner's [`crate::holdings::Holdings`] it was written: a motion moves what is older.
    pub epoch: u32,
    /// Counts the changes, from 1.
    pub version: u64,
}

impl Resource {
    /// How it is named in the audit and sorted in lists: kind and id.
    pub fn place(&self) -> String {
        format!("{}#{}", self.kind.name(), self.id.as_str())
    }

    /// The owners: first the owner, then those beside him.
    pub fn owners(&self) -> impl Iterator<Item = UserId> {
        self.owner_id.into_iter().chain(self.co_owner_ids.iter().copied())
    }

    /// Who takes part: the owners, then the others.
    pub fn participants(&self) -> impl Iterator<Item = UserId> {
        self.owners().chain(self.participant_ids.iter().copied())
    }

    /// Who could keep it open though its owner is gone.
    pub fn openers(&self) -> &[UserId] {
        if self.state == State::Inaccessible { &self.co_owner_ids } else { &[] }
    }

    /// The same as people see it: a board whose owner is gone is open while one of its co-owners is active (W4).
    #[must_use]
    pub fn opened(self, active: impl Fn(UserId) -> bool) -> Self {
        if self.openers().iter().any(|id| active(*id)) { Self { state: State::Active, ..self } } else { self }
    }

    /// Whether it goes on in the hands of an owner who is active or not, as if it had just come to him (W3, W4).
    pub fn state_under(kind: Kind, visibility: Visibility, active: bool) -> State {
        match kind {
            _ if active => State::Active,
            kind if kind.acts_for_its_owner() => State::Disabled,
            Kind::Board if visibility != Visibility::Main => State::Inaccessible,
            _ => State::Active,
        }
    }

    /// The same in somebody's hands, or waiting for an owner: what acts for its owner goes on with an active one, and
    /// stops without one (L6, W3).
    pub fn handed_to(&self, to: Option<(UserId, u32)>) -> Self {
        let (owner_id, epoch) = to.map_or((None, 0), |(id, epoch)| (Some(id), epoch));
        let state = match owner_id {
            Some(_) => State::Active,
            None if self.kind.acts_for_its_owner() => State::Disabled,
            None => State::Unassigned,
        };
        let co_owner_ids = self.co_owner_ids.iter().copied().filter(|id| Some(*id) != owner_id).collect();
        Self { owner_id, co_owner_ids, state, epoch, version: self.version + 1, ..self.clone() }
    }
}

/// What is kept for a while of a resource that was forgotten, so that one of the same name goes on counting its versions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The account.
    pub account_id: AccountId,
    /// What it was.
    pub kind: Kind,
    /// What the host product called it.
    pub id: ResourceId,
    /// The last version that it had.
    pub version: u64,
    /// When it was forgotten.
    pub forgotten_at: Instant,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_of_a_safe_set() {
        for good in ["1", "lead-17", "a.b_c~d:e@f+g=h", &"x".repeat(128), "usr_00000000000000000000000001"] {
            assert!(ResourceId::parse(good).is_some(), "{good}");
        }
        for bad in ["", ".", "..", "-a", "a/b", "a#b", "a b", "ä", "🦀", "a\u{0}", &"x".repeat(129)] {
            assert!(ResourceId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn kinds_sort_as_their_names_do() {
        assert!(Kind::ALL.windows(2).all(|pair| pair[0].name() < pair[1].name()));
        let mut held = Held::default();
        held.add(Kind::Lead, 3);
        held.add(Kind::Board, 1);
        assert_eq!((held.of(Kind::Lead), held.total(), held.plus(&held, -1).total()), (3, 4, 0));
    }
}
