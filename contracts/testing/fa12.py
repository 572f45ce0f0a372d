"""A token of FA1.2 with what its standard asks for, for tests alone: anybody may mint."""

import smartpy as sp


@sp.module
def fa12():
    class Fa12(sp.Contract):
        def __init__(self):
            self.data.allowances = sp.cast(
                {}, sp.map[sp.pair[sp.address, sp.address], sp.nat]
            )
            self.data.ledger = sp.cast({}, sp.map[sp.address, sp.nat])
            self.data.total_supply = sp.nat(0)

        @sp.entrypoint
        def transfer(self, params):
            sp.cast(
                params,
                sp.record(from_=sp.address, to_=sp.address, value=sp.nat).layout(
                    ("from_ as from", ("to_ as to", "value"))
                ),
            )
            if sp.sender != params.from_:
                allowance = self.data.allowances.get((params.from_, sp.sender), default=0)
                self.data.allowances[(params.from_, sp.sender)] = sp.as_nat(
                    allowance - params.value, error="NotEnoughAllowance"
                )
            balance = self.data.ledger.get(params.from_, default=0)
            self.data.ledger[params.from_] = sp.as_nat(
                balance - params.value, error="NotEnoughBalance"
            )
            self.data.ledger[params.to_] = (
                self.data.ledger.get(params.to_, default=0) + params.value
            )

        @sp.entrypoint
        def approve(self, params):
            sp.cast(
                params,
                sp.record(spender=sp.address, value=sp.nat).layout(("spender", "value")),
            )
            allowance = self.data.allowances.get((sp.sender, params.spender), default=0)
            assert allowance == 0 or params.value == 0, "UnsafeAllowanceChange"
            self.data.allowances[(sp.sender, params.spender)] = params.value

        @sp.entrypoint
        def getBalance(self, params):
            sp.cast(
                params,
                sp.record(owner=sp.address, callback=sp.contract[sp.nat]).layout(
                    ("owner", "callback")
                ),
            )
            sp.transfer(
                self.data.ledger.get(params.owner, default=0), sp.mutez(0), params.callback
            )

        @sp.entrypoint
        def getAllowance(self, params):
            sp.cast(
                params,
                sp.record(
                    request=sp.record(owner=sp.address, spender=sp.address).layout(
                        ("owner", "spender")
                    ),
                    callback=sp.contract[sp.nat],
                ).layout(("request", "callback")),
            )
            request = params.request
            sp.transfer(
                self.data.allowances.get((request.owner, request.spender), default=0),
                sp.mutez(0),
                params.callback,
            )

        @sp.entrypoint
        def getTotalSupply(self, params):
            sp.cast(
                params,
                sp.record(request=sp.unit, callback=sp.contract[sp.nat]).layout(
                    ("request", "callback")
                ),
            )
            sp.transfer(self.data.total_supply, sp.mutez(0), params.callback)

        @sp.entrypoint
        def mint(self, params):
            sp.cast(
                params,
                sp.record(to_=sp.address, value=sp.nat).layout(("to_ as to", "value")),
            )
            self.data.ledger[params.to_] = (
                self.data.ledger.get(params.to_, default=0) + params.value
            )
            self.data.total_supply += params.value
