"""The ticketer of a token of FA1.2 or FA2: who deposits tokens gets a ticket, and who burns it gets the tokens."""

import smartpy as sp


@sp.module
def fa_ticketer():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]
    token: type = sp.variant(fa12=sp.address, fa2=sp.pair[sp.address, sp.nat]).layout(
        ("fa12", "fa2")
    )

    fa12_transfer: type = sp.record(from_=sp.address, to_=sp.address, value=sp.nat).layout(
        ("from_ as from", ("to_ as to", "value"))
    )
    fa2_transfer: type = sp.record(
        from_=sp.address,
        txs=sp.list[
            sp.record(to_=sp.address, token_id=sp.nat, amount=sp.nat).layout(
                ("to_", ("token_id", "amount"))
            )
        ],
    ).layout(("from_", "txs"))

    class FaTicketer(sp.Contract):
        """Its parameter is that of the FA ticketers that exist, so that it can stand in for them.

        The tokens of all its tickets are its total supply, and it holds at least as many of them: it pays tokens
        for its own tickets only.
        """

        def __init__(self, its_token, its_content):
            self.data.content = sp.cast(its_content, content)
            self.data.token = sp.cast(its_token, token)
            self.data.total_supply = sp.nat(0)
            sp.cast(
                self.data,
                sp.record(content=content, token=token, total_supply=sp.nat).layout(
                    ("content", ("token", "total_supply"))
                ),
            )

        @sp.private(with_storage="read-only", with_operations=True)
        def move(self, params):
            """Moves tokens."""
            (from_, to_, amount) = params
            match self.data.token:
                case fa12(address):
                    fa12_transfers = sp.contract(
                        fa12_transfer, address, entrypoint="transfer"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    sp.transfer(
                        sp.record(from_=from_, to_=to_, value=amount),
                        sp.mutez(0),
                        fa12_transfers,
                    )
                case fa2(pair):
                    (address, token_id) = pair
                    fa2_transfers = sp.contract(
                        sp.list[fa2_transfer], address, entrypoint="transfer"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    sp.transfer(
                        [
                            sp.record(
                                from_=from_,
                                txs=[sp.record(to_=to_, token_id=token_id, amount=amount)],
                            )
                        ],
                        sp.mutez(0),
                        fa2_transfers,
                    )

        @sp.entrypoint
        def deposit(self, amount):
            """Takes tokens of the sender, who has to let it, and sends the sender a ticket of as many."""
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            assert amount > 0, "NOTHING_TO_DEPOSIT"
            takes = sp.contract(sp.ticket[content], sp.sender).unwrap_some(
                error="SENDER_TAKES_NO_TICKET"
            )
            ticket = sp.ticket(self.data.content, amount)
            self.data.total_supply += amount
            self.move((sp.sender, sp.self_address, amount))
            sp.transfer(ticket, sp.mutez(0), takes)

        @sp.entrypoint
        def withdraw(self, params):
            """Pays the ticket's tokens to the receiver."""
            sp.cast(
                params,
                sp.record(receiver=sp.address, ticket=sp.ticket[content]).layout(
                    ("receiver", "ticket")
                ),
            )
            record(receiver, ticket).match = params
            (read, _) = sp.read_ticket(ticket)
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            assert read.ticketer == sp.self_address, "TICKET_OF_ANOTHER_TICKETER"
            assert read.contents == self.data.content, "TICKET_OF_ANOTHER_CONTENT"
            self.data.total_supply = sp.as_nat(
                self.data.total_supply - read.amount, error="MORE_THAN_THE_SUPPLY"
            )
            self.move((sp.self_address, receiver, read.amount))

        @sp.onchain_view
        def get_content(self):
            """The content of all its tickets."""
            return self.data.content

        @sp.onchain_view
        def get_token(self):
            """The token that its tickets stand for."""
            return self.data.token

        @sp.onchain_view
        def get_total_supply(self):
            """The tokens of all its tickets together."""
            return self.data.total_supply
