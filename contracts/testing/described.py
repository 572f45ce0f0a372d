"""Ticketers that exist on Tezos, by their interfaces and by what is written about them, for tests alone."""

import smartpy as sp


@sp.module
def described():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]

    rollup: type = sp.or_[
        sp.pair[sp.string, sp.ticket[sp.string]],
        sp.or_[sp.pair[sp.string, sp.ticket[content]], sp.bytes],
    ]

    class Exchanger(sp.Contract):
        """The XTZ exchanger: tez for tickets of as many mutez, and back. It stores nothing."""

        @sp.entrypoint
        def burn(self, params):
            sp.cast(params, sp.pair[sp.address, sp.ticket[content]])
            (receiver, ticket) = params
            (read, _) = sp.read_ticket(ticket)
            assert read.ticketer == sp.self_address
            to = sp.contract(sp.unit, receiver).unwrap_some()
            sp.transfer((), sp.split_tokens(sp.mutez(1), read.amount, 1), to)

        @sp.entrypoint
        def mint(self, receiver):
            mutez = sp.fst(sp.ediv(sp.amount, sp.mutez(1)).unwrap_some())
            to = sp.contract(sp.ticket[content], receiver).unwrap_some()
            sp.transfer(sp.ticket((sp.nat(0), None), mutez), sp.mutez(0), to)

    class Tzel(sp.Contract):
        """tzel's ticketer: mints and sends to the rollup in one call."""

        @sp.entrypoint
        def burn(self, params):
            sp.cast(
                params,
                sp.record(receiver=sp.contract[sp.unit], ticket=sp.ticket[content]).layout(
                    ("receiver", "ticket")
                ),
            )
            record(receiver, ticket).match = params
            (read, _) = sp.read_ticket(ticket)
            assert read.ticketer == sp.self_address
            sp.transfer((), sp.split_tokens(sp.mutez(1), read.amount, 1), receiver)

        @sp.entrypoint
        def mint(self, params):
            sp.cast(
                params,
                sp.record(receiver=sp.bytes, rollup=sp.address).layout(("receiver", "rollup")),
            )
            mutez = sp.fst(sp.ediv(sp.amount, sp.mutez(1)).unwrap_some())
            to = sp.contract(sp.pair[sp.bytes, sp.ticket[content]], params.rollup)
            deposit = (params.receiver, sp.ticket((sp.nat(0), None), mutez))
            sp.transfer(deposit, sp.mutez(0), to.unwrap_some(error="ANOTHER_ROLLUP"))

    class Demo(sp.Contract):
        """A ticketer of text, with the interface of the sandbox's demo ticketer: it notes whom it would pay."""

        def __init__(self):
            self.data = sp.cast({}, sp.map[sp.address, sp.nat])

        @sp.entrypoint
        def burn(self, params):
            sp.cast(
                params,
                sp.record(receiver=sp.address, ticket=sp.ticket[sp.string]).layout(
                    ("receiver", "ticket")
                ),
            )
            record(receiver, ticket).match = params
            (read, _) = sp.read_ticket(ticket)
            assert read.ticketer == sp.self_address
            self.data[receiver] = self.data.get(receiver, default=0) + read.amount

        @sp.entrypoint
        def mint(self, params):
            sp.cast(
                params,
                sp.record(rollup=sp.address, receiver=sp.string, amount=sp.nat).layout(
                    ("rollup", ("receiver", "amount"))
                ),
            )
            to = sp.contract(rollup, params.rollup).unwrap_some()
            deposit = (params.receiver, sp.ticket("demo", params.amount))
            sp.transfer(sp.variant.Left(deposit), sp.mutez(0), to)

    class Taker(sp.Contract):
        """Octez's test contract that takes bare tickets of text; this one notes how many it got."""

        def __init__(self):
            self.data = sp.nat(0)

        @sp.entrypoint
        def burn_all_tickets(self):
            self.data = 0

        @sp.entrypoint
        def receive_tickets(self, ticket):
            sp.cast(ticket, sp.ticket[sp.string])
            (read, _) = sp.read_ticket(ticket)
            self.data += read.amount
