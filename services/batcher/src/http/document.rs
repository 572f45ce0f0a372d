//! `/openapi.json`: what is served, and nothing else, from the table that requests are routed by.

use std::sync::Arc;

use axum::http::Method;
use batcher_api::ErrorBody;
use utoipa::openapi::OpenApi;
use web::openapi::{Described, Document, PathParameter, Service, shape};

use super::endpoint::{Endpoint, other};
use super::state::HttpState;
use super::table::{AccountAddress, Hash};

const ABOUT: &str = "Takes transactions that their signers have signed, asks those who are there to sign the batch \
    instead, and tells what became of each. Amounts and counters are decimal texts, hashes and bytes lowercase hex. \
    A body has at most 4 MiB.";

/// The parameters of paths.
const PATH_PARAMETERS: [PathParameter; 3] =
    [("hash", shape::<Hash>), ("batch", shape::<Hash>), ("account", shape::<AccountAddress>)];

/// Endpoints, and the one that says what they are.
pub(super) fn documented(mut endpoints: Vec<Endpoint>) -> Vec<Endpoint> {
    let own = |text: Vec<u8>| {
        let text: Arc<[u8]> = text.into();
        let answer = move |state: Arc<HttpState>, _| {
            let text = text.to_vec();
            async move { Ok(web::json(text, &state.budgets)) }
        };
        other::<Document, _>("/openapi.json", "application/json", &[], answer, "This document")
    };
    let described = document(endpoints.iter().chain([&own(Vec::new())]));
    // A document is always JSON.
    endpoints.push(own(serde_json::to_vec(&described).unwrap_or_default()));
    endpoints
}

fn document<'a>(endpoints: impl Iterator<Item = &'a Endpoint>) -> OpenApi {
    let service = Service {
        title: "Batcher of a smart rollup",
        version: env!("CARGO_PKG_VERSION"),
        about: ABOUT,
        path_parameters: &PATH_PARAMETERS,
        refusal: shape::<ErrorBody>(),
    };
    let described = |endpoint: &'a Endpoint| Described {
        method: if endpoint.body.is_some() { Method::POST } else { Method::GET },
        path: endpoint.path,
        summary: endpoint.summary,
        parameters: endpoint.parameters,
        body: endpoint.body.clone(),
        media_type: endpoint.media_type,
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
        for is_alone in [true, false] {
            let all = documented(endpoints(is_alone));
            let document = serde_json::to_value(document(all.iter())).unwrap();
            assert_eq!(faults(&document), [] as [String; 0]);
            assert_eq!(document["paths"].as_object().unwrap().len(), all.len());
        }
    }
}
