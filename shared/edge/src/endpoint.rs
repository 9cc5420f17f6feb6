//! What an action is to the edge: typed input, one decision, an answer.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use domain::Stamp;
use platform::web::Web;
use platform::{Config, Files, Vault, World};
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::Store;

use crate::answer::Decision;
use crate::caller::Caller;
use crate::catalogue::{Action, action};
use crate::input;
use crate::openapi::Shapes;
use crate::problem::Problem;
use crate::scratch::Scratch;

/// What every handler of a process shares.
#[derive(Clone, Debug)]
pub struct App {
    /// The configuration.
    pub config: Arc<Config>,
    /// Time and entropy.
    pub world: World,
    /// The table.
    pub store: Store,
    /// What keeps small secrets encrypted.
    pub vault: Vault,
    /// The public web: identity providers.
    pub web: Web,
    /// The store of files: pictures.
    pub files: Files,
}

/// One attempt at one request.
#[derive(Clone, Debug)]
pub struct Context {
    /// The action.
    pub action: &'static Action,
    /// The configuration.
    pub config: Arc<Config>,
    /// Time and entropy, beside the stamp's.
    pub world: World,
    /// The table, metered for this request.
    pub store: Store,
    /// What keeps small secrets encrypted.
    pub vault: Vault,
    /// The public web: identity providers.
    pub web: Web,
    /// The store of files: pictures.
    pub files: Files,
    /// What this request has worked out.
    pub scratch: Scratch,
    /// Who asks; always there unless the action is public.
    pub caller: Option<Caller>,
    /// The device.
    pub user_agent: Option<String>,
    /// The languages that the device asks for.
    pub accept_language: Option<String>,
    /// Whether it is a browser that wants a page rather than JSON.
    pub wants_page: bool,
    /// The source address, as API Gateway saw it; never a header's.
    pub source: Option<String>,
    /// The header `Cookie`.
    pub cookies: Option<String>,
    /// The header `Stripe-Signature`.
    pub stripe_signature: Option<String>,
    /// The version that the client means to change.
    pub if_match: Option<IfMatch>,
    /// Whether to tell instead of do.
    pub dry_run: bool,
    /// The method and path, for the fallback.
    pub asked: (String, String),
}

/// The header `If-Match`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// Any version.
    Any,
    /// This version; none for a tag that no version has.
    Version(Option<u64>),
}

impl Context {
    /// The caller of an action that is not public.
    pub fn caller(&self) -> Result<&Caller, Problem> {
        self.caller.as_ref().ok_or_else(Problem::unauthenticated)
    }

    /// Fails with a conflict when the client means another version than this.
    pub fn matches(&self, version: u64) -> Result<(), Problem> {
        match self.if_match {
            Some(IfMatch::Version(meant)) if meant != Some(version) => {
                Err(Problem::new("version_conflict", format!("The current version is {version}.")))
            }
            _ => Ok(()),
        }
    }
}

/// The input of an action, parsed.
#[derive(Clone, Debug)]
pub struct Input<P, Q, B> {
    /// The parameters of the path.
    pub path: P,
    /// The query.
    pub query: Q,
    /// The body.
    pub body: B,
    /// What an earlier step left to go on from.
    pub carried: Option<Value>,
}

/// An action: `functions/src/<area>/<verb>.rs` has one each.
pub trait Endpoint: Send + Sync + 'static {
    /// Its name in the catalogue.
    const NAME: &'static str;
    /// Whether it needs the table. Where it does not, no cold start waits for a connection.
    const USES_TABLE: bool = true;
    /// Reads its body: as strict JSON, unless it is one that has to be seen as it came ([`input::Raw`]).
    fn read(bytes: &[u8]) -> Result<Self::Body, Problem> {
        input::body(bytes)
    }
    /// What its answer is written in.
    const ANSWERS: &'static str = "application/json";
    /// The parameters of its path.
    type Path: DeserializeOwned + JsonSchema + Send + Sync;
    /// Its query.
    type Query: DeserializeOwned + JsonSchema + Send + Sync;
    /// Its body.
    type Body: DeserializeOwned + JsonSchema + Send + Sync;
    /// What it answers with, for the description of the API.
    type Answer: JsonSchema;

    /// Loads what it needs, asks one rule, and says what to commit and to answer. It may be called again for the same
    /// request when the state moved on in between.
    fn decide(
        context: &Context,
        input: &Input<Self::Path, Self::Query, Self::Body>,
        stamp: &mut Stamp,
    ) -> impl Future<Output = Result<Decision, Problem>> + Send;
}

type Deciding<'a> = Pin<Box<dyn Future<Output = Result<Decision, Problem>> + Send + 'a>>;

/// A parsed request whose types the edge does not know. Each call is one attempt at one step.
pub(crate) trait Parsed: Send + Sync {
    fn decide<'a>(&'a mut self, context: &'a Context, carried: Option<Value>, stamp: &'a mut Stamp) -> Deciding<'a>;
}

struct Typed<E: Endpoint>(Input<E::Path, E::Query, E::Body>);

impl<E: Endpoint> Parsed for Typed<E> {
    fn decide<'a>(&'a mut self, context: &'a Context, carried: Option<Value>, stamp: &'a mut Stamp) -> Deciding<'a> {
        self.0.carried = carried;
        Box::pin(E::decide(context, &self.0, stamp))
    }
}

/// The input of an action as it came.
#[derive(Clone, Debug, Default)]
pub(crate) struct RawInput {
    /// The parameters of the path, form-encoded.
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
}

fn parse<E: Endpoint>(raw: &RawInput) -> Result<Box<dyn Parsed>, Problem> {
    // A path that names nothing that can be is a path to nothing.
    let path = input::query(&raw.path).map_err(|_| Problem::not_found())?;
    let (query, body) = (input::query(&raw.query)?, E::read(&raw.body)?);
    Ok(Box::new(Typed::<E>(Input { path, query, body, carried: None })))
}

/// An action with its handler, types hidden.
pub struct Entry {
    /// Its row of the catalogue.
    pub action: &'static Action,
    /// Whether it needs the table.
    pub uses_table: bool,
    pub(crate) parse: fn(&RawInput) -> Result<Box<dyn Parsed>, Problem>,
    pub(crate) shapes: fn(&mut SchemaGenerator) -> Shapes,
}

/// The entry of an endpoint; none when the catalogue has no row of its name.
pub fn entry<E: Endpoint>() -> Option<Entry> {
    Some(Entry { action: action(E::NAME)?, uses_table: E::USES_TABLE, parse: parse::<E>, shapes: Shapes::of::<E> })
}
