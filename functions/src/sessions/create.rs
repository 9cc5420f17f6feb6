//! `POST /v1/sessions`

use domain::id::{AccountId, UserId};
use domain::password::Password;
use domain::rules::sign_in::sign_in;
use domain::text::fold;
use domain::user::User;
use domain::{Refusal, Stamp};
use edge::views::{OpenedSession, SignedIn, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use store::read::MAX_HOLDERS;

use crate::load::NoQuery;

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
    /// The second factor, where one is set up.
    #[allow(dead_code, reason = "no user has a second factor yet")]
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
        let user = proven(context, body).await?;
        let account = context.store.account(user.account_id).await?.ok_or(Refusal::InvalidCredentials)?;
        let (user, session, token, change) = sign_in(&account, &user, context.user_agent.as_deref(), stamp)?;
        let reply = Reply::json(&SignedIn {
            session: OpenedSession::of(&session, &token, &account.policy),
            user: UserView::from(&user),
        })?;
        Ok(Decision::write(change, reply))
    }
}

/// The one user whose login and password these are. Nobody is as much work as somebody.
async fn proven(context: &Context, body: &Body) -> Result<User, Problem> {
    let password = Password::presented(&body.password);
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
            right.extend(user);
        }
    }
    match right.len() {
        0 if too_many => Err(Refusal::AccountRequired.into()),
        0 => Err(Refusal::InvalidCredentials.into()),
        1 => Ok(right.remove(0)),
        _ => Err(Refusal::AccountRequired.into()),
    }
}

async fn candidates(context: &Context, body: &Body) -> Result<Vec<(AccountId, UserId)>, Problem> {
    let handle: String = fold(&body.login).chars().take(400).collect();
    let nobody = (AccountId::from_bits(0), UserId::from_bits(0));
    let found = match &body.account {
        None => context.store.holders(&handle).await?,
        Some(slug) => {
            let slug: String = fold(slug).chars().take(100).collect();
            let account = context.store.account_id_of(&slug).await?.unwrap_or(nobody.0);
            let holder = context.store.holder(account, &handle).await?;
            holder.map(|user| (account, user)).into_iter().collect()
        }
    };
    Ok(if found.is_empty() { vec![nobody] } else { found })
}
