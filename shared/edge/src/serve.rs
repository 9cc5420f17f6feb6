//! How a request flows: event → caller → permission → input → decision → commit → answer.

use std::time::{Duration, Instant as Timer};

use domain::Refusal;
use domain::secret::Secret;
use domain::stamp::Origin;
use http::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, COOKIE, HeaderName, HeaderValue, IF_MATCH, USER_AGENT};
use http::{HeaderMap, Response};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _};
use store::CommitError;
use store::idempotency::Progress;
use store::meter::Units;

use crate::answer::{Decision, Reply, Then};
use crate::caller::Caller;
use crate::catalogue::{Access, Action, FALLBACK};
use crate::dry_run::DryRun;
use crate::endpoint::{App, Context, Entry, IfMatch, Parsed, RawInput};
use crate::idempotency::{Kept, Keyed};
use crate::input::MAX_BODY;
use crate::problem::Problem;
use crate::respond::{Served, failed, succeeded};
use crate::scratch::Scratch;

/// How often a decision is taken anew when the state moves on meanwhile, before the answer is "busy".
const MAX_ATTEMPTS: u32 = 18;

/// How often a decision is taken anew when only a guard of its transaction refuses it.
const MAX_REFUSALS: u32 = 6;

/// Serves one request of an action.
pub async fn serve(app: &App, entry: &Entry, request: Request) -> Response<Body> {
    let timer = Timer::now();
    let action = entry.action;
    let request_id = request_id(&request);
    let mut noted = Noted::default();
    // Boxed, since it is as large as the largest action.
    let outcome = Box::pin(handle(app, entry, &request, &mut noted)).await;
    let (status, code) = match &outcome {
        Ok(served) => (served.status, "ok"),
        Err(problem) => (problem.status, problem.code.code),
    };
    let units = noted.units;
    let account = noted.account.unwrap_or_default();
    let duration_ms = u64::try_from(timer.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (read_units, write_units) = (units.read, units.write);
    match &outcome {
        Err(Problem { cause: Some(cause), .. }) => {
            tracing::error!(request_id, action = action.name, account, status, code, duration_ms, cause, "request");
        }
        _ => {
            tracing::info!(
                request_id,
                action = action.name,
                account,
                status,
                code,
                duration_ms,
                read_units,
                write_units,
                "request"
            );
        }
    }
    let mut response = match outcome {
        Ok(served) => succeeded(served),
        Err(problem) => failed(&problem),
    };
    // For whoever runs the handler in its own process; no client sees an extension.
    response.extensions_mut().insert(units);
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    response
}

/// What a log line tells of a request.
#[derive(Default)]
struct Noted {
    account: Option<String>,
    units: Units,
}

async fn handle(app: &App, entry: &Entry, request: &Request, noted: &mut Noted) -> Result<Served, Problem> {
    let action = entry.action;
    let store = app.store.metered();
    let raw = raw_input(request)?;
    let (dry_run, raw) = dry_run(action, raw)?;
    if action.access == Access::Operator {
        admit_operator(app, request.headers())?;
    }
    let caller = match bearer(request.headers()) {
        Some(token) if action.access.needs_session() => Caller::load(&store, &token, app.world.now()).await?,
        _ => None,
    };
    noted.account = caller.as_ref().map(|caller| caller.account.id.to_string());
    match (action.access, &caller) {
        (Access::Public | Access::Operator, _) => {}
        (_, Some(caller)) => caller.admits(action)?,
        (_, None) => return Err(Problem::unauthenticated()),
    }
    let keyed = match request.headers().get("idempotency-key").filter(|_| action.method == "POST" && !dry_run) {
        Some(key) => {
            Some(Keyed::new(key.to_str().unwrap_or_default(), action, caller.as_ref(), &raw, app.store.sealer())?)
        }
        None => None,
    };
    // Whatever has no route says so, however odd the rest of the request is.
    let raw = if action.path == FALLBACK { RawInput::default() } else { raw };
    let mut parsed = (entry.parse)(&raw)?;
    let header = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let context = Context {
        action,
        config: app.config.clone(),
        world: app.world.clone(),
        store,
        vault: app.vault.clone(),
        web: app.web.clone(),
        files: app.files.clone(),
        scratch: Scratch::default(),
        caller,
        user_agent: header(USER_AGENT).map(str::to_owned),
        accept_language: header(ACCEPT_LANGUAGE).map(str::to_owned),
        wants_page: header(ACCEPT).is_some_and(|accept| accept.contains("text/html")),
        if_match: header(IF_MATCH).map(if_match),
        dry_run,
        asked: (request.method().to_string(), request.uri().path().to_owned()),
        source: source_ip(request),
        cookies: header(COOKIE).map(str::to_owned),
        stripe_signature: request.headers().get("stripe-signature").and_then(|it| it.to_str().ok()).map(str::to_owned),
    };
    let mut turn = Turn { context, origin_ip: source_ip(request), keyed, token: bearer(request.headers()) };
    let served = turn.run(parsed.as_mut()).await;
    let caller = turn.context.caller.as_ref();
    if let (Ok(_), Some(caller), false) = (&served, caller, dry_run) {
        note_activity(&turn.context, caller).await;
    }
    noted.units = turn.context.store.units();
    served
}

/// The attempts at one request.
struct Turn {
    context: Context,
    origin_ip: Option<String>,
    keyed: Option<Keyed>,
    token: Option<Secret>,
}

impl Turn {
    async fn run(&mut self, parsed: &mut dyn Parsed) -> Result<Served, Problem> {
        let mut attempt = 0;
        let mut carried = None;
        // The first look at an idempotency record; later it is known from what was written, until somebody else writes.
        let mut progress = self.progress().await?;
        loop {
            if let (Some(keyed), Some(before)) = (&self.keyed, &progress) {
                match keyed.open(before, self.context.store.sealer())? {
                    Kept::Reply(_) if self.context.store.is_about_deleted(before).await? => {
                        return Err(Problem::new(
                            "answer_erased",
                            "Somebody of whom the first answer tells was deleted.",
                        ));
                    }
                    Kept::Reply(reply) => {
                        return Ok(Served { reply, status: self.context.action.status, replayed: attempt == 0 });
                    }
                    Kept::Carried(value) => carried = Some(value),
                }
            }
            let step = match self.step(parsed, carried.clone(), progress.as_ref()).await {
                // The same request may have come twice at once: then what the other made of it is the answer.
                Err(problem) if problem.status < 500 => {
                    let seen = self.progress().await?;
                    if seen == progress {
                        return Err(problem);
                    }
                    attempt = 0;
                    progress = seen;
                    continue;
                }
                step => step?,
            };
            match step {
                Step::Done(reply) => {
                    let status = if self.context.dry_run { 200 } else { self.context.action.status };
                    return Ok(Served { reply, status, replayed: false });
                }
                Step::Next(value, noted) => {
                    attempt = 1;
                    carried = Some(value);
                    progress = noted;
                }
                Step::Again(refusal) => {
                    attempt += 1;
                    match refusal {
                        // The rule has not seen what the guard saw. Asked again it says so itself, item by item; a guard
                        // that goes on failing has the last word.
                        Some(refusal) if attempt >= MAX_REFUSALS => return Err(refusal.into()),
                        _ if attempt >= MAX_ATTEMPTS => {
                            return Err(Problem::unavailable("the state moved on at every attempt"));
                        }
                        _ => {}
                    }
                    self.back_off(attempt).await;
                    self.reload().await?;
                    progress = self.progress().await?;
                    if progress.as_ref().is_some_and(|progress| progress.done) {
                        attempt = 0;
                    }
                }
            }
        }
    }

    async fn progress(&self) -> Result<Option<Progress>, Problem> {
        let Some(keyed) = &self.keyed else { return Ok(None) };
        Ok(self.context.store.progress(keyed.digest(), self.context.world.now()).await?)
    }

    /// One decision, and its commit.
    async fn step(
        &self,
        parsed: &mut dyn Parsed,
        carried: Option<serde_json::Value>,
        before: Option<&Progress>,
    ) -> Result<Step, Problem> {
        let context = &self.context;
        let origin = Origin {
            actor: context.caller.as_ref().map(|caller| caller.user.id),
            acting_for: context.caller.as_ref().and_then(Caller::acting_for),
            ip: self.origin_ip.clone(),
        };
        let mut stamp = context.world.stamp(origin);
        let now = stamp.now;
        let mut decision = match parsed.decide(context, carried, &mut stamp).await {
            Err(problem) if context.dry_run && problem.refusal => {
                return Ok(Step::Done(Reply::json(&DryRun::refused(&problem))?));
            }
            decision => decision?,
        };
        if let Some(change) = &mut decision.change {
            context.store.settle(change, &mut stamp).await?;
        }
        if context.dry_run {
            if let Then::Refuse(problem) = &decision.then {
                return Ok(Step::Done(Reply::json(&DryRun::refused(problem))?));
            }
            let effects = DryRun::of(decision.change.as_ref(), decision.refusals);
            return Ok(Step::Done(Reply::json(&effects)?));
        }
        let Decision { change, then, .. } = decision;
        let noted = match (&self.keyed, &change) {
            // A no is not kept: it may be tried again.
            (Some(keyed), Some(_)) if !matches!(then, Then::Refuse(_)) => {
                Some(keyed.progress(before, &then, context.store.sealer(), context.world.random(), now)?)
            }
            _ => None,
        };
        if let Some(change) = &change {
            match context.store.commit(change, noted.as_ref()).await {
                Ok(()) => {}
                Err(CommitError::Stale) => return Ok(Step::Again(None)),
                Err(CommitError::Refused(refusal)) => return Ok(Step::Again(Some(refusal))),
                Err(CommitError::Store(error)) => return Err(error.into()),
            }
        }
        match then {
            Then::Reply(reply) => Ok(Step::Done(reply)),
            Then::Continue(value) => Ok(Step::Next(value, noted)),
            Then::Refuse(problem) => Err(*problem),
        }
    }

    /// Who asks may have changed meanwhile too.
    async fn reload(&mut self) -> Result<(), Problem> {
        let (Some(_), Some(token)) = (&self.context.caller, &self.token) else { return Ok(()) };
        let now = self.context.world.now();
        let caller = Caller::load(&self.context.store, token, now).await?.ok_or_else(Problem::unauthenticated)?;
        caller.admits(self.context.action)?;
        self.context.caller = Some(caller);
        Ok(())
    }

    /// Waits a random time that grows with the attempts: whoever collided should not collide again.
    async fn back_off(&self, attempt: u32) {
        let [dice] = self.context.world.random::<1>();
        let most = (4_u64 << attempt.min(8)).min(600);
        tokio::time::sleep(Duration::from_millis(most * u64::from(dice) / 255)).await;
    }
}

enum Step {
    Done(Reply),
    Next(serde_json::Value, Option<Progress>),
    Again(Option<Refusal>),
}

/// Notes that the caller was there, now and then. That it fails must not fail what was asked.
async fn note_activity(context: &Context, caller: &Caller) {
    let now = context.world.now();
    let worth = caller.session.is_worth_noting(&caller.account.policy, now) || caller.user.is_worth_noting(now);
    if worth && let Err(error) = context.store.note_activity(&caller.session, now).await {
        tracing::warn!(cause = %error, "activity was not noted");
    }
}

fn raw_input(request: &Request) -> Result<RawInput, Problem> {
    let body: &[u8] = request.body();
    if body.len() > MAX_BODY {
        return Err(Problem::new("body_too_large", "A request's body may have at most 256 KiB."));
    }
    let mut path = form_urlencoded::Serializer::new(String::new());
    for (name, value) in request.path_parameters().iter() {
        path.append_pair(name, value);
    }
    let query = request.uri().query().unwrap_or_default().to_owned();
    Ok(RawInput { path: path.finish(), query, body: body.to_vec() })
}

/// Takes `dry_run` out of the query of an action that changes something for somebody who is signed in.
fn dry_run(action: &Action, raw: RawInput) -> Result<(bool, RawInput), Problem> {
    if !action.mutates() || action.access == Access::Public {
        return Ok((false, raw));
    }
    let mut dry_run = None;
    let mut rest = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(raw.query.as_bytes()) {
        match (name.as_ref(), value.as_ref()) {
            ("dry_run", _) if dry_run.is_some() => {
                return Err(Problem::field("dry_run", "duplicate_field", "This field is given twice."));
            }
            ("dry_run", "true" | "1") => dry_run = Some(true),
            ("dry_run", "false" | "0") => dry_run = Some(false),
            ("dry_run", _) => return Err(Problem::field("dry_run", "invalid_value", "This must be true or false.")),
            (name, value) => {
                rest.append_pair(name, value);
            }
        }
    }
    Ok((dry_run.unwrap_or(false), RawInput { query: rest.finish(), ..raw }))
}

fn bearer(headers: &HeaderMap) -> Option<Secret> {
    Secret::presented(presented(headers)?)
}

/// What stands in `Authorization: Bearer …`.
fn presented(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Fails unless the operator asks. Without an operator there is nothing here. A user's session never counts.
fn admit_operator(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    let operator = app.config.operator.as_ref().ok_or_else(Problem::not_found)?;
    let admitted = presented(headers).is_some_and(|token| operator.admits(token));
    if admitted { Ok(()) } else { Err(Problem::unauthenticated()) }
}

fn if_match(value: &str) -> IfMatch {
    match value.trim() {
        "*" => IfMatch::Any,
        tag => IfMatch::Version(tag.trim_start_matches("W/").trim_matches('"').parse().ok()),
    }
}

fn request_id(request: &Request) -> String {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.request_id.clone().unwrap_or_default(),
        _ => String::new(),
    }
}

fn source_ip(request: &Request) -> Option<String> {
    match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => context.http.source_ip.clone(),
        _ => None,
    }
}
