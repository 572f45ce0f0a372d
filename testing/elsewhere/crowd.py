"""What follows the story so that pages and queues fill, and what it comes to, by hand from docs/protocol.md.

Hundreds of accounts; a key that is shown and not proven; withdrawals and refunds for which an outbox has no
room.
"""

from py_ecc.bls import G2MessageAugmentation

from client import (
    Address, Batch, Operation, Person, Place, Transaction, Transfers, Withdrawal, blake2b, implicit, u32,
    zarith,
)
from storage import Call, Held, Kept, Leaving, Supply
from story import (
    ALICE, ART, BALANCES, BOB, CAROL, CONTRACT, COUNTERS, DAVE, ERIN, EUR, FRANK, ROLLUP, TICKETER, USD,
    alice, art, bob, carol, pay, usd,
)

GRACE, HENRY = Person("grace", 7), Person("henry", 8)
CROWD = [blake2b(b"crowd" + u32(number), 20) for number in range(510)]
EACH_MESSAGE = 170  # So many receivers, by address, fit one.
OTHER_TICKETER = bytes([0xEE] * 20)
TZ1 = implicit(0, bytes([0x71] * 20))
REFUNDS, OUTBOX = 105, 100


def u64(value):
    return value.to_bytes(8, "big")


def v1(person, counter):
    """A batch in wire format v1: one operation with no contents, which shows a key."""

    def counted(data):
        return u32(len(data)) + data

    transaction = counted(b"\x00" + person.key + u64(counter) + counted(b""))
    signature = G2MessageAugmentation.Sign(person.secret, transaction)
    return b"\x00" + ROLLUP + b"\x00" + counted(transaction) + signature


def source(number):
    return b"\x00" + blake2b(b"source" + u32(number), 20)


def to_nobody(ticketer, number):
    """A deposit for somebody who is no tz4: the whole message."""
    ticket = b"\x07\x07\x0a" + u32(22) + b"\x01" + ticketer + b"\x00"
    ticket += b"\x07\x07" + EUR.micheline() + b"\x00" + zarith(1)
    pair = b"\x07\x07\x01" + u32(6) + b"nobody" + ticket
    return b"\x00\x00\x05\x05" + pair + ticketer + source(number) + ROLLUP


def pages_and_queues():
    """Levels that follow the story's."""
    crowd = []
    for at in range(0, len(CROWD), EACH_MESSAGE):
        rows = [(Address(CROWD[n]), n + 1) for n in range(at, at + EACH_MESSAGE)]
        operation = Operation(alice, COUNTERS[ALICE] + len(crowd), [Transfers(usd, rows)])
        batch = Batch(transactions=[Transaction([operation])])
        crowd.append(batch.signed_by(ROLLUP, [ALICE]).external(ROLLUP))
    last = COUNTERS[ALICE] + len(crowd)
    grace = Batch(
        registrations=[GRACE],
        transactions=[
            Transaction([pay(alice, last, usd, Place(0), 5)]),
            Transaction([pay(Place(0), 0, usd, alice, 2)]),
        ],
    )
    keys = [grace.signed_by(ROLLUP, [ALICE, GRACE]).external(ROLLUP), v1(HENRY, 0)]
    leaving = Batch(
        transactions=[
            Transaction([
                Operation(bob, COUNTERS[BOB], [
                    Withdrawal(art, CONTRACT, b"burn", 9), Withdrawal(usd, CONTRACT, b"", 3, TZ1),
                ])
            ]),
            Transaction([Operation(bob, COUNTERS[BOB] + 1, [Withdrawal(art, CONTRACT, b"", 5)])]),
            Transaction([Operation(carol, COUNTERS[CAROL], [Withdrawal(art, CONTRACT, b"x" * 31, 1)])]),
        ]
    )
    leave = leaving.signed_by(ROLLUP, [BOB, BOB, CAROL]).external(ROLLUP)
    held = [to_nobody(TICKETER, number) for number in range(REFUNDS)]
    held.append(to_nobody(OTHER_TICKETER, REFUNDS))
    others = b"\x00" + OTHER_TICKETER + b"\x02"
    return [
        [external(each) for each in crowd],
        [external(each) for each in keys],
        [{"serialized": each.hex()} for each in held] + [external(leave), external(others)],
    ]


def external(message):
    return {"external": message.hex()}


# What all of it comes to

ACCOUNTS = [ALICE.hash, BOB.hash, CAROL.hash, DAVE.hash, ERIN.hash, FRANK.hash, *CROWD, GRACE.hash, HENRY.hash]
PROVEN = [ALICE, BOB, CAROL, DAVE, ERIN, FRANK, GRACE]


def all_counters():
    counters = {who: 0 for who in ACCOUNTS}
    counters.update({who.hash: counter for who, counter in COUNTERS.items()})
    moved = {ALICE: len(CROWD) // EACH_MESSAGE + 1, BOB: 2, CAROL: 1, GRACE: 1, HENRY: 1}
    for who, more in moved.items():
        counters[who.hash] += more
    return counters


def all_balances():
    balances = {(who.hash, ticket): much for (who, ticket), much in BALANCES.items()}
    balances.update({(who, USD): number + 1 for number, who in enumerate(CROWD)})
    balances[ALICE.hash, USD] -= sum(range(1, len(CROWD) + 1)) + 5 - 2
    balances[GRACE.hash, USD] = 5 - 2
    balances[BOB.hash, USD] -= 3
    balances[BOB.hash, ART] -= 9 + 5
    balances[CAROL.hash, ART] -= 1
    assert balances.pop((BOB.hash, ART)) == 0
    return balances


SUPPLIES = {
    EUR: Supply(1000, 1000, 0),
    USD: Supply(12_500_000 - 2055, 12_500_000, 2048 + 5 + 2),
    ART: Supply(500 - 105, 500, 100 + 1 + 3 + 1),
}


def all_leaving():
    """The outbox takes the refunds of the first hundred depositors; the others wait, and then the
    withdrawals of that level."""
    refunds = []
    for number in range(OUTBOX, REFUNDS):
        depositor = blake2b(b"toru depositor" + TICKETER + source(number))[:20]
        back = Call(TICKETER, b"\x00" + source(number), b"burn")
        refunds.append(Leaving(depositor, [], number, back))
    first = [(2, 9, Call(CONTRACT, None, b"burn")), (1, 3, Call(CONTRACT, TZ1, b""))]
    return refunds + [
        Leaving(1, first), Leaving(1, [(2, 5, Call(CONTRACT, None, b""))]),
        Leaving(2, [(2, 1, Call(CONTRACT, None, b"x" * 31))]),
    ]


def all_held(level):
    refunded = [
        Held(Kept(level, 2 + number, to_nobody(TICKETER, number)), 201, True) for number in range(REFUNDS)
    ]
    kept = Kept(level, 2 + REFUNDS, to_nobody(OTHER_TICKETER, REFUNDS))
    return [*refunded, Held(kept, 201, False)]
