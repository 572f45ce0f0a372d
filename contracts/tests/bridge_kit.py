"""A chain with toru in the middle: deposits go into `toru run`, and the outbox that it shows is executed.

Nothing is translated in between: the inbox's messages have the payloads that the contracts made, byte for byte,
and the outbox's messages are those that `toru run --json` shows.
"""

import json
import subprocess
import tempfile
from pathlib import Path

from client import Batch, Operation, Person, Place, Ticket, Transaction, Withdrawal, kt1
from played import ALICE, ROLLUP, Sequence, Tokens
from ticketers import TZ1, hash_of

CREDITED, HELD, RECLAIMED = "DEPOSIT_CREDITED", "RECEIVER_NOT_TZ4", "DEPOSIT_RECLAIMED"
NOBODY = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X5"  # Its checksum is wrong.


class Bridge(Sequence):
    """A chain with the helper, and somebody who owns a tz4. `tickets` has each ticket, as batches name it, with
    where it is paid out."""

    def __init__(self, name, vectors=True):
        super().__init__(name, vectors)
        self.carol = Person("carol", 3)
        self.helper = self.originate("deposit_helper", "None")
        self.inbox, self.tickets = [], {}

    def deposit(self, call, source=ALICE):
        """One call of the rollup, and the message that layer 1 makes of it."""
        result = self.applied(call, source=source)
        (one,) = result.payloads
        who = hash_of(one["sender"]) + TZ1[one["source"]][1:] + hash_of(ROLLUP)
        message = bytes.fromhex("0000" + one["payload"]) + who
        self.inbox.append({"serialized": message.hex()})

    def withdrawal(self, name, amount, receiver=None, to=None):
        ticket, contract, entrypoint = self.tickets[name]
        contract, entrypoint = to or (contract, entrypoint)
        return Withdrawal(ticket, hash_of(contract), entrypoint.encode(), amount, receiver)

    def withdraw(self, *withdrawals):
        """A message with one operation of Carol's for each, so that each is a message of the outbox."""
        operations = [Operation(Place(0), n, [each]) for n, each in enumerate(withdrawals)]
        batch = Batch([self.carol], transactions=[Transaction([each]) for each in operations])
        signed = batch.signed_by(hash_of(ROLLUP), [self.carol] * len(withdrawals))
        return {"external": signed.external(hash_of(ROLLUP)).hex()}

    def run(self, toru, levels, exits=False):
        """What toru makes of these levels, and the outbox. With `exits`, the configuration has all of them."""
        instructions = [
            {"set": {"value": name.encode().hex(), "to": f"/toru/config/exits/{hash_of(of).hex()}"}}
            for _, of, name in self.tickets.values() if exits
        ]
        with tempfile.TemporaryDirectory() as folder:
            inputs, setup = Path(folder, "inputs.json"), Path(folder, "setup.json")
            inputs.write_text(json.dumps(levels))
            setup.write_text(json.dumps({"instructions": instructions}))
            files = ["--inputs", inputs, "--setup", setup]
            told = []
            for engine in [], ["--native"]:
                command = [toru, "run", "--json", "--rollup", ROLLUP, *files, *engine]
                ran = subprocess.run(command, stdout=subprocess.PIPE, check=True)
                told.append(json.loads(ran.stdout))
        for each in told:
            for level in each["levels"]:
                # The native kernel is not in the state, so that this has no hash.
                for engine_alone in "instructions", "ticks", "refutation_seconds", "state_hash":
                    level.pop(engine_alone)
        self.expect("both engines", told[0], told[1])
        outbox = [bytes.fromhex(each) for level in told[0]["levels"] for each in level["outbox"]]
        return told[0], outbox

    def expect_results(self, ran, level, codes, amounts=None):
        results = ran["levels"][level]["results"]
        self.expect(f"results of level {level}", codes, [each["code"] for each in results])
        if amounts is not None:
            found = [int(each["values"]["amount"]) for each in results]
            self.expect("amounts", list(amounts), found)

    def expect_balances(self, ran, expected):
        """What Carol has on the rollup, in its own state."""
        found = {
            (each["ticketer"], each["content"]): int(each["amount"])
            for each in ran["balances"] if each["account"] == self.carol.tz4
        }
        tickets = {name: ticket for name, (ticket, _, _) in self.tickets.items()}
        keys = {name: (kt1(of.ticketer), of.micheline().hex()) for name, of in tickets.items()}
        self.expect("Carol", {keys[name]: much for name, much in expected.items()}, found)

    def held(self, ticketer):
        """Layer 1's ticket balance of the rollup."""
        balances = self.chain.tickets[ROLLUP].items()
        return sum(much for (of, _, _), much in balances if of == ticketer)


class Ours(Bridge):
    """With the contracts that are shipped."""

    def __init__(self, name):
        super().__init__(name)
        self.xtz = self.originate("xtz_ticketer", "0")
        self.fa12 = Tokens(self, "FA1.2")
        self.fa2 = Tokens(self, "FA2", 7)
        self.tickets["xtz"] = (Ticket(hash_of(self.xtz)), self.xtz, "burn")
        for name, of in ("fa12", self.fa12), ("fa2", self.fa2):
            ticket = Ticket(hash_of(of.ticketer), number=of.id, extra=of.extra())
            self.tickets[name] = (ticket, of.ticketer, "withdraw")
            self.applied(of.mint(ALICE, 1000), of.approve(ALICE, self.helper, 1000))

    def is_solvent(self, owed):
        """What is locked, the ticketers' supplies and layer 1's ticket balances are what is owed, on the rollup or
        in its outbox."""
        for name, much in owed.items():
            _, ticketer, _ = self.tickets[name]
            locked = self.tez(ticketer)
            if name != "xtz":
                locked = getattr(self, name).ledger().get(ticketer, 0)
            self.expect(f"{name}: locked", much, locked)
            supply = int(self.view(ticketer, "get_total_supply")["int"])
            self.expect(f"{name}: supply", much, supply)
            self.expect(f"{name}: layer 1's ticket balance", much, self.held(ticketer))
