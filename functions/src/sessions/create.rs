//! `POST /v1/sessions`

use domain::change::{Change, Record};
use domain::claim::ClaimKind;
use domain::id::{AccountId, UserId};
use domain::password::Password;
use domain::policy::SignIn;
use domain::rules::sign_in::{admits, sign_in};
use domain::text::fold;
use domain::user::{Credential, User};
use domain::{Refusal, Stamp};
use edge::views::{OpenedSession, SignedIn, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use store::read::MAX_HOLDERS;

use crate::gate::Gate;
use crate::load::NoQuery;
use crate::second_factor;

/// Signs in.
#[derive(Debug)]
pub struct Create;

/// Who wants in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The account's slug; needed only where the same pair opens several.
    account: Option<String>,
    /// A login or an address.
    login: String,
    password: String,
    /// The second factor, where one is set up: the app's code, or a recovery code.
    code: Option<String>,
}

impl Endpoint for Create {
    const NAME: &'static str = "sessions_create";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = SignedIn;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let body = &input.body;
        let gate = Gate::of_login(context, body.account.as_deref(), &body.login, stamp.now).await?;
        let password = Password::presented(&body.password);
        let (user, credential) = match proven(context, body, &password).await? {
            Ok(proven) => proven,
            Err(Unproven::Wrong(refusal)) => return Err(gate.failed(refusal).await),
            Err(Unproven::Several) => return Err(Refusal::AccountRequired.into()),
        };
        let account = context.store.account(user.account_id).await?.ok_or(Refusal::InvalidCredentials)?;
        admits(&account, &user, SignIn::Password)?;
        let mut kept = credential.clone();
        if let Some(factor) = &credential.second_factor {
            let code = body.code.as_deref().ok_or(Refusal::SecondFactorRequired)?;
            let secret = second_factor::unlock(context, &user, &factor.locked).await?;
            match factor.taken(&secret, code, stamp.now) {
                Some(taken) => kept.second_factor = Some(taken),
                None => return Err(gate.failed(Refusal::InvalidCode).await),
            }
        }
        if credential.password.as_ref().is_some_and(domain::password::PasswordHash::is_outdated) {
            kept.password = Some(password.hash(stamp.bytes()));
        }
        let mut change = Change::new(account.id, account.subscription.model);
        if kept != credential {
            kept.version += 1;
            change.replace(Record::Credential(credential), Record::Credential(kept));
        }
        gate.passed(&mut change);
        let counts = context.store.counts(account.id).await?;
        let (user, session, token, change) =
            sign_in(&account, &counts, (&user, user.clone()), context.user_agent.as_deref(), change, stamp)?;
        let reply = Reply::json(&SignedIn {
            session: OpenedSession::of(&session, &token, &account.policy),
            user: UserView::from(&user),
        })?;
        Ok(Decision::write(change, reply))
    }
}

/// Why nobody is proven.
enum Unproven {
    /// The password is nobody's.
    Wrong(Refusal),
    /// The pair is right in several accounts.
    Several,
}

/// The one user whose login and password these are. Nobody is as much work as somebody.
async fn proven(
    context: &Context,
    body: &Body,
    password: &Password,
) -> Result<Result<(User, Credential), Unproven>, Problem> {
    let mut right = Vec::new();
    let candidates = candidates(context, body).await?;
    // Anybody can open accounts under somebody's address. The oldest are tried; whoever comes after them is told to name
    // his account instead of being kept out.
    let too_many = candidates.len() > MAX_HOLDERS;
    for (account, id) in candidates.into_iter().take(MAX_HOLDERS) {
        let (user, credential) =
            tokio::try_join!(context.store.user(account, id), context.store.credential(account, id))?;
        let kept = credential.as_ref().and_then(|credential| credential.password.as_ref());
        if password.matches(kept) {
            right.extend(user.zip(credential));
        }
    }
    Ok(match right.len() {
        0 if too_many => Err(Unproven::Wrong(Refusal::AccountRequired)),
        0 => Err(Unproven::Wrong(Refusal::InvalidCredentials)),
        1 => Ok(right.remove(0)),
        _ => Err(Unproven::Several),
    })
}

async fn candidates(context: &Context, body: &Body) -> Result<Vec<(AccountId, UserId)>, Problem> {
    let handle: String = fold(&body.login).chars().take(400).collect();
    let nobody = (AccountId::from_bits(0), UserId::from_bits(0));
    let found = match &body.account {
        None => context.store.holders(ClaimKind::Handle, &handle).await?,
        Some(slug) => {
            let account = crate::load::account_of_slug(context, slug).await?.unwrap_or(nobody.0);
            let holder = context.store.holder(account, &handle).await?;
            holder.map(|user| (account, user)).into_iter().collect()
        }
    };
    Ok(if found.is_empty() { vec![nobody] } else { found })
}
