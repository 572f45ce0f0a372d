//! `/history/openapi.json`: what is served, and nothing else, from the table that requests are routed by.

use std::sync::Arc;

use axum::http::Method;
use utoipa::openapi::OpenApi;
use web::openapi::{Described, Document, PathParameter, Service, shape};

use super::state::HttpState;
use super::table::{AccountAddress, Endpoint, Hash};
use crate::api::ErrorBody;

const ABOUT: &str = "Who paid whom on a smart rollup, and what became of it, without a limit of time. Amounts and \
    whatever may exceed 2^53 are decimal texts, hashes and bytes lowercase hex, times seconds since 1970. A page \
    with a next has more: the same request with after=NEXT asks for it.";

/// The parameters of paths.
const PATH_PARAMETERS: [PathParameter; 2] =
    [("hash", shape::<Hash>), ("account", shape::<AccountAddress>)];

/// Endpoints, and the one that says what they are.
pub(super) fn documented(mut endpoints: Vec<Endpoint>) -> Vec<Endpoint> {
    let own = |text: serde_json::Value| Endpoint {
        path: "/history/openapi.json",
        summary: "This document",
        parameters: &[],
        answer: shape::<Document>(),
        serve: Box::new(move |state: Arc<HttpState>, _| {
            let text = text.clone();
            Box::pin(async move { state.json(&text) })
        }),
    };
    let described = document(endpoints.iter().chain([&own(serde_json::Value::Null)]));
    // A document is always JSON.
    endpoints.push(own(serde_json::to_value(&described).unwrap_or_default()));
    endpoints
}

fn document<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> OpenApi {
    let service = Service {
        title: "History of a smart rollup",
        version: env!("CARGO_PKG_VERSION"),
        about: ABOUT,
        path_parameters: &PATH_PARAMETERS,
        refusal: shape::<ErrorBody>(),
    };
    let described = |endpoint: &'a Endpoint| Described {
        method: Method::GET,
        path: endpoint.path,
        summary: endpoint.summary,
        parameters: endpoint.parameters,
        body: None,
        media_type: "application/json",
        answer: endpoint.answer.clone(),
    };
    web::openapi::document(&service, endpoints.map(described))
}

#[cfg(test)]
mod tests {
    use super::super::table::endpoints;
    use super::*;
    use web::openapi::faults;

    #[test]
    fn every_endpoint_is_described_and_every_name_is_there() {
        let all = documented(endpoints());
        let document = serde_json::to_value(document(all.iter())).unwrap();
        assert_eq!(faults(&document), [] as [String; 0]);
        assert_eq!(document["paths"].as_object().unwrap().len(), all.len());
    }
}
