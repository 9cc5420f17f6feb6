//! Whatever has no route: not found, or not with this method.

use std::collections::HashMap;

use domain::Stamp;
use edge::catalogue::CATALOGUE;
use edge::{Context, Decision, Endpoint, Input, Problem};

/// Says that there is no such route.
#[derive(Debug)]
pub struct Fallback;

impl Endpoint for Fallback {
    const NAME: &'static str = "fallback";
    const USES_TABLE: bool = false;
    type Path = HashMap<String, String>;
    type Query = HashMap<String, String>;
    type Body = serde_json::Value;
    type Answer = ();

    async fn decide(
        context: &Context,
        _: &Input<HashMap<String, String>, HashMap<String, String>, serde_json::Value>,
        _: &mut Stamp,
    ) -> Result<Decision, Problem> {
        let (method, path) = &context.asked;
        let methods: Vec<&str> =
            CATALOGUE.iter().filter(|action| fits(action.path, path)).map(|action| action.method).collect();
        if methods.is_empty() || methods.contains(&method.as_str()) {
            return Err(Problem::not_found());
        }
        let allow = methods.join(", ");
        let problem = Problem::new("method_not_allowed", format!("This path takes {allow}."));
        Err(Problem { allow: Some(allow), ..problem })
    }
}

/// Whether a path is one of a template's.
fn fits(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(given)) if part == given || part.starts_with('{') && !given.is_empty() => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_paths_fit() {
        for (template, path, expected) in [
            ("/v1/users/{id}", "/v1/users/x", true),
            ("/v1/users/{id}", "/v1/users/", false),
            ("/v1/users/{id}", "/v1/users", false),
            ("/v1/users/{id}", "/v1/users/x/y", false),
            ("/v1/users", "/v1/users", true),
        ] {
            assert_eq!(fits(template, path), expected, "{template} {path}");
        }
    }
}
