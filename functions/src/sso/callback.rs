//! `GET /v1/sso/{provider}/callback`

use domain::change::{Change, Record};
use domain::claim::ClaimKind;
use domain::id::AccountId;
use domain::identity::{Flow, Identity, Provider};
use domain::locale::Locale;
use domain::plan::Model;
use domain::rules::confirm_sign_in::confirm_sign_in;
use domain::rules::sign_in::{admits, enter as enter_account, sign_in};
use domain::secret::{Secret, SecretDigest};
use domain::token::{Grant, Purpose, within};
use domain::{Refusal, Stamp};
use edge::answer::Then;
use edge::input::Nothing;
use edge::views::{OpenedSession, SignedIn, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sso::SsoError;

use crate::gate::Gate;
use crate::holders::{self, Holder, Person};
use crate::pages::frame::Frame;
use crate::pages::signed_in;
use crate::sso::{ProviderPath, bound, configured, redirect_uri, same_browser};

/// Ends a sign-in at Google or Microsoft: the browser comes back with a code.
#[derive(Debug)]
pub struct Callback;

/// What the provider sends along. It may add what it likes.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Query {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
}

/// Who came back, once the provider has vouched for him: the code is spent by then, and the rest may be decided anew.
#[derive(Debug, Serialize, Deserialize)]
struct Arrived {
    identity: Identity,
    address: Option<String>,
    account_id: Option<AccountId>,
    confirms: Option<SecretDigest>,
    locale: Option<Locale>,
}

impl Endpoint for Callback {
    const NAME: &'static str = "sso_callback";
    type Path = ProviderPath;
    type Query = Query;
    type Body = Nothing;
    type Answer = SignedIn;

    async fn decide(
        context: &Context,
        input: &Input<ProviderPath, Query, Nothing>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let arrived: Option<Arrived> = match &input.carried {
            None => None,
            Some(arrived) => {
                Some(serde_json::from_value(arrived.clone()).map_err(|error| Problem::internal(error.to_string()))?)
            }
        };
        let decided = match &arrived {
            None => Box::pin(arrive(context, input.path.provider, &input.query, stamp)).await,
            Some(arrived) => Box::pin(enter(context, arrived, stamp)).await,
        };
        match decided {
            // What helps to try again later is said with a status that says so.
            Err(problem) if context.wants_page && problem.status < 429 => {
                let reader = match arrived {
                    Some(arrived) => arrived.locale,
                    None => flow_of(context, &input.query).await?.and_then(|(_, flow)| flow.locale),
                };
                Ok(Decision::read(signed_in::failed(frame(context, reader), problem.code.code)?))
            }
            decided => decided,
        }
    }
}

/// Asks the provider who it is, and ends the flow: nobody comes back twice.
async fn arrive(context: &Context, provider: Provider, query: &Query, stamp: &mut Stamp) -> Result<Decision, Problem> {
    let config = configured(context, provider)?;
    let gate = Gate::of_source(context, stamp.now).await?;
    let good = |(_, flow): &(Secret, Flow)| {
        flow.provider == provider && within(stamp.now, flow.expires_at) && same_browser(context, &flow.browser)
    };
    let found = flow_of(context, query).await?.filter(good);
    let (Some((state, flow)), Some(code)) = (found, &query.code) else {
        return Err(gate.failed(Refusal::SsoFailed).await);
    };
    let (flow_secrets, redirect_uri) = (bound(context, &state), redirect_uri(context, provider));
    let vouched = match sso::identity(&context.web, config, &redirect_uri, &flow_secrets, code, stamp.now).await {
        Ok(vouched) => vouched,
        Err(SsoError::Unreachable(cause)) => return Err(Problem::unavailable(cause)),
        Err(SsoError::Refused(cause)) => {
            tracing::warn!(provider = provider.name(), cause, "a provider's answer proves nobody");
            return Err(gate.failed(Refusal::SsoFailed).await);
        }
    };
    let arrived = Arrived {
        identity: Identity { provider, issuer: vouched.issuer, subject: vouched.subject },
        address: vouched.email,
        account_id: flow.account_id,
        confirms: flow.confirms.clone(),
        locale: flow.locale,
    };
    let mut change = Change::new(AccountId::from_bits(0), Model::Unlimited);
    change.remove(Record::Flow(flow));
    let carried = serde_json::to_value(&arrived).map_err(|error| Problem::internal(error.to_string()))?;
    Ok(Decision { change: Some(change), then: Then::Continue(carried), refusals: Vec::new() })
}

/// The flow that the provider's answer belongs to, with the state that it is found by.
async fn flow_of(context: &Context, query: &Query) -> Result<Option<(Secret, Flow)>, Problem> {
    let Some(state) = query.state.as_deref().and_then(Secret::presented) else { return Ok(None) };
    let flow = context.store.flow(&state.digest()).await?;
    Ok(flow.map(|flow| (state, flow)))
}

/// Signs in whoever the identity is, and binds it first where a mailed link asked for that. A browser that wants a page gets
/// no session.
async fn enter(context: &Context, arrived: &Arrived, stamp: &mut Stamp) -> Result<Decision, Problem> {
    let (holder, token) = match &arrived.confirms {
        None => (known(context, arrived).await?, None),
        Some(digest) => {
            let token = context.store.token(Purpose::ConfirmSignIn, digest).await?.ok_or(Refusal::LinkExpired)?;
            let Grant::ConfirmSignIn { user_id, .. } = token.grants else { return Err(Problem::not_found()) };
            ((token.account_id, user_id), Some(token))
        }
    };
    let gone = if token.is_some() { Refusal::LinkExpired } else { Refusal::IdentityUnknown };
    let Person { account, user, credential } = holders::person(context, holder).await?.ok_or(gone)?;
    admits(&account, &user, arrived.identity.provider.sign_in())?;
    let mut change = Change::new(account.id, account.subscription.model);
    let now = match &token {
        None => user.clone(),
        Some(token) => {
            let said = (&arrived.identity, arrived.address.as_deref());
            confirm_sign_in(&account, &user, &credential, token, said, &mut change, stamp)?
        }
    };
    let counts = context.store.counts(account.id).await?;
    // A page cannot hand a session over to anybody: there is none for it.
    if context.wants_page {
        stamp.origin.actor = Some(user.id);
        let now = enter_account(&account, &counts, (&user, now), &mut change, stamp)?;
        let (provider, frame) = (arrived.identity.provider.label(), frame(context, Some(now.locale)));
        let page = signed_in::done(frame, provider, &now.name, &account.name, arrived.confirms.is_some())?;
        return Ok(Decision::write(change, page));
    }
    let (user, session, token, change) =
        sign_in(&account, &counts, (&user, now), context.user_agent.as_deref(), change, stamp)?;
    let session = OpenedSession::of(&session, &token, &account.policy);
    let reply = Reply::json(&SignedIn { session, user: UserView::of(&user, &context.config.app_url, stamp.now) })?;
    Ok(Decision::write(change, reply))
}

/// The one user who has confirmed this identity.
async fn known(context: &Context, arrived: &Arrived) -> Result<Holder, Problem> {
    let handle = arrived.identity.handle();
    let found = match arrived.account_id {
        Some(account) => {
            let user = context.store.claimant(ClaimKind::Identity, account, &handle).await?;
            user.map(|user| (account, user)).into_iter().collect()
        }
        None => context.store.holders(ClaimKind::Identity, &handle).await?,
    };
    match found.as_slice() {
        [] => Err(Refusal::IdentityUnknown.into()),
        [one] => Ok(*one),
        _ => Err(Refusal::AccountRequired.into()),
    }
}

fn frame(context: &Context, reader: Option<Locale>) -> Frame {
    let asked = || context.accept_language.as_deref().and_then(Locale::accepted);
    Frame::once(reader.or_else(asked).unwrap_or_default())
}
