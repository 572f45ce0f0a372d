"""A token of FA2 with what its standard asks for, for tests alone: anybody may mint any token."""

import smartpy as sp


@sp.module
def fa2():
    operator: type = sp.record(
        owner=sp.address, operator=sp.address, token_id=sp.nat
    ).layout(("owner", ("operator", "token_id")))
    request: type = sp.record(owner=sp.address, token_id=sp.nat).layout(
        ("owner", "token_id")
    )
    response: type = sp.record(request=request, balance=sp.nat).layout(
        ("request", "balance")
    )

    class Fa2(sp.Contract):
        def __init__(self):
            self.data.ledger = sp.cast(
                {}, sp.map[sp.pair[sp.address, sp.nat], sp.nat]
            )
            self.data.operators = sp.cast({}, sp.map[operator, sp.unit])

        @sp.entrypoint
        def transfer(self, batch):
            sp.cast(
                batch,
                sp.list[
                    sp.record(
                        from_=sp.address,
                        txs=sp.list[
                            sp.record(to_=sp.address, token_id=sp.nat, amount=sp.nat).layout(
                                ("to_", ("token_id", "amount"))
                            )
                        ],
                    ).layout(("from_", "txs"))
                ],
            )
            for one in batch:
                for tx in one.txs:
                    its = sp.record(
                        owner=one.from_, operator=sp.sender, token_id=tx.token_id
                    )
                    assert (
                        sp.sender == one.from_ or its in self.data.operators
                    ), "FA2_NOT_OPERATOR"
                    balance = self.data.ledger.get((one.from_, tx.token_id), default=0)
                    self.data.ledger[(one.from_, tx.token_id)] = sp.as_nat(
                        balance - tx.amount, error="FA2_INSUFFICIENT_BALANCE"
                    )
                    self.data.ledger[(tx.to_, tx.token_id)] = (
                        self.data.ledger.get((tx.to_, tx.token_id), default=0) + tx.amount
                    )

        @sp.entrypoint
        def update_operators(self, updates):
            sp.cast(
                updates,
                sp.list[
                    sp.variant(add_operator=operator, remove_operator=operator).layout(
                        ("add_operator", "remove_operator")
                    )
                ],
            )
            for update in updates:
                match update:
                    case add_operator(added):
                        assert added.owner == sp.sender, "FA2_NOT_OWNER"
                        self.data.operators[added] = ()
                    case remove_operator(removed):
                        assert removed.owner == sp.sender, "FA2_NOT_OWNER"
                        del self.data.operators[removed]

        @sp.entrypoint
        def balance_of(self, params):
            sp.cast(
                params,
                sp.record(
                    requests=sp.list[request], callback=sp.contract[sp.list[response]]
                ).layout(("requests", "callback")),
            )
            responses = []
            for one in reversed(params.requests):
                responses.push(
                    sp.record(
                        request=one,
                        balance=self.data.ledger.get((one.owner, one.token_id), default=0),
                    )
                )
            sp.transfer(responses, sp.mutez(0), params.callback)

        @sp.entrypoint
        def mint(self, params):
            sp.cast(
                params,
                sp.record(to_=sp.address, token_id=sp.nat, amount=sp.nat).layout(
                    ("to_", ("token_id", "amount"))
                ),
            )
            self.data.ledger[(params.to_, params.token_id)] = (
                self.data.ledger.get((params.to_, params.token_id), default=0) + params.amount
            )
