//! Withdrawals and held deposits: how many there are, the oldest that can be executed, and those of which nobody tells.

use std::collections::HashMap;

use encoding::{Kt1Address, Source};
use explorer::router;
use inbox::deposit;
use rusqlite::Connection;
use tx_kernel::layout::exit_path;
use wallet::rpc::Node;

use crate::common::{World, batch, index, operation, transaction, withdrawal};
use crate::filling::Filled;
use crate::live::{options, paid};
use crate::octez::{Octez, ticket};
use crate::panel::panel;
use crate::visitor::{explorer, get};

/// Adds so many withdrawals of a stage, each with an outbox message of its own, from a row on.
fn add(file: &Connection, from: i64, count: i64, stage: &str) {
    let numbers = format!(
        "FROM (WITH RECURSIVE n(v) AS (SELECT {from} UNION ALL SELECT v + 1 FROM n \
         WHERE v < {from} + {count} - 1) SELECT v FROM n)"
    );
    file.execute_batch(&format!(
        "INSERT INTO moves SELECT v, 40, 40000, 40000, 'withdrawal', 1, NULL, 'KT1', 'burn', 'tz1', 1, \
            v, 1, 40 {numbers};
         INSERT INTO withdrawals SELECT v, v, NULL, 40, v, NULL, '{stage}', NULL, NULL {numbers};"
    ))
    .unwrap();
}

#[test]
fn all_are_counted_and_not_those_of_a_page() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    // One of each stage: five are on their way.
    let page = get(&router, "/").body;
    assert!(page.contains("on their way: 5<") && page.contains("Deposits held: 2<"), "{page}");
    add(&filled.file, 100_000, 1_300, "cementing");
    let held = "INSERT INTO held SELECT v, 2, 'KT1', 'tz1', NULL, NULL, 201, 0, 0, 2, NULL, NULL FROM \
                (WITH RECURSIVE n(v) AS (SELECT 10 UNION ALL SELECT v + 1 FROM n WHERE v < 1239) \
                 SELECT v FROM n)";
    filled.file.execute_batch(held).unwrap();
    let page = get(&router, "/").body;
    assert!(page.contains("on their way: 1,305<"), "{page}");
    assert!(page.contains("Deposits held: 1,232<"), "{page}");
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("1,305 withdrawals on their way, of which 1 can be executed"), "{page}");
}

#[test]
fn the_oldest_that_can_be_executed_is_shown_however_many_came_since() {
    let filled = Filled::new();
    add(&filled.file, 100_000, 400, "cementing");
    let (router, _) = panel(&filled, false);
    let oldest = "toru execute --level 14 --index 0";
    assert!(get(&router, "/").body.contains(oldest));
    let page = get(&router, "/control").body;
    assert!(page.contains("Execute 14, 0") && !page.contains(" more. "), "{page}");
    add(&filled.file, 200_000, 300, "executable");
    let page = get(&router, "/control").body;
    assert!(page.contains("Execute 14, 0") && page.contains("281 withdrawals more"), "{page}");
    let page = get(&router, "/").body;
    assert!(page.contains("301 withdrawals can be executed") && page.contains(oldest), "{page}");
    // Withdrawals of one operation are one message, and are executed once.
    filled.file.execute("UPDATE withdrawals SET outbox_index = 7 WHERE id >= 200000", []).unwrap();
    let page = get(&router, "/control").body;
    assert_eq!(page.matches("Execute 40, 7").count(), 1, "{page}");
}

#[test]
fn those_of_which_the_node_does_not_tell_are_shown_apart() {
    let filled = Filled::new();
    let router = explorer(&filled.store);
    let page = get(&router, "/withdrawals").body;
    let (on_their_way, apart) = page.split_once("id=\"unknown\"").expect("a section of its own");
    assert!(!on_their_way.contains("id=\"w17002\"") && apart.contains("id=\"w17002\""), "{page}");
    assert!(apart.contains("now, if nobody has done it"), "{apart}");
    assert!(apart.contains("toru execute --level 17 --index 0"), "{apart}");
    // Of one that is in no outbox that was seen, not even that is known.
    let sql = "UPDATE withdrawals SET outbox_level = NULL, outbox_index = NULL WHERE id = 17002";
    filled.file.execute(sql, []).unwrap();
    let page = get(&router, "/withdrawals").body;
    let (_, apart) = page.split_once("id=\"unknown\"").unwrap();
    assert!(apart.contains("the node does not show its outboxes"), "{apart}");
    assert!(!apart.contains("toru execute") && !apart.contains("left the queue, of which"));
    // However many came since.
    add(&filled.file, 100_000, 1_300, "executed");
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("Of 1 withdrawal the node does not tell"), "{page}");
    add(&filled.file, 200_000, 60, "unknown");
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("Of 61 withdrawals the node does not tell"), "{page}");
    assert!(page.contains("The last of them are shown, and 11 are not."), "{page}");
    for all in ["/withdrawals?all=1", "/withdrawals?after=20000"] {
        assert!(!get(&router, all).body.contains("id=\"unknown\""), "{all}");
    }
}

#[test]
fn times_are_told_where_the_node_has_told_times_and_nowhere_else() {
    let world = paid();
    world.octez.lists(serde_json::json!([]));
    let withdraws = operation(index(1), 1, None, vec![withdrawal(40, None)]);
    world.send(&batch(vec![transaction(vec![withdraws])], &[], true));
    world.bake();
    world.octez.bake(20);
    let later = operation(index(1), 2, None, vec![withdrawal(41, None)]);
    world.send(&batch(vec![transaction(vec![later])], &[], true));
    world.bake();
    world.octez.bake(1);
    world.sync();
    let router = router(options(&world, &world.octez.endpoint));
    // The node is none that tells when its blocks were made.
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("in about 3 levels") && !page.contains(" UTC"), "{page}");
    let file = Connection::open(world.file()).unwrap();
    file.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    file.execute("UPDATE levels SET time = 1790000000 + 30 * level", []).unwrap();
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("in about 3 levels (≈ 90 seconds, Mon 21 Sep"), "{page}");
    assert!(page.contains("with a level every 30 seconds, as observed"), "{page}");
    assert!(get(&router, "/").body.contains("within about 1 level (≈ 30 seconds, "));
    // Too few to tell how long a level takes.
    file.execute("UPDATE levels SET time = NULL WHERE level > 5", []).unwrap();
    let page = get(&router, "/withdrawals").body;
    assert!(page.contains("in about 3 levels") && !page.contains("as observed"), "{page}");
}

#[test]
fn the_next_commitment_is_not_the_last_one() {
    let world = paid();
    world.octez.bake(12);
    world.sync();
    let head = Node::new(&world.octez.endpoint).unwrap().level("head").unwrap().0;
    let router = router(options(&world, &world.octez.endpoint));
    let page = get(&router, "/").body;
    let next = format!("the commitment up to level {} is next", head - 3);
    assert!(page.contains(&next), "{page}");
}

#[test]
fn by_which_entrypoint_a_deposit_is_asked_for_is_told_if_it_is_known() {
    let names = |page: &str, entrypoint: &str| {
        let name = format!("{:08x}{}", entrypoint.len(), hex::encode(entrypoint));
        page.contains("octez-client transfer") && page.contains(&name)
    };
    let pages = |installed: Vec<(String, Vec<u8>)>| {
        let world = World::over(Octez::with(installed));
        // Who deposits it can be paid back, and has sent it by a contract.
        let gold = ticket("gold");
        let payload = deposit::encode("nobody", &gold, &25u64.into());
        world.octez.call(&payload, gold.ticketer);
        world.bake();
        // A deposit that is held although its ticketer has an exit is one that was held before.
        let page = get(&router(options(&world, &world.octez.endpoint)), "/held").body;
        (world, page)
    };
    let (world, page) = pages(Vec::new());
    assert!(names(&page, "burn") && page.contains("names no exit of this ticketer"), "{page}");
    // A tz4 that made one can sign the request.
    assert!(!page.contains("--from KEY"), "{page}");
    let gold = ticket("gold");
    let payload = deposit::encode("nobody", &gold, &25u64.into());
    world.octez.call_by(&payload, gold.ticketer, Source { curve: 3, hash: [7; 20] });
    world.bake();
    let page = get(&router(options(&world, &world.octez.endpoint)), "/held").body;
    assert!(page.contains("toru reclaim 1 --from KEY --exit burn"), "{page}");
    // Without the node it is not known.
    let away = get(&router(options(&world, "127.0.0.1:9")), "/held").body;
    assert!(!names(&away, "burn") && !away.contains("octez-client"), "{away}");
    assert!(away.contains("Which one that is is not known"), "{away}");
    let mut exits = HashMap::new();
    exits.insert(exit_path(&Kt1Address([0xaa; 20])), b"withdraw".to_vec());
    let (world, _) = pages(exits.into_iter().collect());
    let file = Connection::open(world.file()).unwrap();
    file.busy_timeout(std::time::Duration::from_secs(60)).unwrap();
    file.execute("UPDATE held SET paid = NULL", []).unwrap();
    let page = get(&router(options(&world, &world.octez.endpoint)), "/held").body;
    assert!(names(&page, "withdraw") && !names(&page, "burn"), "{page}");
    assert!(page.contains("configuration names the entrypoint"), "{page}");
}
