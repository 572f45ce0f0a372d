//! `/openapi`: what is served, and nothing else, from the table that requests are routed by.

use axum::http::Method;
use utoipa::openapi::OpenApi;
use web::openapi::{Described, Document, PathParameter, Service, shape};

use super::endpoint::{Effect, Endpoint, json};
use crate::shapes::{
    AccountAddress, BlockName, CommitmentHash, ContractAddress, EntrypointName, ErrorShape,
    MessageHash, OperationName, RollupAddress,
};

const ABOUT: &str = "Shaped as Octez's rollup node. Hashes of states and commitments, and proofs of \
    outbox messages, are computed as Tezos does; hashes of blocks and inboxes are the simulation's own. A body has at most 1 MiB, a request \
    with its headers 64 KiB.";

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

/// The document.
fn document<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> OpenApi {
    let service = Service {
        title: "Sandbox of a smart rollup",
        version: env!("CARGO_PKG_VERSION"),
        about: ABOUT,
        path_parameters: &PATH_PARAMETERS,
        refusal: shape::<Vec<ErrorShape>>(),
    };
    let described = |endpoint: &'a Endpoint| Described {
        method: if endpoint.body.is_some() { Method::POST } else { Method::GET },
        path: endpoint.path,
        summary: endpoint.summary,
        parameters: endpoint.queries,
        body: endpoint.body.clone(),
        media_type: "application/json",
        answer: endpoint.answer.clone(),
    };
    web::openapi::document(&service, endpoints.map(described))
}

#[cfg(test)]
mod tests {
    use super::super::table;
    use super::*;
    use web::openapi::faults;

    #[test]
    fn every_endpoint_is_described_and_every_name_is_there() {
        let own = documented(table::endpoints(true));
        let document = serde_json::to_value(document(own.iter())).unwrap();
        assert_eq!(faults(&document), [] as [String; 0]);
        assert_eq!(document["paths"].as_object().unwrap().len(), own.len());
    }
}
