"""The deposit helper in SmartPy's scenarios: deposits, and whom it withstands."""

from scenario_kit import ALICE, BOB, RECEIVER, XTZ, Chain, Refused, Tokens, fa, ticket
from sources import busy, fa_ticketer, hostile

import smartpy as sp


@sp.add_test()
def helper_xtz():
    chain = Chain("helper_xtz")
    helper, xtz = chain.helper, chain.xtz
    refused = Refused(helper)
    helper.deposit_xtz(**chain.deposit_xtz(xtz, _amount=sp.mutez(12_500_000)))
    chain.nothing_is_left()
    chain.verify(xtz.data.total_supply == 12_500_000)
    chain.verify(xtz.balance == sp.mutez(12_500_000))
    first = sp.record(
        receiver=RECEIVER, ticketer=xtz.address, content=XTZ, amount=12_500_000,
        sender=helper.address, source=ALICE.address,
    )
    chain.scenario.verify_equal(chain.rollup.data.deposits, [first])
    helper.deposit_xtz(**chain.deposit_xtz(xtz, _amount=sp.mutez(1)))
    chain.verify(sp.len(chain.rollup.data.deposits) == 2)

    one = {"_amount": sp.mutez(1)}
    refused.deposit_xtz("NOTHING_TO_DEPOSIT", **chain.deposit_xtz(xtz))
    refused.deposit_xtz("ROLLUP_OF_ANOTHER_TYPE", **chain.deposit_xtz(xtz, chain.other_rollup, **one))
    refused.deposit_xtz("NOT_A_TICKETER_OF_TEZ", **chain.deposit_xtz(chain.rollup, **one))
    refused.deposit_xtz("NOT_A_TICKETER_OF_TEZ", **chain.deposit_xtz(helper, **one))
    # A contract's deposit would be refunded to whoever called the contract.
    called = Refused(chain.hostile("reenter"))
    called.mint("CALLER_IS_NOT_THE_SIGNER", BOB.address, _sender=ALICE, **one)
    chain.nothing_is_left()
    chain.verify(xtz.data.total_supply == 12_500_001)


@sp.add_test()
def helper_from_outside():
    """Nobody ends, begins or feeds a deposit but those whose turn it is."""
    chain = Chain("helper_from_outside")
    helper = chain.helper
    refused = Refused(helper)
    mine = {"_sender": ALICE}
    refused.default("NO_DEPOSIT_IS_ON_ITS_WAY", ticket(chain.xtz, 5), **mine)
    refused.default("TEZ_NOT_TAKEN", ticket(chain.xtz, 5), _amount=sp.mutez(1), **mine)
    refused.finish("SENDER_IS_NOT_THE_HELPER", **mine)
    refused.fa12_balance("NO_DEPOSIT_IS_ON_ITS_WAY", 5, **mine)
    refused.fa12_balance("TEZ_NOT_TAKEN", 5, _amount=sp.mutez(1), **mine)
    one = sp.record(request=sp.record(owner=helper.address, token_id=0), balance=5)
    refused.fa2_balance("NO_DEPOSIT_IS_ON_ITS_WAY", [one], **mine)
    refused.fa2_balance("TEZ_NOT_TAKEN", [one], _amount=sp.mutez(1), **mine)
    chain.nothing_is_left()


@sp.add_test()
def helper_with_a_deposit_on_its_way():
    chain = Chain("helper_with_a_deposit_on_its_way")
    helper = chain.add(busy.Busy(chain.xtz.address, chain.rollup.address))
    tokens = Tokens(chain, "FA12")
    refused = Refused(helper)
    error = "ANOTHER_DEPOSIT_IS_ON_ITS_WAY"
    refused.deposit_xtz(error, **chain.deposit_xtz(chain.xtz, _amount=sp.mutez(10)))
    refused.deposit_fa(error, **chain.deposit_fa(tokens.ticketer, 10))
    # Its ticketer's ticket alone is taken.
    refused.default("SENDER_IS_NOT_THE_TICKETER", ticket(chain.xtz, 10), _sender=ALICE)
    refused.fa12_balance("SENDER_IS_NOT_THE_TOKEN", 0, _sender=ALICE)
    chain.verify(sp.len(chain.rollup.data.deposits) == 0)
    helper.default(ticket(chain.xtz, 10), _sender=chain.xtz.address)
    chain.verify(sp.len(chain.rollup.data.deposits) == 1)


@sp.add_test()
def helper_reclaims():
    """The rollup sees who asks; nobody asks in the name of a signer who did not call the helper."""
    chain = Chain("helper_reclaims")
    helper, rollup = chain.helper, chain.rollup
    request = {"request": sp.bytes("0x00"), "rollup": rollup.address}
    refused = Refused(helper)
    helper.reclaim(**request, _sender=ALICE)
    helper.reclaim(**request, _sender=BOB)
    asked = [
        sp.record(request=sp.bytes("0x00"), sender=helper.address, source=who.address)
        for who in (BOB, ALICE)
    ]
    chain.scenario.verify_equal(rollup.data.requests, asked)
    refused.reclaim("TEZ_NOT_TAKEN", **request, _sender=ALICE, _amount=sp.mutez(1))
    called = {"_sender": rollup.address, "_source": ALICE}
    refused.reclaim("CALLER_IS_NOT_THE_SIGNER", **request, **called)
    request["rollup"] = chain.other_rollup.address
    refused.reclaim("ROLLUP_OF_ANOTHER_TYPE", **request, _sender=ALICE)
    chain.nothing_is_left()


@sp.add_test()
def helper_and_hostile_ticketers_of_tez():
    chain = Chain("helper_and_hostile_ticketers_of_tez")
    ten = {"_amount": sp.mutez(10)}
    for mode, error in [
        ("nothing", "NO_TICKET_CAME"),
        ("less", "TICKET_OF_ANOTHER_AMOUNT"),
        ("more", "TICKET_OF_ANOTHER_AMOUNT"),
        ("content", "TICKET_OF_ANOTHER_CONTENT"),
        ("twice", "A_SECOND_TICKET"),
        ("tez", "TEZ_NOT_TAKEN"),
        ("relay", "TICKET_OF_ANOTHER_TICKETER"),
        ("reenter", "CALLER_IS_NOT_THE_SIGNER"),
        ("finish", "SENDER_IS_NOT_THE_HELPER"),
    ]:
        ticketer = chain.hostile(mode)
        Refused(chain.helper).deposit_xtz(error, **chain.deposit_xtz(ticketer, **ten))
        chain.nothing_is_left()
        chain.verify(ticketer.balance == sp.mutez(0))
        chain.verify(chain.xtz.data.total_supply == 0)
    # The rollup's type is looked at before any ticketer is called.
    other = chain.deposit_xtz(chain.hostile("nothing"), chain.other_rollup, **ten)
    Refused(chain.helper).deposit_xtz("ROLLUP_OF_ANOTHER_TYPE", **other)
    honest = chain.hostile("honest")
    chain.helper.deposit_xtz(**chain.deposit_xtz(honest, **ten))
    chain.verify(sp.len(chain.rollup.data.deposits) == 1)


@sp.add_test()
def helper_and_a_stranger_in_between():
    """Another ticketer sends a ticket of its own while a deposit is on its way."""
    chain = Chain("helper_and_a_stranger_in_between")
    # It mints nothing itself, and asks the genuine ticketer to mint for the helper.
    ticketer = chain.hostile("aside")
    error = "SENDER_IS_NOT_THE_TICKETER"
    Refused(chain.helper).deposit_xtz(error, **chain.deposit_xtz(ticketer, _amount=sp.mutez(10)))
    chain.nothing_is_left()


@fa("helper_fa")
def _(chain, tokens):
    helper, ticketer = chain.helper, tokens.ticketer
    refused = Refused(helper)
    tokens.mint(ALICE.address, 100)
    tokens.mint(BOB.address, 100)
    refused.deposit_fa(tokens.not_allowed, **chain.deposit_fa(ticketer, 60))
    tokens.approve(ALICE, helper, 60)
    # What Alice allows is of no use to Bob.
    by_bob = chain.deposit_fa(ticketer, 60)
    by_bob["_sender"] = BOB
    refused.deposit_fa(tokens.not_allowed, **by_bob)
    by_a_contract = chain.deposit_fa(ticketer, 60)
    by_a_contract.update(_sender=chain.rollup.address, _source=ALICE)
    refused.deposit_fa("CALLER_IS_NOT_THE_SIGNER", **by_a_contract)
    refused.deposit_fa("NOTHING_TO_DEPOSIT", **chain.deposit_fa(ticketer, 0))
    refused.deposit_fa("TEZ_NOT_TAKEN", **chain.deposit_fa(ticketer, 60, _amount=sp.mutez(1)))
    refused.deposit_fa("ROLLUP_OF_ANOTHER_TYPE", **chain.deposit_fa(ticketer, 60, chain.other_rollup))
    refused.deposit_fa("NOT_A_TICKETER_OF_TOKENS", **chain.deposit_fa(chain.xtz, 60))
    too_much = 101 if tokens.is_fa2 else 61
    error = tokens.not_enough if tokens.is_fa2 else tokens.not_allowed
    refused.deposit_fa(error, **chain.deposit_fa(ticketer, too_much))
    tokens.has(ALICE, 100)

    # Tokens that somebody gave the helper neither stop a deposit nor become part of one.
    tokens.mint(helper.address, 3)
    helper.deposit_fa(**chain.deposit_fa(ticketer, 60))
    tokens.has(ALICE, 40)
    tokens.has(helper, 3)
    tokens.has(ticketer, 60)
    chain.verify(ticketer.data.total_supply == 60)
    tokens.no_right_is_left(helper, ticketer)
    chain.nothing_is_left()
    chain.scenario.verify_equal(chain.rollup.data.deposits, [sp.record(
        receiver=RECEIVER, ticketer=ticketer.address, content=tokens.content, amount=60,
        sender=helper.address, source=ALICE.address,
    )])


@fa("helper_and_hostile_ticketers_of_tokens")
def _(chain, tokens):
    helper = chain.helper
    refused = Refused(helper)
    tokens.mint(ALICE.address, 100)
    tokens.mint(helper.address, 50)
    tokens.approve(ALICE, helper, 100)
    for mode, error in [
        ("nothing", "NO_TICKET_CAME"),
        ("free", "TOKENS_ARE_LEFT_OR_GONE"),
        ("part", "TOKENS_ARE_LEFT_OR_GONE"),
        # An allowance is of the amount alone; an operator may take all that the helper has.
        ("all", "TOKENS_ARE_LEFT_OR_GONE" if tokens.is_fa2 else tokens.not_allowed),
        ("less", "TICKET_OF_ANOTHER_AMOUNT"),
        ("content", "TICKET_OF_ANOTHER_CONTENT"),
        ("twice", "A_SECOND_TICKET"),
        ("reenter", "CALLER_IS_NOT_THE_SIGNER"),
        ("finish", "SENDER_IS_NOT_THE_HELPER"),
    ] + ([] if tokens.is_fa2 else [("lie", "TOKENS_ARE_LEFT_OR_GONE")]):
        ticketer = chain.hostile(mode, tokens.which, tokens.ticketer)
        refused.deposit_fa(error, **chain.deposit_fa(ticketer, 10))
        tokens.has(ALICE, 100)
        tokens.has(helper, 50)
        tokens.no_right_is_left(helper, ticketer)
        chain.nothing_is_left()
    # One that keeps to the rules has no right to the helper's tokens afterwards.
    ticketer = chain.hostile("honest", tokens.which)
    helper.deposit_fa(**chain.deposit_fa(ticketer, 10))
    tokens.no_right_is_left(helper, ticketer)
    Refused(ticketer).take_later(tokens.not_allowed, 1, _sender=ALICE)
    tokens.has(helper, 50)


@sp.add_test()
def helper_and_hostile_tokens():
    chain = Chain("helper_and_hostile_tokens")
    for mode, error in [
        ("reenter", "CALLER_IS_NOT_THE_SIGNER"),
        ("say", "TOKENS_ARE_LEFT_OR_GONE"),
    ]:
        token = chain.add(hostile.HostileToken(mode, chain.helper.address, chain.xtz.address, 1))
        which = sp.variant.fa12(token.address)
        ticketer = chain.add(fa_ticketer.FaTicketer(which, XTZ))
        Refused(chain.helper).deposit_fa(error, **chain.deposit_fa(ticketer, 10))
        Refused(token).say("NO_DEPOSIT_IS_ON_ITS_WAY", 1, _sender=ALICE)
        chain.verify(ticketer.data.total_supply == 0)
        chain.nothing_is_left()
    # Something that is no token at all, and a ticketer whose token is none.
    for which in sp.variant.fa12(chain.xtz.address), sp.variant.fa2((chain.xtz.address, 0)):
        ticketer = chain.add(fa_ticketer.FaTicketer(which, XTZ))
        Refused(chain.helper).deposit_fa("NOT_A_TOKEN", **chain.deposit_fa(ticketer, 10))
