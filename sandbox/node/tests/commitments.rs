//! Commitments, proofs, what is pending, insights, and the streams of blocks.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::common::Sandbox;
use node::limits::MAX_STREAMS;
use serde_json::{Value, json};

#[test]
fn commitments_follow_each_other_and_say_what_blocks_say() {
    let sandbox = Sandbox::new();
    let genesis = sandbox.read("/global/last_stored_commitment");
    assert_eq!(genesis["commitment"]["inbox_level"], 0);
    // Both those who read a commitment and those who read its level are served.
    let mut cemented = sandbox.read("/global/last_cemented_commitment");
    assert_eq!(cemented["level"].take(), json!(0));
    cemented.as_object_mut().unwrap().remove("level");
    assert_eq!(cemented, genesis);
    assert_eq!(sandbox.read("/local/last_published_commitment"), Value::Null);
    sandbox.level_with("aa");
    sandbox.done("/dev/mine", json!({"levels": 5}));
    // Made at 2, 4 and 6; 4 is published in 5, 2 is cemented in 6.
    let stored = sandbox.read("/global/last_stored_commitment");
    let published = sandbox.read("/local/last_published_commitment");
    let cemented = sandbox.read("/global/last_cemented_commitment");
    for (one, level) in [(&stored, 6), (&published, 4), (&cemented, 2)] {
        assert_eq!(one["commitment"]["inbox_level"], level);
        let block = sandbox.read(&format!("/global/block/{level}"));
        assert_eq!(block["commitment_hash"], one["hash"]);
        let state = sandbox.read(&format!("/global/block/{level}/state_hash"));
        assert_eq!(one["commitment"]["compressed_state"], state);
        assert_eq!(one["commitment"]["number_of_ticks"], "200000000000000");
    }
    assert_eq!(stored["commitment"]["predecessor"], published["hash"]);
    assert_eq!(published["commitment"]["predecessor"], cemented["hash"]);
    assert_eq!(cemented["commitment"]["predecessor"], genesis["hash"]);
    assert_eq!(
        (&published["published_at_level"], &published["first_published_at_level"]),
        (&json!(5), &json!(5))
    );
    let of = |one: &Value| {
        sandbox.read(&format!("/local/commitments/{}", one["hash"].as_str().unwrap()))
    };
    assert_eq!(of(&published), published);
    // Made, and not published yet.
    assert_eq!(of(&stored), stored);
    assert_eq!(of(&json!({"hash": layer1::hashes::COMMITMENT.text(&[7; 32])})), Value::Null);
    assert_eq!(sandbox.get("/local/commitments/x").status, 400);
    let total = |block: &str| sandbox.read(&format!("/global/block/{block}/total_ticks"));
    assert_eq!(
        (total("0"), total("1"), total("6")),
        (json!("0"), json!("100000000000000"), json!("600000000000000"))
    );
    assert_eq!(sandbox.read("/global/block/5/state_current_level"), 5);
    let with = sandbox.read("/global/block/1?outbox=true");
    assert_eq!(with["outbox"], json!([{"message_index": 0, "transactions": []}]));
    assert_eq!(with["messages"], json!(["01aa"]));
    assert_eq!(with["inbox"]["level"], 1);
    assert_eq!(with["inbox"]["old_levels_messages"]["content"]["hash"], with["inbox_witness"]);
    let pointers = &with["inbox"]["old_levels_messages"]["back_pointers"];
    assert_eq!(pointers, &json!([sandbox.read("/global/block/0")["inbox_hash"]]));
    assert_eq!(with.get("commitment"), None);
    assert_eq!(sandbox.read("/global/block/2")["commitment"], cemented["commitment"]);
    // Another process says the same, and after going back it is said no more.
    let all = |sandbox: &Sandbox| {
        ["/global/last_stored_commitment", "/global/block/6/total_ticks", "/global/block/6"]
            .map(|path| sandbox.read(path))
    };
    let before = all(&sandbox);
    let sandbox = sandbox.again();
    assert_eq!(all(&sandbox), before);
    sandbox.done("/dev/revert", json!({"to": "5"}));
    assert_eq!(sandbox.read("/global/last_stored_commitment")["commitment"]["inbox_level"], 4);
    sandbox.done("/dev/mine", json!({"levels": 1}));
    assert_eq!(all(&sandbox), before);
}

#[test]
fn proofs_execute_what_is_cemented_and_nothing_else() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aa");
    let path = "/global/block/head/helpers/proofs/outbox/1/messages?index=0";
    let status = |path: &str| sandbox.read(&format!("/local/outbox/pending{path}"));
    assert_eq!(sandbox.get(path).status, 409);
    let outbox = json!({
        "outbox_level": 1,
        "messages": [{"message_index": 0, "message": {"transactions": []}}],
    });
    assert_eq!(status("/unexecutable"), json!([outbox]));
    assert_eq!(status("/executable"), json!([]));
    sandbox.done("/dev/mine", json!({"levels": 5}));
    assert_eq!(status("/executable?outbox_level=1"), json!([outbox]));
    assert_eq!(status("?outbox_level=1")[0]["status"], "executable");
    assert_eq!(status("?outbox_level=9"), json!([]));
    // What layer 1 does not understand has a place and nothing else.
    assert_eq!(status("?outbox_level=3")[0]["messages"], json!([{"message_index": 0}]));
    let proof = sandbox.read(path);
    assert_eq!(proof["commitment"], sandbox.read("/global/last_cemented_commitment")["hash"]);
    // It is good under the state of the commitment, for whom checks it without the sandbox.
    let bytes = hex::decode(proof["proof"].as_str().unwrap()).unwrap();
    let state = sandbox.read("/global/block/cemented/state_hash");
    let state = layer1::hashes::STATE.read(state.as_str().unwrap()).unwrap();
    let output = pvm::proof::verify(&bytes, &state).unwrap();
    assert_eq!((output.level, output.index), (1, 0));
    for wrong in ["?index=1", "?index=x", "?index=-1", ""] {
        let asked = sandbox.get(&format!("{}{wrong}", path.trim_end_matches("?index=0")));
        assert_eq!(asked.status, if wrong == "?index=1" { 404 } else { 400 }, "{wrong}");
    }
    // A commitment that is not cemented, one that is none, a proof that is none, one of another state, one
    // with a byte changed.
    let stored = sandbox.read("/global/last_stored_commitment")["hash"].clone();
    let genesis = sandbox.read("/global/block/0")["commitment_hash"].clone();
    let hash = layer1::hashes::COMMITMENT.text(&[7; 32]);
    let mut changed = bytes.clone();
    *changed.last_mut().unwrap() ^= 1;
    for (body, status) in [
        (json!({"commitment": stored, "proof": proof["proof"]}), 409),
        (json!({"commitment": hash, "proof": proof["proof"]}), 409),
        (json!({"commitment": genesis, "proof": proof["proof"]}), 409),
        (json!({"commitment": proof["commitment"], "proof": "00"}), 400),
        (json!({"commitment": proof["commitment"], "proof": hex::encode(&bytes[..200])}), 400),
        (json!({"commitment": proof["commitment"], "proof": hex::encode(&changed)}), 409),
        (json!({"commitment": proof["commitment"]}), 400),
    ] {
        assert_eq!(sandbox.post("/dev/execute", body.clone()).status, status, "{body}");
    }
    assert_eq!(sandbox.done("/dev/execute", proof.clone())["executed_at"], 6);
    assert_eq!(sandbox.post("/dev/execute", proof).status, 409);
    assert_eq!(status("/executable?outbox_level=1"), json!([]));
}

#[test]
fn insights_are_of_the_state_after_the_simulation() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aa");
    let insight = |steps: &[&str]| json!({"kind": "durable_storage", "key": steps});
    let body = json!({
        "messages": ["01ffff"],
        "insight_requests": [insight(&["state", "last"]), insight(&["nothing"])],
    });
    let simulated = sandbox.done("/global/block/head/simulate", body);
    assert_eq!(simulated["insights"], json!(["01ffff", null]));
    for wrong in [
        json!([{"kind": "pvm_state", "key": ["x"]}]),
        json!([insight(&["a/", "b"])]),
        json!([{"kind": "durable_storage"}]),
    ] {
        let body = json!({"messages": [], "insight_requests": wrong});
        assert_eq!(sandbox.post("/global/block/head/simulate", body).status, 400, "{wrong}");
    }
}

/// The values of a stream.
fn stream(sandbox: &Sandbox, path: &str) -> impl FnMut() -> Option<Value> + use<> {
    let mut stream = TcpStream::connect(sandbox.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    assert_eq!(lines.next().unwrap(), "HTTP/1.1 200 OK");
    let headers = lines.by_ref().take_while(|line| !line.is_empty());
    assert_eq!(headers.filter(|line| line == "Transfer-Encoding: chunked").count(), 1);
    move || {
        let length = usize::from_str_radix(&lines.next().unwrap(), 16).unwrap();
        let value = (length > 0).then(|| lines.next().unwrap());
        // A chunk ends with a line of its own.
        lines.next().unwrap();
        let value = value?;
        assert_eq!(value.len() + 1, length);
        Some(serde_json::from_str(&value).unwrap())
    }
}

#[test]
fn blocks_are_told_as_they_come_and_others_do_not_wait() {
    let sandbox = Sandbox::new();
    let mut heads = stream(&sandbox, "/global/monitor_blocks");
    let mut finals = stream(&sandbox, "/global/monitor_finalized_blocks");
    let unread = stream(&sandbox, "/global/monitor_blocks");
    // A stream has what a block says without what is in it.
    let head_of = |level: i32| {
        let mut block = sandbox.read(&format!("/global/block/{level}"));
        let fields = block.as_object_mut().unwrap();
        for content in ["inbox", "messages", "commitment"] {
            fields.remove(content);
        }
        block
    };
    assert_eq!(heads().unwrap(), head_of(0));
    assert_eq!(finals().unwrap()["level"], 0);
    sandbox.level_with("aa");
    sandbox.done("/dev/mine", json!({"levels": 3}));
    for level in 1..=4 {
        assert_eq!(heads().unwrap(), head_of(level));
    }
    assert_eq!(
        (finals().unwrap()["level"].clone(), finals().unwrap()["level"].clone()),
        (json!(1), json!(2))
    );
    // What is gone back from is told anew.
    sandbox.done("/dev/revert", json!({"to": "3"}));
    sandbox.done("/dev/mine", json!({"levels": 1}));
    assert_eq!(heads().unwrap()["level"], 4);
    let more: Vec<_> =
        (3..MAX_STREAMS).map(|_| stream(&sandbox, "/global/monitor_blocks")).collect();
    let refused = sandbox.get("/global/monitor_blocks");
    assert_eq!((refused.status, &refused.body[0]["id"]), (503, &json!("sandbox.busy")));
    drop((more, unread));
    // They end when all ends.
    sandbox.done("/dev/stop", json!(null));
    assert_eq!(heads(), None);
}
