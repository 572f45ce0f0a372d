//! What is told of layer 1's contracts.

use std::collections::BTreeMap;

use layer1::entrypoints::{Parameter, unnamed};
use layer1::json::micheline;
use layer1::michelson::Node;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{Object, Schema, SchemaType, Type};
use utoipa::{PartialSchema, ToSchema};

/// An expression of Micheline in JSON: an object of a few forms, or a list of such.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Micheline(pub(crate) Value);

impl Micheline {
    pub(crate) fn of(node: &Node) -> Self {
        Self(micheline(node))
    }
}

impl PartialSchema for Micheline {
    fn schema() -> RefOr<Schema> {
        let forms = SchemaType::from_iter([Type::Object, Type::Array]);
        Object::builder().schema_type(forms).description(Some("Micheline")).into()
    }
}

impl ToSchema for Micheline {}

/// What a contract can be called with, by the names of its entrypoints
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entrypoints {
    entrypoints: BTreeMap<String, Micheline>,
}

impl From<&Parameter> for Entrypoints {
    fn from(parameter: &Parameter) -> Self {
        let all = parameter.list();
        let all =
            all.iter().map(|(name, node)| ((*name).to_owned(), Micheline::of(&unnamed(node))));
        Self { entrypoints: all.collect() }
    }
}
