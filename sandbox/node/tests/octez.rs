//! What is served and answered, held against the document that Octez publishes of its rollup node. What differs
//! is a list in docs/node.md, and that list is exact.

use std::collections::BTreeSet;

use crate::common::Sandbox;
use crate::common::octez::{Differences, endpoints, of_forms, of_value, reduced, unnamed};
use serde_json::{Value, json};

/// The list in the docs.
fn documented() -> Differences {
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/node.md");
    let docs = std::fs::read_to_string(docs).unwrap();
    let (_, section) = docs.split_once("\n## What differs from Octez's document\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    section.lines().filter_map(|line| line.strip_prefix("- ")).map(str::to_owned).collect()
}

/// The schema of a body or an answer.
fn schema<'a>(operation: &'a Value, of: &str) -> &'a Value {
    let content = match of {
        "body" => &operation["requestBody"],
        _ => &operation["responses"]["200"],
    };
    &content["content"]["application/json"]["schema"]
}

/// What differs between an endpoint of theirs and ours.
fn between(document: &Value, path: &str, theirs: &Value) -> Differences {
    let ours = document["paths"].as_object().unwrap();
    let Some((_, methods)) = ours.iter().find(|(ours, _)| unnamed(ours) == path) else {
        return Differences::from([format!("`{path}` is not served")]);
    };
    let (method, operation) = methods.as_object().unwrap().iter().next().unwrap();
    let Some(answer) = theirs.get(method) else {
        return Differences::from([format!("`{path}` takes another method")]);
    };
    let at = format!("`{path}`");
    let mut found = of_forms(&at, answer, &reduced(document, schema(operation, "answer")));
    if let Some(body) = theirs.get("body") {
        let ours = reduced(document, schema(operation, "body"));
        found.extend(of_forms(&format!("{at}, body:"), body, &ours));
    }
    let names = |all: &Value| -> BTreeSet<String> {
        let named = |one: &Value| one.as_str().or(one["name"].as_str()).map(str::to_owned);
        let in_query = |one: &&Value| one.is_string() || one["in"] == "query";
        all.as_array().into_iter().flatten().filter(in_query).filter_map(named).collect()
    };
    let (theirs, ours) = (names(&theirs["query"]), names(&operation["parameters"]));
    found.extend(theirs.difference(&ours).map(|name| format!("{at} does not take `?{name}`")));
    found.extend(ours.difference(&theirs).map(|name| format!("{at} takes `?{name}` as well")));
    found
}

#[test]
fn what_differs_from_octez_is_listed() {
    let sandbox = Sandbox::new();
    let document = sandbox.read("/openapi");
    let theirs = endpoints();
    let mut found = Differences::new();
    for (path, endpoint) in &theirs {
        found.extend(between(&document, path, endpoint));
    }
    let ours = document["paths"].as_object().unwrap().keys().map(|path| unnamed(path));
    let own = ours.filter(|path| !theirs.contains_key(path));
    found.extend(own.map(|path| format!("`{path}` is the sandbox's own")));
    let listed = documented();
    let missing: Vec<_> = found.difference(&listed).collect();
    let wrong: Vec<_> = listed.difference(&found).collect();
    assert!(missing.is_empty() && wrong.is_empty(), "missing: {missing:#?}\nwrong: {wrong:#?}");
}

#[test]
fn answers_have_the_fields_and_types_of_octez_but_for_those() {
    let sandbox = Sandbox::new();
    let sent = sandbox.done("/local/batcher/injection", json!(["aa"]));
    sandbox.done("/dev/mine", json!({"levels": 10}));
    sandbox.done("/local/batcher/injection?order=7", json!(["bb"]));
    let made = sandbox.read("/local/last_published_commitment");
    let id = sent[0].as_str().unwrap().to_owned();
    let status = sandbox.read(&format!("/local/batcher/queue/{id}"));
    let operation = status["layer1"]["operation_hash"].as_str().unwrap().to_owned();
    let given = [
        ("/global/block/{}/outbox/{}/messages", vec!["10", "1"], ""),
        ("/global/block/{}/helpers/proofs/outbox/{}/messages", vec!["10", "1"], "?index=0"),
        ("/local/commitments/{}", vec![made["hash"].as_str().unwrap()], ""),
        ("/local/batcher/queue/{}", vec![id.as_str()], ""),
        ("/local/injector/operation/{}/status", vec![operation.as_str()], ""),
        ("/global/block/{}", vec!["1"], "?outbox=true"),
    ];
    let listed = documented();
    let mut asked = 0;
    for (path, endpoint) in endpoints() {
        let served = endpoint.get("get").filter(|_| !path.contains("/monitor_"));
        let Some(theirs) = served.filter(|_| !listed.contains(&format!("`{path}` is not served")))
        else {
            continue;
        };
        let (parameters, query) = match given.iter().find(|(known, ..)| *known == path) {
            Some((_, parameters, query)) => (parameters.as_slice(), *query),
            None if path.contains("/durable/") => (["10"].as_slice(), "?key=/state/last"),
            None => (["10"].as_slice(), ""),
        };
        let real = parameters.iter().fold(path.clone(), |path, one| path.replacen("{}", one, 1));
        let answer = sandbox.read(&format!("{real}{query}"));
        let found = of_value(&format!("`{path}`"), theirs, &answer);
        let unlisted: Vec<_> = found.difference(&listed).collect();
        assert!(unlisted.is_empty(), "{path}: {unlisted:#?}\n{answer}");
        asked += 1;
    }
    assert!(asked > 30, "{asked}");
}
