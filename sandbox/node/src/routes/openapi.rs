//! `/openapi`: what is served, and nothing else, from the table that requests are routed by.

use std::collections::BTreeMap;

use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, Object, Type};
use utoipa::openapi::{
    Content, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, PathsBuilder, Ref, RefOr, Required,
    ResponseBuilder, Schema,
};
use utoipa::{PartialSchema, ToSchema};

use super::endpoint::{Effect, Endpoint, Query, Shape, json, shape};
use crate::shapes::{
    AccountAddress, BlockName, CommitmentHash, ContractAddress, EntrypointName, ErrorShape,
    MessageHash, OperationName, RollupAddress,
};

/// The type of all that is taken and answered.
const JSON: &str = "application/json";

const ABOUT: &str = "Shaped as Octez's rollup node. Hashes of blocks, states and commitments, and \
    proofs, are the simulation's own, and mean nothing to Tezos. A body has at most 1 MiB, a request \
    with its headers 16 KiB.";

/// The name of a parameter, and its type.
type PathParameter = (&'static str, fn() -> Shape);

/// The parameters of paths.
const PATH_PARAMETERS: [PathParameter; 9] = [
    ("account", shape::<AccountAddress>),
    ("rollup", shape::<RollupAddress>),
    ("block", shape::<BlockName>),
    ("level", shape::<i32>),
    ("id", shape::<MessageHash>),
    ("commitment", shape::<CommitmentHash>),
    ("operation", shape::<OperationName>),
    ("contract", shape::<ContractAddress>),
    ("name", shape::<EntrypointName>),
];

/// A document of OpenAPI.
struct Document;

impl PartialSchema for Document {
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::Object).into()
    }
}

impl ToSchema for Document {}

/// Endpoints, and the one that says what they are.
pub(super) fn documented(mut endpoints: Vec<Endpoint>) -> Vec<Endpoint> {
    let own = |serve| Endpoint {
        path: "/openapi",
        summary: "This document",
        queries: &[],
        body: None,
        answer: shape::<Document>(),
        effect: Effect::Reads,
        serve,
    };
    let described = document(endpoints.iter().chain([&own(Box::new(|_, _| json(&())))]));
    endpoints.push(own(Box::new(move |_, _| json(&described))));
    endpoints
}

/// The schemas that are referred to, by name.
type Named = BTreeMap<String, RefOr<Schema>>;

/// The document.
fn document<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> OpenApi {
    let mut named = Named::new();
    let mut paths = PathsBuilder::new();
    for endpoint in endpoints {
        let method = if endpoint.body.is_some() { HttpMethod::Post } else { HttpMethod::Get };
        let path = endpoint.path;
        paths = paths.path(path, PathItem::new(method, operation(endpoint, &mut named)));
    }
    let info = InfoBuilder::new()
        .title("Sandbox of a smart rollup")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    let components = ComponentsBuilder::new().schemas_from_iter(named).build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn operation(endpoint: &Endpoint, named: &mut Named) -> Operation {
    let in_path = endpoint.path.split('/').filter_map(|step| {
        let name = step.strip_prefix('{')?.strip_suffix('}')?;
        PATH_PARAMETERS.iter().find(|(known, _)| *known == name)
    });
    let id = endpoint.path.replace(['{', '}'], "").trim_matches('/').replace('/', "_");
    let mut operation =
        OperationBuilder::new().operation_id(Some(id)).summary(Some(endpoint.summary));
    for (name, shape) in in_path {
        let parameter = ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(referred(shape(), named)));
        operation = operation.parameter(parameter);
    }
    for query in endpoint.queries {
        operation = operation.parameter(in_query(query, named));
    }
    if let Some(body) = endpoint.body.clone() {
        let body = RequestBodyBuilder::new()
            .content(JSON, Content::new(Some(inlined(body, named))))
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let answer = ResponseBuilder::new()
        .description(endpoint.summary)
        .content(JSON, Content::new(Some(inlined(endpoint.answer.clone(), named))));
    let refusal = ResponseBuilder::new()
        .description("Why not")
        .content(JSON, Content::new(Some(inlined(shape::<Vec<ErrorShape>>(), named))));
    operation.response("200", answer).response("default", refusal).build()
}

fn in_query(query: &Query, named: &mut Named) -> ParameterBuilder {
    let required = if query.required { Required::True } else { Required::False };
    ParameterBuilder::new()
        .name(query.name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(query.about))
        .schema(Some(referred((query.shape)(), named)))
}

/// A schema where it is, and those that it refers to by name.
fn inlined(shape: Shape, named: &mut Named) -> RefOr<Schema> {
    named.extend(shape.named);
    shape.schema
}

/// A reference to a schema of ours; those of Rust's own types have no names.
fn referred(shape: Shape, named: &mut Named) -> RefOr<Schema> {
    if !shape.name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return inlined(shape, named);
    }
    named.extend(shape.named);
    named.insert(shape.name.clone(), shape.schema);
    Ref::from_schema_name(shape.name).into()
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;
    use serde_json::Value;

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

    fn described() -> Value {
        let own = documented(table::endpoints(true));
        serde_json::to_value(document(own.iter())).unwrap()
    }

    #[test]
    fn all_that_is_referred_to_is_there_and_the_other_way_around() {
        let document = described();
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
        let document = described();
        let paths = document["paths"].as_object().unwrap();
        assert_eq!(paths.len(), table::endpoints(true).len() + 1);
        let mut ids = Vec::new();
        for (path, methods) in paths {
            let operation = methods.as_object().unwrap().values().next().unwrap();
            let empty = Vec::new();
            let parameters = operation["parameters"].as_array().unwrap_or(&empty);
            let in_path = parameters.iter().filter(|one| one["in"] == "path").count();
            assert_eq!(in_path, path.matches('{').count(), "{path}");
            ids.push(operation["operationId"].as_str().unwrap());
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), paths.len());
    }
}
