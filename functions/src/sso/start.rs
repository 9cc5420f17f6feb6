//! `POST /v1/sso/{provider}/start`

use domain::change::{Change, Record};
use domain::id::AccountId;
use domain::identity::{FLOW_MINUTES, Flow};
use domain::locale::Locale;
use domain::plan::Model;
use domain::rules::confirm_sign_in::confirmable;
use domain::secret::{Secret, SecretDigest};
use domain::text::Email;
use domain::token::{Grant, Purpose};
use domain::{Instant, Refusal, Stamp};
use edge::{Context, Decision, Endpoint, Input, Problem, Reply};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::gate::{self, Gate};
use crate::load::{self, NoQuery};
use crate::sso::{COOKIE, ProviderPath, bound, browser, configured, redirect_uri};

/// Begins a sign-in at Google or Microsoft: the browser goes on to the URL of the answer. The answer sets a cookie; no
/// other browser can end the sign-in.
#[derive(Debug)]
pub struct Start;

/// Where to sign in to.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// The account's slug; needed only by whoever signs in to several.
    account: Option<String>,
    /// The token of the mail `sso_confirmation`: binds the identity to its user.
    token: Option<String>,
}

/// Where the browser goes next.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Started {
    authorization_url: String,
    /// Until when it can come back.
    expires_at: Instant,
}

impl Endpoint for Start {
    const NAME: &'static str = "sso_start";
    type Path = ProviderPath;
    type Query = NoQuery;
    type Body = Body;
    type Answer = Started;

    async fn decide(
        context: &Context,
        input: &Input<ProviderPath, NoQuery, Body>,
        stamp: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let provider = input.path.provider;
        let config = configured(context, provider)?;
        let (confirms, hint, locale) = match &input.body.token {
            Some(token) => {
                let (digest, email, locale) = confirmation(context, input, token, stamp).await?;
                (Some(digest), Some(email), Some(locale))
            }
            None => (None, None, None),
        };
        let account_id = match &input.body.account {
            // Whether there is such an account is not told.
            Some(slug) => Some(load::account_of_slug(context, slug).await?.unwrap_or_else(|| AccountId::from_bits(0))),
            None => None,
        };
        let state = stamp.secret();
        let browser = browser(context).unwrap_or_else(|| stamp.secret());
        let hint = hint.as_ref().map(Email::as_str);
        let redirect_uri = redirect_uri(context, provider);
        let authorization_url =
            sso::authorization_url(&context.web, config, &redirect_uri, &bound(context, &state), hint)
                .await
                .map_err(|error| Problem::unavailable(error.to_string()))?;
        let expires_at = Flow::end(stamp.now);
        let mut change = Change::new(AccountId::from_bits(0), Model::Unlimited);
        let flow = Flow {
            digest: state.digest(),
            provider,
            browser: browser.digest(),
            account_id,
            confirms,
            locale,
            expires_at,
        };
        change.create(Record::Flow(flow));
        let reply = Reply::json(&Started { authorization_url, expires_at })?;
        Ok(Decision::write(change, reply.with_cookie(cookie(context, &browser))))
    }
}

/// The token of a confirmation that is good, by its digest, the address that the provider may suggest, and whose language.
async fn confirmation(
    context: &Context,
    input: &Input<ProviderPath, NoQuery, Body>,
    presented: &str,
    stamp: &Stamp,
) -> Result<(SecretDigest, Email, Locale), Problem> {
    let gate = Gate::of_source(context, stamp.now).await?;
    let token = gate::counted(&gate, load::token(context, Purpose::ConfirmSignIn, presented).await).await?;
    let Grant::ConfirmSignIn { user_id, email, .. } = &token.grants else { return Err(Problem::not_found()) };
    let (user, credential) = tokio::try_join!(
        context.store.user(token.account_id, *user_id),
        context.store.credential(token.account_id, *user_id)
    )?;
    let (Some(user), Some(credential)) = (user, credential) else { return Err(Refusal::LinkExpired.into()) };
    if confirmable(&user, &credential, &token, stamp)? != input.path.provider {
        return Err(Refusal::SignInMethodNotAllowed.into());
    }
    Ok((token.digest.clone(), email.clone(), user.locale))
}

/// `Lax`, since the provider sends the browser back from another site.
fn cookie(context: &Context, browser: &Secret) -> String {
    let secure = if context.config.app_url.starts_with("https://") { "; Secure" } else { "" };
    let (value, age) = (browser.reveal(), FLOW_MINUTES * 60);
    format!("{COOKIE}={value}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}
