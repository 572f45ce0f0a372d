"""Both ways, with toru in the middle: layer 1's deposits go into `toru run`, and its outbox is executed on layer 1.

Nothing is translated in between: the inbox's messages have the payloads that the contracts made, byte for byte,
and the outbox's messages are those that `toru run --json` shows.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from client import Batch, Operation, Person, Place, Ticket, Transaction, Withdrawal, contract, kt1, u32
from layer1 import Call
from played import ALICE, BOB, ROLLUP, TEZ, XTZ, Sequence, Tokens, deposit_xtz
from ticketers import TZ1, call_out, hash_of

CREDITED, HELD = "DEPOSIT_CREDITED", "RECEIVER_NOT_TZ4"
NOBODY = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X5"  # Its checksum is wrong.


class Bridge(Sequence):
    """A chain with every contract, and somebody who owns a tz4."""

    def __init__(self, name):
        super().__init__(name)
        self.carol = Person("carol", 3)
        self.xtz = self.originate("xtz_ticketer", "0")
        self.helper = self.originate("deposit_helper", "None")
        self.fa12 = Tokens(self, "FA1.2")
        self.fa2 = Tokens(self, "FA2", 7)
        self.exchanger = self.originate("exchanger", "Unit")
        self.tzel = self.originate("tzel", "Unit")
        self.demo = self.originate("demo", "{}")
        self.taker = self.originate("taker", "0")
        self.inbox = []

    def fund(self):
        for tokens in self.fa12, self.fa2:
            self.applied(tokens.mint(ALICE, 1000), tokens.approve(ALICE, self.helper, 1000))

    def deposit(self, call, source=ALICE):
        """One call of the rollup, and the message that layer 1 makes of it."""
        result = self.applied(call, source=source)
        (one,) = result.payloads
        who = hash_of(one["sender"]) + TZ1[one["source"]][1:] + hash_of(ROLLUP)
        message = bytes.fromhex("0000" + one["payload"]) + who
        self.inbox.append(message.hex())

    def demo_mint(self, receiver, amount):
        return Call(self.demo, "mint", f'Pair "{ROLLUP}" "{receiver}" {amount}')

    def tickets(self):
        """Each ticket as batches name it, with where it is paid out."""
        def tokens(of):
            extra = bytes.fromhex(of.content.split("0x")[1].rstrip(")"))
            return Ticket(hash_of(of.ticketer), number=of.id, extra=extra)

        return {
            "xtz": (Ticket(hash_of(self.xtz)), self.xtz, "burn"),
            "exchanger": (Ticket(hash_of(self.exchanger)), self.exchanger, "burn"),
            "fa12": (tokens(self.fa12), self.fa12.ticketer, "withdraw"),
            "fa2": (tokens(self.fa2), self.fa2.ticketer, "withdraw"),
            "demo": (Ticket(hash_of(self.demo), text=b"demo"), self.demo, "burn"),
        }

    def run(self, toru, levels, exits=()):
        """What toru makes of these levels. An exit is a ticketer and its entrypoint."""
        instructions = [
            {"set": {"value": name.encode().hex(), "to": f"/toru/config/exits/{hash_of(of).hex()}"}}
            for of, name in exits
        ]
        with tempfile.TemporaryDirectory() as folder:
            inputs, setup = Path(folder, "inputs.json"), Path(folder, "setup.json")
            inputs.write_text(json.dumps(levels))
            setup.write_text(json.dumps({"instructions": instructions}))
            told = []
            for engine in [], ["--native"]:
                command = [toru, "run", "--json", "--rollup", ROLLUP, "--inputs", inputs, "--setup", setup]
                ran = subprocess.run([*command, *engine], stdout=subprocess.PIPE, check=True)
                told.append(json.loads(ran.stdout))
        for each in told:
            for level in each["levels"]:
                for engine_alone in "instructions", "ticks", "refutation_seconds":
                    level.pop(engine_alone)
        self.expect("both engines", told[0], told[1])
        return told[0]


def balances(ran, of):
    return {
        (each["ticketer"], each["content"]): int(each["amount"])
        for each in ran["balances"] if each["account"] == of.tz4
    }


def key(ticket):
    return kt1(ticket.ticketer), ticket.micheline().hex()


def there_and_back(toru):
    """Every ticket is deposited, and withdrawn to a tz1 that signed nothing."""
    bridge = Bridge("bridge: there and back")
    carol, helper = bridge.carol, bridge.helper
    bridge.fund()
    deposited = {"xtz": 12_500_000, "exchanger": 3_000_000, "fa12": 80, "fa2": 60, "demo": 40}
    bridge.deposit(deposit_xtz(helper, bridge.xtz, deposited["xtz"], receiver=carol.tz4))
    bridge.deposit(deposit_xtz(helper, bridge.exchanger, deposited["exchanger"], receiver=carol.tz4))
    bridge.deposit(bridge.fa12.deposit(helper, deposited["fa12"], receiver=carol.tz4))
    bridge.deposit(bridge.fa2.deposit(helper, deposited["fa2"], receiver=carol.tz4))
    bridge.deposit(bridge.demo_mint(carol.tz4, deposited["demo"]))

    # One operation each, so one message each; the last two are bare.
    tickets = bridge.tickets()
    withdrawn = {"xtz": 2_500_000, "exchanger": 1_000_000, "fa12": 30, "fa2": 50, "demo": 15}
    moves = [
        Withdrawal(tickets[name][0], hash_of(tickets[name][1]), tickets[name][2].encode(), much, TZ1[BOB])
        for name, much in withdrawn.items()
    ]
    bare = {"xtz": 7, "demo": 5}
    moves.append(Withdrawal(tickets["xtz"][0], hash_of(bridge.xtz), b"burn", bare["xtz"]))
    moves.append(Withdrawal(tickets["demo"][0], hash_of(bridge.taker), b"receive_tickets", bare["demo"]))
    # To a contract, and to an entrypoint that does not pay.
    to_helper = contract(hash_of(helper))
    moves.append(Withdrawal(tickets["fa2"][0], hash_of(bridge.fa2.ticketer), b"withdraw", 1, to_helper))
    operations = [Operation(Place(0), counter, [move]) for counter, move in enumerate(moves)]
    batch = Batch([carol], transactions=[Transaction([each]) for each in operations])
    signed = batch.signed_by(hash_of(ROLLUP), [carol] * len(moves))
    levels = [[{"serialized": each} for each in bridge.inbox],
              [{"external": signed.external(hash_of(ROLLUP)).hex()}], []]
    ran = bridge.run(toru, levels)

    results = [each["code"] for each in ran["levels"][0]["results"]]
    bridge.expect("deposits", [CREDITED] * len(deposited), results)
    amounts = [each["values"]["amount"] for each in ran["levels"][0]["results"]]
    bridge.expect("amounts", [str(much) for much in deposited.values()], amounts)
    left = {name: deposited[name] - withdrawn[name] - bare.get(name, 0) for name in deposited}
    left["fa2"] -= 1
    expected = {key(tickets[name][0]): much for name, much in left.items()}
    bridge.expect("Carol's balances", expected, balances(ran, carol))

    outbox = [bytes.fromhex(each) for level in ran["levels"] for each in level["outbox"]]
    bridge.expect("messages", len(moves), len(outbox))
    before = bridge.tez(BOB)
    for message in outbox[:5]:
        bridge.executed(message)
    bridge.expect("Bob's tez", before + withdrawn["xtz"] + withdrawn["exchanger"], bridge.tez(BOB))
    bridge.expect("Bob's tokens", withdrawn["fa12"], bridge.fa12.ledger()[BOB])
    bridge.expect("Bob's tokens", withdrawn["fa2"], bridge.fa2.ledger()[BOB])
    noted = [{"prim": "Elt", "args": [{"string": BOB}, {"int": str(withdrawn["demo"])}]}]
    bridge.expect("whom the demo would pay", noted, bridge.storage(bridge.demo))
    # A bare ticket names nobody, and is of use only to a contract that keeps tickets.
    bridge.not_executed("ill-typed parameter", outbox[5])
    bridge.executed(outbox[6])
    bridge.expect("what the taker got", {"int": str(bare["demo"])}, bridge.storage(bridge.taker))
    bridge.executed(outbox[7])
    bridge.expect("the helper's tokens", 1, bridge.fa2.ledger()[helper])
    solvent(bridge, left, {"xtz": bare["xtz"]})


def solvent(bridge, on_the_rollup, in_the_outbox):
    """What is locked, the ticketers' supplies, layer 1's ticket balances, and the rollup's own: all equal."""
    tickets = bridge.tickets()
    held = {}
    for (ticketer, _, _), much in bridge.chain.tickets[ROLLUP].items():
        held[ticketer] = held.get(ticketer, 0) + much
    for name, (_, ticketer, _) in tickets.items():
        owed = on_the_rollup[name] + in_the_outbox.get(name, 0)
        bridge.expect(f"{name}: layer 1's ticket balance", owed, held[ticketer])
        if name in ("xtz", "exchanger"):
            bridge.expect(f"{name}: locked", owed, bridge.tez(ticketer))
        if name == "xtz":
            bridge.expect("supply", {"int": str(owed)}, bridge.view(ticketer, "get_total_supply"))
        if name in ("fa12", "fa2"):
            tokens = getattr(bridge, name)
            bridge.expect(f"{name}: locked", owed, tokens.ledger()[ticketer])
            bridge.expect(f"{name}: supply", owed, tokens.supply())


def refunds(toru):
    """A deposit that cannot be credited comes back to whoever signed it, through the ticketer's exit."""
    bridge = Bridge("bridge: refunds")
    helper = bridge.helper
    bridge.fund()
    tez, tokens = bridge.tez(ALICE), (bridge.fa12.ledger(), bridge.fa2.ledger())
    bridge.deposit(deposit_xtz(helper, bridge.xtz, 5 * TEZ, receiver=NOBODY))
    bridge.deposit(deposit_xtz(helper, bridge.exchanger, 2 * TEZ, receiver=""))
    bridge.deposit(bridge.fa12.deposit(helper, 70, receiver=NOBODY))
    bridge.deposit(bridge.fa2.deposit(helper, 8, receiver=ALICE))
    bridge.deposit(bridge.demo_mint(NOBODY, 4))
    exits = [(of, name) for _, of, name in bridge.tickets().values()]
    ran = bridge.run(toru, [[{"serialized": each} for each in bridge.inbox], []], exits)
    results = [each["code"] for each in ran["levels"][0]["results"]]
    bridge.expect("deposits", [HELD] * 5, results)
    outbox = [bytes.fromhex(each) for level in ran["levels"] for each in level["outbox"]]
    bridge.expect("messages", 5, len(outbox))
    for message in outbox:
        bridge.executed(message)
        bridge.not_executed("not enough of that ticket", message)
    bridge.expect("Alice's tez", tez, bridge.tez(ALICE))
    for before, of in zip(tokens, (bridge.fa12, bridge.fa2)):
        bridge.expect("Alice's tokens", before[ALICE], of.ledger()[ALICE])
        bridge.expect("supply", 0, of.supply())
    noted = [{"prim": "Elt", "args": [{"string": ALICE}, {"int": "4"}]}]
    bridge.expect("whom the demo would pay", noted, bridge.storage(bridge.demo))


def reclaims(toru):
    """Without an exit the rollup holds such a deposit, until its signer asks for it through the helper."""
    bridge = Bridge("bridge: reclaim")
    helper = bridge.helper
    bridge.fund()
    tez, tokens = bridge.tez(ALICE), bridge.fa2.ledger()
    bridge.deposit(deposit_xtz(helper, bridge.xtz, 5 * TEZ, receiver=NOBODY))
    bridge.deposit(bridge.fa2.deposit(helper, 8, receiver=NOBODY))
    tickets = bridge.tickets()
    asked = [
        # Bob asks for what is Alice's, to have it paid to Alice; and then she does.
        (BOB, 0, tickets["xtz"], ALICE), (ALICE, 0, tickets["xtz"], ALICE),
        (ALICE, 1, tickets["fa2"], BOB), (ALICE, 1, tickets["fa2"], BOB),
    ]
    for source, number, (_, ticketer, entrypoint), to in asked:
        name = entrypoint.encode()
        request = (
            b"\x00" + number.to_bytes(8, "big") + hash_of(ticketer) + u32(len(name)) + name
            + b"\x01" + TZ1[to]
        )
        call = Call(helper, "reclaim", f'Pair "{ROLLUP}" 0x{request.hex()}')
        bridge.deposit(call, source)
    levels = [bridge.inbox[:2], bridge.inbox[2:], []]
    ran = bridge.run(toru, [[{"serialized": each} for each in level] for level in levels])
    results = [[each["code"] for each in level["results"]] for level in ran["levels"][:2]]
    bridge.expect("deposits", [HELD] * 2, results[0])
    paid = "DEPOSIT_RECLAIMED"
    bridge.expect("requests", ["NOT_THE_DEPOSITOR", paid, paid, "ALREADY_PAID_BACK"], results[1])
    outbox = [bytes.fromhex(each) for level in ran["levels"] for each in level["outbox"]]
    for message in outbox:
        bridge.executed(message)
    bridge.expect("Alice's tez", tez, bridge.tez(ALICE))
    bridge.expect("Alice's tokens", tokens[ALICE] - 8, bridge.fa2.ledger()[ALICE])
    bridge.expect("Bob's tokens", 8, bridge.fa2.ledger()[BOB])
    solvent(bridge, dict.fromkeys(tickets, 0), {})


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
    reclaims(toru)
    tzel()
