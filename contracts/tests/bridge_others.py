"""Contracts that exist on Tezos, by their interfaces and by what is written about them, with toru in the middle."""

from client import Ticket
from layer1 import Call
from bridge_kit import CREDITED, HELD, NOBODY, Bridge
from played import ALICE, BOB, ROLLUP, XTZ, Sequence, deposit_xtz
from ticketers import TZ1, call_out, hash_of


class Others(Bridge):
    """With an exchanger, to which the helper deposits, and tickets of text, which have a ticketer of their own."""

    def __init__(self, name):
        super().__init__(name, vectors=False)
        self.exchanger = self.originate("exchanger", "Unit")
        self.demo = self.originate("demo", "{}")
        self.taker = self.originate("taker", "0")
        self.tickets = {
            "exchanger": (Ticket(hash_of(self.exchanger)), self.exchanger, "burn"),
            "demo": (Ticket(hash_of(self.demo), text=b"demo"), self.demo, "burn"),
        }

    def deposit_both(self, tez, text, receiver):
        self.deposit(deposit_xtz(self.helper, self.exchanger, tez, receiver=receiver))
        self.deposit(Call(self.demo, "mint", f'Pair "{ROLLUP}" "{receiver}" {text}'))

    def expect_demo(self, who, much):
        noted = [{"prim": "Elt", "args": [{"string": who}, {"int": str(much)}]}]
        self.expect("whom the demo would pay", noted, self.storage(self.demo))


def there_and_back(toru):
    bridge = Others("others: there and back")
    bridge.deposit_both(3_000_000, 40, bridge.carol.tz4)
    batch = bridge.withdraw(
        bridge.withdrawal("exchanger", 1_000_000, TZ1[BOB]), bridge.withdrawal("demo", 15, TZ1[BOB]),
        bridge.withdrawal("exchanger", 7),
        # Some contracts keep tickets, and take them bare.
        bridge.withdrawal("demo", 5, to=(bridge.taker, "receive_tickets")),
        bridge.withdrawal("demo", 6, TZ1[BOB], to=(bridge.taker, "receive_tickets")),
    )
    ran, outbox = bridge.run(toru, [bridge.inbox, [batch], []])
    bridge.expect_results(ran, 0, [CREDITED] * 2, [3_000_000, 40])
    bridge.expect_balances(ran, {"exchanger": 1_999_993, "demo": 14})
    bridge.expect("messages", 5, len(outbox))
    before = bridge.tez(BOB)
    bridge.executed(outbox[0])
    bridge.expect("Bob's tez", before + 1_000_000, bridge.tez(BOB))
    bridge.executed(outbox[1])
    bridge.expect_demo(BOB, 15)
    bridge.not_executed("ill-typed parameter", outbox[2])
    bridge.executed(outbox[3])
    bridge.expect("what the taker got", {"int": "5"}, bridge.storage(bridge.taker))
    bridge.not_executed("ill-typed parameter", outbox[4])
    bridge.expect("locked", 2_000_000, bridge.tez(bridge.exchanger))
    bridge.expect("layer 1's ticket balance", 2_000_000, bridge.held(bridge.exchanger))


def refunds(toru):
    bridge = Others("others: refunds")
    before = bridge.tez(ALICE)
    bridge.deposit_both(2_000_000, 4, NOBODY)
    ran, outbox = bridge.run(toru, [bridge.inbox, []], exits=True)
    bridge.expect_results(ran, 0, [HELD] * 2)
    bridge.expect("messages", 2, len(outbox))
    for message in outbox:
        bridge.executed(message)
    bridge.expect("Alice's tez", before, bridge.tez(ALICE))
    bridge.expect_demo(ALICE, 4)


def tzel():
    """tzel's ticketer pays what our outbox brings; its own mint is for rollups of another type."""
    sequence = Sequence("tzel's ticketer", vectors=False)
    ticketer = sequence.originate("tzel", "Unit")
    sequence.refused("ANOTHER_ROLLUP", Call(ticketer, "mint", f'Pair 0x00 "{ROLLUP}"', 5))
    sequence.chain.tez[ticketer] = 5
    sequence.chain.give(ROLLUP, ticketer, XTZ, 5)
    sequence.not_executed("ill-typed parameter", call_out(ticketer, 5, ticketer, "burn"))
    before = sequence.tez(BOB)
    sequence.executed(call_out(ticketer, 5, ticketer, "burn", TZ1[BOB]), ALICE)
    sequence.expect("Bob's tez", before + 5, sequence.tez(BOB))


def run(toru):
    there_and_back(toru)
    refunds(toru)
    tzel()
