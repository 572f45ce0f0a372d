"""Layer 1 as far as the contracts need it: a loop that plays what a call returns.

The operations that a call returns are played at once, depth first, and an operation that fails undoes all of its
group. Tickets are counted where somebody other than a contract holds them.
"""

import copy
from dataclasses import dataclass, field
from typing import List, Optional

from interpreter import (
    CONTENT, UNIT, Originated, Refused, equal, parse, ticket_key, tickets_of, type_of, typed_value,
)
from outbox import outbox_calls
from pytezos.michelson.forge import forge_micheline
from pytezos.michelson.micheline import MichelsonRuntimeError
from pytezos.michelson.sections import ParameterSection
from pytezos.michelson.stack import MichelsonStack
from pytezos.michelson.types import PairType

TICKETS = [f"ticket ({CONTENT})", "ticket string"]
ROLLUP_TYPE = f"or (pair string (ticket string)) (or (pair string (ticket ({CONTENT}))) bytes)"


@dataclass
class Result:
    """What became of a group of operations."""

    error: Optional[str] = None
    # As layer 1 shows them, in the order in which it plays them.
    internal: List[dict] = field(default_factory=list)
    # What the rollup got: payload, sender, source.
    payloads: List[dict] = field(default_factory=list)

    @property
    def status(self):
        return "applied" if self.error is None else "failed"


@dataclass
class Call:
    """An operation of a group, or an internal one: its destination, and what it carries."""

    destination: str
    entrypoint: str = "default"
    value: object = None
    amount: int = 0

    def expression(self):
        if self.value is None:
            return UNIT
        return parse(self.value) if isinstance(self.value, str) else self.value


class Chain:
    def __init__(self, rollup):
        self.rollup = rollup
        self.tez, self.contracts = {}, {}
        # For each holder that is no contract: (ticketer, content as text of Micheline, type) to amount.
        self.tickets = {rollup: {}}
        self.result = Result()

    def originate(self, address, michelson, storage):
        self.contracts[address] = Originated(address, michelson, storage)
        return address

    # What contracts may ask

    def parameter(self, address):
        if address == self.rollup:
            return parse(ROLLUP_TYPE)
        contract = self.contracts.get(address)
        return contract and contract.parameter()

    def entrypoint(self, address, name, wanted):
        """Whether there is an entrypoint of this type."""
        if address.startswith("tz"):
            types_ = ["unit", *TICKETS]
            return name == "default" and any(equal(type_of(each), wanted) for each in types_)
        parameter = self.parameter(address)
        if parameter is None:
            return False
        entrypoints = ParameterSection.match(parameter).list_entrypoints()
        return name in entrypoints and equal(entrypoints[name], wanted)

    def view(self, address, name, value=UNIT):
        contract = self.contracts[address]
        view = contract.view_named(name)
        stack = MichelsonStack()
        stack.push(PairType.from_comb(
            [view.args[1].from_micheline_value(value), contract.storage_value()]
        ))
        view.args[3].execute(stack, [], contract.context(self))
        return stack.pop1().to_micheline_value()

    # Operations

    def operate(self, source, *calls):
        """A group of operations that `source` signs: all or none."""
        return self.all_or_none(lambda: [self.play(source, source, call) for call in calls])

    def execute(self, executor, message):
        """Executes a message of the rollup's outbox, whoever asks for it."""
        return self.all_or_none(
            lambda: [
                self.play(executor, self.rollup, Call(*call)) for call in outbox_calls(message)
            ]
        )

    def all_or_none(self, play):
        before = copy.deepcopy((self.tez, self.contracts, self.tickets))
        self.result = Result()
        try:
            play()
        except Refused as refused:
            self.tez, self.contracts, self.tickets = before
            self.result = Result(error=str(refused))
        return self.result

    def play(self, source, sender, call):
        destination, _, entrypoint = call.destination.partition("%")
        entrypoint = entrypoint or call.entrypoint
        value = call.expression()
        self.pay(sender, destination, call.amount)
        if destination == self.rollup:
            return self.message(source, sender, value)
        if destination.startswith("tz"):
            return self.accept(sender, destination, value)
        if destination not in self.contracts:
            raise Refused("no such contract")
        for which, amount in self.tickets_in(destination, entrypoint, value):
            self.move(sender, None, which, amount)
        contract = self.contracts[destination]
        context = {"source": source, "sender": sender, "amount": call.amount}
        for operation in contract.call(self, entrypoint, value, **context):
            parameters = operation["parameters"]
            inner = Call(
                operation["destination"], parameters["entrypoint"], parameters["value"],
                int(operation["amount"]),
            )
            self.result.internal.append({
                "source": destination, "destination": inner.destination,
                "amount": operation["amount"], "parameters": parameters,
            })
            self.play(source, destination, inner)

    def pay(self, sender, destination, amount):
        if amount > self.tez.get(sender, 0):
            raise Refused("balance too low")
        if amount:
            self.tez[sender] -= amount
            self.tez[destination] = self.tez.get(destination, 0) + amount

    def move(self, sender, holder, which, amount):
        """Contracts' tickets are their own business; everybody else's are counted."""
        if sender in self.contracts:
            pass
        elif amount > self.tickets.get(sender, {}).get(which, 0):
            raise Refused("not enough of that ticket")
        else:
            self.tickets[sender][which] -= amount
        if holder is not None:
            held = self.tickets.setdefault(holder, {})
            held[which] = held.get(which, 0) + amount

    def give(self, holder, ticketer, content, amount, kind=CONTENT):
        """Tickets from nowhere."""
        self.tickets.setdefault(holder, {})[ticket_key(ticketer, content, kind)] = amount

    def accept(self, sender, holder, value):
        """A tz1 takes tez and bare tickets."""
        if value == UNIT:
            return
        for michelson in TICKETS:
            try:
                typed = type_of(michelson).from_micheline_value(value)
            except (MichelsonRuntimeError, AssertionError):
                continue
            for which, amount in tickets_of(typed):
                self.move(sender, holder, which, amount)
            return
        raise Refused("ill-typed parameter")

    def message(self, source, sender, value):
        """What layer 1 puts into the inbox."""
        typed = typed_value(type_of(ROLLUP_TYPE), value)
        for which, amount in tickets_of(typed):
            self.move(sender, self.rollup, which, amount)
        payload = forge_micheline(typed.to_micheline_value(mode="optimized"))
        self.result.payloads.append(
            {"payload": payload.hex(), "sender": sender, "source": source}
        )

    def tickets_in(self, destination, entrypoint, value):
        entrypoints = ParameterSection.match(self.parameter(destination)).list_entrypoints()
        if entrypoint not in entrypoints:
            raise Refused("no such entrypoint")
        return list(tickets_of(typed_value(entrypoints[entrypoint], value)))
