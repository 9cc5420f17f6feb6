//! Whether a token proves somebody, and whom.

use chrono::TimeDelta;
use domain::Instant;
use domain::identity::Provider;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreTokenType,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, ClaimsVerificationError, ClientId, EmptyExtraTokenFields, IdToken,
    IdTokenClaims, IdTokenFields, IdTokenVerifier, IssuerUrl, JsonWebKey as _, Nonce, OAuth2TokenResponse as _,
    StandardTokenResponse, TokenResponse as _,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::discovery::{Discovered, Keys, for_tenant};
use crate::{Flow, Identity, SsoError};

/// How far the provider's clock and this one may be apart.
const SKEW: TimeDelta = TimeDelta::seconds(60);

/// Microsoft's claims beside the standard's.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Extra {
    /// The tenant.
    tid: Option<String>,
    /// The person, the same to every application.
    oid: Option<String>,
    /// Whether the address belongs to a domain that the tenant has proved its own.
    xms_edov: Option<Value>,
}

impl AdditionalClaims for Extra {}

type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<
    Extra,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What a provider gives for a code.
pub(crate) type Tokens = StandardTokenResponse<Fields, CoreTokenType>;

pub(crate) fn identity(
    provider: &Discovered<'_>,
    keys: &Keys,
    tokens: &Tokens,
    flow: &Flow,
    now: Instant,
) -> Result<Identity, SsoError> {
    let token = tokens.id_token().ok_or_else(|| refused("there is no id token"))?;
    let verifier = verifier(provider, keys, now)?;
    let nonce = Nonce::new(flow.nonce.clone());
    let claims = token.claims(&verifier, &nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(error) => refused(&error.to_string()),
        error => refused(&error.to_string()),
    })?;
    check_issuer(provider, keys, token, &verifier, claims)?;
    check_party(provider, claims)?;
    check_access_token(tokens, token, &verifier, claims)?;
    let subject = subject(provider, claims)?;
    Ok(Identity {
        issuer: claims.issuer().to_string(),
        subject,
        email: claims.email().map(|email| email.to_string()),
        email_verified: claims.email().is_some() && vouches(provider, claims),
        name: claims.name().and_then(|name| name.get(None)).map(|name| name.to_string()),
    })
}

/// Checks signature, audience, times and nonce, and the issuer where there is only one. As a public client's it knows no
/// secret, and so no HMAC that anybody who has the secret could make.
fn verifier<'a>(
    provider: &Discovered<'_>,
    keys: &Keys,
    now: Instant,
) -> Result<IdTokenVerifier<'a, CoreJsonWebKey>, SsoError> {
    let config = provider.config;
    let issuer = IssuerUrl::new(config.issuer.clone()).map_err(|error| SsoError::Unreachable(error.to_string()))?;
    let verifier =
        IdTokenVerifier::new_public_client(ClientId::new(config.client_id.clone()), issuer, keys.set.clone());
    Ok(verifier
        .set_allowed_algs([CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, CoreJwsSigningAlgorithm::EcdsaP256Sha256])
        .require_issuer_match(!provider.has_many_tenants())
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |issued| {
            if issued <= now + SKEW { Ok(()) } else { Err(format!("the token is of the future: {issued}")) }
        }))
}

/// The issuer must be the one of the token's tenant, and the key one that signs for it.
fn check_issuer(
    provider: &Discovered<'_>,
    keys: &Keys,
    token: &Token,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
    claims: &IdTokenClaims<Extra, CoreGenderClaim>,
) -> Result<(), SsoError> {
    let tenant = claims.additional_claims().tid.as_deref();
    let issuer = claims.issuer().as_str();
    if provider.issuer(tenant).as_deref() != Some(issuer) {
        return Err(refused(&format!("the issuer {issuer} is not that of the tenant")));
    }
    let key = token.signing_key(verifier).map_err(|error| refused(&error.to_string()))?;
    let signs_for = key.key_id().and_then(|id| keys.issuers.get(id.as_str()));
    match signs_for {
        Some(template) if for_tenant(template, tenant.unwrap_or_default()) != issuer => {
            Err(refused(&format!("the key does not sign for {issuer}")))
        }
        _ => Ok(()),
    }
}

/// A token for several audiences is refused by the verifier; whom it was made for, if it says so, must be this service.
fn check_party(provider: &Discovered<'_>, claims: &IdTokenClaims<Extra, CoreGenderClaim>) -> Result<(), SsoError> {
    match claims.authorized_party() {
        Some(party) if **party != provider.config.client_id => Err(refused("the token was made for somebody else")),
        _ => Ok(()),
    }
}

fn check_access_token(
    tokens: &Tokens,
    token: &Token,
    verifier: &IdTokenVerifier<'_, CoreJsonWebKey>,
    claims: &IdTokenClaims<Extra, CoreGenderClaim>,
) -> Result<(), SsoError> {
    let Some(expected) = claims.access_token_hash() else { return Ok(()) };
    let algorithm = token.signing_alg().map_err(|error| refused(&error.to_string()))?;
    let key = token.signing_key(verifier).map_err(|error| refused(&error.to_string()))?;
    let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
        .map_err(|error| refused(&error.to_string()))?;
    if actual == *expected { Ok(()) } else { Err(refused("the token goes with another access token")) }
}

fn subject(provider: &Discovered<'_>, claims: &IdTokenClaims<Extra, CoreGenderClaim>) -> Result<String, SsoError> {
    let sub = claims.subject().as_str();
    let extra = claims.additional_claims();
    match (provider.config.kind, &extra.tid, &extra.oid) {
        // Microsoft's `sub` is another one for each application that is registered: it would not outlive the registration.
        (Provider::Microsoft, Some(tid), Some(oid)) if !tid.is_empty() && !oid.is_empty() => Ok(format!("{tid}:{oid}")),
        (Provider::Microsoft, ..) if provider.has_many_tenants() => Err(refused("the token names no tenant or nobody")),
        _ if sub.is_empty() => Err(refused("the token names nobody")),
        _ => Ok(sub.to_owned()),
    }
}

fn vouches(provider: &Discovered<'_>, claims: &IdTokenClaims<Extra, CoreGenderClaim>) -> bool {
    match provider.config.kind {
        Provider::Google => claims.email_verified() == Some(true),
        Provider::Microsoft => claims.additional_claims().xms_edov == Some(Value::Bool(true)),
    }
}

fn refused(text: &str) -> SsoError {
    SsoError::Refused(text.to_owned())
}
