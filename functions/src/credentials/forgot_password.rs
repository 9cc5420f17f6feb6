//! `POST /v1/password/forgot`

use domain::Stamp;
use domain::claim::ClaimKind;
use domain::id::{AccountId, UserId};
use domain::rules::forgot_password::forgot_password;
use domain::text::Email;
use edge::input::{Checks, Nothing};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::Deserialize;
use store::read::MAX_HOLDERS;

use crate::gate::Gate;
use crate::load::{self, NoQuery};

/// Mails a link to choose a new password, to the address that is kept (R9). The answer is the same for everybody.
#[derive(Debug)]
pub struct Forgot;

/// Who forgot: one address.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The account's slug; without it every account of that address gets a link of its own.
    account: Option<String>,
    email: String,
}

impl Endpoint for Forgot {
    const NAME: &'static str = "password_forgot";
    type Path = NoQuery;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Nothing;

    async fn decide(
        context: &Context,
        input: &Input<NoQuery, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let mut checks = Checks::default();
        let email = checks.email("email", &input.body.email);
        checks.done()?;
        let Some(email) = email else { return Err(Problem::invalid(Vec::new())) };
        let slug = input.body.account.as_deref().unwrap_or_default();
        Gate::of_mail(context, &["password", slug, email.as_str()], stamp.now).await?;
        let mut change = None;
        for (account, user) in holders(context, input.body.account.as_deref(), &email).await? {
            let found = tokio::try_join!(
                context.store.account(account),
                context.store.user(account, user),
                context.store.credential(account, user)
            )?;
            let found = match &found {
                (Some(account), Some(user), Some(credential)) => Some((account, user, credential)),
                _ => None,
            };
            let one = forgot_password(found, stamp);
            match &mut change {
                None => change = Some(one),
                Some(change) => change.join(one),
            }
        }
        Ok(Decision { change, ..Decision::read(Reply::empty()) })
    }
}

/// Whose address it is; somebody who does not exist where it is nobody's.
async fn holders(context: &Context, slug: Option<&str>, email: &Email) -> Result<Vec<(AccountId, UserId)>, Problem> {
    let nobody = (AccountId::from_bits(0), UserId::from_bits(0));
    let handle = email.folded();
    let mut found = match slug {
        None => context.store.holders(ClaimKind::Handle, &handle).await?,
        Some(slug) => {
            let account = load::account_of_slug(context, slug).await?.unwrap_or(nobody.0);
            context.store.holder(account, &handle).await?.map(|user| (account, user)).into_iter().collect()
        }
    };
    found.truncate(MAX_HOLDERS);
    Ok(if found.is_empty() { vec![nobody] } else { found })
}
