//! The document of OpenAPI that describes a service, made of the table that its requests are routed by.

use std::collections::BTreeMap;

use axum::http::Method;
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

/// The type of bodies, and of most answers.
const JSON: &str = "application/json";

/// The schema of a type, and those by name that it refers to.
#[derive(Clone)]
pub struct Shape {
    name: String,
    schema: RefOr<Schema>,
    named: Vec<(String, RefOr<Schema>)>,
}

/// The schema of a type.
#[must_use]
pub fn shape<T: ToSchema>() -> Shape {
    let mut named = Vec::new();
    T::schemas(&mut named);
    Shape { name: T::name().into_owned(), schema: T::schema(), named }
}

/// Something of the shape of a document of OpenAPI.
pub struct Document;

impl PartialSchema for Document {
    fn schema() -> RefOr<Schema> {
        Object::builder().schema_type(Type::Object).into()
    }
}

impl ToSchema for Document {}

/// The name of a parameter in paths, and its type.
pub type PathParameter = (&'static str, fn() -> Shape);

/// What can be given beside a path.
#[derive(Clone, Copy)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub about: &'static str,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether it is a header, and not in the query.
    pub is_header: bool,
    /// Its type.
    pub shape: fn() -> Shape,
}

/// What is described of an endpoint.
pub struct Described<'a> {
    /// By which method it is called.
    pub method: Method,
    /// Its path, with parameters in braces.
    pub path: &'a str,
    /// What it is for.
    pub summary: &'a str,
    /// What it takes beside the path.
    pub parameters: &'a [Parameter],
    /// What it takes as its body.
    pub body: Option<Shape>,
    /// The media type of what it answers.
    pub media_type: &'a str,
    /// What it answers, or each value of its stream.
    pub answer: Shape,
}

/// What is described of a service.
pub struct Service<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Its version.
    pub version: &'a str,
    /// What it is.
    pub about: &'a str,
    /// The parameters of paths.
    pub path_parameters: &'a [PathParameter],
    /// What is answered otherwise.
    pub refusal: Shape,
}

/// The schemas that are referred to, by name.
type Named = BTreeMap<String, RefOr<Schema>>;

/// The document of a service with these endpoints.
#[must_use]
pub fn document<'a>(
    service: &Service<'_>,
    endpoints: impl Iterator<Item = Described<'a>>,
) -> OpenApi {
    let mut named = Named::new();
    let mut paths = PathsBuilder::new();
    for endpoint in endpoints {
        let method =
            if endpoint.method == Method::POST { HttpMethod::Post } else { HttpMethod::Get };
        let path = endpoint.path;
        let operation = operation(service, endpoint, &mut named);
        paths = paths.path(path, PathItem::new(method, operation));
    }
    let info = InfoBuilder::new()
        .title(service.title)
        .version(service.version)
        .description(Some(service.about))
        .build();
    let components = ComponentsBuilder::new().schemas_from_iter(named).build();
    OpenApiBuilder::new().info(info).paths(paths).components(Some(components)).build()
}

fn operation(service: &Service<'_>, endpoint: Described<'_>, named: &mut Named) -> Operation {
    let in_path = endpoint.path.split('/').filter_map(|step| {
        let name = step.strip_prefix('{')?.strip_suffix('}')?;
        service.path_parameters.iter().find(|(known, _)| *known == name)
    });
    let id = endpoint.path.replace(['{', '}'], "").trim_matches('/').replace(['/', '.'], "_");
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
    for parameter in endpoint.parameters {
        operation = operation.parameter(beside_path(parameter, named));
    }
    if let Some(body) = endpoint.body {
        let body = RequestBodyBuilder::new()
            .content(JSON, Content::new(Some(inlined(body, named))))
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let answer = ResponseBuilder::new()
        .description(endpoint.summary)
        .content(endpoint.media_type, Content::new(Some(inlined(endpoint.answer, named))));
    let refusal = ResponseBuilder::new()
        .description("Why not")
        .content(JSON, Content::new(Some(inlined(service.refusal.clone(), named))));
    operation.response("200", answer).response("default", refusal).build()
}

fn beside_path(parameter: &Parameter, named: &mut Named) -> ParameterBuilder {
    let required = if parameter.required { Required::True } else { Required::False };
    let place = if parameter.is_header { ParameterIn::Header } else { ParameterIn::Query };
    ParameterBuilder::new()
        .name(parameter.name)
        .parameter_in(place)
        .required(required)
        .description(Some(parameter.about))
        .schema(Some(referred((parameter.shape)(), named)))
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

/// What a document of OpenAPI has wrong, whatever is described: names that are nowhere, or for nothing, parameters of
/// paths that are not told, and ids that two operations share. For tests.
#[must_use]
pub fn faults(document: &serde_json::Value) -> Vec<String> {
    let mut references = Vec::new();
    references_in(document, &mut references);
    let empty = serde_json::Map::new();
    let schemas = document["components"]["schemas"].as_object().unwrap_or(&empty);
    let name_of = |reference: &str| reference.rsplit('/').next().unwrap_or_default().to_owned();
    let is_there = |reference: &&String| schemas.contains_key(&name_of(reference));
    let nowhere =
        references.iter().filter(|one| !is_there(one)).map(|one| format!("{one}: nowhere"));
    let used = |name: &&String| references.iter().any(|reference| name_of(reference) == **name);
    let unused =
        schemas.keys().filter(|name| !used(name)).map(|name| format!("{name}: for nothing"));
    let mut faults: Vec<String> = nowhere.chain(unused).collect();
    let mut ids = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap_or(&empty) {
        for operation in methods.as_object().unwrap_or(&empty).values() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let in_path = parameters.filter(|one| one["in"] == "path").count();
            if in_path != path.matches('{').count() {
                faults.push(format!("{path}: a parameter is missing"));
            }
            let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
            if ids.contains(&id) {
                faults.push(format!("{id}: twice"));
            }
            ids.push(id);
        }
    }
    faults
}

/// All that is referred to in a value.
fn references_in(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if name == "$ref" => found.push(text.to_owned()),
                    _ => references_in(value, found),
                }
            }
        }
        serde_json::Value::Array(values) => {
            values.iter().for_each(|value| references_in(value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_wrong_with_a_document_is_found() {
        let document = json!({
            "paths": {
                "/a/{b}": {"get": {"operationId": "a", "parameters": []}},
                "/c": {"get": {"operationId": "a", "$ref": "#/components/schemas/Lost"}},
            },
            "components": {"schemas": {"Unused": {}}},
        });
        let found = faults(&document);
        for fault in ["Lost: nowhere", "Unused: for nothing", "/a/{b}: a parameter", "a: twice"] {
            assert!(found.iter().any(|one| one.contains(fault)), "{fault}: {found:?}");
        }
        assert_eq!(found.len(), 4);
    }
}
