"""The committed Michelson of the ticketers: what it does and what it refuses."""

from client import Ticket, contract, implicit, outbox_call, outbox_message
from interpreter import equal, program, type_of
from layer1 import Call
from outbox import kt1
from played import ALICE, BOB, ROLLUP, XTZ, Sequence, Tokens, deposit_xtz, expect, michelson
from pytezos.crypto.encoding import base58_decode

TZ1 = {who: implicit(0, base58_decode(who.encode())) for who in (ALICE, BOB)}


def hash_of(address):
    return base58_decode(address.encode())


def call_out(ticketer, amount, to, entrypoint, receiver=None, number=0, extra=None):
    """A message of the outbox with one call, as docs/protocol.md has it."""
    which = Ticket(hash_of(ticketer), number=number, extra=extra)
    return outbox_message(
        [outbox_call(which, amount, hash_of(to), entrypoint.encode(), receiver)]
    )


def xtz_ticketer():
    sequence = Sequence("XTZ ticketer: mint and burn")
    xtz = sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    another = sequence.originate("xtz_ticketer", "0")
    sequence.refused("NOTHING_TO_MINT", Call(xtz, "mint", f'"{ALICE}"'))
    # A tz1 takes bare tickets; a ticketer, a contract that is not there and a rollup do not.
    sequence.applied(Call(xtz, "mint", f'"{BOB}"', 50))
    for nobody in another, f"{helper}%finish", kt1(bytes([0x77] * 20)), ROLLUP:
        sequence.refused("RECEIVER_TAKES_NO_TICKET", Call(xtz, "mint", f'"{nobody}"', 50))
    # The helper's other entrypoint is its default one; it is waiting for no ticket.
    sequence.refused("NO_DEPOSIT_IS_ON_ITS_WAY", Call(xtz, "mint", f'"{helper}"', 50))
    sequence.refused("balance too low", Call(xtz, "mint", f'"{ALICE}"', 10**18))
    # No tez but for `mint`.
    sequence.refused("ill-typed parameter", Call(xtz, "default", "Unit", 1))
    sequence.refused("no such entrypoint", Call(xtz, "give", "Unit", 1))
    sequence.expect("supply", {"int": "50"}, sequence.storage(xtz))

    sequence.applied(deposit_xtz(helper, xtz, 100), deposit_xtz(helper, another, 7))
    sequence.expect("supply", {"int": "150"}, sequence.view(xtz, "get_total_supply"))
    sequence.expect("tez", 150, sequence.tez(xtz))
    sequence.executed(call_out(xtz, 40, xtz, "burn", TZ1[BOB]))
    sequence.expect("Bob's tez", 4_000_000_000_040, sequence.tez(BOB))
    sequence.expect("supply", {"int": "110"}, sequence.storage(xtz))
    # The rollup has another 60 only.
    sequence.not_executed("not enough of that ticket", call_out(xtz, 61, xtz, "burn", TZ1[BOB]))
    error = "TICKET_OF_ANOTHER_TICKETER"
    sequence.not_executed(error, call_out(another, 7, xtz, "burn", TZ1[BOB]))
    sequence.not_executed(error, call_out(xtz, 7, another, "burn", TZ1[BOB]))
    # A bare ticket names nobody.
    sequence.not_executed("ill-typed parameter", call_out(xtz, 7, xtz, "burn"))
    sequence.not_executed("no such entrypoint", call_out(xtz, 7, xtz, "withdraw", TZ1[BOB]))
    error = "RECEIVER_TAKES_NO_TEZ"
    sequence.not_executed(error, call_out(xtz, 7, xtz, "burn", contract(hash_of(another))))
    sequence.not_executed(error, call_out(xtz, 7, xtz, "burn", contract(hash_of(helper))))
    sequence.executed(call_out(xtz, 60, xtz, "burn", TZ1[ALICE]))
    sequence.expect("tez", 50, sequence.tez(xtz))
    sequence.expect("supply", {"int": "50"}, sequence.storage(xtz))


def fa_ticketer(standard, token_id):
    sequence = Sequence(f"FA ticketer over {standard}: deposit and withdraw")
    tokens = Tokens(sequence, standard, token_id)
    ticketer = tokens.ticketer
    sequence.applied(tokens.mint(ALICE, 100), tokens.mint(BOB, 100))
    sequence.refused(tokens.not_allowed, Call(ticketer, "deposit", "60"))
    sequence.applied(tokens.approve(ALICE, ticketer, 70))
    sequence.refused(tokens.not_allowed, Call(ticketer, "deposit", "60"), source=BOB)
    sequence.refused("NOTHING_TO_DEPOSIT", Call(ticketer, "deposit", "0"))
    sequence.refused("TEZ_NOT_TAKEN", Call(ticketer, "deposit", "60", 1))
    sequence.applied(Call(ticketer, "deposit", "60"))
    sequence.expect("ledger", {ALICE: 40, BOB: 100, ticketer: 60}, tokens.ledger())
    sequence.expect("supply", 60, tokens.supply())
    too_much = tokens.not_enough if tokens.is_fa2 else tokens.not_allowed
    sequence.refused(too_much, Call(ticketer, "deposit", "41"))
    sequence.refused("ill-typed parameter", Call(ticketer, "deposit", "-1"))
    # An allowance that is more than what there is.
    sequence.applied(tokens.approve(BOB, ticketer, 1000), source=BOB)
    sequence.refused(tokens.not_enough, Call(ticketer, "deposit", "101"), source=BOB)
    sequence.expect("supply", 60, tokens.supply())


def fa_withdraw(standard, token_id):
    sequence = Sequence(f"FA ticketer over {standard}: withdraw")
    tokens = Tokens(sequence, standard, token_id)
    ticketer = tokens.ticketer
    xtz = sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    extra = tokens.extra()
    its = {"number": token_id, "extra": extra}
    sequence.applied(
        tokens.mint(ALICE, 100), tokens.approve(ALICE, helper, 80), tokens.deposit(helper, 80),
        deposit_xtz(helper, xtz, 9),
    )
    sequence.executed(call_out(ticketer, 30, ticketer, "withdraw", TZ1[BOB], **its))
    sequence.expect("ledger", {ALICE: 20, BOB: 30, ticketer: 50, helper: 0}, tokens.ledger())
    sequence.expect("supply", 50, tokens.supply())
    # To a contract, which owns tokens as anybody else does.
    sequence.executed(call_out(ticketer, 1, ticketer, "withdraw", contract(hash_of(xtz)), **its))
    sequence.expect("the contract's tokens", 1, tokens.ledger()[xtz])
    withdraw = ("withdraw", TZ1[BOB])
    sequence.not_executed("not enough of that ticket", call_out(ticketer, 50, ticketer, *withdraw, **its))
    sequence.not_executed("TICKET_OF_ANOTHER_TICKETER", call_out(xtz, 9, ticketer, *withdraw))
    sequence.not_executed("ill-typed parameter", call_out(ticketer, 9, ticketer, "withdraw", **its))
    sequence.not_executed("no such entrypoint", call_out(ticketer, 9, ticketer, "burn", TZ1[BOB], **its))
    sequence.executed(call_out(ticketer, 49, ticketer, *withdraw, **its))
    sequence.expect("supply", 0, tokens.supply())
    sequence.expect("ledger", {ALICE: 20, BOB: 79, ticketer: 0, helper: 0, xtz: 1}, tokens.ledger())


def tickets_from_nowhere():
    """Tickets that no ticketer of ours makes; no vectors, as they are forged here."""
    sequence = Sequence("tickets from nowhere", vectors=False)
    chain = sequence.chain
    xtz = sequence.originate("xtz_ticketer", "10")
    tokens = Tokens(sequence, "FA1.2")
    chain.tez[xtz] = 1000
    for content, number, extra in ("Pair 1 None", 1, None), ("Pair 0 (Some 0x)", 0, b""):
        chain.give(ROLLUP, xtz, content, 5)
        chain.give(ROLLUP, tokens.ticketer, content, 5)
        error = "TICKET_OF_ANOTHER_CONTENT"
        its = {"number": number, "extra": extra}
        sequence.not_executed(error, call_out(xtz, 5, xtz, "burn", TZ1[BOB], **its))
        out = call_out(tokens.ticketer, 5, tokens.ticketer, "withdraw", TZ1[BOB], **its)
        sequence.not_executed(error, out)
    chain.give(ROLLUP, xtz, XTZ, 11)
    sequence.not_executed("MORE_THAN_THE_SUPPLY", call_out(xtz, 11, xtz, "burn", TZ1[BOB]))
    chain.give(ROLLUP, tokens.ticketer, tokens.content, 1)
    extra = tokens.extra()
    out = call_out(tokens.ticketer, 1, tokens.ticketer, "withdraw", TZ1[BOB], extra=extra)
    sequence.not_executed("MORE_THAN_THE_SUPPLY", out)
    # Tez with a ticket, from a contract that has one.
    value = f'Pair "{BOB}" "{xtz}" ({XTZ}) 5'
    chain.give(ALICE, xtz, XTZ, 5)
    sequence.refused("TEZ_NOT_TAKEN", Call(xtz, "burn", value, 1))
    value = f'Pair "{BOB}" "{tokens.ticketer}" ({tokens.content}) 5'
    chain.give(ALICE, tokens.ticketer, tokens.content, 5)
    sequence.refused("TEZ_NOT_TAKEN", Call(tokens.ticketer, "withdraw", value, 1))


def no_token():
    """A ticketer whose token is none."""
    sequence = Sequence("FA ticketer over what is no token")
    xtz = sequence.originate("xtz_ticketer", "0")
    tokens = f'Left "{xtz}"', f'Right (Pair "{xtz}" 0)'
    storages = [f"Pair ({XTZ}) ({which}) 0" for which in tokens]
    for ticketer in [sequence.originate("fa_ticketer", storage) for storage in storages]:
        sequence.refused("NOT_A_TOKEN", Call(ticketer, "deposit", "1"))


def interfaces():
    """Programs call the ticketers that exist by these types."""
    content = "pair nat (option bytes)"
    ticket = f"ticket ({content})"
    token = "or address (pair address nat)"
    described = {
        "xtz_ticketer": ({"burn": f"pair address ({ticket})", "mint": "address"}, {}),
        "fa_ticketer": (
            {"withdraw": f"pair address ({ticket})", "deposit": "nat"},
            {"get_total_supply": "nat", "get_content": content, "get_token": token},
        ),
    }
    for name, (entrypoints, views) in described.items():
        found = program(michelson(f"{name}/{name}"))
        types = found.parameter.list_entrypoints()
        for entrypoint, its_type in entrypoints.items():
            expect(f"{name}%{entrypoint}", True, equal(types[entrypoint], type_of(its_type)))
        for view, its_type in views.items():
            _, argument, result, _ = found.get_view(view).args
            expect(f"{name}, {view}", True, equal(argument, type_of("unit")))
            expect(f"{name}, {view}", True, equal(result, type_of(its_type)))


def run():
    interfaces()
    xtz_ticketer()
    for standard, token_id in ("FA1.2", 0), ("FA2", 7):
        fa_ticketer(standard, token_id)
        fa_withdraw(standard, token_id)
    tickets_from_nowhere()
    no_token()
