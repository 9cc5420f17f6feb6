//! `/token`: a code for a token, once, and only for who asked.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use bytes::Bytes;
use domain::Instant;
use domain::identity::Provider;
use http::{Request, Response, StatusCode, header};
use platform::config::ProviderConfig;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::authorize::Person;
use super::{LocalIdp, Misbehaviour, NoKey, answer, failure, key, secret};

/// How long a token counts, in seconds.
const TOKEN: i64 = 3600;

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    pub(super) kind: Provider,
    pub(super) person: Person,
    pub(super) redirect_uri: String,
    pub(super) nonce: String,
    pub(super) code_challenge: String,
    pub(super) ends_at: Instant,
}

#[derive(Default)]
struct Redeeming {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
    client: Option<(String, String)>,
}

impl LocalIdp {
    pub(super) fn redeem(&self, kind: Provider, request: &Request<Bytes>) -> Response<Bytes> {
        let redeeming = Redeeming::of(request);
        let provider = self.provider(kind);
        if redeeming.client != Some((provider.client_id.clone(), provider.client_secret.clone())) {
            return failure(StatusCode::UNAUTHORIZED, "invalid_client");
        }
        if redeeming.grant_type != "authorization_code" {
            return failure(StatusCode::BAD_REQUEST, "unsupported_grant_type");
        }
        // It is used up by the attempt, whatever comes of that.
        let grant = self.state().grants.remove(&redeeming.code);
        let Some(grant) = grant.filter(|grant| grant.kind == kind && redeeming.fits(grant, self.0.world.now())) else {
            return failure(StatusCode::BAD_REQUEST, "invalid_grant");
        };
        let access = secret(&self.0.world);
        match self.token(&grant, &access) {
            Ok(token) => answer(
                StatusCode::OK,
                &json!({
                    "access_token": access, "token_type": "Bearer", "expires_in": TOKEN, "scope": "openid email profile",
                    "id_token": token,
                }),
            ),
            Err(NoKey) => failure(StatusCode::INTERNAL_SERVER_ERROR, "server_error"),
        }
    }

    fn token(&self, grant: &Grant, access: &str) -> Result<String, NoKey> {
        let provider = self.provider(grant.kind);
        let (key, misbehaviour) = {
            let state = self.state();
            (state.key.clone(), state.misbehaviour)
        };
        let mut claims = claims(provider, grant, access, self.0.world.now().timestamp());
        match misbehaviour {
            Some(Misbehaviour::WrongNonce) => claims["nonce"] = json!("another"),
            Some(Misbehaviour::WrongAudience) => {
                claims["aud"] = json!("another");
                claims["azp"] = json!("another");
            }
            Some(Misbehaviour::WrongIssuer) => claims["iss"] = json!("https://idp.example"),
            Some(Misbehaviour::Expired) => {
                for name in ["iat", "exp"] {
                    claims[name] = json!(claims[name].as_i64().unwrap_or_default() - 2 * TOKEN);
                }
            }
            Some(Misbehaviour::NoEmail) => {
                if let Some(claims) = claims.as_object_mut() {
                    claims.retain(|name, _| !["email", "email_verified", "xms_edov"].contains(&name.as_str()));
                }
            }
            Some(Misbehaviour::Unsigned) => return Ok(key::unsigned(&claims)),
            Some(Misbehaviour::SignedByAnotherKey) => return key.impostor()?.sign(&claims),
            Some(Misbehaviour::HmacWithClientSecret) => return Ok(key::with_secret(&provider.client_secret, &claims)),
            Some(Misbehaviour::Unreachable) | None => {}
        }
        key.sign(&claims)
    }
}

impl Redeeming {
    fn of(request: &Request<Bytes>) -> Self {
        let mut redeeming = Self::default();
        let (mut id, mut secret) = (None, None);
        for (name, value) in form_urlencoded::parse(request.body()) {
            let value = value.into_owned();
            match name.as_ref() {
                "grant_type" => redeeming.grant_type = value,
                "code" => redeeming.code = value,
                "redirect_uri" => redeeming.redirect_uri = value,
                "code_verifier" => redeeming.code_verifier = value,
                "client_id" => id = Some(value),
                "client_secret" => secret = Some(value),
                _ => {}
            }
        }
        redeeming.client = basic(request).or_else(|| id.zip(secret));
        redeeming
    }

    fn fits(&self, grant: &Grant, now: Instant) -> bool {
        now < grant.ends_at
            && self.redirect_uri == grant.redirect_uri
            && (43..=128).contains(&self.code_verifier.len())
            && BASE64.encode(digest(&SHA256, self.code_verifier.as_bytes())) == grant.code_challenge
    }
}

/// The client's name and secret out of the header, each form-encoded (RFC 6749, section 2.3.1).
fn basic(request: &Request<Bytes>) -> Option<(String, String)> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let text = String::from_utf8(STANDARD.decode(value.strip_prefix("Basic ")?).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decoded = |text: &str| form_urlencoded::parse(text.as_bytes()).next().map(|(name, _)| name.into_owned());
    Some((decoded(id)?, decoded(secret)?))
}

fn claims(provider: &ProviderConfig, grant: &Grant, access: &str, now: i64) -> Value {
    let Person { email, verified, name } = &grant.person;
    let folded = email.to_lowercase();
    let access = digest(&SHA256, access.as_bytes());
    let half = access.as_ref().get(..16).unwrap_or_default();
    let mut claims = json!({
        "iss": provider.issuer, "aud": provider.client_id, "azp": provider.client_id,
        "iat": now, "exp": now + TOKEN, "nonce": grant.nonce, "at_hash": BASE64.encode(half), "email": email,
    });
    if !name.is_empty() {
        claims["name"] = json!(name);
    }
    match provider.kind {
        Provider::Google => {
            claims["sub"] = json!(stable("google", &folded));
            claims["email_verified"] = json!(verified);
        }
        Provider::Microsoft => {
            let domain = folded.rsplit('@').next().unwrap_or_default();
            claims["sub"] = json!(stable("microsoft for one application", &folded));
            claims["tid"] = json!(stable("tenant", domain));
            claims["oid"] = json!(stable("microsoft", &folded));
            claims["xms_edov"] = json!(verified);
        }
    }
    claims
}

/// A name for something, always the same, in the shape of a UUID.
fn stable(what: &str, text: &str) -> String {
    let hash = digest(&SHA256, format!("{what}\n{text}").as_bytes());
    let bits = u128::from_be_bytes(hash.as_ref().first_chunk().copied().unwrap_or_default());
    let part = |from: u32, bytes: u32| (bits >> from) & ((1 << (8 * bytes)) - 1);
    format!("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", part(96, 4), part(80, 2), part(64, 2), part(48, 2), part(0, 6))
}
