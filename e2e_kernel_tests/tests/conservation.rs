//! The check that no ticket was made or lost, on which all other tests rely after each level, finds
//! what is made or lost by hand.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::TicketIndex;
use kit::{Person, Twin, batch, deposit, tx, withdraw};

/// Alice has deposited 1,000 gold; of her 150 withdrawals of one each, 50 wait for their outbox.
fn rollup() -> Twin {
    let mut twin = Twin::native_only();
    let alice = Person::new(1);
    let mut messages = vec![deposit(&twin.rollup(), &alice, "gold", 1_000)];
    messages.extend((0..150).step_by(25).map(|first| {
        let each = (first..first + 25).map(|counter| {
            (tx(vec![alice.does(counter, vec![withdraw("gold", 1)])]), vec![&alice])
        });
        batch(each.collect())
    }));
    twin.run_level(&messages);
    assert_eq!(twin.view(|view| view.pending_messages().unwrap()), 50);
    twin
}

#[test]
fn a_unit_more_anywhere_is_found() {
    let mut twin = rollup();
    let unbalanced = |twin: &Twin| twin.view(|view| view.unbalanced().unwrap());
    assert_eq!(unbalanced(&twin), []);
    // Where an amount is, and which byte of its value is the amount's last.
    for (path, last) in [
        ("/toru/state/balances/0/few/0", 8),
        ("/toru/state/outbox/message/100", 12),
        ("/toru/state/outbox/message/149", 12),
        // On the rollup, deposited in all, withdrawn in all.
        ("/toru/state/tickets/supply/0", 7),
        ("/toru/state/tickets/supply/0", 23),
        ("/toru/state/tickets/supply/0", 39),
    ] {
        let good = twin.durable().values_under(path).next().unwrap().1;
        let mut bad = good.clone();
        bad[last] += 1;
        twin.set(path, &bad);
        assert_eq!(unbalanced(&twin), [TicketIndex(0)], "byte {last} of {path}");
        twin.set(path, &good);
        assert_eq!(unbalanced(&twin), []);
    }
}
