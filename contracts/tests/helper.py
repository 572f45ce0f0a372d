"""The committed Michelson of the deposit helper: what it does, and whom it withstands."""

from layer1 import Call
from outbox import kt1
from played import ALICE, BOB, ROLLUP, XTZ, Sequence, Tokens, deposit_xtz

RECEIVER = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X4"


def xtz():
    sequence = Sequence("deposit helper: tez")
    ticketer = sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    result = sequence.applied(deposit_xtz(helper, ticketer, 12_500_000, receiver=RECEIVER))
    sequence.expect("messages", [(helper, ALICE)], [(m["sender"], m["source"]) for m in result.payloads])
    sequence.expect("tez", 12_500_000, sequence.tez(ticketer))
    sequence.nothing_is_left(helper)
    # Two in one group: each ends before the next begins.
    result = sequence.applied(deposit_xtz(helper, ticketer, 1), deposit_xtz(helper, ticketer, 2))
    sequence.expect("messages", 2, len(result.payloads))
    sequence.refused("NOTHING_TO_DEPOSIT", deposit_xtz(helper, ticketer, 0))
    sequence.refused("balance too low", deposit_xtz(helper, ticketer, 10**18))
    for nobody in BOB, ticketer, helper, kt1(bytes([0x77] * 20)):
        sequence.refused("ROLLUP_OF_ANOTHER_TYPE", deposit_xtz(helper, ticketer, 5, to=nobody))
    for nobody in BOB, helper, ROLLUP, kt1(bytes([0x77] * 20)), f"{ticketer}%mint":
        sequence.refused("NOT_A_TICKETER_OF_TEZ", deposit_xtz(helper, nobody, 5))
    # A group whose second deposit fails leaves nothing of the first.
    sequence.refused(
        "NOTHING_TO_DEPOSIT", deposit_xtz(helper, ticketer, 5), deposit_xtz(helper, ticketer, 0)
    )
    sequence.refused("no such entrypoint", Call(helper, "give", "Unit", 5))
    sequence.refused("ill-typed parameter", Call(helper, "default", "Unit", 5))
    sequence.nothing_is_left(helper)


def tokens_of(standard, token_id):
    sequence = Sequence(f"deposit helper: {standard}")
    tokens = Tokens(sequence, standard, token_id)
    ticketer = tokens.ticketer
    helper = sequence.originate("deposit_helper", "None")
    tez = sequence.originate("xtz_ticketer", "0")
    sequence.applied(tokens.mint(ALICE, 100), tokens.mint(BOB, 100))
    deposit = tokens.deposit(helper, 60, receiver=RECEIVER)
    sequence.refused(tokens.not_allowed, deposit)
    # In one group: Alice lets the helper take 60, and it does. Her leave is of no use to Bob.
    result = sequence.applied(tokens.approve(ALICE, helper, 60), deposit)
    sequence.expect("messages", [(helper, ALICE)], [(m["sender"], m["source"]) for m in result.payloads])
    sequence.expect("supply", 60, tokens.supply())
    owner = {ALICE: 40, BOB: 100, ticketer: 60, helper: 0}
    sequence.expect("ledger", owner, tokens.ledger())
    sequence.refused(tokens.not_allowed, tokens.deposit(helper, 1), source=BOB)
    if tokens.is_fa2:
        # Alice's leave is still there, and only hers to use: no right of the helper's is left.
        sequence.expect("rights", [(ALICE, helper, token_id)], list(tokens.rights()))
        sequence.refused(tokens.not_enough, tokens.deposit(helper, 41))
    else:
        sequence.expect("rights", {}, tokens.rights())
        sequence.applied(tokens.approve(ALICE, helper, 1000))
        sequence.refused(tokens.not_enough, tokens.deposit(helper, 41))
    sequence.refused("NOTHING_TO_DEPOSIT", tokens.deposit(helper, 0))
    with_tez = tokens.deposit(helper, 5)
    with_tez.amount = 1
    sequence.refused("TEZ_NOT_TAKEN", with_tez)
    sequence.refused("ROLLUP_OF_ANOTHER_TYPE", tokens.deposit(helper, 5, to=tez))
    for nobody in tez, BOB, helper, ROLLUP, kt1(bytes([0x77] * 20)):
        sequence.refused("NOT_A_TICKETER_OF_TOKENS", tokens.deposit(helper, 5, ticketer=nobody))
    # Somebody gave the helper tokens: they stop no deposit, and become part of none.
    sequence.applied(tokens.mint(helper, 3), tokens.deposit(helper, 10))
    sequence.expect("supply", 70, tokens.supply())
    owner.update({ALICE: 30, ticketer: 70, helper: 3})
    sequence.expect("ledger", owner, tokens.ledger())
    sequence.nothing_is_left(helper)


def from_outside():
    sequence = Sequence("deposit helper: from outside")
    sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    sequence.refused("SENDER_IS_NOT_THE_HELPER", Call(helper, "finish"))
    sequence.refused("NO_DEPOSIT_IS_ON_ITS_WAY", Call(helper, "fa12_balance", "5"))
    sequence.refused("TEZ_NOT_TAKEN", Call(helper, "fa12_balance", "5", 1))
    balances = f'{{ Pair (Pair "{helper}" 0) 5 }}'
    sequence.refused("NO_DEPOSIT_IS_ON_ITS_WAY", Call(helper, "fa2_balance", balances))
    sequence.refused("TEZ_NOT_TAKEN", Call(helper, "fa2_balance", balances, 1))


def with_a_ticket():
    """Wallets cannot put tickets into a call; a transfer of a ticket can be to the helper."""
    sequence = Sequence("deposit helper: a ticket from an account", vectors=False)
    ticketer = sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    sequence.applied(Call(ticketer, "mint", f'"{ALICE}"', 50))
    ticket = f'Pair "{ticketer}" ({XTZ}) 50'
    sequence.refused("NO_DEPOSIT_IS_ON_ITS_WAY", Call(helper, "default", ticket))
    sequence.refused("TEZ_NOT_TAKEN", Call(helper, "default", ticket, 1))


def one_on_its_way():
    """No operation leaves a deposit on its way; this storage is made up, and so there are no vectors."""
    sequence = Sequence("deposit helper: a deposit on its way", vectors=False)
    ticketer = sequence.originate("xtz_ticketer", "0")
    tokens = Tokens(sequence, "FA1.2")
    other = sequence.originate("xtz_ticketer", "0")
    pending = f'Some (Pair "{ticketer}" ({XTZ}) 10 "{ROLLUP}" "{RECEIVER}" None None False)'
    helper = sequence.originate("deposit_helper", pending)
    error = "ANOTHER_DEPOSIT_IS_ON_ITS_WAY"
    sequence.refused(error, deposit_xtz(helper, ticketer, 10))
    sequence.refused(error, tokens.deposit(helper, 10))
    # Of the tickets, only its ticketer's is taken, and no token may say anything.
    mint = [Call(each, "mint", f'"{helper}"', 10) for each in (other, ticketer)]
    sequence.refused("SENDER_IS_NOT_THE_TICKETER", mint[0])
    sequence.refused("SENDER_IS_NOT_THE_TOKEN", Call(helper, "fa12_balance", "0"))
    result = sequence.applied(mint[1])
    sequence.expect("messages", 1, len(result.payloads))


def reclaims():
    sequence = Sequence("deposit helper: reclaim, and somebody who would for others", vectors=False)
    genuine = sequence.originate("xtz_ticketer", "0")
    helper = sequence.originate("deposit_helper", "None")
    ticketer = hostile(sequence, "", helper, genuine)
    value = f'Pair "{ROLLUP}" 0x00'
    for who in ALICE, BOB:
        result = sequence.applied(Call(helper, "reclaim", value), source=who)
        asked = {"payload": "050805080a0000000100", "sender": helper, "source": who}
        sequence.expect("messages", [asked], result.payloads)
    sequence.refused("TEZ_NOT_TAKEN", Call(helper, "reclaim", value, 1))
    # Somebody whom Alice calls does not ask in her name.
    value = f'Pair 0x00 "{ROLLUP}"'
    sequence.refused("CALLER_IS_NOT_THE_SIGNER", Call(ticketer, "reclaim", value))
    for nobody in BOB, genuine, helper, kt1(bytes([0x77] * 20)):
        call = Call(helper, "reclaim", f'Pair "{nobody}" 0x00')
        sequence.refused("ROLLUP_OF_ANOTHER_TYPE", call)


def hostile(sequence, mode, helper, other, token="None"):
    return sequence.originate("hostile_ticketer", f'Pair "{helper}" "{mode}" "{other}" ({token})')


def hostile_ticketers_of_tez():
    for mode, error in [
        ("nothing", "NO_TICKET_CAME"),
        ("less", "TICKET_OF_ANOTHER_AMOUNT"),
        ("more", "TICKET_OF_ANOTHER_AMOUNT"),
        ("content", "TICKET_OF_ANOTHER_CONTENT"),
        ("twice", "A_SECOND_TICKET"),
        ("tez", "TEZ_NOT_TAKEN"),
        ("relay", "TICKET_OF_ANOTHER_TICKETER"),
        ("aside", "SENDER_IS_NOT_THE_TICKETER"),
        ("reenter", "CALLER_IS_NOT_THE_SIGNER"),
        ("finish", "SENDER_IS_NOT_THE_HELPER"),
        ("honest", None),
    ]:
        sequence = Sequence(f"deposit helper and a hostile ticketer of tez: {mode}", vectors=False)
        genuine = sequence.originate("xtz_ticketer", "0")
        helper = sequence.originate("deposit_helper", "None")
        ticketer = hostile(sequence, mode, helper, genuine)
        call = deposit_xtz(helper, ticketer, 10)
        sequence.refused(error, call) if error else sequence.applied(call)
        # The rollup's type is looked at before any ticketer is called.
        sequence.refused("ROLLUP_OF_ANOTHER_TYPE", deposit_xtz(helper, ticketer, 10, to=genuine))
        sequence.nothing_is_left(helper)


def hostile_ticketers_of_tokens(standard):
    for mode, error in [
        ("nothing", "NO_TICKET_CAME"),
        ("free", "TOKENS_ARE_LEFT_OR_GONE"),
        ("part", "TOKENS_ARE_LEFT_OR_GONE"),
        # An allowance is of the amount alone; an operator may take all that the helper has.
        ("all", "TOKENS_ARE_LEFT_OR_GONE" if standard == "FA2" else "NotEnoughAllowance"),
        ("less", "TICKET_OF_ANOTHER_AMOUNT"),
        ("content", "TICKET_OF_ANOTHER_CONTENT"),
        ("twice", "A_SECOND_TICKET"),
        ("reenter", "CALLER_IS_NOT_THE_SIGNER"),
        ("finish", "SENDER_IS_NOT_THE_HELPER"),
        ("lie", "NOT_USED_HERE" if standard == "FA2" else "TOKENS_ARE_LEFT_OR_GONE"),
        ("honest", None),
    ]:
        sequence = Sequence(f"deposit helper and a hostile ticketer of {standard}: {mode}", vectors=False)
        tokens = Tokens(sequence, standard)
        helper = sequence.originate("deposit_helper", "None")
        ticketer = hostile(sequence, mode, helper, tokens.ticketer, f"Some ({tokens.which})")
        sequence.applied(
            tokens.mint(ALICE, 100), tokens.mint(helper, 50), tokens.approve(ALICE, helper, 100)
        )
        call = tokens.deposit(helper, 10, ticketer=ticketer)
        sequence.refused(error, call) if error else sequence.applied(call)
        sequence.nothing_is_left(helper)
        sequence.expect("the helper's tokens", 50, tokens.ledger()[helper])
        sequence.refused(tokens.not_allowed, Call(ticketer, "take_later", "1"))


def hostile_tokens():
    for mode, error in ("reenter", "CALLER_IS_NOT_THE_SIGNER"), ("say", "TOKENS_ARE_LEFT_OR_GONE"):
        sequence = Sequence(f"deposit helper and a hostile token: {mode}", vectors=False)
        helper = sequence.originate("deposit_helper", "None")
        genuine = sequence.originate("xtz_ticketer", "0")
        token = sequence.originate("hostile_token", f'Pair "{helper}" "{mode}" "{genuine}" 1')
        ticketer = sequence.originate("fa_ticketer", f'Pair ({XTZ}) (Left "{token}") 0')
        call = Call(helper, "deposit_fa", f'Pair "{ticketer}" "{ROLLUP}" "{RECEIVER}" 10')
        sequence.refused(error, call)
        sequence.refused("NO_DEPOSIT_IS_ON_ITS_WAY", Call(token, "say", "1"))
        sequence.nothing_is_left(helper)


def run():
    xtz()
    tokens_of("FA1.2", 0)
    tokens_of("FA2", 7)
    from_outside()
    with_a_ticket()
    one_on_its_way()
    reclaims()
    hostile_ticketers_of_tez()
    hostile_ticketers_of_tokens("FA1.2")
    hostile_ticketers_of_tokens("FA2")
    hostile_tokens()
