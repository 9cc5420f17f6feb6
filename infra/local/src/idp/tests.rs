use sso::{Flow, Identity, SsoError};

use super::*;

const APP: &str = "http://127.0.0.1:3000";

fn idp() -> (LocalIdp, World) {
    let world = World::default();
    (LocalIdp::new(APP, world.clone()).unwrap(), world)
}

fn flow(world: &World) -> Flow {
    Flow { state: secret(world), nonce: secret(world), verifier: secret(world) }
}

fn google(idp: &LocalIdp) -> ProviderConfig {
    idp.config().google.unwrap()
}

fn callback(provider: &ProviderConfig) -> String {
    format!("{APP}/v1/sso/{}/callback", name(provider.kind))
}

fn value(query: &str, name: &str) -> String {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn query(idp: &LocalIdp, provider: &ProviderConfig, flow: &Flow) -> String {
    let url = sso::authorization_url(&idp.web(), provider, &callback(provider), flow, Some("ada@example.com")).await;
    url.unwrap().split_once('?').unwrap().1.to_owned()
}

/// The code for Ada.
async fn code(idp: &LocalIdp, provider: &ProviderConfig, flow: &Flow) -> String {
    let back = idp.authorize_as(&query(idp, provider, flow).await, "Ada@example.com", true, "Ada").unwrap();
    assert_eq!(value(&back, "state"), flow.state);
    value(&back, "code")
}

async fn redeem(
    idp: &LocalIdp,
    world: &World,
    provider: &ProviderConfig,
    flow: &Flow,
    code: &str,
) -> Result<Identity, SsoError> {
    sso::identity(&idp.web(), provider, &callback(provider), flow, code, world.now()).await
}

async fn sign_in(idp: &LocalIdp, world: &World, provider: &ProviderConfig) -> Result<Identity, SsoError> {
    let flow = flow(world);
    let code = code(idp, provider, &flow).await;
    redeem(idp, world, provider, &flow, &code).await
}

fn assert_refused(outcome: &Result<Identity, SsoError>, what: &str) {
    assert!(matches!(outcome, Err(SsoError::Refused(_))), "{what}: {outcome:?}");
}

#[tokio::test]
async fn people_are_who_they_say_and_the_same_each_time() {
    let (idp, world) = idp();
    let ada = sign_in(&idp, &world, &google(&idp)).await.unwrap();
    assert_eq!(ada.issuer, "http://127.0.0.1:3000/_local/idp/google");
    assert_eq!(
        (ada.email.as_deref(), ada.email_verified, ada.name.as_deref()),
        (Some("Ada@example.com"), true, Some("Ada"))
    );
    assert_eq!(sign_in(&idp, &world, &google(&idp)).await.unwrap().subject, ada.subject);

    let flow = flow(&world);
    let query = query(&idp, &google(&idp), &flow).await;
    let back = idp.authorize_as(&query, "bob@example.com", false, "").unwrap();
    let bob = redeem(&idp, &world, &google(&idp), &flow, &value(&back, "code")).await.unwrap();
    assert_ne!(bob.subject, ada.subject);
    assert_eq!((bob.email_verified, bob.name), (false, None));

    let microsoft = sign_in(&idp, &world, &idp.config().microsoft.unwrap()).await.unwrap();
    assert_eq!(microsoft.issuer, "http://127.0.0.1:3000/_local/idp/microsoft");
    assert_eq!(microsoft.subject.len(), 36 + 1 + 36);
    assert!(microsoft.email_verified);
}

#[tokio::test]
async fn what_it_lies_about_is_found_out() {
    use Misbehaviour as M;
    let (idp, world) = idp();
    for provider in [google(&idp), idp.config().microsoft.unwrap()] {
        for lie in [
            M::WrongNonce,
            M::WrongAudience,
            M::WrongIssuer,
            M::Expired,
            M::Unsigned,
            M::SignedByAnotherKey,
            M::HmacWithClientSecret,
        ] {
            idp.misbehave(Some(lie));
            assert_refused(&sign_in(&idp, &world, &provider).await, &format!("{lie:?}"));
        }
        idp.misbehave(Some(M::NoEmail));
        let nameless = sign_in(&idp, &world, &provider).await.unwrap();
        assert_eq!((nameless.email, nameless.email_verified), (None, false));
        idp.misbehave(Some(M::Unreachable));
        let outcome = redeem(&idp, &world, &provider, &flow(&world), "code").await;
        assert!(matches!(outcome, Err(SsoError::Unreachable(_))), "{outcome:?}");
        idp.misbehave(None);
        assert!(sign_in(&idp, &world, &provider).await.is_ok());
    }
}

#[tokio::test]
async fn a_key_may_be_exchanged_at_any_time() {
    let (idp, world) = idp();
    let keys = || idp.call(&Request::get("/_local/idp/google/keys").body(Bytes::new()).unwrap()).into_body();
    let before = keys();
    let flow = flow(&world);
    let code = code(&idp, &google(&idp), &flow).await;
    idp.rotate_key().unwrap();
    assert_ne!(keys(), before);
    assert!(redeem(&idp, &world, &google(&idp), &flow, &code).await.is_ok());
}

#[tokio::test]
async fn a_code_is_good_once_within_a_minute_and_for_who_asked() {
    let (idp, world) = idp();
    let provider = google(&idp);
    let flow = flow(&world);
    let redeem_with =
        async |provider: &ProviderConfig, flow: &Flow, code: &str| redeem(&idp, &world, provider, flow, code).await;

    let used = code(&idp, &provider, &flow).await;
    assert!(redeem_with(&provider, &flow, &used).await.is_ok());
    assert_refused(&redeem_with(&provider, &flow, &used).await, "a second time");

    let late = code(&idp, &provider, &flow).await;
    world.set_offset_ms(world.offset_ms() + 60_000);
    assert_refused(&redeem_with(&provider, &flow, &late).await, "late");

    let stolen = code(&idp, &provider, &flow).await;
    let thief = Flow { verifier: secret(&world), ..flow.clone() };
    assert_refused(&redeem_with(&provider, &thief, &stolen).await, "another verifier");
    assert_refused(&redeem_with(&provider, &flow, &stolen).await, "used up by the attempt");

    let foreign = code(&idp, &provider, &flow).await;
    assert_refused(&redeem_with(&idp.config().microsoft.unwrap(), &flow, &foreign).await, "another provider");
    let wrong = ProviderConfig { client_secret: "guessed".to_owned(), ..provider.clone() };
    let unknown = code(&idp, &provider, &flow).await;
    assert_refused(&redeem_with(&wrong, &flow, &unknown).await, "another secret");
    assert!(redeem_with(&provider, &flow, &unknown).await.is_ok(), "whoever does not know the secret uses nothing up");

    let elsewhere = code(&idp, &provider, &flow).await;
    let other = "http://127.0.0.1:3000/elsewhere";
    let outcome = sso::identity(&idp.web(), &provider, other, &flow, &elsewhere, world.now()).await;
    assert_refused(&outcome, "another address to come back to");
}

#[tokio::test]
async fn the_secret_may_come_in_the_header() {
    use base64::Engine as _;
    let (idp, world) = idp();
    let (provider, flow) = (google(&idp), flow(&world));
    let form = |code: &str| {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs([
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", &callback(&provider)),
                ("code_verifier", &flow.verifier),
            ])
            .finish()
    };
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{}", provider.client_secret));
    for (authorization, status) in [(format!("Basic {basic}"), 200), ("Basic bm9ib2R5Og==".to_owned(), 401)] {
        let body = form(&code(&idp, &provider, &flow).await);
        let request = Request::post("/_local/idp/google/token").header("authorization", authorization);
        assert_eq!(idp.call(&request.body(Bytes::from(body)).unwrap()).status(), status);
    }
}

fn page(idp: &LocalIdp, query: &str) -> Response<Bytes> {
    let address = format!("/_local/idp/google/authorize?{query}");
    // As a link from a page of another site leads here.
    let request = Request::get(address).header("host", "127.0.0.1:3000").header("sec-fetch-site", "cross-site");
    idp.serve(&request.body(Bytes::new()).unwrap())
}

fn post(idp: &LocalIdp, origin: &str, body: &str) -> Response<Bytes> {
    let request =
        Request::post("/_local/idp/google/authorize").header("host", "127.0.0.1:3000").header("origin", origin);
    idp.serve(&request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap())
}

#[tokio::test]
async fn the_page_sends_back_with_a_code_or_without() {
    let (idp, world) = idp();
    let (provider, flow) = (google(&idp), flow(&world));
    let query = query(&idp, &provider, &flow).await;
    let shown = page(&idp, &query);
    assert_eq!(shown.status(), 200);
    assert!(shown.headers()["content-security-policy"].to_str().unwrap().contains("form-action 'self'"));
    assert_eq!(shown.headers()["referrer-policy"], "same-origin");
    let text = String::from_utf8(shown.body().to_vec()).unwrap();
    assert!(text.contains(r#"value="ada@example.com""#) && text.contains(&flow.state), "{text}");

    let back = post(&idp, APP, &format!("{query}&email=ada%40example.com&verified=1&name=Ada"));
    assert_eq!(back.status(), 303);
    let (address, answer) = back.headers()["location"].to_str().unwrap().split_once('?').unwrap();
    assert_eq!((address, value(answer, "state")), (callback(&provider).as_str(), flow.state.clone()));
    assert!(redeem(&idp, &world, &provider, &flow, &value(answer, "code")).await.unwrap().email_verified);

    let back = post(&idp, APP, &format!("{query}&cancel=1"));
    let location = back.headers()["location"].to_str().unwrap();
    assert!(location.contains("error=access_denied") && location.contains(&flow.state), "{location}");
    assert_eq!(post(&idp, APP, &format!("{query}&email=nobody")).status(), 400);
    for origin in ["http://localhost:5173", "https://evil.example", "null"] {
        assert_eq!(post(&idp, origin, &format!("{query}&email=ada%40example.com")).status(), 403, "{origin}");
    }
    let renamed = Request::get(format!("/_local/idp/google/authorize?{query}")).header("host", "evil.example");
    assert_eq!(idp.serve(&renamed.body(Bytes::new()).unwrap()).status(), 403);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_or_without_what_binds_the_code() {
    let (idp, world) = idp();
    let query = query(&idp, &google(&idp), &flow(&world)).await;
    let with = |name: &str, new: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes());
        let pairs = pairs.map(|(found, value)| if found == name { (found, new.into()) } else { (found, value) });
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    };
    assert_eq!(page(&idp, &with("state", "any")).status(), 200);
    for (name, new) in [
        ("redirect_uri", "https://evil.example/callback"),
        ("redirect_uri", "http://127.0.0.1:3000/v1/sso/google/callback/"),
        ("redirect_uri", "http://127.0.0.1:3000/v1/sso/microsoft/callback"),
        ("client_id", "another"),
        ("response_type", "token"),
        ("scope", "email"),
        ("code_challenge_method", "plain"),
        ("code_challenge", ""),
    ] {
        let query = with(name, new);
        assert_eq!(page(&idp, &query).status(), 400, "{name}={new}");
        assert_eq!(post(&idp, APP, &format!("{query}&email=ada%40example.com")).status(), 400, "{name}={new}");
    }
    assert!(idp.authorize_as(&with("redirect_uri", "https://evil.example"), "a@b.example", true, "").is_err());

    let shown = page(&idp, &format!("{}&login_hint=%22%3E%3Cscript%3E", with("state", "'\"><script>")));
    let text = String::from_utf8(shown.body().to_vec()).unwrap();
    assert!(!text.contains("<script") && text.contains("&#39;&quot;&gt;&lt;script&gt;"), "{text}");
}

#[tokio::test]
async fn it_is_all_of_the_web_that_there_is() {
    let (idp, _) = idp();
    for (method, path, status) in [
        ("GET", "/_local/idp/google/token", 405),
        ("POST", "/_local/idp/google/keys", 405),
        ("GET", "/_local/idp/google/other", 404),
        ("GET", "/_local/idp/another/keys", 404),
        ("GET", "/_local/idp/", 404),
    ] {
        let request = Request::builder().method(method).uri(path).body(Bytes::new()).unwrap();
        assert_eq!(idp.call(&request).status(), status, "{method} {path}");
    }
    let elsewhere = Request::get("https://accounts.google.com/.well-known/openid-configuration");
    assert!(idp.web().call(elsewhere.body(Vec::new()).unwrap()).await.is_err());
}
