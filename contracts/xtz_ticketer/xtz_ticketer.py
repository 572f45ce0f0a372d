"""The ticketer of tez: who sends tez gets a ticket of as many mutez, and who burns a ticket gets the tez."""

import smartpy as sp


@sp.module
def xtz_ticketer():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]

    class XtzTicketer(sp.Contract):
        """Its parameter is that of the exchangers that exist, so that it can stand in for them.

        The mutez of all its tickets are its total supply, and it holds at least as much tez: only `mint` takes
        tez, and only `burn` pays any.
        """

        def __init__(self):
            self.data.total_supply = sp.nat(0)

        @sp.entrypoint
        def burn(self, params):
            """Pays the ticket's mutez to the receiver."""
            sp.cast(params, sp.pair[sp.address, sp.ticket[content]])
            (receiver, ticket) = params
            (read, _) = sp.read_ticket(ticket)
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            assert read.ticketer == sp.self_address, "TICKET_OF_ANOTHER_TICKETER"
            assert read.contents == (sp.nat(0), None), "TICKET_OF_ANOTHER_CONTENT"
            self.data.total_supply = sp.as_nat(
                self.data.total_supply - read.amount, error="MORE_THAN_THE_SUPPLY"
            )
            pays = sp.contract(sp.unit, receiver).unwrap_some(error="RECEIVER_TAKES_NO_TEZ")
            sp.transfer((), sp.split_tokens(sp.mutez(1), read.amount, 1), pays)

        @sp.entrypoint
        def mint(self, receiver):
            """Sends the receiver a ticket of the mutez that come with the call."""
            sp.cast(receiver, sp.address)
            mutez = sp.fst(sp.ediv(sp.amount, sp.mutez(1)).unwrap_some(error="DIVISION"))
            assert mutez > 0, "NOTHING_TO_MINT"
            takes = sp.contract(sp.ticket[content], receiver).unwrap_some(
                error="RECEIVER_TAKES_NO_TICKET"
            )
            ticket = sp.ticket((sp.nat(0), None), mutez)
            self.data.total_supply += mutez
            sp.transfer(ticket, sp.mutez(0), takes)

        @sp.onchain_view
        def get_content(self):
            """The content of all its tickets."""
            return sp.cast((sp.nat(0), None), content)

        @sp.onchain_view
        def get_total_supply(self):
            """The mutez of all its tickets together."""
            return self.data.total_supply
