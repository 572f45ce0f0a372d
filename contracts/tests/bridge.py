"""The contracts that are shipped, both ways, with toru in the middle."""

from client import contract, u32
from layer1 import Call
from bridge_kit import CREDITED, HELD, NOBODY, RECLAIMED, Ours
from played import ALICE, BOB, ROLLUP, TEZ, deposit_xtz
from ticketers import TZ1, hash_of


def there_and_back(toru):
    """Every ticket is deposited, and withdrawn to a tz1 that signed nothing."""
    bridge = Ours("bridge: there and back")
    helper, receiver = bridge.helper, bridge.carol.tz4
    deposited = {"xtz": 12_500_000, "fa12": 80, "fa2": 60}
    bridge.deposit(deposit_xtz(helper, bridge.xtz, deposited["xtz"], receiver=receiver))
    bridge.deposit(bridge.fa12.deposit(helper, deposited["fa12"], receiver=receiver))
    bridge.deposit(bridge.fa2.deposit(helper, deposited["fa2"], receiver=receiver))
    bridge.is_solvent(deposited)
    withdrawn = {"xtz": 2_500_000, "fa12": 30, "fa2": 50}
    batch = bridge.withdraw(
        *[bridge.withdrawal(name, much, TZ1[BOB]) for name, much in withdrawn.items()],
        # A bare ticket names nobody.
        bridge.withdrawal("xtz", 7), bridge.withdrawal("fa12", 7),
        # To a contract.
        bridge.withdrawal("fa2", 1, contract(hash_of(helper))),
    )
    ran, outbox = bridge.run(toru, [bridge.inbox, [batch], []])
    bridge.expect_results(ran, 0, [CREDITED] * 3, deposited.values())
    left = {name: deposited[name] - much for name, much in withdrawn.items()}
    left["fa2"] -= 1
    bare = {"xtz": 7, "fa12": 7, "fa2": 0}
    on_the_rollup = {name: much - bare[name] for name, much in left.items()}
    bridge.expect_balances(ran, on_the_rollup)

    bridge.expect("messages", 6, len(outbox))
    before = bridge.tez(BOB)
    for message in outbox[:3]:
        bridge.executed(message)
    bridge.expect("Bob's tez", before + withdrawn["xtz"], bridge.tez(BOB))
    bridge.expect("Bob's tokens", withdrawn["fa12"], bridge.fa12.ledger()[BOB])
    bridge.expect("Bob's tokens", withdrawn["fa2"], bridge.fa2.ledger()[BOB])
    for message in outbox[3:5]:
        bridge.not_executed("ill-typed parameter", message)
    bridge.executed(outbox[5])
    bridge.expect("the helper's tokens", 1, bridge.fa2.ledger()[helper])
    bridge.is_solvent(left)


def refunds(toru):
    """A deposit that cannot be credited comes back to whoever signed it, through the ticketer's exit."""
    bridge = Ours("bridge: refunds")
    helper = bridge.helper
    before = bridge.tez(ALICE), bridge.fa12.ledger()[ALICE], bridge.fa2.ledger()[ALICE]
    bridge.deposit(deposit_xtz(helper, bridge.xtz, 5 * TEZ, receiver=NOBODY))
    bridge.deposit(bridge.fa12.deposit(helper, 70, receiver=""))
    bridge.deposit(bridge.fa2.deposit(helper, 8, receiver=ALICE))
    ran, outbox = bridge.run(toru, [bridge.inbox, []], exits=True)
    bridge.expect_results(ran, 0, [HELD] * 3)
    bridge.expect_balances(ran, {})
    bridge.expect("messages", 3, len(outbox))
    for message in outbox:
        bridge.executed(message)
        bridge.not_executed("not enough of that ticket", message)
    after = bridge.tez(ALICE), bridge.fa12.ledger()[ALICE], bridge.fa2.ledger()[ALICE]
    bridge.expect("Alice's", before, after)
    bridge.is_solvent(dict.fromkeys(bridge.tickets, 0))


def reclaims(toru):
    """Without an exit the rollup holds such a deposit, until its signer asks for it through the helper."""
    bridge = Ours("bridge: reclaim")
    helper = bridge.helper
    tez, tokens = bridge.tez(ALICE), bridge.fa2.ledger()[ALICE]
    bridge.deposit(deposit_xtz(helper, bridge.xtz, 5 * TEZ, receiver=NOBODY))
    bridge.deposit(bridge.fa2.deposit(helper, 8, receiver=NOBODY))
    for source, number, name, to in [
        # Bob asks for what is Alice's, to have it paid to Alice; and then she does.
        (BOB, 0, "xtz", ALICE), (ALICE, 0, "xtz", ALICE), (ALICE, 1, "fa2", BOB), (ALICE, 1, "fa2", BOB),
    ]:
        _, ticketer, entrypoint = bridge.tickets[name]
        place = hash_of(ticketer) + u32(len(entrypoint)) + entrypoint.encode()
        request = b"\x00" + number.to_bytes(8, "big") + place + b"\x01" + TZ1[to]
        call = Call(helper, "reclaim", f'Pair "{ROLLUP}" 0x{request.hex()}')
        bridge.deposit(call, source)
    ran, outbox = bridge.run(toru, [bridge.inbox[:2], bridge.inbox[2:], []])
    bridge.expect_results(ran, 0, [HELD] * 2)
    codes = ["NOT_THE_DEPOSITOR", RECLAIMED, RECLAIMED, "ALREADY_PAID_BACK"]
    bridge.expect_results(ran, 1, codes)
    bridge.expect("messages", 2, len(outbox))
    for message in outbox:
        bridge.executed(message)
    bridge.expect("Alice's tez", tez, bridge.tez(ALICE))
    bridge.expect("Alice's tokens", tokens - 8, bridge.fa2.ledger()[ALICE])
    bridge.expect("Bob's tokens", 8, bridge.fa2.ledger()[BOB])
    bridge.is_solvent(dict.fromkeys(bridge.tickets, 0))


def run(toru):
    there_and_back(toru)
    refunds(toru)
    reclaims(toru)
