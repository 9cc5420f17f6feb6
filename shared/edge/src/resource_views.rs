//! What clients see of resources, and of a user who holds some.

use std::collections::BTreeMap;

use domain::Instant;
use domain::holdings::Holdings;
use domain::id::UserId;
use domain::resource::{Kind, Resource, ResourceId, State, Visibility};
use domain::user::User;
use schemars::JsonSchema;
use serde::Serialize;

use crate::views::UserView;

/// A resource of the host product.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Resource")]
#[allow(missing_docs, reason = "as in domain::resource")]
pub struct ResourceView {
    pub kind: Kind,
    pub id: ResourceId,
    pub name: String,
    pub owner_id: Option<UserId>,
    pub co_owner_ids: Vec<UserId>,
    pub participant_ids: Vec<UserId>,
    pub visibility: Visibility,
    pub state: State,
    pub version: u64,
}

impl From<&Resource> for ResourceView {
    fn from(resource: &Resource) -> Self {
        let resource = resource.clone();
        Self {
            kind: resource.kind,
            id: resource.id,
            name: resource.name,
            owner_id: resource.owner_id,
            co_owner_ids: resource.co_owner_ids,
            participant_ids: resource.participant_ids,
            visibility: resource.visibility,
            state: resource.state,
            version: resource.version,
        }
    }
}

/// How far resources have come that are on their way. Readers see each where it is going to be already.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct ResourcesInMotion {
    /// How many are written.
    pub done: i64,
    /// Of how many.
    pub total: i64,
}

/// A user, and what is on its way from him.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct UserDetail {
    /// The user.
    #[serde(flatten)]
    pub user: UserView,
    /// Null when nothing is on its way.
    pub resources_in_motion: Option<ResourcesInMotion>,
}

impl UserDetail {
    /// What is seen of a user who holds this, at a moment.
    pub fn of(user: &User, holdings: &Holdings, app_url: &str, now: Instant) -> Self {
        let motion = holdings.motion.as_ref();
        Self {
            user: UserView::of(user, app_url, now),
            resources_in_motion: motion.map(|motion| ResourcesInMotion { done: motion.done, total: motion.total }),
        }
    }

    /// What another user sees of it.
    #[must_use]
    pub fn to(self, viewer: &User) -> Self {
        Self { user: self.user.to(viewer), ..self }
    }
}

/// The resources of one kind that a user owns.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HeldOfKind {
    /// How many.
    pub count: i64,
    /// The first 50, by id.
    pub items: Vec<ResourceView>,
}

/// What a deactivation would touch (R11).
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Impact {
    /// By kind; kinds without any are left out.
    pub resources: BTreeMap<Kind, HeldOfKind>,
    /// Devices that are signed in; 200 stands for that many or more.
    pub sessions: usize,
    /// Licenses that would be free.
    pub licenses: u32,
}

/// A resource that would be written, in a dry run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ResourceEffect {
    /// What it is.
    pub kind: Kind,
    /// Its id.
    pub id: ResourceId,
    /// What it is now; null when it is new.
    pub before: Option<Ownership>,
    /// What it would be; null when it would be forgotten.
    pub after: Option<Ownership>,
}

/// Whose a resource is, and whether it goes on.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Ownership {
    /// Whose.
    pub owner_id: Option<UserId>,
    /// Whether it goes on.
    pub state: State,
}

impl ResourceEffect {
    /// What becomes of a resource; none when there is none.
    pub(crate) fn of((before, after): (Option<&Resource>, Option<&Resource>)) -> Option<Self> {
        let ownership = |resource: &Resource| Ownership { owner_id: resource.owner_id, state: resource.state };
        let any = after.or(before)?;
        Some(Self { kind: any.kind, id: any.id.clone(), before: before.map(ownership), after: after.map(ownership) })
    }
}
