//! Withdrawals that wait for long, that are at their end, and that have left where nobody has seen it.

use encoding::Level;
use history::{Page, WithdrawalRow, WithdrawalWord};
use rusqlite::Connection;
use serde_json::json;

use crate::common::{World, batch, index, operation, registers, transaction, withdrawal};
use crate::octez::Octez;

fn begun() -> World {
    let world = World::over(Octez::start());
    world.octez.lists(json!([]));
    world.fund();
    world.send(&registers());
    world.octez.bake(1);
    world
}

/// So many withdrawals of one by somebody, each with an outbox message of its own.
fn withdraws(world: &World, person: u8, first: u64, count: u64) {
    let one = |counter| {
        let moves = vec![withdrawal(1, None)];
        transaction(vec![operation(index(person), counter, None, moves)])
    };
    world.send(&batch((first..first + count).map(one).collect(), &[], true));
}

/// All withdrawals, oldest first.
fn all(world: &World) -> Vec<WithdrawalRow> {
    let (mut rows, mut after) = (Vec::new(), None);
    loop {
        let page = Page { after, rows: 200 };
        let found = world.ask(|reader| reader.withdrawals(false, page));
        rows.extend(found.rows);
        after = found.next;
        if after.is_none() {
            rows.reverse();
            return rows;
        }
    }
}

fn count(rows: &[WithdrawalRow], is: impl Fn(&WithdrawalRow) -> bool) -> usize {
    rows.iter().filter(|row| is(row)).count()
}

#[test]
fn one_is_found_in_the_outbox_however_many_wait_that_are_not() {
    const OLD: usize = 3_000;
    let mut world = begun();
    withdraws(&world, 1, 0, 1);
    world.bake();
    world.stop();
    // Copies of the one that nothing ever left for.
    let file = Connection::open(world.file()).unwrap();
    file.execute_batch(&format!(
        "BEGIN;
         INSERT INTO moves SELECT v.id + n.value, level, message, operation, kind, sender, receiver, outside, entrypoint,
            pays, ticket, amount, state, settled FROM moves v, (WITH RECURSIVE n(value) AS
            (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {OLD}) SELECT value FROM n) n
            WHERE kind = 'withdrawal';
         INSERT INTO withdrawals (id, first_row, calls, stage)
            SELECT id, id, zeroblob(32), 'queued' FROM moves
            WHERE kind = 'withdrawal' AND id NOT IN (SELECT id FROM withdrawals);
         COMMIT;"
    ))
    .unwrap();
    drop(file);
    world.start();
    withdraws(&world, 1, 1, 1);
    world.bake();
    let rows = all(&world);
    assert_eq!(rows.len(), OLD + 2);
    assert_eq!(rows[OLD + 1].outbox, Some((Level(4), 0)));
    assert_eq!(rows[OLD + 1].stage, WithdrawalWord::Outbox);
    // Nothing waits in the kernel's queue any more: nobody can tell of the others.
    let is_lost = |row: &WithdrawalRow| {
        (row.stage, row.outbox, row.ended) == (WithdrawalWord::Unknown, None, Some(Level(4)))
    };
    assert_eq!(count(&rows, is_lost), OLD);
}

#[test]
fn what_was_at_its_end_before_stays_there_when_levels_are_taken_back() {
    let world = begun();
    withdraws(&world, 1, 0, 1);
    world.bake();
    let one = || all(&world).remove(0);
    while one().stage != WithdrawalWord::Executed {
        world.bake();
    }
    let ended = one().ended.unwrap();
    world.octez.bake(4);
    world.sync();
    // The node does not tell any more what it told then.
    let listed = json!([{"outbox_level": 3, "messages": [{"message_index": 0}]}]);
    world.octez.lists(listed);
    world.octez.revert(ended.0 + 2);
    world.octez.bake(1);
    world.sync();
    assert_eq!((one().stage, one().ended), (WithdrawalWord::Executed, Some(ended)));
    // But in a level that is taken back, it is looked at again.
    world.octez.revert(ended.0 - 1);
    world.octez.bake(2);
    world.sync();
    assert_eq!((one().stage, one().ended), (WithdrawalWord::Executable, None));
}

#[test]
fn what_left_while_nobody_looked_is_unknown_and_what_came_later_is_not() {
    let mut world = begun();
    for person in 1..=3 {
        withdraws(&world, person, 0, 101);
    }
    world.bake();
    let rows = all(&world);
    assert_eq!(count(&rows, |row| row.outbox.is_none()), 203);
    world.stop();
    // 100 leave in each of the next levels, 3 in the last of them, and the node throws the first away.
    world.octez.bake(6);
    world.octez.forgets(Some(4));
    world.start();
    world.sync();
    let at =
        |level| move |row: &WithdrawalRow| row.outbox.is_some_and(|(at, _)| at == Level(level));
    let is_lost = |row: &WithdrawalRow| {
        row.stage == WithdrawalWord::Unknown && row.ended == Some(Level(5)) && row.outbox.is_none()
    };
    let rows = all(&world);
    assert_eq!([3, 5, 6].map(|level| count(&rows, at(level))), [100, 100, 3]);
    assert_eq!(count(&rows, is_lost), 100);
    // They are the oldest of those that had not left before.
    let first = rows.iter().position(is_lost);
    assert!(first < rows.iter().position(at(5)));
    withdraws(&world, 4, 0, 1);
    world.bake();
    let rows = all(&world);
    assert_eq!((count(&rows, at(10)), count(&rows, is_lost)), (1, 100));
    world.ask(|reader| {
        assert_eq!(reader.status()?.alarms, 0);
        let token = reader.tickets(Page::first(9))?.rows.remove(0);
        assert_eq!(reader.supplies(token.row, 1)?[0].withdrawn, "304");
        Ok(())
    });
}
