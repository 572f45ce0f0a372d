"""What the scenarios begin with: a rollup, a helper, a ticketer, tokens, and words for calls that are refused."""

from sources import deposit_helper, fa12, fa2, fa_ticketer, hostile, rollup, xtz_ticketer

import smartpy as sp

RECEIVER = "tz4KgLG5kuN3xjp9EjZLsQv8TFtjXeZvE4X4"
XTZ = (0, None)

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
        self.verify(self.helper.data == None)
        self.verify(self.helper.balance == sp.mutez(0))


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
