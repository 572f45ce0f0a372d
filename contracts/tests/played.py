"""Sequences of operations on the chain of layer1.py, each with what came of it: the tests, and the vectors."""

import json

from layer1 import Call, Chain
from outbox import kt1
from pytezos.michelson.forge import forge_micheline
from places import CONTRACTS

ROLLUP = "sr163Lv22CdE8QagCwf48PWDTquk6isQwv57"
ALICE = "tz1KqTpEZ7Yob7QbPE4Hy4Wo8fHG8LhKxZSx"
BOB = "tz1gjaF81ZRRvdzjobyfVNsAeSC6PScjfQwN"
TEZ = 1_000_000

XTZ = "Pair 0 None"


def michelson(name):
    return (CONTRACTS / f"{name}.tz").read_text()


def packed_content(token_id, address, standard, **more):
    """The content of an FA ticketer's tickets: the token's id, and a packed map about the token."""
    told = {**more, "contract_address": address, "token_type": standard}
    entries = [
        {"prim": "Elt", "args": [{"string": key}, {"bytes": told[key].encode().hex()}]}
        for key in sorted(told)
    ]
    data = "05" + forge_micheline(entries).hex()
    return f"Pair {token_id} (Some 0x{data})"


class Sequence:
    """Operations, one after the other, and what is there after each."""

    everything = []

    def __init__(self, name, vectors=True):
        """With `vectors`, it becomes one: nothing in it is made up, and its contracts are none that attack."""
        self.name, self.vectors = name, vectors
        self.chain = Chain(ROLLUP)
        self.chain.tez = {ALICE: 4_000_000 * TEZ, BOB: 4_000_000 * TEZ}
        self.kinds, self.steps, self.start = {}, [], None
        Sequence.everything.append(self)

    def originate(self, kind, storage, name=None):
        assert self.start is None, "a sequence has all its contracts before the first step"
        address = kt1(bytes([len(self.kinds) + 1] * 20))
        self.kinds[address] = kind
        folder = f"{kind}/{kind}" if (CONTRACTS / kind).is_dir() else f"testing/{kind}"
        return self.chain.originate(address, michelson(folder), storage)

    # Steps

    def applied(self, *calls, source=ALICE):
        result = self.operation(calls, source)
        expect(f"{self.name}: {calls}", None, result.error)
        return result

    def refused(self, error, *calls, source=ALICE):
        before = self.state()
        result = self.operation(calls, source)
        expect(f"{self.name}: {calls}", error, result.error)
        expect(f"{self.name}: what a refused operation leaves", before, self.state())

    def executed(self, message, executor=BOB):
        result = self.outbox(message, executor)
        expect(f"{self.name}: {message.hex()}", None, result.error)
        return result

    def not_executed(self, error, message, executor=BOB):
        before = self.state()
        result = self.outbox(message, executor)
        expect(f"{self.name}: {message.hex()}", error, result.error)
        expect(f"{self.name}: what a refused execution leaves", before, self.state())

    def operation(self, calls, source):
        told = [
            {
                "source": source, "destination": call.destination, "amount": str(call.amount),
                "parameters": {"entrypoint": call.entrypoint, "value": call.expression()},
            }
            for call in calls
        ]
        return self.step({"operations": told}, lambda: self.chain.operate(source, *calls))

    def outbox(self, message, executor):
        told = {"outbox_message": message.hex(), "executor": executor}
        return self.step(told, lambda: self.chain.execute(executor, message))

    def step(self, told, play):
        before = self.state()
        if self.start is None:
            self.start = before
        result = play()
        self.steps.append({
            **told, "status": result.status, "error": result.error,
            "internal_operations": result.internal, "payloads": result.payloads,
            "changes": changes(before, self.state()),
        })
        return result

    # What is there

    def state(self):
        chain = self.chain
        tickets = [
            {"holder": holder, "ticketer": ticketer, "content_type": json.loads(kind),
             "content": json.loads(content), "amount": str(amount)}
            for holder, held in sorted(chain.tickets.items())
            for (ticketer, kind, content), amount in sorted(held.items()) if amount
        ]
        return json.loads(json.dumps({
            "tez": {who: str(much) for who, much in sorted(chain.tez.items()) if much},
            "storages": {address: each.storage for address, each in chain.contracts.items()},
            "tickets": tickets,
        }))

    def told(self):
        contracts = [
            {"address": address, "code": kind} for address, kind in self.kinds.items()
        ]
        return {"name": self.name, "contracts": contracts, "before": self.start, "steps": self.steps}

    # Short words for the tests

    def tez(self, who):
        return self.chain.tez.get(who, 0)

    def storage(self, contract):
        return self.chain.contracts[contract].storage

    def view(self, contract, name):
        return self.chain.view(contract, name)

    def expect(self, what, expected, found):
        expect(f"{self.name}: {what}", expected, found)

    def nothing_is_left(self, helper):
        """The helper has neither a deposit on its way nor tez."""
        self.expect("the helper's storage", {"prim": "None"}, self.storage(helper))
        self.expect("the helper's tez", 0, self.tez(helper))


class Tokens:
    """A token of either standard in a sequence, and its ticketer."""

    def __init__(self, sequence, standard, token_id=0):
        self.sequence, self.standard, self.id = sequence, standard, token_id
        self.is_fa2 = standard == "FA2"
        if self.is_fa2:
            self.token = sequence.originate("fa2", "Pair {} {}")
            self.which = f'Right (Pair "{self.token}" {token_id})'
            self.not_allowed, self.not_enough = "FA2_NOT_OPERATOR", "FA2_INSUFFICIENT_BALANCE"
        else:
            self.token = sequence.originate("fa12", "Pair {} {} 0")
            self.which = f'Left "{self.token}"'
            self.not_allowed, self.not_enough = "NotEnoughAllowance", "NotEnoughBalance"
        self.content = packed_content(
            token_id, self.token, standard, decimals="6", name="A token", symbol="TKN"
        )
        self.ticketer = sequence.originate("fa_ticketer", f"Pair ({self.content}) ({self.which}) 0")

    def extra(self):
        """The bytes in the content of its tickets."""
        return bytes.fromhex(self.content.split("0x")[1].rstrip(")"))

    def mint(self, to, amount):
        value = f'Pair "{to}" {self.id} {amount}' if self.is_fa2 else f'Pair "{to}" {amount}'
        return Call(self.token, "mint", value)

    def approve(self, owner, spender, amount):
        if self.is_fa2:
            right = f'Pair "{owner}" "{spender}" {self.id}'
            return Call(self.token, "update_operators", f"{{ Left ({right}) }}")
        return Call(self.token, "approve", f'Pair "{spender}" {amount}')

    def ledger(self):
        """Who has how many of the token."""
        storage = self.sequence.chain.contracts[self.token].storage_value()
        balances = storage.to_python_object()["ledger"]
        if self.is_fa2:
            return {owner: much for (owner, number), much in balances.items() if number == self.id}
        return balances

    def rights(self):
        """Who may take tokens of whom."""
        value = self.sequence.chain.contracts[self.token].storage_value().to_python_object()
        rights = value["operators"] if self.is_fa2 else value["allowances"]
        return {key: much for key, much in rights.items() if much != 0}

    def deposit(self, helper, amount, to=ROLLUP, receiver="", ticketer=None):
        value = f'Pair "{ticketer or self.ticketer}" "{to}" "{receiver}" {amount}'
        return Call(helper, "deposit_fa", value)

    def supply(self):
        return int(self.sequence.view(self.ticketer, "get_total_supply")["int"])


def changes(before, after):
    """What is other than before: tez by account, storages by contract, and all tickets if any is."""
    found = {}
    for what in "tez", "storages":
        keys = before[what].keys() | after[what].keys()
        other = [each for each in sorted(keys) if before[what].get(each) != after[what].get(each)]
        if other:
            found[what] = {each: after[what].get(each, "0") for each in other}
    if before["tickets"] != after["tickets"]:
        found["tickets"] = after["tickets"]
    return found


def deposit_xtz(helper, ticketer, amount, to=ROLLUP, receiver=""):
    return Call(helper, "deposit_xtz", f'Pair "{ticketer}" "{to}" "{receiver}"', amount)


def expect(what, expected, found):
    if expected != found:
        raise SystemExit(f"error: {what}\n  expected {expected}\n  found    {found}")
