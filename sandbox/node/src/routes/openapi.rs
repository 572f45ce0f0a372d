//! `/openapi`: what is served, and nothing else, from the table that requests are routed by.

use serde_json::{Map, Value, json};

use super::schemas::{PATH_PARAMETERS, schemas};
use super::table::{DEV, ENDPOINTS, Endpoint, Query};
use super::{Asked, Served};
use crate::desk::Desk;
use crate::error::NodeError;

pub(super) fn openapi(desk: &mut Desk<'_>, _: &Asked<'_>) -> Result<Served, NodeError> {
    Ok(document(desk.options.dev).into())
}

/// The document.
fn document(dev: bool) -> Value {
    let dev = if dev { DEV.as_slice() } else { &[] };
    let mut paths = Map::new();
    for endpoint in ENDPOINTS.iter().chain(dev) {
        let method = endpoint.method().to_ascii_lowercase();
        paths.insert(endpoint.path.to_owned(), json!({method: operation(endpoint)}));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Sandbox of a smart rollup",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Shaped as Octez's rollup node. Hashes of blocks, states and commitments, \
                and proofs, are the simulation's own, and mean nothing to Tezos. A body has at most 1 MiB, \
                a request with its headers 16 KiB.",
        },
        "paths": paths,
        "components": {"schemas": schemas()},
    })
}

fn operation(endpoint: &Endpoint) -> Value {
    let in_path = endpoint.path.split('/').filter_map(|step| {
        let name = step.strip_prefix('{')?.strip_suffix('}')?;
        let (_, schema) = PATH_PARAMETERS.iter().find(|(known, _)| *known == name)?;
        Some(json!({"name": name, "in": "path", "required": true, "schema": reference(schema)}))
    });
    let parameters: Vec<Value> = in_path.chain(endpoint.queries.iter().map(in_query)).collect();
    let refusal = json!({"description": "Why not", "content": content("Errors")});
    let mut operation = json!({
        "operationId": endpoint.path.replace(['{', '}'], "").trim_matches('/').replace('/', "_"),
        "summary": endpoint.summary,
        "parameters": parameters,
        "responses": {
            "200": {"description": endpoint.summary, "content": content(endpoint.answer)},
            "default": refusal,
        },
    });
    if let Some(body) = endpoint.body {
        operation["requestBody"] = json!({"required": true, "content": content(body)});
    }
    operation
}

fn in_query(query: &Query) -> Value {
    json!({
        "name": query.name,
        "in": "query",
        "required": query.required,
        "description": query.about,
        "schema": reference(query.schema),
    })
}

fn content(schema: &str) -> Value {
    json!({"application/json": {"schema": reference(schema)}})
}

fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is referred to in a value.
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value.as_str() {
                        Some(text) if name == "$ref" => found.push(text.to_owned()),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn all_that_is_referred_to_is_there_and_the_other_way_around() {
        let document = document(true);
        let mut found = Vec::new();
        references(&document, &mut found);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for reference in &found {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(schemas.contains_key(name), "{name}");
        }
        for name in schemas.keys() {
            let reference = format!("#/components/schemas/{name}");
            assert!(found.contains(&reference), "{name} is for nothing");
        }
    }

    #[test]
    fn every_parameter_and_every_name_is_its_own() {
        let document = document(true);
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), ENDPOINTS.len() + DEV.len());
        let mut ids = Vec::new();
        for (path, methods) in paths {
            let operation = methods.as_object().unwrap().values().next().unwrap();
            let parameters = operation["parameters"].as_array().unwrap();
            let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{path}");
            ids.push(operation["operationId"].as_str().unwrap());
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), paths.len());
    }
}
