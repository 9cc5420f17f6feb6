//! `POST /v1/sessions`

use domain::change::{Change, Record};
use domain::password::{Password, PasswordHash};
use domain::policy::SignIn;
use domain::rules::sign_in::{admits, sign_in};
use domain::rules::two_factor::recovery_code_used;
use domain::user::{Credential, User};
use domain::{Refusal, Stamp};
use edge::views::{OpenedSession, SignedIn, UserView};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::gate::Gate;
use crate::holders::{self, Holder};
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
        let holders = holders::of_login(context, body.account.as_deref(), &body.login).await?;
        let gate = Gate::of_login(context, &holders, &body.login, stamp.now).await?;
        let password = Password::presented(&body.password);
        let mut right = proven(context, &holders, &password).await?;
        let Some((user, credential)) = right.pop() else {
            return Err(gate.failed(Refusal::InvalidCredentials).await);
        };
        let account = context.store.account(user.account_id).await?.ok_or(Refusal::InvalidCredentials)?;
        // What is told of a right password is told only if nobody failed on it meanwhile.
        let mut change = Change::new(account.id, account.subscription.model);
        if !right.is_empty() {
            gate.guard(&user, &mut change);
            for (other, _) in &right {
                gate.guard(other, &mut change);
            }
            return Ok(Decision::refuse(change, Refusal::AccountRequired));
        }
        gate.not_of_others((user.account_id, user.id)).await?;
        let refuse = |refusal: Refusal| {
            let mut guards = Change::new(account.id, account.subscription.model);
            gate.guard(&user, &mut guards);
            Ok(Decision::refuse(guards, refusal))
        };
        if let Err(refusal) = admits(&account, &user, SignIn::Password) {
            return refuse(refusal);
        }
        let mut kept = credential.clone();
        if let Some(factor) = &credential.second_factor {
            let Some(code) = &body.code else { return refuse(Refusal::SecondFactorRequired) };
            match second_factor::taken(context, &user, factor, code, stamp).await? {
                Some(taken) => {
                    change.audit.extend(recovery_code_used(&user, factor, &taken, stamp));
                    kept.second_factor = Some(taken);
                }
                None => return Err(gate.failed(Refusal::InvalidCode).await),
            }
        }
        if credential.password.as_ref().is_some_and(PasswordHash::is_outdated) {
            kept.password = Some(context.scratch.once("hash", || password.hash(stamp.bytes())));
        }
        if kept != credential {
            kept.version += 1;
            change.replace(Record::Credential(credential), Record::Credential(kept));
        }
        gate.passed(&user, &mut change);
        let counts = context.store.counts(account.id).await?;
        let users = (&user, user.clone());
        let signed_in = sign_in(&account, &counts, users, context.user_agent.as_deref(), change, stamp);
        let (user, session, token, change) = match signed_in {
            Ok(signed_in) => signed_in,
            Err(refusal) => return refuse(refusal),
        };
        let reply = Reply::json(&SignedIn {
            session: OpenedSession::of(&session, &token, &account.policy),
            user: UserView::of(&user, &context.config.app_url, stamp.now),
        })?;
        Ok(Decision::write(change, reply))
    }
}

/// Those whose password it is. Nobody is as much work as somebody, and a request that is decided anew works it out once.
async fn proven(
    context: &Context,
    holders: &[Holder],
    password: &Password,
) -> Result<Vec<(User, Credential)>, Problem> {
    let mut right = Vec::new();
    for (account, id) in holders {
        let (user, credential) =
            tokio::try_join!(context.store.user(*account, *id), context.store.credential(*account, *id))?;
        let epoch = credential.as_ref().map_or(0, |credential| credential.password_epoch);
        let kept = credential.as_ref().and_then(|credential| credential.password.as_ref());
        if context.scratch.once(&format!("password {account} {id} {epoch}"), || password.matches(kept)) {
            right.extend(user.zip(credential));
        }
    }
    Ok(right)
}
