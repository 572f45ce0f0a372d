"""A deposit helper with a deposit on its way, which no operation leaves behind."""

import smartpy as sp
from deposit_helper import deposit_helper


@sp.module
def busy():
    import deposit_helper

    class Busy(deposit_helper.DepositHelper):
        def __init__(self, ticketer, rollup):
            deposit_helper.DepositHelper.__init__(self)
            self.data = sp.cast(
                sp.Some(
                    sp.record(
                        ticketer=ticketer,
                        content=(sp.nat(0), None),
                        amount=sp.nat(10),
                        rollup=rollup,
                        receiver="somebody",
                        token=None,
                        balance=None,
                        forwarded=False,
                    )
                ),
                sp.option[deposit_helper.deposit],
            )
