"""The deposit helper: turns a signer's tez or tokens into a ticket and sends it to a rollup, in one call."""

import smartpy as sp


@sp.module
def deposit_helper():
    content: type = sp.pair[sp.nat, sp.option[sp.bytes]]
    token: type = sp.variant(fa12=sp.address, fa2=sp.pair[sp.address, sp.nat]).layout(
        ("fa12", "fa2")
    )
    # The type that toru's rollup is originated with.
    rollup: type = sp.or_[
        sp.pair[sp.string, sp.ticket[sp.string]],
        sp.or_[sp.pair[sp.string, sp.ticket[content]], sp.bytes],
    ]

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
    fa2_operator: type = sp.record(
        owner=sp.address, operator=sp.address, token_id=sp.nat
    ).layout(("owner", ("operator", "token_id")))
    fa2_update: type = sp.variant(
        add_operator=fa2_operator, remove_operator=fa2_operator
    ).layout(("add_operator", "remove_operator"))
    fa2_request: type = sp.record(owner=sp.address, token_id=sp.nat).layout(
        ("owner", "token_id")
    )
    fa2_balance: type = sp.record(request=fa2_request, balance=sp.nat).layout(
        ("request", "balance")
    )
    fa2_question: type = sp.record(
        requests=sp.list[fa2_request], callback=sp.contract[sp.list[fa2_balance]]
    ).layout(("requests", "callback"))

    # A deposit on its way. Every operation begins and ends without one.
    deposit: type = sp.record(
        ticketer=sp.address,
        content=content,
        amount=sp.nat,
        rollup=sp.address,
        receiver=sp.string,
        token=sp.option[sp.address],
        balance=sp.option[sp.nat],
        forwarded=sp.bool,
    ).layout(
        (
            "ticketer",
            (
                "content",
                ("amount", ("rollup", ("receiver", ("token", ("balance", "forwarded"))))),
            ),
        )
    )

    class DepositHelper(sp.Contract):
        """It holds nothing: neither tez nor tokens nor tickets outlast a call, and no right to its tokens does.

        A rollup refunds a deposit to the account that signed the operation. So only that account may call: a
        contract's deposit would be refunded to whoever called the contract.
        """

        def __init__(self):
            self.data = sp.cast(None, sp.option[deposit])

        @sp.private(with_storage="read-only")
        def may_begin(self, params):
            """Fails where a deposit of this amount to this rollup may not begin."""
            (amount, to) = params
            assert sp.sender == sp.source, "CALLER_IS_NOT_THE_SIGNER"
            assert self.data == None, "ANOTHER_DEPOSIT_IS_ON_ITS_WAY"
            assert amount > 0, "NOTHING_TO_DEPOSIT"
            assert sp.contract(rollup, to).is_some(), "ROLLUP_OF_ANOTHER_TYPE"

        @sp.entrypoint
        def deposit_xtz(self, params):
            """Deposits the tez that come with the call."""
            sp.cast(
                params,
                sp.record(ticketer=sp.address, rollup=sp.address, receiver=sp.string).layout(
                    ("ticketer", ("rollup", "receiver"))
                ),
            )
            mutez = sp.fst(sp.ediv(sp.amount, sp.mutez(1)).unwrap_some(error="DIVISION"))
            self.may_begin((mutez, params.rollup))
            mints = sp.contract(sp.address, params.ticketer, entrypoint="mint").unwrap_some(
                error="NOT_A_TICKETER_OF_TEZ"
            )
            self.data = sp.Some(
                sp.record(
                    ticketer=params.ticketer,
                    content=(sp.nat(0), None),
                    amount=mutez,
                    rollup=params.rollup,
                    receiver=params.receiver,
                    token=None,
                    balance=None,
                    forwarded=False,
                )
            )
            sp.transfer(sp.self_address, sp.amount, mints)
            sp.transfer((), sp.mutez(0), sp.self_entrypoint("finish"))

        @sp.entrypoint
        def deposit_fa(self, params):
            """Deposits tokens of the sender, who has to let the helper take them."""
            sp.cast(
                params,
                sp.record(
                    ticketer=sp.address, rollup=sp.address, receiver=sp.string, amount=sp.nat
                ).layout(("ticketer", ("rollup", ("receiver", "amount")))),
            )
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            self.may_begin((params.amount, params.rollup))
            its_token = sp.view("get_token", params.ticketer, (), token).unwrap_some(
                error="NOT_A_TICKETER_OF_TOKENS"
            )
            its_content = sp.view("get_content", params.ticketer, (), content).unwrap_some(
                error="NOT_A_TICKETER_OF_TOKENS"
            )
            mints = sp.contract(sp.nat, params.ticketer, entrypoint="deposit").unwrap_some(
                error="NOT_A_TICKETER_OF_TOKENS"
            )
            pending = sp.record(
                ticketer=params.ticketer,
                content=its_content,
                amount=params.amount,
                rollup=params.rollup,
                receiver=params.receiver,
                token=None,
                balance=None,
                forwarded=False,
            )
            match its_token:
                case fa12(address):
                    pending.token = sp.Some(address)
                    moves = sp.contract(
                        fa12_transfer, address, entrypoint="transfer"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    approves = sp.contract(
                        fa12_approval, address, entrypoint="approve"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    tells = sp.contract(
                        fa12_question, address, entrypoint="getBalance"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    question = sp.record(
                        owner=sp.self_address, callback=sp.self_entrypoint("fa12_balance")
                    )
                    sp.transfer(question, sp.mutez(0), tells)
                    sp.transfer(
                        sp.record(
                            from_=sp.sender, to_=sp.self_address, value=params.amount
                        ),
                        sp.mutez(0),
                        moves,
                    )
                    sp.transfer(
                        sp.record(spender=params.ticketer, value=params.amount),
                        sp.mutez(0),
                        approves,
                    )
                    sp.transfer(params.amount, sp.mutez(0), mints)
                    sp.transfer(
                        sp.record(spender=params.ticketer, value=0), sp.mutez(0), approves
                    )
                    sp.transfer(question, sp.mutez(0), tells)
                case fa2(pair):
                    (address, token_id) = pair
                    pending.token = sp.Some(address)
                    moves = sp.contract(
                        sp.list[fa2_transfer], address, entrypoint="transfer"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    updates = sp.contract(
                        sp.list[fa2_update], address, entrypoint="update_operators"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    tells = sp.contract(
                        fa2_question, address, entrypoint="balance_of"
                    ).unwrap_some(error="NOT_A_TOKEN")
                    question = sp.record(
                        requests=[sp.record(owner=sp.self_address, token_id=token_id)],
                        callback=sp.self_entrypoint("fa2_balance"),
                    )
                    operator = sp.record(
                        owner=sp.self_address,
                        operator=params.ticketer,
                        token_id=token_id,
                    )
                    sp.transfer(question, sp.mutez(0), tells)
                    sp.transfer(
                        [
                            sp.record(
                                from_=sp.sender,
                                txs=[
                                    sp.record(
                                        to_=sp.self_address,
                                        token_id=token_id,
                                        amount=params.amount,
                                    )
                                ],
                            )
                        ],
                        sp.mutez(0),
                        moves,
                    )
                    sp.transfer(
                        [sp.variant.add_operator(operator)], sp.mutez(0), updates
                    )
                    sp.transfer(params.amount, sp.mutez(0), mints)
                    sp.transfer(
                        [sp.variant.remove_operator(operator)], sp.mutez(0), updates
                    )
                    sp.transfer(question, sp.mutez(0), tells)
            self.data = sp.Some(pending)
            sp.transfer((), sp.mutez(0), sp.self_entrypoint("finish"))

        @sp.entrypoint
        def default(self, ticket):
            """Sends the ticket that the ticketer was asked for to the rollup."""
            sp.cast(ticket, sp.ticket[content])
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            pending = self.data.unwrap_some(error="NO_DEPOSIT_IS_ON_ITS_WAY")
            assert sp.sender == pending.ticketer, "SENDER_IS_NOT_THE_TICKETER"
            assert not pending.forwarded, "A_SECOND_TICKET"
            (read, whole) = sp.read_ticket(ticket)
            assert read.ticketer == pending.ticketer, "TICKET_OF_ANOTHER_TICKETER"
            assert read.contents == pending.content, "TICKET_OF_ANOTHER_CONTENT"
            assert read.amount == pending.amount, "TICKET_OF_ANOTHER_AMOUNT"
            to = sp.contract(rollup, pending.rollup).unwrap_some(
                error="ROLLUP_OF_ANOTHER_TYPE"
            )
            sp.transfer(
                sp.variant.Right(sp.variant.Left((pending.receiver, whole))), sp.mutez(0), to
            )
            pending.forwarded = True
            self.data = sp.Some(pending)

        @sp.entrypoint
        def reclaim(self, params):
            """Asks a rollup to pay back a deposit of the signer's, which it holds because it could not credit it.

            The rollup compares the sender, which is the helper, and the signer with those of the deposit.
            """
            sp.cast(
                params,
                sp.record(rollup=sp.address, request=sp.bytes).layout(("rollup", "request")),
            )
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            assert sp.sender == sp.source, "CALLER_IS_NOT_THE_SIGNER"
            to = sp.contract(rollup, params.rollup).unwrap_some(
                error="ROLLUP_OF_ANOTHER_TYPE"
            )
            sp.transfer(
                sp.variant.Right(sp.variant.Right(params.request)), sp.mutez(0), to
            )

        @sp.private(with_storage="read-write")
        def compare(self, balance):
            """Notes the helper's tokens before a deposit, and fails if there are more or fewer after it.

            Whatever else a ticketer lets the token say in between is compared too, and changes nothing.
            """
            pending = self.data.unwrap_some(error="NO_DEPOSIT_IS_ON_ITS_WAY")
            assert pending.token == sp.Some(sp.sender), "SENDER_IS_NOT_THE_TOKEN"
            match pending.balance:
                case Some(before):
                    assert balance == before, "TOKENS_ARE_LEFT_OR_GONE"
                case None:
                    pending.balance = sp.Some(balance)
                    self.data = sp.Some(pending)

        @sp.entrypoint
        def fa12_balance(self, balance):
            """A token of FA1.2 says what the helper has of it."""
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            self.compare(balance)

        @sp.entrypoint
        def fa2_balance(self, balances):
            """A token of FA2 says what the helper has of it."""
            sp.cast(balances, sp.list[fa2_balance])
            assert sp.amount == sp.mutez(0), "TEZ_NOT_TAKEN"
            for one in balances:
                self.compare(one.balance)

        @sp.entrypoint
        def finish(self):
            """Ends a deposit. Only the helper calls this, after the ticketer: without the ticket, all of it fails."""
            assert sp.sender == sp.self_address, "SENDER_IS_NOT_THE_HELPER"
            pending = self.data.unwrap_some(error="NO_DEPOSIT_IS_ON_ITS_WAY")
            assert pending.forwarded, "NO_TICKET_CAME"
            self.data = None
