"""What stands in for a rollup of toru's type, and for one of another type, in SmartPy's scenarios."""

import smartpy as sp


@sp.module
def rollup():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]
    parameter: type = sp.or_[
        sp.pair[sp.string, sp.ticket[sp.string]],
        sp.or_[sp.pair[sp.string, sp.ticket[content]], sp.bytes],
    ]
    received: type = sp.record(
        receiver=sp.string,
        ticketer=sp.address,
        content=content,
        amount=sp.nat,
        sender=sp.address,
        source=sp.address,
    )

    asked: type = sp.record(request=sp.bytes, sender=sp.address, source=sp.address)

    class Rollup(sp.Contract):
        def __init__(self):
            self.data.deposits = sp.cast([], sp.list[received])
            self.data.requests = sp.cast([], sp.list[asked])

        @sp.entrypoint
        def default(self, params):
            sp.cast(params, parameter)
            match params:
                case Left(_text):
                    raise "NOT_USED_HERE"
                case Right(other):
                    match other:
                        case Left(deposit):
                            (receiver, ticket) = deposit
                            (read, _) = sp.read_ticket(ticket)
                            self.data.deposits.push(
                                sp.record(
                                    receiver=receiver,
                                    ticketer=read.ticketer,
                                    content=read.contents,
                                    amount=read.amount,
                                    sender=sp.sender,
                                    source=sp.source,
                                )
                            )
                        case Right(request):
                            self.data.requests.push(
                                sp.record(
                                    request=request, sender=sp.sender, source=sp.source
                                )
                            )

    class OtherRollup(sp.Contract):
        @sp.entrypoint
        def default(self, params):
            sp.cast(params, sp.or_[sp.pair[sp.string, sp.ticket[content]], sp.bytes])
