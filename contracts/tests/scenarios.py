"""The contracts' tests in SmartPy's scenarios: what they do, what they refuse, and whom they withstand."""

from sources import busy, deposit_helper, fa12, fa2, fa_ticketer, hostile, rollup, xtz_ticketer

import smartpy as sp

RECEIVER = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X4"
XTZ = (0, None)
ELSEWHERE = sp.address("KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT")
content = sp.pair[sp.nat, sp.option[sp.bytes]]

ALICE = sp.test_account("alice")
BOB = sp.test_account("bob")


class Refused:
    """Calls that have to fail, with what they say."""

    def __init__(self, instance):
        self.instance = instance

    def __getattr__(self, entrypoint):
        def call(error, *args, **kwargs):
            method = getattr(self.instance, entrypoint)
            method(*args, _valid=False, _exception=error, **kwargs)

        return call


def ticket(of, amount, its_content=XTZ):
    return sp.test_ticket(of.address, its_content, amount)


class Chain:
    """A scenario with the rollup, the helper, and the ticketer of tez."""

    scenarios = 0

    def __init__(self, name):
        Chain.scenarios += 1
        self.scenario = sp.test_scenario(name)
        self.rollup = self.add(rollup.Rollup())
        self.other_rollup = self.add(rollup.OtherRollup())
        self.helper = self.add(deposit_helper.DepositHelper())
        self.xtz = self.add(xtz_ticketer.XtzTicketer())

    def add(self, instance):
        self.scenario += instance
        return instance

    def hostile(self, mode, token=None, other=None):
        of = sp.Some(token) if token is not None else None
        return self.add(hostile.HostileTicketer(
            mode, self.helper.address, (other or self.xtz).address, of
        ))

    def verify(self, condition):
        self.scenario.verify(condition)

    def deposit_xtz(self, ticketer, to=None, **more):
        return {"ticketer": ticketer.address, "rollup": (to or self.rollup).address,
                "receiver": RECEIVER, "_sender": ALICE, **more}

    def deposit_fa(self, ticketer, amount, to=None, **more):
        return {"amount": amount, **self.deposit_xtz(ticketer, to, **more)}

    def nothing_is_left(self):
        self.verify(self.helper.data == None)  # noqa: E711
        self.verify(self.helper.balance == sp.mutez(0))


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


class Tokens:
    """Both standards: the token, its ticketer, and how somebody lets a contract take tokens."""

    def __init__(self, chain, standard):
        self.chain = chain
        self.is_fa2 = standard == "FA2"
        if self.is_fa2:
            self.token = chain.add(fa2.Fa2())
            self.which = sp.variant.fa2((self.token.address, 7))
            self.content = (7, sp.Some(sp.bytes("0x05")))
        else:
            self.token = chain.add(fa12.Fa12())
            self.which = sp.variant.fa12(self.token.address)
            self.content = (0, sp.Some(sp.bytes("0x05")))
        self.ticketer = chain.add(fa_ticketer.FaTicketer(self.which, self.content))
        self.not_enough = "FA2_INSUFFICIENT_BALANCE" if self.is_fa2 else "NotEnoughBalance"
        self.not_allowed = "FA2_NOT_OPERATOR" if self.is_fa2 else "NotEnoughAllowance"

    def mint(self, to, amount):
        if self.is_fa2:
            self.token.mint(to_=to, token_id=7, amount=amount)
        else:
            self.token.mint(to_=to, value=amount)

    def approve(self, owner, spender, amount):
        if self.is_fa2:
            right = sp.record(owner=owner.address, operator=spender.address, token_id=7)
            self.token.update_operators([sp.variant.add_operator(right)], _sender=owner)
        else:
            self.token.approve(spender=spender.address, value=amount, _sender=owner)

    def has(self, owner, amount):
        key = (owner.address, 7) if self.is_fa2 else owner.address
        self.chain.verify(self.token.data.ledger.get(key, 0) == amount)

    def no_right_is_left(self, owner, spender):
        if self.is_fa2:
            right = sp.record(owner=owner.address, operator=spender.address, token_id=7)
            self.chain.verify(~self.token.data.operators.contains(right))
        else:
            rights = self.token.data.allowances
            self.chain.verify(rights.get((owner.address, spender.address), 0) == 0)


def fa(name):
    """The test for both standards."""
    def both(body):
        for standard in "FA12", "FA2":
            def test(standard=standard):
                chain = Chain(f"{name}_{standard}")
                body(chain, Tokens(chain, standard))

            sp.add_test()(test)

    return both


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
    chain.scenario.verify_equal(chain.rollup.data, [first])
    helper.deposit_xtz(**chain.deposit_xtz(xtz, _amount=sp.mutez(1)))
    chain.verify(sp.len(chain.rollup.data) == 2)

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
    chain.verify(sp.len(chain.rollup.data) == 0)
    helper.default(ticket(chain.xtz, 10), _sender=chain.xtz.address)
    chain.verify(sp.len(chain.rollup.data) == 1)


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
    honest = chain.hostile("honest")
    chain.helper.deposit_xtz(**chain.deposit_xtz(honest, **ten))
    chain.verify(sp.len(chain.rollup.data) == 1)


@sp.add_test()
def helper_and_a_stranger_in_between():
    """A ticketer of another deposit sends a ticket of its own while one is on its way."""
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
    chain.scenario.verify_equal(chain.rollup.data, [sp.record(
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


print(f"contracts: {Chain.scenarios} scenarios in SmartPy: as expected")
