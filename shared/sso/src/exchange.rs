//! The two things that are asked of a provider: a code, by way of the browser, and the tokens for it.

use http::{Request, Response, StatusCode};
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
};
use openidconnect::{
    AuthType, AuthUrl, AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    IssuerUrl, JsonWebKeySet, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    Scope, StandardErrorResponse, TokenUrl,
};
use platform::web::Web;

use crate::claims::{Extra, Tokens};
use crate::discovery::Discovered;
use crate::{Flow, SsoError};

/// How long a verifier of PKCE may be (RFC 7636, section 4.1).
const VERIFIER: std::ops::RangeInclusive<usize> = 43..=128;

type Registered = Client<
    Extra,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

pub(crate) fn authorization_url(
    provider: &Discovered<'_>,
    redirect_uri: &str,
    flow: &Flow,
    login_hint: Option<&str>,
) -> Result<String, SsoError> {
    let client = client(provider, redirect_uri)?;
    let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
    let request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, || state, || nonce)
        .add_scope(Scope::new("email".to_owned()))
        .add_scope(Scope::new("profile".to_owned()))
        .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier(flow)?));
    let request = match login_hint {
        Some(hint) => request.set_login_hint(LoginHint::new(hint.to_owned())),
        None => request,
    };
    Ok(request.url().0.into())
}

pub(crate) async fn tokens(
    web: &Web,
    provider: &Discovered<'_>,
    redirect_uri: &str,
    flow: &Flow,
    code: &str,
) -> Result<Tokens, SsoError> {
    let client = client(provider, redirect_uri)?;
    let request = client.exchange_code(AuthorizationCode::new(code.to_owned())).set_pkce_verifier(verifier(flow)?);
    let answer = request.request_async(&|request| ask(web.clone(), request)).await;
    // What could not be read may hold a token: the texts say no more than that.
    answer.map_err(|error| match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(answer) => {
            SsoError::Refused(format!("no token: {}", answer.error().as_ref()))
        }
        RequestTokenError::Parse(..) => SsoError::Refused("the tokens cannot be read".to_owned()),
        RequestTokenError::Other(text) => SsoError::Refused(text),
    })
}

async fn ask(web: Web, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, SsoError> {
    let answer = web.call(request).await.map_err(|error| SsoError::Unreachable(error.to_string()))?;
    // These tell of the provider's troubles, not of the code.
    if answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS {
        return Err(SsoError::Unreachable(format!("the token endpoint answered {}", answer.status())));
    }
    Ok(answer)
}

fn client(provider: &Discovered<'_>, redirect_uri: &str) -> Result<Registered, SsoError> {
    let config = provider.config;
    let wrong = |error: openidconnect::url::ParseError| SsoError::Unreachable(format!("an address is none: {error}"));
    // The keys stay out of it: the token is verified beside the client, against the tenant's issuer.
    let client = Client::new(
        ClientId::new(config.client_id.clone()),
        IssuerUrl::new(config.issuer.clone()).map_err(wrong)?,
        JsonWebKeySet::default(),
    );
    Ok(client
        .set_client_secret(ClientSecret::new(config.client_secret.clone()))
        .set_auth_type(if provider.secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth })
        .set_redirect_uri(RedirectUrl::new(redirect_uri.to_owned()).map_err(wrong)?)
        .set_auth_uri(AuthUrl::new(provider.authorization_endpoint.clone()).map_err(wrong)?)
        .set_token_uri(TokenUrl::new(provider.token_endpoint.clone()).map_err(wrong)?))
}

fn verifier(flow: &Flow) -> Result<PkceCodeVerifier, SsoError> {
    // Any other length is the caller's mistake, which the library would answer with a panic.
    if !VERIFIER.contains(&flow.verifier.len()) {
        return Err(SsoError::Refused("the verifier must have 43 to 128 characters".to_owned()));
    }
    Ok(PkceCodeVerifier::new(flow.verifier.clone()))
}
