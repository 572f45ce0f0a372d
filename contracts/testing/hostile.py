"""A ticketer and a token that attack the deposit helper, each in the way that its storage names."""

import smartpy as sp


@sp.module
def hostile():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]
    token: type = sp.variant(fa12=sp.address, fa2=sp.pair[sp.address, sp.nat]).layout(
        ("fa12", "fa2")
    )
    fa12_transfer: type = sp.record(from_=sp.address, to_=sp.address, value=sp.nat).layout(
        ("from_ as from", ("to_ as to", "value"))
    )
    fa12_approval: type = sp.record(spender=sp.address, value=sp.nat).layout(
        ("spender", "value")
    )
    fa12_question: type = sp.record(owner=sp.address, callback=sp.contract[sp.nat]).layout(
        ("owner", "callback")
    )
    fa2_transfer: type = sp.record(
        from_=sp.address,
        txs=sp.list[
            sp.record(to_=sp.address, token_id=sp.nat, amount=sp.nat).layout(
                ("to_", ("token_id", "amount"))
            )
        ],
    ).layout(("from_", "txs"))
    deposit_xtz: type = sp.record(
        ticketer=sp.address, rollup=sp.address, receiver=sp.string
    ).layout(("ticketer", ("rollup", "receiver")))
    deposit_fa: type = sp.record(
        ticketer=sp.address, rollup=sp.address, receiver=sp.string, amount=sp.nat
    ).layout(("ticketer", ("rollup", ("receiver", "amount"))))

    reclaim: type = sp.record(rollup=sp.address, request=sp.bytes).layout(
        ("rollup", "request")
    )

    class HostileTicketer(sp.Contract):
        """`mode`, and what it does when it is to mint:

        honest: mints; free: mints and takes no tokens; nothing: does nothing; less, more: mints another amount;
        content: mints another content; twice: sends two tickets; tez: sends tez with the ticket; relay: sends a
        ticket of `other`, a ticketer of tez; aside: has `other` send one; reenter: begins a deposit; finish: ends
        the deposit; part: takes a token less; all: takes a token more; lie: lets the token say what somebody else
        has.
        """

        def __init__(self, mode, helper, other, its_token):
            self.data.mode = sp.cast(mode, sp.string)
            self.data.helper = sp.cast(helper, sp.address)
            self.data.other = sp.cast(other, sp.address)
            self.data.token = sp.cast(its_token, sp.option[token])

        @sp.entrypoint
        def set_mode(self, mode):
            self.data.mode = mode

        @sp.private(with_storage="read-only", with_operations=True)
        def send(self, params):
            (receiver, amount) = params
            mode = self.data.mode
            to = sp.contract(sp.ticket[content], receiver).unwrap_some(error="TO")
            minted = amount
            if mode == "less":
                minted = sp.as_nat(amount - 1)
            if mode == "more":
                minted = amount + 1
            its_content = sp.cast((sp.nat(0), None), content)
            if mode == "content":
                its_content = (sp.nat(1), None)
            tez = sp.mutez(0)
            if mode == "tez":
                tez = sp.mutez(1)
            silent = {"nothing", "relay", "aside", "reenter", "finish"}
            if not (mode in silent):
                sp.transfer(sp.ticket(its_content, minted), tez, to)
            if mode == "twice":
                sp.transfer(sp.ticket(its_content, minted), sp.mutez(0), to)
            if mode == "finish":
                finishes = sp.contract(sp.unit, self.data.helper, entrypoint="finish")
                sp.transfer((), sp.mutez(0), finishes.unwrap_some(error="TO"))

        @sp.entrypoint
        def mint(self, receiver):
            if self.data.mode == "relay" or self.data.mode == "aside":
                mints = sp.contract(sp.address, self.data.other, entrypoint="mint")
                to = receiver
                if self.data.mode == "relay":
                    to = sp.to_address(sp.self_entrypoint("relay"))
                sp.transfer(to, sp.amount, mints.unwrap_some(error="TO"))
            if self.data.mode == "reenter":
                deposits = sp.contract(deposit_xtz, self.data.helper, entrypoint="deposit_xtz")
                sp.transfer(
                    sp.record(
                        ticketer=self.data.other, rollup=self.data.other, receiver="mallory"
                    ),
                    sp.amount,
                    deposits.unwrap_some(error="TO"),
                )
            mutez = sp.fst(sp.ediv(sp.amount, sp.mutez(1)).unwrap_some(error="DIVISION"))
            self.send((receiver, mutez))

        @sp.entrypoint
        def relay(self, ticket):
            sp.cast(ticket, sp.ticket[content])
            to = sp.contract(sp.ticket[content], self.data.helper)
            sp.transfer(ticket, sp.mutez(0), to.unwrap_some(error="TO"))

        @sp.private(with_storage="read-only", with_operations=True)
        def take(self, params):
            (from_, amount) = params
            match self.data.token.unwrap_some(error="TOKEN"):
                case fa12(address):
                    moves = sp.contract(fa12_transfer, address, entrypoint="transfer")
                    sp.transfer(
                        sp.record(from_=from_, to_=sp.self_address, value=amount),
                        sp.mutez(0),
                        moves.unwrap_some(error="TO"),
                    )
                case fa2(pair):
                    (address, token_id) = pair
                    moves = sp.contract(
                        sp.list[fa2_transfer], address, entrypoint="transfer"
                    )
                    txs = [sp.record(to_=sp.self_address, token_id=token_id, amount=amount)]
                    sp.transfer(
                        [sp.record(from_=from_, txs=txs)],
                        sp.mutez(0),
                        moves.unwrap_some(error="TO"),
                    )

        @sp.entrypoint
        def deposit(self, amount):
            mode = self.data.mode
            if mode == "reenter":
                deposits = sp.contract(deposit_fa, self.data.helper, entrypoint="deposit_fa")
                sp.transfer(
                    sp.record(
                        ticketer=self.data.other,
                        rollup=self.data.other,
                        receiver="mallory",
                        amount=amount,
                    ),
                    sp.mutez(0),
                    deposits.unwrap_some(error="TO"),
                )
            if mode == "part":
                self.take((sp.sender, sp.as_nat(amount - 1)))
            else:
                if mode == "all":
                    self.take((sp.sender, amount + 1))
                else:
                    if mode != "free":
                        self.take((sp.sender, amount))
            if mode == "lie":
                match self.data.token.unwrap_some(error="TOKEN"):
                    case fa12(address):
                        tells = sp.contract(fa12_question, address, entrypoint="getBalance")
                        says = sp.contract(
                            sp.nat, self.data.helper, entrypoint="fa12_balance"
                        )
                        sp.transfer(
                            sp.record(
                                owner=sp.self_address, callback=says.unwrap_some(error="TO")
                            ),
                            sp.mutez(0),
                            tells.unwrap_some(error="TO"),
                        )
                    case fa2(_pair):
                        raise "NOT_USED_HERE"
            self.send((sp.sender, amount))

        @sp.entrypoint
        def reclaim(self, rollup, request):
            """Asks the rollup in the name of whoever calls this."""
            asks = sp.contract(reclaim, self.data.helper, entrypoint="reclaim")
            sp.transfer(
                sp.record(rollup=rollup, request=request),
                sp.mutez(0),
                asks.unwrap_some(error="TO"),
            )

        @sp.entrypoint
        def take_later(self, amount):
            """Takes tokens of the helper after a deposit, if it still may."""
            self.take((self.data.helper, amount))

        @sp.onchain_view
        def get_content(self):
            return sp.cast((sp.nat(0), None), content)

        @sp.onchain_view
        def get_token(self):
            return self.data.token.unwrap_some(error="TOKEN")

    class HostileToken(sp.Contract):
        """A token of FA1.2 that moves nothing. `mode`, and what its transfers do instead:

        nothing; reenter: begin a deposit; say: tell the helper a balance without being asked.
        """

        def __init__(self, mode, helper, other, says):
            self.data.mode = sp.cast(mode, sp.string)
            self.data.helper = sp.cast(helper, sp.address)
            self.data.other = sp.cast(other, sp.address)
            self.data.says = sp.cast(says, sp.nat)

        @sp.entrypoint
        def transfer(self, params):
            sp.cast(params, fa12_transfer)
            if self.data.mode == "reenter":
                deposits = sp.contract(deposit_fa, self.data.helper, entrypoint="deposit_fa")
                sp.transfer(
                    sp.record(
                        ticketer=self.data.other,
                        rollup=self.data.other,
                        receiver="mallory",
                        amount=params.value,
                    ),
                    sp.mutez(0),
                    deposits.unwrap_some(error="TO"),
                )

        @sp.entrypoint
        def approve(self, params):
            sp.cast(params, fa12_approval)

        @sp.entrypoint
        def getBalance(self, params):
            """Says something else whenever it is asked, in mode `say`."""
            sp.cast(params, fa12_question)
            sp.transfer(self.data.says, sp.mutez(0), params.callback)
            if self.data.mode == "say":
                self.data.says += 1

        @sp.entrypoint
        def say(self, balance):
            says = sp.contract(sp.nat, self.data.helper, entrypoint="fa12_balance")
            sp.transfer(balance, sp.mutez(0), says.unwrap_some(error="TO"))
