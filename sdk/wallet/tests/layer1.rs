//! What a node of layer 1 tells, and what becomes of answers that are malformed, say no, or do not come.

use ::layer1::address::{Address, Kind};
use encoding::{Kt1Address, Level, RollupAddress, Ticket, TicketContent, Tz4Address};
use serde_json::{Value, json};
use wallet::layer1::asset::{Asset, AssetError};
use wallet::layer1::deposit::Deposit;
use wallet::layer1::known::KnownContract;
use wallet::layer1::micheline::unit;
use wallet::layer1::{Layer1, Layer1Error, Simulated};
use wallet::rpc::Node;

use crate::common::layer1::{FakeLayer1, block_hash};

const TOKEN: Kt1Address = Kt1Address([9; 20]);
const TICKETER: Kt1Address = Kt1Address([2; 20]);
const HELPER: Kt1Address = Kt1Address([1; 20]);

fn user() -> Address {
    Address { kind: Kind::Implicit(0), hash: [5; 20] }
}

fn constants() -> Value {
    json!({"minimal_block_delay": "6", "hard_gas_limit_per_operation": "1040000",
           "hard_gas_limit_per_block": "1386666", "hard_storage_limit_per_operation": "60000"})
}

#[test]
fn a_block_and_accounts() {
    let node = FakeLayer1::at(42);
    let block = node.layer1.block("head").unwrap();
    assert_eq!((block.header().level, &block.header().hash), (Level(42), &block_hash()));
    assert_eq!(block.header().timestamp, "2026-11-29T00:00:00Z");
    node.says("context/constants", constants());
    let constants = block.constants().unwrap();
    assert_eq!((constants.block_time.as_secs(), constants.gas_per_operation), (6, 1_040_000));

    let balance = format!("context/contracts/{}/balance", user());
    // Whom layer 1 does not know has nothing.
    assert_eq!(block.balance(&user()).unwrap(), 0.into());
    node.says(&balance, json!("4000000000000"));
    assert_eq!(block.balance(&user()).unwrap(), 4_000_000_000_000_u64.into());
    let counter = format!("context/contracts/{}/counter", user());
    assert_eq!(block.counter(&user()).unwrap(), 0.into());
    node.says(&counter, json!("17"));
    assert_eq!(block.counter(&user()).unwrap(), 17.into());
    for wrong in [json!(5), json!(""), json!("-1"), json!("1e3"), json!("9".repeat(300)), json!({})]
    {
        node.says(&balance, wrong.clone());
        let error = block.balance(&user()).unwrap_err();
        assert!(matches!(error, Layer1Error::Malformed { .. }), "{wrong}: {error}");
    }
    node.refuses(&balance, 500, "[{\"id\": \"busy\"}]");
    let error = block.balance(&user()).unwrap_err();
    assert!(matches!(&error, Layer1Error::Refused { status: 500, words, .. } if words == "busy"));
}

#[test]
fn a_header_that_is_none_and_a_node_that_is_nowhere() {
    let node = FakeLayer1::at(42);
    let good = json!({"level": 1, "hash": block_hash(), "timestamp": "t", "chain_id": "Net"});
    for (field, wrong) in [
        ("level", json!("1")),
        ("level", json!(5_000_000_000_u64)),
        ("hash", json!("BLx")),
        ("hash", json!(null)),
        ("timestamp", json!(7)),
        ("chain_id", json!(null)),
    ] {
        let mut header = good.clone();
        header[field] = wrong;
        node.says("header", header.clone());
        let error = node.layer1.block("head").unwrap_err();
        assert!(matches!(error, Layer1Error::Malformed { .. }), "{header}: {error}");
    }
    node.refuses("header", 404, "");
    assert!(matches!(node.layer1.block("9").unwrap_err(), Layer1Error::Refused { .. }));
    node.refuses("header", 200, "<html>");
    assert!(matches!(node.layer1.block("9").unwrap_err(), Layer1Error::Malformed { .. }));
    let nowhere = Layer1::new(Node::new("127.0.0.1:9").unwrap());
    let error = nowhere.block("head").unwrap_err();
    assert!(matches!(error, Layer1Error::NoAnswer(_)), "{error}");
}

#[test]
fn tickets_are_asked_for_with_type_and_content() {
    let node = FakeLayer1::at(1);
    let block = node.layer1.block("head").unwrap();
    let rollup = RollupAddress([3; 20]);
    let path = format!("context/smart_rollups/smart_rollup/{rollup}/ticket_balance");
    node.says(&path, json!("18446744073709551616"));
    let ticket = Ticket { ticketer: TICKETER, content: TicketContent::NatBytes(0.into(), None) };
    let balance = block.rollup_ticket_balance(&rollup, &ticket).unwrap();
    assert_eq!(balance, num_bigint::BigInt::from(u64::MAX) + 1);
    let asked = node.asked(&path);
    assert_eq!(asked["ticketer"], TICKETER.to_string());
    assert_eq!(asked["content_type"]["args"][1]["args"][0]["prim"], "bytes");
    let content = json!({"prim": "Pair", "args": [{"int": "0"}, {"prim": "None"}]});
    assert_eq!(asked["content"], content);

    let path = format!("context/contracts/{TOKEN}/ticket_balance");
    node.says(&path, json!("5"));
    let text = Ticket { ticketer: TICKETER, content: TicketContent::String(b"demo".to_vec()) };
    let owner = Address { kind: Kind::Contract, hash: TOKEN.0 };
    assert_eq!(block.ticket_balance(&owner, &text).unwrap(), 5.into());
    let asked = node.asked(&path);
    assert_eq!(
        (&asked["content_type"], &asked["content"]),
        (&json!({"prim": "string"}), &json!({"string": "demo"}))
    );
}

#[test]
fn contracts_of_ours_are_known_by_what_a_node_tells() {
    let node = FakeLayer1::at(1);
    let block = node.layer1.block("head").unwrap();
    let path = format!("context/contracts/{TICKETER}/script");
    assert_eq!(block.contract(&TICKETER).unwrap(), None);
    let code = KnownContract::XtzTicketer.script().unwrap().to_json();
    node.says(&path, json!({"code": code, "storage": {"int": "7"}}));
    let contract = block.contract(&TICKETER).unwrap().unwrap();
    assert_eq!(KnownContract::of(&contract.script), Some(KnownContract::XtzTicketer));
    // One annotation less is another contract.
    let other = code.to_string().replacen("%mint", "%mint2", 1);
    let other: Value = serde_json::from_str(&other).unwrap();
    node.says(&path, json!({"code": other, "storage": {"int": "7"}}));
    let contract = block.contract(&TICKETER).unwrap().unwrap();
    assert_eq!(KnownContract::of(&contract.script), None);
    for wrong in [json!({}), json!({"code": [], "storage": 7}), json!({"code": {"int": "1"}})] {
        node.says(&path, wrong.clone());
        let error = block.contract(&TICKETER).unwrap_err();
        assert!(matches!(error, Layer1Error::Malformed { .. }), "{wrong}: {error}");
    }
}

#[test]
fn tokens_answer_as_their_kind_does() {
    let node = FakeLayer1::at(1);
    let block = node.layer1.block("head").unwrap();
    let view = "helpers/scripts/run_script_view get_token";
    let error = block.token_of(&TICKETER).unwrap_err();
    assert!(matches!(error, AssetError::Layer1(Layer1Error::Refused { .. })), "{error}");
    let token = json!({"string": TOKEN.to_string()});
    node.says(view, json!({"data": {"prim": "Left", "args": [token]}}));
    assert_eq!(block.token_of(&TICKETER).unwrap(), Asset::Fa12(TOKEN));
    let asked = node.asked(view);
    assert_eq!(
        (&asked["contract"], &asked["input"]),
        (&json!(TICKETER.to_string()), &json!({"prim": "Unit"}))
    );
    assert_eq!(
        (&asked["chain_id"], &asked["unparsing_mode"]),
        (&json!("NetXdQprcVkpaWU"), &json!("Readable"))
    );
    node.says(view, json!({"data": {"int": "1"}}));
    assert!(matches!(block.token_of(&TICKETER).unwrap_err(), AssetError::NotAToken(_)));
    node.says(view, json!({"data": 1}));
    let error = block.view(&TICKETER, "get_token", &unit()).unwrap_err();
    assert!(matches!(error, Layer1Error::Malformed { .. }), "{error}");

    let balance = "helpers/scripts/run_view getBalance";
    node.says(balance, json!({"data": {"int": "70"}}));
    assert_eq!(block.holds(&user(), &Asset::Fa12(TOKEN)).unwrap(), 70.into());
    assert_eq!(node.asked(balance)["input"], json!({"string": user().to_string()}));
    node.says(balance, json!({"data": {"string": "70"}}));
    assert!(block.holds(&user(), &Asset::Fa12(TOKEN)).is_err());

    let balance = "helpers/scripts/run_view balance_of";
    let answer = |amount: &str| {
        let request =
            json!({"prim": "Pair", "args": [{"string": user().to_string()}, {"int": "3"}]});
        json!({"data": [{"prim": "Pair", "args": [request, {"int": amount}]}]})
    };
    let fa2 = Asset::Fa2(TOKEN, 3.into());
    node.says(balance, answer("80"));
    assert_eq!(block.holds(&user(), &fa2).unwrap(), 80.into());
    let one = json!({"prim": "Pair", "args": [{"string": user().to_string()}, {"int": "3"}]});
    assert_eq!(node.asked(balance)["input"], json!([one]));
    for wrong in [answer("-1"), json!({"data": []}), json!({"data": {"int": "80"}})] {
        node.says(balance, wrong.clone());
        assert!(block.holds(&user(), &fa2).is_err(), "{wrong}");
    }
    let allowance = "helpers/scripts/run_view getAllowance";
    node.says(allowance, json!({"data": {"int": "4"}}));
    assert_eq!(block.allowance(&TOKEN, &user(), &HELPER).unwrap(), 4.into());
}

#[test]
fn an_operation_is_simulated_with_counters_and_limits() {
    let node = FakeLayer1::at(1);
    let block = node.layer1.block("head").unwrap();
    node.says("context/constants", constants());
    node.says(&format!("context/contracts/{}/counter", user()), json!("17"));
    let deposit = Deposit {
        helper: HELPER,
        ticketer: TICKETER,
        asset: Asset::Fa2(TOKEN, 0.into()),
        rollup: RollupAddress([3; 20]),
        receiver: Tz4Address([4; 20]),
        amount: 100,
        clears_allowance: false,
    };
    let group = deposit.group(Some(&user())).unwrap();
    let path = "helpers/scripts/simulate_operation";
    let applied = json!({"metadata": {"operation_result": {"status": "applied"}}});
    node.says(path, json!({"contents": [applied, applied, applied]}));
    assert_eq!(block.simulate(&user(), &group).unwrap(), Simulated::Applied);
    let asked = node.asked(path);
    assert_eq!(asked["operation"]["branch"], block_hash());
    let contents = asked["operation"]["contents"].as_array().unwrap();
    let counters: Vec<&str> = contents.iter().map(|one| one["counter"].as_str().unwrap()).collect();
    assert_eq!(counters, ["18", "19", "20"]);
    // All together must fit a block.
    assert_eq!(contents[0]["gas_limit"], (1_386_666 / 3).to_string());
    let failed = json!({"metadata": {"operation_result": {"status": "failed", "errors": [
        {"id": "proto.024-PtX.michelson_v1.script_rejected", "with": {"string": "ROLLUP_OF_ANOTHER_TYPE"}}]}}});
    node.says(path, json!({"contents": [applied, failed, applied]}));
    let refused = block.simulate(&user(), &group).unwrap();
    assert!(matches!(&refused, Simulated::Refused(why) if why.contains("ROLLUP_OF_ANOTHER_TYPE")));
    node.refuses(path, 500, "[{\"id\": \"proto.024-PtX.contract.unrevealed_key\"}]");
    let refused = block.simulate(&user(), &group).unwrap();
    assert!(matches!(&refused, Simulated::Refused(why) if why.contains("unrevealed_key")));
    node.says(path, json!({"contents": [{}]}));
    assert!(matches!(block.simulate(&user(), &group), Err(Layer1Error::Malformed { .. })));
}
