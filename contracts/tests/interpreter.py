"""pytezos's interpreter, so that it runs contracts that call each other without a node.

A contract's code may ask about other contracts: those of the chain that it is called on. A chain has `contracts`,
and answers `parameter(address)` and `entrypoint(address, name, type)`.
"""

import copy
import functools
import json

from pytezos.context.impl import ExecutionContext
from pytezos.michelson.instructions.base import MichelsonInstruction
from pytezos.michelson.micheline import Micheline, MichelsonRuntimeError
from pytezos.michelson.parse import michelson_to_micheline
from pytezos.michelson.program import MichelsonProgram
from pytezos.michelson.stack import MichelsonStack
from pytezos.michelson.types import (
    AddressType, ContractType, ListType, OptionType, OrType, PairType, TicketType,
)
from pytezos.michelson.types.base import MichelsonType

UNIT = {"prim": "Unit"}
CONTENT = "pair nat (option bytes)"


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
        both = its and named != "default"
        if not both and context.chain.entrypoint(address, entrypoint, cls.args[0]):
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
