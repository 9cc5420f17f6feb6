//! `PUT /v1/resources/{kind}/{id}`

use domain::Stamp;
use domain::holdings::Taker;
use domain::id::UserId;
use domain::resource::{Kind, ResourceId, Visibility};
use domain::rules::reach::reaches;
use domain::rules::register::{Put, put};
use domain::user::User;
use edge::input::{Checks, nullable};
use edge::resource_views::ResourceView;
use edge::{Caller, Context, Decision, Endpoint, Input, Problem, Reply};
use futures::future::try_join_all;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::load::{self, NoQuery};
use crate::sight;

/// Registers a resource of the host product, or writes over it; the same twice changes nothing.
#[derive(Debug)]
pub struct PutResource;

/// Most co-owners.
const MOST_CO_OWNERS: usize = 20;

/// Which resource.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Path {
    kind: Kind,
    /// 1 to 128 letters, digits and `. _ ~ : @ + = -`, a letter or digit first.
    id: String,
}

/// All that is to be known of it: what is left out is as if it was never said.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::option_option, reason = "absent is not null")]
pub struct Body {
    /// 1 to 200 characters.
    name: String,
    /// An active user, or whoever owns it already; null where nobody does.
    #[serde(default, deserialize_with = "nullable")]
    #[schemars(with = "Option<UserId>", required)]
    owner_id: Option<Option<UserId>>,
    /// Up to 20 users: active, or owners already.
    #[serde(default)]
    co_owner_ids: Vec<UserId>,
    /// `main` unless given.
    #[serde(default)]
    visibility: Visibility,
}

impl Endpoint for PutResource {
    const NAME: &'static str = "resources_put";
    type Path = Path;
    type Query = NoQuery;
    type Body = Body;
    type Answer = ResourceView;

    async fn decide(
        context: &Context,
        input: &Input<Path, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let caller = context.caller()?;
        let (kind, body) = (input.path.kind, &input.body);
        let mut checks = Checks::default();
        let id = ResourceId::parse(&input.path.id);
        if id.is_none() {
            let detail = "This must be 1 to 128 letters, digits and . _ ~ : @ + = -, a letter or digit first.";
            checks.fault("id", "invalid_value", detail);
        }
        let name = checks.line("name", &body.name, 200);
        if body.co_owner_ids.len() > MOST_CO_OWNERS {
            checks.fault("co_owner_ids", "out_of_range", format!("There must be at most {MOST_CO_OWNERS}."));
        }
        if body.owner_id.is_none() {
            checks.fault("owner_id", "missing_field", "Say whose it is; null where it waits for an owner.");
        }
        checks.done()?;
        let owner_id = body.owner_id.flatten();
        let Some(id) = id else { return Err(Problem::not_found()) };
        let account = caller.account.id;
        let (found, owner, co_owners) = tokio::try_join!(
            async { Ok(context.store.resource(account, kind, &id).await?) },
            async {
                let Some(id) = owner_id else { return Ok(None) };
                let read = tokio::try_join!(context.store.user(account, id), context.store.holdings(account, id));
                Ok::<_, Problem>(Some(read?))
            },
            try_join_all(
                body.co_owner_ids
                    .iter()
                    .map(async |id| Ok::<_, Problem>((*id, context.store.user(account, *id).await?)))
            ),
        )?;
        if found.as_ref().is_some_and(|(seen, _)| !reaches(&caller.user, &seen.shown)) {
            return Err(Problem::not_found());
        }
        let (seen, holdings) = found.unzip();
        match &seen {
            Some(seen) => context.matches(seen.shown.version)?,
            None => context.matches(0)?,
        }
        let owners: Vec<UserId> = seen.iter().flat_map(|seen| seen.shown.owners()).collect();
        let (owner, held) = owner.unzip();
        let owner = known(context, caller, &owners, owner.flatten()).await?;
        let owner = owner.as_ref().zip(held.as_ref()).map(|(user, holdings)| Taker { user, holdings });
        let named = co_owners.into_iter();
        let named = named.map(async |(id, user)| Ok::<_, Problem>((id, known(context, caller, &owners, user).await?)));
        let co_owners = try_join_all(named).await?;
        let earlier = if seen.is_some() { None } else { context.store.trace(account, kind, &id).await? };
        let command = Put { kind, id, name, owner_id, owner, co_owners, visibility: body.visibility, earlier };
        let owned_by = holdings.flatten();
        let (now, change) = put(&caller.account, &caller.user, seen.as_ref(), owned_by.as_ref(), &command, stamp)?;
        let view = load::opened(context, now).await?;
        Ok(Decision::write(change, Reply::object(&view, view.version)?))
    }
}

/// A user, if the caller sees him (B2). Who owns the thing already is known to whoever reaches it.
async fn known(
    context: &Context,
    caller: &Caller,
    owners: &[UserId],
    user: Option<User>,
) -> Result<Option<User>, Problem> {
    let Some(user) = user else { return Ok(None) };
    let known = owners.contains(&user.id) || sight::is_seen(context, caller, &user).await?;
    Ok(known.then_some(user))
}
