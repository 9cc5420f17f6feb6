//! The description of the API (OpenAPI 3.1), made from the catalogue and the types of the actions.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::catalogue::{Access, Action};
use crate::dry_run::DryRun;
use crate::endpoint::{Endpoint, Entry};
use crate::problem::{CODES, ProblemBody};

/// The schemas of an action's input and answer.
pub struct Shapes {
    path: Schema,
    query: Schema,
    body: Schema,
    answer: Schema,
    media_type: &'static str,
}

impl Shapes {
    pub(crate) fn of<E: Endpoint>(generator: &mut SchemaGenerator) -> Self {
        Self {
            path: E::Path::json_schema(generator),
            query: E::Query::json_schema(generator),
            body: E::Body::json_schema(generator),
            answer: generator.subschema_for::<E::Answer>(),
            media_type: E::ANSWERS,
        }
    }
}

/// The whole description.
pub fn document(entries: &[Entry]) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    let mut generator = settings.into_generator();
    let problem = generator.subschema_for::<ProblemBody>();
    let dry_run = generator.subschema_for::<DryRun>();
    let mut paths: Map<String, Value> = Map::new();
    for entry in entries.iter().filter(|entry| entry.action.path.starts_with("/v1")) {
        let shapes = (entry.shapes)(&mut generator);
        let operation = operation(entry.action, &shapes, &dry_run);
        let path = paths.entry(entry.action.path).or_insert_with(|| json!({}));
        path[entry.action.method.to_lowercase()] = operation;
    }
    let codes: Vec<&str> = CODES.iter().map(|code| code.code).collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Roster",
            "version": env!("CARGO_PKG_VERSION"),
            "description": format!("Account administration. Problem codes: {}.", codes.join(", ")),
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "securitySchemes": {
                "session": { "type": "http", "scheme": "bearer" },
                "operator": { "type": "http", "scheme": "bearer", "description": "The vendor's own token." },
            },
            "responses": { "Problem": {
                "description": "What went wrong",
                "content": { "application/problem+json": { "schema": problem } },
            } },
        },
    })
}

fn operation(action: &Action, shapes: &Shapes, dry_run: &Schema) -> Value {
    let mut parameters = parameters(&shapes.path, "path");
    parameters.extend(parameters_of_query(&shapes.query));
    if action.mutates() && action.access != Access::Public {
        parameters.push(json!({ "name": "dry_run", "in": "query", "schema": { "type": "boolean" },
            "description": "Tell what would happen, and do nothing." }));
    }
    if action.method == "POST" {
        parameters
            .push(json!({ "name": "Idempotency-Key", "in": "header", "schema": { "type": "string", "maxLength": 255 },
            "description": "The first answer to this key is kept for 24 hours and given again." }));
    }
    if action.method == "PATCH" || action.method == "PUT" {
        parameters.push(json!({ "name": "If-Match", "in": "header", "schema": { "type": "string" },
            "description": "The version that is meant; another one is answered with 412." }));
    }
    let mut success = json!({ "description": action.summary });
    if action.status != 204 {
        success["content"] = json!({ shapes.media_type: { "schema": shapes.answer } });
    }
    let mut responses = json!({ "default": { "$ref": "#/components/responses/Problem" } });
    responses[action.status.to_string()] = success;
    if action.mutates() && action.access != Access::Public && action.status != 200 {
        responses["200"] =
            json!({ "description": "A dry run", "content": { "application/json": { "schema": dry_run } } });
    }
    let mut operation = json!({
        "operationId": action.name,
        "summary": action.summary,
        "parameters": parameters,
        "responses": responses,
    });
    operation["security"] = match action.access {
        Access::Public => json!([]),
        Access::Operator => json!([{ "operator": [] }]),
        Access::Enrolling | Access::SignedIn | Access::Needs(_) => json!([{ "session": [] }]),
    };
    if let Access::Needs(permission) = action.access {
        operation["x-permission"] = json!(permission.name());
    }
    let has_body = shapes.body.get("properties").is_some();
    if action.mutates() && (action.method != "DELETE" || has_body) {
        operation["requestBody"] = json!({ "content": { "application/json": { "schema": shapes.body } } });
    }
    operation
}

fn parameters_of_query(query: &Schema) -> Vec<Value> {
    parameters(query, "query")
}

fn parameters(schema: &Schema, place: &str) -> Vec<Value> {
    let required: Vec<&str> = schema
        .get("required")
        .and_then(Value::as_array)
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            json!({ "name": name, "in": place, "schema": schema,
                "required": place == "path" || required.contains(&name.as_str()) })
        })
        .collect()
}
