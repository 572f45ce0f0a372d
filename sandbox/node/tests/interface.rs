//! Each endpoint, in the shapes that Octez's rollup node has, and what is refused.

use crate::common::Sandbox;
use node::Options;
use serde_json::{Value, json};

/// A full block's ticks: a run, and the collecting of the inbox.
const TICKS: &str = "100000000000000";

#[test]
fn blocks_by_every_name() {
    let sandbox = Sandbox::new();
    assert_eq!(
        sandbox.read("/global/smart_rollup_address"),
        "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57"
    );
    assert_eq!(sandbox.read("/global/tezos_level"), 0);
    assert_eq!(sandbox.get("/global/block/head/inbox").status, 404);
    assert_eq!(sandbox.done("/dev/mine", json!({"levels": 6}))["level"], 6);
    // 0, 2, 4, 6 have commitments; that of 2 was published in 3 and cemented in 6.
    for (name, level) in [("head", 6), ("finalized", 4), ("cemented", 2), ("3", 3), ("0", 0)] {
        assert_eq!(sandbox.read(&format!("/global/block/{name}/level")), level);
        let hash = sandbox.read(&format!("/global/block/{name}/hash"));
        let hash = hash.as_str().unwrap();
        assert!(hash.starts_with('B') && hash.len() == 51);
        assert_eq!(sandbox.read(&format!("/global/block/{hash}/level")), level);
    }
    let head = sandbox.read("/global/block/head");
    assert_eq!(head["block_hash"], sandbox.read("/global/tezos_head"));
    assert_eq!(head["predecessor"], sandbox.read("/global/block/5/hash"));
    assert_eq!((&head["level"], &head["num_ticks"]), (&json!(6), &json!(TICKS)));
    assert_eq!(sandbox.read("/global/block/head/num_messages"), "3");
    assert_eq!(sandbox.read("/global/block/head/ticks"), TICKS);
    assert_eq!(sandbox.read("/global/block/head/status"), "Waiting for input message");
    assert_eq!(sandbox.read("/global/block/head/inbox")["level"], 6);
    let outbox = sandbox.read("/global/block/5/outbox/5/messages");
    assert_eq!(sandbox.read("/global/block/head/outbox?outbox_level=5"), outbox);
    assert_eq!(sandbox.read("/global/block/5/outbox"), outbox);
    assert_eq!(sandbox.read("/global/block/4/outbox?outbox_level=5"), json!([]));
    assert_eq!(sandbox.read("/local/gc_info"), json!({"first_available_level": 0}));
    let health = sandbox.read("/health");
    assert_eq!((&health["healthy"], &health["degraded"]), (&json!(true), &json!(false)));
    assert_eq!(health["l1"]["last_seen_head"]["level"], 6);
    assert_eq!(health["l1"]["last_seen_head"]["hash"], head["block_hash"]);
    assert_eq!(
        sandbox.read("/config")["smart-rollup-address"],
        "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57"
    );
    let version = sandbox.read("/version");
    assert!(version["store_version"].is_string() && version["context_version"].is_string());
    for unknown in ["7", "-1", "x", "BLockGenesis", "99999999999999999999"] {
        assert_eq!(sandbox.get(&format!("/global/block/{unknown}/level")).status, 404);
    }
}

#[test]
fn durable_storage_in_every_block() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aabb");
    sandbox.level_with("cc");
    let at = |block: &str, what: &str, key: &str| {
        sandbox.read(&format!("/global/block/{block}/durable/wasm_2_0_0/{what}?key={key}"))
    };
    assert_eq!(at("1", "value", "/state/last"), "01aabb");
    assert_eq!(at("2", "value", "%2Fstate%2Flast"), "01ccbb");
    assert_eq!(at("0", "value", "/state/last"), Value::Null);
    assert_eq!(at("1", "length", "/state/last"), "3");
    assert_eq!(at("1", "length", "/nothing"), Value::Null);
    assert_eq!(at("1", "subkeys", "/state"), json!(["last"]));
    assert_eq!(at("1", "subkeys", "/nothing"), json!([]));
    assert_eq!(at("1", "values", "/state"), json!([{"key": "/state/last", "value": "01aabb"}]));
    // More levels than are kept at hand, looked at twice; and one that is another after going back.
    for _ in 0..10 {
        sandbox.level_with("dd");
    }
    for level in (1..=12).chain(1..=12) {
        let expected = ["01aabb", "01ccbb", "01ddbb"][(level - 1).min(2)];
        assert_eq!(at(&level.to_string(), "value", "/state/last"), expected);
    }
    sandbox.done("/dev/revert", json!({"to": "1"}));
    sandbox.level_with("ee");
    assert_eq!(at("2", "value", "/state/last"), "01eebb");
    for wrong in ["value", "value?key=state", "value?key=/a//b", "value?key=/a&other=1"] {
        let answer = sandbox.get(&format!("/global/block/head/durable/wasm_2_0_0/{wrong}"));
        assert_eq!(answer.status, 400, "{wrong}");
    }
    assert_eq!(sandbox.get("/global/block/head/durable/wasm_1_0_0/value?key=/a").status, 404);
}

#[test]
fn the_batcher_takes_and_tells() {
    let sandbox = Sandbox::new();
    let ids = sandbox.done("/local/batcher/injection", json!(["aa", "bb"]));
    let id = ids[0].as_str().unwrap();
    assert!(id.starts_with("scmsg") && id.len() == 55);
    let queue = sandbox.read("/local/batcher/queue");
    assert_eq!(queue[1], json!({"id": ids[1], "message": {"content": "bb", "counter": "1"}}));
    let message_status = || sandbox.read(&format!("/local/batcher/queue/{id}"));
    assert_eq!(message_status(), json!({"status": "pending_batch", "content": "aa"}));
    sandbox.done("/dev/mine", json!({"levels": 1}));
    let first = message_status();
    let operation = json!({"kind": "add_messages", "message": ["aa"]});
    let hash = first["layer1"]["operation_hash"].as_str().unwrap().to_owned();
    assert!(hash.starts_with('o') && hash.len() == 51, "{hash}");
    let mut included = json!({
        "status": "included",
        "content": "aa",
        "operation": operation,
        "layer1": {
            "operation_hash": hash,
            "operation_index": 0,
            "block_hash": sandbox.read("/global/block/1/hash"),
            "level": 1,
        },
        "finalized": false,
        "cemented": false,
    });
    assert_eq!(first, included);
    let second = sandbox.read(&format!("/local/batcher/queue/{}", ids[1].as_str().unwrap()));
    assert_eq!(second["layer1"]["operation_index"], 1);
    assert_ne!(second["layer1"]["operation_hash"], hash);
    assert_eq!(sandbox.read("/global/block/1/num_messages"), "5");
    let status = || sandbox.read("/global/block/1/committed_status");
    assert_eq!(status()["uncommitted"]["commitment_level"], 2);
    sandbox.done("/dev/mine", json!({"levels": 1}));
    assert_eq!(message_status(), included);
    // The commitment that was made in 2 is published in 3, and cemented in 6.
    sandbox.done("/dev/mine", json!({"levels": 1}));
    let made = sandbox.read("/global/last_stored_commitment");
    included["status"] = json!("committed");
    included["finalized"] = json!(true);
    included["commitment"] = made["commitment"].clone();
    included["hash"] = made["hash"].clone();
    included["first_published_at_level"] = json!(3);
    included["published_at_level"] = json!(3);
    assert_eq!(message_status(), included);
    assert_eq!(status()["committed"]["commitment_hash"], made["hash"]);
    assert_eq!(status()["committed"]["first_published_level"], 3);
    sandbox.done("/dev/mine", json!({"levels": 3}));
    included["cemented"] = json!(true);
    assert_eq!(message_status(), included);
    assert_eq!(status()["cemented"]["blocks_since_cemented"], 0);
    // By its operation, without the content; of what is not known nothing is.
    let mut by_operation = included.clone();
    by_operation.as_object_mut().unwrap().remove("content");
    let of = |hash: &str| sandbox.read(&format!("/local/injector/operation/{hash}/status"));
    assert_eq!(of(&hash), by_operation);
    assert_eq!(sandbox.get("/local/injector/operation/x/status").status, 400);
    // Another process knows as much.
    let sandbox = sandbox.again();
    assert_eq!(sandbox.read(&format!("/local/batcher/queue/{id}")), included);
    let other = layer1::hashes::BLOCK.text(&[0; 32]);
    assert_eq!(sandbox.get(&format!("/local/batcher/queue/{other}")).status, 400);

    let most = "00".repeat(4_095);
    sandbox.done("/local/batcher/injection?drop_duplicate=true", json!([most, most]));
    assert_eq!(sandbox.read("/local/batcher/queue").as_array().unwrap().len(), 1);
    for (path, body, status) in [
        ("/local/batcher/injection", json!(["00".repeat(4_096)]), 413),
        ("/local/batcher/injection", json!(vec!["00"; 1_001]), 413),
        ("/local/batcher/injection", json!(["0"]), 400),
        ("/local/batcher/injection", json!("00"), 400),
        ("/local/batcher/injection", json!({"messages": []}), 400),
        ("/local/batcher/injection?order=x", json!([]), 400),
        ("/local/batcher/injection?order=-1", json!([]), 400),
        ("/local/batcher/injection?drop_duplicate=1", json!([]), 400),
    ] {
        assert_eq!(sandbox.post(path, body.clone()).status, status, "{path} {body}");
    }
    assert_eq!(sandbox.read("/local/batcher/queue").as_array().unwrap().len(), 1);
}

#[test]
fn simulations_change_nothing() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aa");
    let before = sandbox.read("/global/block/head");
    let simulated = sandbox.done("/global/block/head/simulate", json!({"messages": ["01ff"]}));
    let hash = simulated["state_hash"].as_str().unwrap().to_owned();
    assert!(hash.starts_with("srs1") && hash.len() == 54);
    let expected = json!({
        "state_hash": hash,
        "status": "Waiting for input message",
        "output": [{
            "outbox_level": 2,
            "message_index": "0",
            "message": {"transactions": [], "kind": "untyped"},
        }],
        "inbox_level": 2,
        "num_ticks": TICKS,
        "insights": [],
    });
    assert_eq!(simulated, expected);
    assert_eq!(sandbox.read("/global/block/head"), before);
    let value = "/global/block/head/durable/wasm_2_0_0/value?key=/state/last";
    assert_eq!(sandbox.read(value), "01aa");
    sandbox.level_with("ff");
    assert_eq!(sandbox.read(value), "01ff");
    assert_eq!(sandbox.read("/global/block/head/state_hash"), hash);
    for (block, body, status) in [
        ("1", json!({"messages": []}), 400),
        ("head", json!({}), 400),
        ("head", json!({"messages": [], "insight_requests": [{}]}), 400),
        ("head", json!({"messages": [], "surprise": 1}), 400),
        ("head", json!({"messages": [], "log_kernel_debug_file": "kernel.log"}), 200),
        ("head", json!({"messages": ["00".repeat(4_097)]}), 413),
        ("head", json!({"messages": vec!["01"; 1_001]}), 413),
    ] {
        let path = format!("/global/block/{block}/simulate");
        assert_eq!(sandbox.post(&path, body.clone()).status, status, "{body}");
    }
}

#[test]
fn the_sandboxes_own_endpoints_can_be_switched_off() {
    let file = std::env::temp_dir().join(format!("node-test-plain-{}", std::process::id()));
    let sandbox = Sandbox::at(file, Options::default());
    assert_eq!(sandbox.post("/dev/mine", json!({"levels": 1})).status, 404);
    assert_eq!(sandbox.read("/global/tezos_level"), 0);
    assert!(!sandbox.read("/openapi").to_string().contains("/dev/"));
}
