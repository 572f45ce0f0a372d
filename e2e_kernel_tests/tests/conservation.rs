//! The check that no ticket was made or lost, on which all other tests rely after each level, finds
//! what is made or lost by hand.
#![expect(clippy::unwrap_used, reason = "a test stops where it goes wrong")]

use encoding::{Kt1Address, Source, Ticket, TicketIndex};
use inbox::envelope::transfer_message;
use kit::{Person, Twin, batch, deposit, ticket, tx, withdraw};
use num_bigint::BigInt;
use tx_kernel::layout::exit_path;
use tx_kernel::view::Owed;

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
    // Where an amount is, and which byte of its value is the amount's lowest.
    for (path, last) in [
        ("/toru/state/main/0000000", 8),
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

#[test]
fn what_is_owed_is_where_it_is() {
    let mut twin = rollup();
    let rollup = twin.rollup();
    let (gold, silver) = (ticket("gold"), ticket("silver"));
    let nobody = |ticket: &Ticket, amount: u64| {
        let payload = inbox::deposit::encode("nobody", ticket, &amount.into());
        let source = Source { curve: 0, hash: [9; 20] };
        transfer_message(&payload, &Kt1Address([0xbb; 20]), &source, &rollup)
    };
    let owed = |twin: &Twin, of: &Ticket, wanted: Option<&[Ticket]>| {
        twin.view(|view| view.owed(wanted).unwrap()).of.get(of).cloned().unwrap_or_default()
    };
    let sums = |one: Owed| [one.on_rollup, one.held, one.refunds, one.collected];
    // 1,000 gold, of which 100 are in the outbox of the first level; and 50 leave with the next.
    assert_eq!(sums(owed(&twin, &gold, None)), [900, 0, 0, 0].map(BigInt::from));
    twin.run_level(&[nobody(&gold, 7), nobody(&silver, 5)]);
    assert_eq!(sums(owed(&twin, &gold, None)), [850, 7, 0, 0].map(BigInt::from));
    // A ticket that was only ever held is not in the registry, and is owed all the same.
    assert_eq!(sums(owed(&twin, &silver, None)), [0, 5, 0, 0].map(BigInt::from));
    let only = [silver.clone()];
    assert_eq!(sums(owed(&twin, &silver, Some(&only))), [0, 5, 0, 0].map(BigInt::from));
    assert_eq!(twin.view(|view| view.owed(Some(&only)).unwrap()).of.len(), 1);
    assert_eq!(twin.view(|view| view.held_count().unwrap()), 2);
    // With an exit, refunds go into the queue: of 103, 100 leave with the level.
    twin.set(&exit_path(&gold.ticketer), b"exit");
    twin.run_level(&(0..103).map(|_| nobody(&gold, 2)).collect::<Vec<_>>());
    assert_eq!(sums(owed(&twin, &gold, None)), [850, 7, 6, 0].map(BigInt::from));
    twin.run_level(&[]);
    assert_eq!(sums(owed(&twin, &gold, None)), [850, 7, 0, 0].map(BigInt::from));
    // A message that the kernel has in part cannot be counted, and that is said.
    assert_eq!(twin.view(|view| view.owed(None).unwrap()).unreadable, 0);
    let path = "/toru/state/held/0/message";
    let whole = twin.durable().values_under(path).next().unwrap().1;
    twin.set(path, &whole[..whole.len() - 1]);
    assert_eq!(twin.view(|view| view.owed(None).unwrap()).unreadable, 1);
    assert_eq!(sums(owed(&twin, &gold, None)), [850, 0, 0, 0].map(BigInt::from));
}
