"""Layer 1 as far as the contracts need it: pytezos's interpreter, and a loop that plays what a call returns.

The operations that a call returns are played at once, depth first, and an operation that fails undoes all of its
group, as layer 1 does. Tickets are counted where somebody other than a contract holds them.
"""

import copy
import functools
import json
import sys
import types
from dataclasses import dataclass, field
from typing import List, Optional

# pytezos imports this for dates, of which there are none here. It does not come as a wheel.
sys.modules["strict_rfc3339"] = types.ModuleType("strict_rfc3339")

from pytezos.context.impl import ExecutionContext
from pytezos.crypto.encoding import base58_encode
from pytezos.michelson.forge import forge_micheline, unforge_micheline
from pytezos.michelson.instructions.base import MichelsonInstruction
from pytezos.michelson.micheline import Micheline, MichelsonRuntimeError
from pytezos.michelson.parse import michelson_to_micheline
from pytezos.michelson.program import MichelsonProgram
from pytezos.michelson.sections import ParameterSection
from pytezos.michelson.stack import MichelsonStack
from pytezos.michelson.types import (
    AddressType, ContractType, ListType, OptionType, OrType, PairType, TicketType,
)
from pytezos.michelson.types.base import MichelsonType

UNIT = {"prim": "Unit"}
CONTENT = "pair nat (option bytes)"
TICKETS = [f"ticket ({CONTENT})", "ticket string"]
ROLLUP_TYPE = (
    f"or (pair string (ticket string)) (or (pair string (ticket ({CONTENT}))) bytes)"
)


def kt1(contract):
    return base58_encode(contract, b"KT1").decode()


@functools.cache
def parse(michelson):
    return michelson_to_micheline(michelson)


@functools.cache
def type_of(michelson):
    return MichelsonType.match(parse(michelson))


class Refused(Exception):
    """Layer 1 does not apply the operation: a contract's own word, or one of ours in lower case."""


class Context(ExecutionContext):
    """What a contract's code sees of the chain."""

    def __init__(self, chain, **more):
        super().__init__(**more)
        self.chain = chain

    def get_parameter_expr(self, address=None):
        return self.parameter_expr if address is None else self.chain.parameter(address)


# pytezos takes a `contract (ticket …)` for a ticket, and does not split an address from its entrypoint.
ContractType.is_duplicable = classmethod(lambda cls: True)
# pytezos's own CONTRACT and VIEW ask a node, and its ADDRESS forgets the entrypoint.
for which in ("CONTRACT", 1), ("VIEW", 2), ("ADDRESS", 0):
    del Micheline.classes[which]


class Contract(MichelsonInstruction, prim="CONTRACT", args_len=1):
    @classmethod
    def execute(cls, stack, stdout, context):
        address, _, its = str(stack.pop1()).partition("%")
        named = next(iter(cls.field_names), "default")
        result = ContractType.create_type(args=cls.args)
        entrypoint = its or named
        found = None if its and named != "default" else context.chain.entrypoint(address, entrypoint, cls.args[0])
        if found:
            stack.push(OptionType.from_some(result.from_value(f"{address}%{entrypoint}")))
        else:
            stack.push(OptionType.none(result))
        return cls(stack_items_added=1)


class Address(MichelsonInstruction, prim="ADDRESS"):
    @classmethod
    def execute(cls, stack, stdout, context):
        contract = stack.pop1()
        named = contract.get_entrypoint()
        suffix = "" if named == "default" else f"%{named}"
        stack.push(AddressType.from_value(contract.get_address() + suffix))
        return cls(stack_items_added=1)


class View(MichelsonInstruction, prim="VIEW", args_len=2):
    @classmethod
    def execute(cls, stack, stdout, context):
        value, address = stack.pop2()
        name, result = cls.args[0].get_string(), cls.args[1]
        contract = context.chain.contracts.get(str(address))
        view = contract and contract.view_named(name)
        if view is None or not equal(view.args[2], result) or not equal(view.args[1], type(value)):
            stack.push(OptionType.none(result))
            return cls(stack_items_added=1)
        inner = MichelsonStack([PairType.from_comb([value, contract.storage_value()])])
        view.args[3].execute(inner, stdout, contract.context(context.chain))
        stack.push(OptionType.from_some(inner.pop1()))
        return cls(stack_items_added=1)


def equal(one, other):
    try:
        one.assert_type_equal(other)
    except (AssertionError, MichelsonRuntimeError):
        return False
    return True


@functools.cache
def program(michelson):
    context = Context(None, script={"code": parse(michelson), "storage": UNIT})
    return MichelsonProgram.load(context, with_code=True)


class Originated:
    """A contract: its code, its storage as Micheline, and what it was given."""

    def __init__(self, address, michelson, storage):
        self.address, self.code = address, parse(michelson)
        self.storage = parse(storage) if isinstance(storage, str) else storage
        self.program = program(michelson)

    def context(self, chain, **more):
        script = {"code": self.code, "storage": self.storage}
        return Context(chain, script=script, address=self.address, **more)

    def parameter(self):
        return next(section for section in self.code if section["prim"] == "parameter")

    def view_named(self, name):
        return next((view for view in self.program.views if view.name == name), None)

    def storage_value(self):
        return self.program.storage.from_micheline_value(self.storage).item

    def __deepcopy__(self, memo):
        other = copy.copy(self)
        other.storage = copy.deepcopy(self.storage)
        return other

    def call(self, chain, entrypoint, value, **context):
        """Runs it, and returns the operations. Faults of the interpreter are not refusals."""
        try:
            running = self.program.instantiate(entrypoint, value, self.storage)
        except MichelsonRuntimeError as error:
            raise Refused("ill-typed parameter") from error
        stack, told, context = MichelsonStack(), [], self.context(chain, **context)
        running.begin(stack, told, context)
        try:
            running.execute(stack, told, context)
        except MichelsonRuntimeError as error:
            if "FAILWITH" not in error.args:
                raise
            raise Refused(str(error.args[-1]).strip("'\"")) from error
        operations, self.storage, _, _ = running.end(stack, told, output_mode="readable")
        return operations


@dataclass
class Result:
    """What became of a group of operations."""

    error: Optional[str] = None
    # (source, destination, amount, entrypoint, value), in the order in which layer 1 plays them.
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
            lambda: [self.play(executor, self.rollup, call) for call in outbox_calls(message)]
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


def typed_value(its_type, value):
    try:
        return its_type.from_micheline_value(value)
    except (MichelsonRuntimeError, AssertionError) as error:
        raise Refused("ill-typed parameter") from error


def ticket_key(ticketer, content, kind=CONTENT):
    its_type = type_of(kind)
    value = its_type.from_micheline_value(parse(content))
    return (
        ticketer,
        json.dumps(its_type.as_micheline_expr(), sort_keys=True),
        json.dumps(value.to_micheline_value(mode="optimized"), sort_keys=True),
    )


def tickets_of(value):
    """The tickets in a value of Michelson: for each, which it is, and its amount."""
    if isinstance(value, TicketType):
        content = json.dumps(value.item.to_micheline_value(mode="optimized"), sort_keys=True)
        kind = json.dumps(type(value).args[0].as_micheline_expr(), sort_keys=True)
        yield (value.ticketer, kind, content), value.amount
    elif isinstance(value, (PairType, OrType, ListType)):
        for item in value.items:
            yield from tickets_of(item)


# The outbox


def outbox_calls(message):
    """The calls of a message: a batch of untyped ones."""
    assert message[0] == 0 and int.from_bytes(message[1:5], "big") == len(message) - 5
    rest, calls = message[5:], []
    while rest:
        size = micheline_size(rest)
        value, rest = unforge_micheline(rest[:size]), rest[size:]
        kind, contract, padding, rest = rest[0], rest[1:21], rest[21], rest[22:]
        assert (kind, padding) == (1, 0)
        length, rest = int.from_bytes(rest[:4], "big"), rest[4:]
        entrypoint, rest = rest[:length].decode() or "default", rest[length:]
        calls.append(Call(kt1(contract), entrypoint, value))
    return calls


def micheline_size(data):
    """The bytes of the expression that `data` begins with."""
    tag = data[0]
    if tag == 0:
        return 1 + next(i for i, byte in enumerate(data[1:], 1) if byte < 0x80)
    if tag in (1, 2, 10):
        return 5 + int.from_bytes(data[1:5], "big")
    # 3 and 4 have no arguments, 5 and 6 one, 7 and 8 two; the even ones have annotations.
    assert 3 <= tag <= 8
    size = 2
    for _ in range((tag - 3) // 2):
        size += micheline_size(data[size:])
    if tag % 2 == 0:
        size += 4 + int.from_bytes(data[size:size + 4], "big")
    return size
