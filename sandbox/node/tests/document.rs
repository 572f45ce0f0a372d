//! `/openapi` says what is served: every endpoint that it has is there and nothing else, and what is
//! answered has the shapes that it says.

use crate::common::http::call;
use crate::common::schema::misfit;
use crate::common::{ALICE, Sandbox, TOKEN, XTZ_TICKETER, kt1};
use serde_json::{Value, json};

const CONTRACT: &str = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT";

/// The one operation of a path.
fn operation<'a>(document: &'a Value, path: &str) -> (&'a str, &'a Value) {
    let methods = document["paths"][path].as_object().unwrap();
    let (method, operation) = methods.iter().next().unwrap();
    (method, operation)
}

fn shape<'a>(operation: &'a Value, status: &str) -> &'a Value {
    &operation["responses"][status]["content"]["application/json"]["schema"]
}

/// A level with a message that is executed, one that is not understood, and what there is to ask.
fn filled() -> (Sandbox, Vec<(&'static str, String)>) {
    let sandbox = Sandbox::new();
    let sent = sandbox.done("/local/batcher/injection", json!(["aa"]));
    sandbox.done("/dev/mine", json!({"levels": 10}));
    let ids = sandbox.done("/local/batcher/injection?order=7", json!(["bb"]));
    let made = sandbox.read("/local/last_published_commitment");
    let sent = sandbox.read(&format!("/local/batcher/queue/{}", sent[0].as_str().unwrap()));
    let operation = sent["layer1"]["operation_hash"].as_str().unwrap().to_owned();
    let script = "parameter (or (pair %burn address (ticket string)) (nat %add))";
    sandbox.done("/dev/contract", json!({"contract": CONTRACT, "script": script}));
    let parameters = vec![
        ("{block}", "3".to_owned()),
        ("{level}", "1".to_owned()),
        ("{id}", ids[0].as_str().unwrap().to_owned()),
        ("{commitment}", made["hash"].as_str().unwrap().to_owned()),
        ("{operation}", operation),
        ("{contract}", CONTRACT.to_owned()),
        ("{account}", ALICE.to_owned()),
        ("{name}", "burn".to_owned()),
    ];
    (sandbox, parameters)
}

#[test]
fn all_that_is_documented_is_served_in_the_shape_that_is_said() {
    let (sandbox, parameters) = filled();
    let document = sandbox.read("/openapi");
    let mut asked = 0;
    for path in document["paths"].as_object().unwrap().keys() {
        let (method, operation) = operation(&document, path);
        let mut real = path.clone();
        if path.starts_with("/chains/") {
            real = real.replace("{block}", "head");
        }
        if path.ends_with("/script") || path.ends_with("/storage") {
            real = real.replace("{contract}", &kt1(XTZ_TICKETER));
        }
        for (name, value) in &parameters {
            real = real.replace(name, value);
        }
        let other = if method == "get" { "POST" } else { "GET" };
        let endpoint = sandbox.address.to_string();
        let answer = call(&endpoint, other, &real, Some(&json!([]))).unwrap();
        assert_eq!(answer.status, 405, "{path}: {answer:?}");
        assert_eq!(misfit(&document, shape(operation, "default"), &answer.body), None);
        let answer = sandbox.get(&format!("{real}?nothing=1"));
        assert!([400, 405].contains(&answer.status), "{path}: {answer:?}");
        if method == "post" || path.contains("/monitor_") {
            continue;
        }
        let query = match operation["parameters"].as_array().and_then(|all| all.last()) {
            Some(one) if one["in"] == "query" && one["name"] == "key" => "?key=/state/last",
            Some(one) if one["in"] == "query" && one["name"] == "index" => "?index=0",
            _ => "",
        };
        let answer = sandbox.read(&format!("{real}{query}"));
        assert_eq!(misfit(&document, shape(operation, "200"), &answer), None, "{path}");
        asked += 1;
    }
    assert!(asked > 36, "{asked}");
}

#[test]
fn bodies_have_the_shape_that_is_said_and_so_do_their_answers() {
    let (sandbox, _) = filled();
    let document = sandbox.read("/openapi");
    let proof = sandbox.read("/global/block/head/helpers/proofs/outbox/1/messages?index=0");
    let deposit = json!({
        "payload": "050805080a0000000100",
        "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
        "source": "tz2PgvUJzfmDXTZUvkyKbQb8kjoWR4Wa5Rpv",
    });
    let insights = json!([{"kind": "durable_storage", "key": ["state", "last"]}]);
    let simulation = json!({
        "messages": ["01aa"],
        "reveal_pages": ["00"],
        "insight_requests": insights,
        "log_kernel_debug_file": "kernel.log",
    });
    let transaction = json!([{
        "kind": "transaction",
        "source": ALICE,
        "amount": "5",
        "destination": kt1(XTZ_TICKETER),
        "parameters": {"entrypoint": "mint", "value": {"string": ALICE}},
    }]);
    let done = json!({"contents": transaction});
    let context = "/chains/main/blocks/{block}/context";
    let scripts = "/chains/main/blocks/{block}/helpers/scripts";
    let ticket = json!({
        "ticketer": kt1(XTZ_TICKETER),
        "content_type": {"prim": "pair", "args": [
            {"prim": "nat"}, {"prim": "option", "args": [{"prim": "bytes"}]},
        ]},
        "content": {"prim": "Pair", "args": [{"int": "0"}, {"prim": "None"}]},
    });
    let view = json!({
        "contract": kt1(XTZ_TICKETER),
        "view": "get_total_supply",
        "input": {"prim": "Unit"},
        "chain_id": "NetXdQprcVkpaWU",
        "unparsing_mode": "Readable",
    });
    let asked = json!({
        "contract": kt1(TOKEN),
        "entrypoint": "balance_of",
        "input": [{"prim": "Pair", "args": [{"string": ALICE}, {"int": "0"}]}],
        "chain_id": "NetXdQprcVkpaWU",
    });
    let simulated = json!({
        "operation": {"branch": sandbox.read("/global/block/head/hash"), "contents": transaction},
        "chain_id": "NetXdQprcVkpaWU",
    });
    let rollup = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57";
    let paths: Vec<[String; 2]> = [
        format!("{context}/contracts/{{account}}/ticket_balance"),
        format!("{context}/smart_rollups/smart_rollup/{{rollup}}/ticket_balance"),
        format!("{scripts}/run_script_view"),
        format!("{scripts}/run_view"),
        format!("{scripts}/simulate_operation"),
    ]
    .into_iter()
    .map(|path| {
        let real = path.replace("{block}", "head").replace("{account}", ALICE);
        [path, real.replace("{rollup}", rollup)]
    })
    .collect();
    let bodies = [ticket.clone(), ticket, view, asked, simulated];
    let of_layer1 = paths.iter().zip(bodies);
    let mut posts: Vec<(&str, &str, Value)> =
        of_layer1.map(|([path, real], body)| (path.as_str(), real.as_str(), body)).collect();
    posts.extend([
        ("/dev/operation", "/dev/operation", done),
        ("/global/block/{block}/simulate", "/global/block/head/simulate", simulation),
        ("/local/batcher/injection", "/local/batcher/injection", json!(["aa"])),
        ("/dev/mine", "/dev/mine", json!({"levels": 1})),
        ("/dev/deposit", "/dev/deposit", deposit),
        (
            "/dev/contract",
            "/dev/contract",
            json!({"contract": CONTRACT, "script": "parameter unit ; code { ASSERT }"}),
        ),
        ("/dev/snapshot", "/dev/snapshot", json!({"name": "here"})),
        ("/dev/execute", "/dev/execute", proof),
        ("/dev/revert", "/dev/revert", json!({"to": "here"})),
        ("/dev/stop", "/dev/stop", json!(null)),
    ]);
    for (path, real, body) in &posts {
        let (method, operation) = operation(&document, path);
        assert_eq!(method, "post");
        let taken = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert_eq!(misfit(&document, taken, body), None, "{path}");
        let surprise = json!({"surprise": 1});
        if *path != "/dev/stop" {
            assert_ne!(misfit(&document, taken, &surprise), None, "{path}");
            assert_eq!(sandbox.post(real, surprise).status, 400, "{path}");
        }
        let answer = sandbox.done(real, body.clone());
        assert_eq!(misfit(&document, shape(operation, "200"), &answer), None, "{path}");
    }
    let mut posted: Vec<&str> = posts.drain(..).map(|(path, ..)| path).collect();
    let mut all: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    all.retain(|path| operation(&document, path).0 == "post");
    posted.sort_unstable();
    all.sort_unstable();
    assert_eq!(posted, all);
}

#[test]
fn what_is_not_documented_is_not_served() {
    let sandbox = Sandbox::new();
    for path in
        ["/", "/global", "/global/block", "/global/block/head/state", "/dev", "/dev/x", "/local"]
    {
        let answer = sandbox.get(path);
        assert_eq!(answer.status, 404, "{path}");
        let error = &answer.body[0];
        assert_eq!(
            (&error["kind"], &error["id"]),
            (&json!("permanent"), &json!("sandbox.not_found"))
        );
        assert!(error["msg"].as_str().unwrap().contains("/openapi"), "{answer:?}");
    }
}

/// What a body or a query may be at most is said in the document, and what is beyond is refused.
#[test]
fn limits_are_in_the_document() {
    let sandbox = Sandbox::new();
    let document = sandbox.read("/openapi");
    let taken = |path: &str| {
        &operation(&document, path).1["requestBody"]["content"]["application/json"]["schema"]
    };
    let (most, long) = ("00".repeat(4_095), "00".repeat(4_096));
    let simulate = "/global/block/{block}/simulate";
    let head = "/global/block/head/simulate";
    let insight = json!({"kind": "durable_storage", "key": ["x"]});
    for (path, real, body, good) in [
        ("/local/batcher/injection", "/local/batcher/injection", json!([most]), true),
        ("/local/batcher/injection", "/local/batcher/injection", json!([long]), false),
        ("/local/batcher/injection", "/local/batcher/injection", json!(vec!["00"; 1_000]), true),
        ("/local/batcher/injection", "/local/batcher/injection", json!(vec!["00"; 1_001]), false),
        (simulate, head, json!({"messages": [long]}), true),
        (simulate, head, json!({"messages": [format!("{long}00")]}), false),
        (simulate, head, json!({"messages": vec!["01"; 1_001]}), false),
        (simulate, head, json!({"messages": [], "reveal_pages": vec!["00"; 1_001]}), false),
        (simulate, head, json!({"messages": [], "insight_requests": vec![insight; 1_001]}), false),
        ("/dev/mine", "/dev/mine", json!({"levels": 10_001}), false),
        ("/dev/snapshot", "/dev/snapshot", json!({"name": "n".repeat(65)}), false),
    ] {
        let fits = misfit(&document, taken(path), &body).is_none();
        let status = sandbox.post(real, body).status;
        assert_eq!((fits, status == 200), (good, good), "{path} {status}");
    }
    let key = &document["components"]["schemas"]["Key"];
    let longest = format!("/{}", "k".repeat(239));
    for (value, good) in [
        ("", true),
        ("/state/last", true),
        (longest.as_str(), true),
        (&format!("{longest}k"), false),
        ("/", false),
        ("state", false),
        ("/a/", false),
        ("/a@b", false),
    ] {
        assert_eq!(misfit(&document, key, &json!(value)).is_none(), good, "{value}");
        for what in ["value", "length", "subkeys", "values"] {
            let path = format!("/global/block/head/durable/wasm_2_0_0/{what}?key={value}");
            assert_eq!(sandbox.get(&path).status, if good { 200 } else { 400 }, "{path}");
        }
    }
}
