"""The ticketers in SmartPy's scenarios: mint and burn, deposit and withdraw, and all that they refuse."""

from scenario_kit import ALICE, BOB, XTZ, Chain, Refused, fa, ticket
from sources import fa_ticketer, xtz_ticketer

import smartpy as sp


@sp.add_test()
def xtz_mint():
    chain = Chain("xtz_mint")
    xtz = chain.xtz
    refused = Refused(xtz)
    xtz.mint(BOB.address, _sender=ALICE, _amount=sp.mutez(5))
    xtz.mint(ALICE.address, _sender=ALICE, _amount=sp.tez(7))
    chain.verify(xtz.data.total_supply == 7_000_005)
    chain.verify(xtz.balance == sp.mutez(7_000_005))
    chain.verify(xtz.get_total_supply() == 7_000_005)
    chain.verify(xtz.get_content() == XTZ)

    refused.mint("NOTHING_TO_MINT", BOB.address, _sender=ALICE)
    # A rollup takes no bare ticket.
    refused.mint("RECEIVER_TAKES_NO_TICKET", chain.rollup.address, _sender=ALICE, _amount=sp.mutez(1))
    # The helper was asked for nothing.
    refused.mint("NO_DEPOSIT_IS_ON_ITS_WAY", chain.helper.address, _sender=ALICE, _amount=sp.mutez(1))
    chain.verify(xtz.data.total_supply == 7_000_005)


@sp.add_test()
def xtz_burn():
    chain = Chain("xtz_burn")
    xtz = chain.xtz
    another = chain.add(xtz_ticketer.XtzTicketer())
    refused = Refused(xtz)
    xtz.mint(ALICE.address, _sender=ALICE, _amount=sp.mutez(50))
    another.mint(ALICE.address, _sender=ALICE, _amount=sp.mutez(50))

    xtz.burn((BOB.address, ticket(xtz, 20)), _sender=ALICE)
    chain.verify(xtz.data.total_supply == 30)
    chain.verify(xtz.balance == sp.mutez(30))

    refused.burn("TICKET_OF_ANOTHER_TICKETER", (BOB.address, ticket(another, 20)), _sender=ALICE)
    refused.burn("TICKET_OF_ANOTHER_CONTENT", (BOB.address, ticket(xtz, 20, (1, None))), _sender=ALICE)
    one = (0, sp.Some(sp.bytes("0x00")))
    refused.burn("TICKET_OF_ANOTHER_CONTENT", (BOB.address, ticket(xtz, 20, one)), _sender=ALICE)
    refused.burn("MORE_THAN_THE_SUPPLY", (BOB.address, ticket(xtz, 31)), _sender=ALICE)
    refused.burn("TEZ_NOT_TAKEN", (BOB.address, ticket(xtz, 20)), _sender=ALICE, _amount=sp.mutez(1))
    refused.burn("RECEIVER_TAKES_NO_TEZ", (chain.rollup.address, ticket(xtz, 20)), _sender=ALICE)
    chain.verify(xtz.data.total_supply == 30)
    xtz.burn((BOB.address, ticket(xtz, 30)), _sender=ALICE)
    chain.verify(xtz.data.total_supply == 0)
    chain.verify(xtz.balance == sp.mutez(0))


@fa("fa_ticketer")
def _(chain, tokens):
    ticketer = tokens.ticketer
    refused = Refused(ticketer)
    tokens.mint(ALICE.address, 100)
    refused.deposit(tokens.not_allowed, 60, _sender=ALICE)
    tokens.approve(ALICE, ticketer, 60)
    ticketer.deposit(60, _sender=ALICE)
    tokens.has(ALICE, 40)
    tokens.has(ticketer, 60)
    chain.verify(ticketer.get_total_supply() == 60)
    chain.verify(ticketer.get_content() == tokens.content)
    chain.verify(ticketer.get_token() == tokens.which)
    # Somebody else's right is of no use, and nothing but the sender's tokens is taken.
    refused.deposit(tokens.not_allowed, 1, _sender=BOB)
    refused.deposit("NOTHING_TO_DEPOSIT", 0, _sender=ALICE)
    refused.deposit("TEZ_NOT_TAKEN", 1, _sender=ALICE, _amount=sp.mutez(1))
    refused.deposit("SENDER_TAKES_NO_TICKET", 1, _sender=chain.rollup.address)
    chain.verify(ticketer.data.total_supply == 60)

    def pay(amount, of=ticketer, what=tokens.content, to=BOB):
        return sp.record(receiver=to.address, ticket=ticket(of, amount, what))

    ticketer.withdraw(pay(25), _sender=ALICE)
    tokens.has(BOB, 25)
    tokens.has(ticketer, 35)
    chain.verify(ticketer.data.total_supply == 35)
    refused.withdraw("TICKET_OF_ANOTHER_TICKETER", pay(1, of=chain.xtz), _sender=ALICE)
    refused.withdraw("TICKET_OF_ANOTHER_CONTENT", pay(1, what=(8, None)), _sender=ALICE)
    refused.withdraw("MORE_THAN_THE_SUPPLY", pay(36), _sender=ALICE)
    refused.withdraw("TEZ_NOT_TAKEN", pay(1), _sender=ALICE, _amount=sp.mutez(1))
    ticketer.withdraw(pay(35), _sender=ALICE)
    tokens.has(BOB, 60)
    tokens.has(ticketer, 0)
    chain.verify(ticketer.data.total_supply == 0)


@sp.add_test()
def fa_ticketer_without_a_token():
    chain = Chain("fa_ticketer_without_a_token")
    for which in sp.variant.fa12(chain.xtz.address), sp.variant.fa2((chain.xtz.address, 0)):
        ticketer = chain.add(fa_ticketer.FaTicketer(which, XTZ))
        Refused(ticketer).deposit("NOT_A_TOKEN", 1, _sender=ALICE)
        chain.verify(ticketer.data.total_supply == 0)
