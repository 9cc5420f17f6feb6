//! Which function a request is for.

use std::collections::HashMap;

use super::{DEFAULT_ROUTE, Method};

/// One route of the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// A template such as `/v1/users/{id}`; a last segment `{rest+}` takes all that follows.
    pub path: String,
    /// What the backend calls the function.
    pub name: String,
}

impl Route {
    /// The route of this method and template to the function of this name.
    pub fn new(method: Method, path: impl Into<String>, name: impl Into<String>) -> Self {
        Self { method, path: path.into(), name: name.into() }
    }
}

/// Why routes do not make an API.
#[derive(Debug, thiserror::Error)]
#[error("{} {}: {cause}", .route.method, .route.path)]
pub struct RouteError {
    route: Route,
    #[source]
    cause: matchit::InsertError,
}

#[derive(Debug)]
pub(super) struct Routes {
    all: Vec<Route>,
    by_method: HashMap<Method, matchit::Router<usize>>,
}

/// The route that a request matched.
pub(super) struct Matched<'a> {
    /// The function's name.
    pub(super) name: &'a str,
    /// The event's `routeKey`: method and template.
    pub(super) key: String,
    /// The values of the template's parameters, as they stand in the path.
    pub(super) parameters: Vec<(String, String)>,
}

impl Routes {
    pub(super) fn new(all: Vec<Route>) -> Result<Self, RouteError> {
        let mut by_method: HashMap<Method, matchit::Router<usize>> = HashMap::new();
        for (index, route) in all.iter().enumerate() {
            by_method
                .entry(route.method.clone())
                .or_default()
                .insert(template(&route.path), index)
                .map_err(|cause| RouteError { route: route.clone(), cause })?;
        }
        Ok(Self { all, by_method })
    }

    pub(super) fn find(&self, method: &Method, path: &str) -> Matched<'_> {
        let found = self.by_method.get(method).and_then(|routes| routes.at(path).ok());
        match found.and_then(|found| Some((self.all.get(*found.value)?, found.params))) {
            Some((route, parameters)) => Matched {
                name: &route.name,
                key: format!("{} {}", route.method, route.path),
                parameters: parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            },
            None => Matched { name: DEFAULT_ROUTE, key: DEFAULT_ROUTE.to_owned(), parameters: Vec::new() },
        }
    }
}

/// API Gateway writes `{rest+}` where the router writes `{*rest}`.
fn template(path: &str) -> String {
    match path.rsplit_once('{').and_then(|(start, last)| Some((start, last.strip_suffix("+}")?))) {
        Some((start, name)) => format!("{start}{{*{name}}}"),
        None => path.to_owned(),
    }
}
