//! The simulated layer 1: executed once, not too early, whatever ends; going back; time.

use std::time::{Duration, Instant};

use crate::common::{Sandbox, XTZ_TICKETER, kt1};
use node::Options;
use serde_json::{Value, json};

fn execute(sandbox: &Sandbox, level: i32, index: u32) -> (u16, Value) {
    let asked = json!({"outbox_level": level, "message_index": index});
    let answer = sandbox.post("/dev/execute", asked);
    (answer.status, answer.body)
}

#[test]
fn an_outbox_message_is_executed_once_and_not_too_early() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aa");
    let expected = json!([{
        "outbox_level": 1,
        "message_index": "0",
        "message": {"transactions": [], "kind": "untyped"},
    }]);
    assert_eq!(sandbox.read("/global/block/head/outbox/1/messages"), expected);
    assert_eq!(sandbox.read("/global/block/0/outbox/1/messages"), json!([]));
    assert_eq!(sandbox.read("/global/block/head/outbox/0/messages"), json!([]));
    // Committed with 2, published in 3, cemented in 6.
    let executability = json!([{
        "message_index": 0,
        "understood": true,
        "executable_from": 6,
        "expires": 151_206,
        "executed_at": null,
    }]);
    assert_eq!(sandbox.read("/dev/outbox/1"), executability);
    for _ in 1..6 {
        assert_eq!(execute(&sandbox, 1, 0).0, 409);
        sandbox.done("/dev/mine", json!({"levels": 1}));
    }
    assert_eq!(execute(&sandbox, 1, 1).0, 404);
    assert_eq!(execute(&sandbox, 9, 0).0, 404);
    let (status, done) = execute(&sandbox, 1, 0);
    assert_eq!((status, &done["executed_at"], &done["bytes"]), (200, &json!(6), &json!("01aa")));
    assert_eq!(execute(&sandbox, 1, 0).0, 409);
    // The start of the level, which the kernel sends when nothing else is there, is no message.
    assert_eq!(sandbox.read("/dev/outbox/2")[0]["understood"], false);
    assert_eq!(execute(&sandbox, 2, 0).0, 409);

    // Another process knows of it.
    let sandbox = sandbox.again();
    assert_eq!(execute(&sandbox, 1, 0).0, 409);
    assert_eq!(sandbox.read("/dev/outbox/1")[0]["executed_at"], 6);
    // What is gone back from has not happened.
    sandbox.done("/dev/revert", json!({"to": "5"}));
    sandbox.done("/dev/mine", json!({"levels": 2}));
    assert_eq!(execute(&sandbox, 1, 0).0, 200);
    assert_eq!(execute(&sandbox, 1, 0).0, 409);
}

#[test]
fn going_back_and_playing_the_same_is_the_same() {
    let sandbox = Sandbox::new();
    sandbox.level_with("aa");
    sandbox.done("/dev/snapshot", json!({"name": "here"}));
    let messages = ["bb", "ccdd", "ee"];
    let played = || {
        for message in messages {
            sandbox.level_with(message);
        }
        (1..=4)
            .map(|level| {
                let values = format!("/global/block/{level}/durable/wasm_2_0_0/values?key=/state");
                let hash = format!("/global/block/{level}/hash");
                (sandbox.read(&values), sandbox.read(&hash))
            })
            .collect::<Vec<_>>()
    };
    let first = played();
    sandbox.done("/local/batcher/injection", json!(["ff"]));
    assert_eq!(sandbox.done("/dev/revert", json!({"to": "here"}))["level"], 1);
    // What waited is gone, and so are the blocks.
    assert_eq!(sandbox.read("/local/batcher/queue"), json!([]));
    assert_eq!(sandbox.get("/global/block/2/level").status, 404);
    let hash = first[3].1.as_str().unwrap();
    assert_eq!(sandbox.get(&format!("/global/block/{hash}/level")).status, 404);
    assert_eq!(played(), first);
    assert_eq!(sandbox.post("/dev/revert", json!({"to": "nowhere"})).status, 404);
    assert_eq!(sandbox.post("/dev/revert", json!({"to": "99"})).status, 404);
    assert_eq!(sandbox.post("/dev/revert", json!({"to": "0"})).status, 409);
    assert_eq!(sandbox.post("/dev/snapshot", json!({"name": "here"})).status, 409);
}

#[test]
fn transfers_come_as_layer_1_writes_them() {
    let sandbox = Sandbox::new();
    // Right (Right 0x00), as a user may write it and as layer 1 does.
    let body = json!({
        "payload": "050805080a0000000100",
        "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
        "source": "tz2PgvUJzfmDXTZUvkyKbQb8kjoWR4Wa5Rpv",
    });
    let sent = sandbox.done("/dev/deposit", body.clone());
    let status = |sandbox: &Sandbox| {
        sandbox.read(&format!("/local/batcher/queue/{}", sent["id"].as_str().unwrap()))
    };
    assert_eq!(status(&sandbox)["status"], "pending_batch");
    sandbox.done("/dev/mine", json!({"levels": 1}));
    assert_eq!(status(&sandbox)["layer1"]["level"], 1);
    let zeros = "00".repeat(20);
    let expected =
        format!("0000050805080a0000000100{zeros}01a8a3da850741d1cf7eb53a3514c0bf3df62b3378{zeros}");
    let last = "/global/block/head/durable/wasm_2_0_0/value?key=/state/last";
    assert_eq!(sandbox.read(last), expected);
    for (part, wrong) in
        [("payload", "0x"), ("payload", "ff"), ("sender", "tz1"), ("source", "KT1")]
    {
        let mut body = body.clone();
        body[part] = json!(wrong);
        assert_eq!(sandbox.post("/dev/deposit", body).status, 400);
    }
    // What the rollup does not take, and a contract whose code makes no such call.
    for (part, wrong) in [("payload", json!("030b")), ("sender", json!(kt1(XTZ_TICKETER)))] {
        let mut body = body.clone();
        body[part] = wrong;
        assert_eq!(sandbox.post("/dev/deposit", body).status, 409);
    }
    let mut long = body;
    long["payload"] = json!("00".repeat(4_097));
    assert_eq!(sandbox.post("/dev/deposit", long).status, 413);
    assert_eq!(sandbox.post("/dev/mine", json!({"levels": 10_001})).status, 413);
}

/// The inbox of a level begins with what the operations of the level before it send, once, whatever ends.
#[test]
fn what_operations_send_is_in_one_inbox() {
    let mut sandbox = Sandbox::new();
    let send = |sandbox: &Sandbox, number: u8| {
        let body = json!({
            "payload": format!("050805080a00000001{number:02x}"),
            "sender": "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT",
            "source": "tz2PgvUJzfmDXTZUvkyKbQb8kjoWR4Wa5Rpv",
        });
        sandbox.done("/dev/deposit", body)["id"].as_str().unwrap().to_owned()
    };
    let inbox = |sandbox: &Sandbox, level: i64| {
        let told = sandbox.read(&format!("/global/block/{level}"));
        let all = told["messages"].as_array().unwrap().iter();
        all.map(ToString::to_string).collect::<Vec<String>>()
    };
    let mut ids = Vec::new();
    let mut number = 0;
    for level in 0_i64..6 {
        for _ in 0..level % 3 {
            ids.push((send(&sandbox, number), level + 1));
            number += 1;
        }
        if level % 2 == 0 {
            sandbox = sandbox.again();
        }
        let sent = sandbox.done("/local/batcher/injection", json!(["aa"]))[0].clone();
        sandbox.done("/dev/mine", json!({"levels": 1}));
        sandbox = sandbox.again();
        let all = inbox(&sandbox, level + 1);
        let of_layer1 = usize::try_from(level % 3).unwrap();
        assert_eq!(all.len(), of_layer1 + 1, "{level}: {all:?}");
        let at = |id: &str| sandbox.read(&format!("/local/batcher/queue/{id}"))["layer1"].clone();
        let told = at(sent.as_str().unwrap());
        assert_eq!(
            (&told["level"], &told["operation_index"]),
            (&json!(level + 1), &json!(of_layer1))
        );
        for (id, level) in &ids {
            assert_eq!(at(id)["level"], json!(level));
        }
    }
    // Going back to a level keeps what was done in it, and its messages come again.
    sandbox.done("/dev/revert", json!({"to": "5"}));
    sandbox = sandbox.again();
    sandbox.done("/dev/mine", json!({"levels": 2}));
    assert_eq!(inbox(&sandbox, 6).len(), 2);
    assert_eq!(inbox(&sandbox, 7).len(), 0);
}

#[test]
fn levels_are_baked_by_time() {
    let file = std::env::temp_dir().join(format!("node-test-time-{}", std::process::id()));
    let block_time = Some(Duration::from_millis(50));
    let sandbox = Sandbox::at(file, Options { block_time, ..Options::default() });
    let begin = Instant::now();
    while sandbox.read("/global/tezos_level").as_i64().unwrap() < 3 {
        assert!(begin.elapsed() < Duration::from_secs(300), "no level");
    }
}
