"""A story in wire format v2, and what is to come of it.

    story.py write VECTORS       write keys, batches, digests and signatures
    story.py check VECTORS TORU  play the story through the kernel, on both engines, compare what
                                 comes of it, and the vectors too

What is to come of it stands beside each step, by hand, from docs/protocol.md.
"""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Dict, List, Optional, Tuple

from client import (
    Address, Batch, Index, Operation, Person, Place, Row, Run, Signed, Ticket, Transaction,
    Transfers, Withdrawal, contract, implicit, kt1, outbox_call, outbox_message, sr1, u32,
)

ROLLUP = bytes(range(1, 21))
OTHER_ROLLUP = bytes([0x77] * 20)
TICKETER, CONTRACT = bytes([0xCD] * 20), bytes([0x11] * 20)

EUR = Ticket(TICKETER, text=b"eur")
USD = Ticket(TICKETER, text=b"usd")
ART = Ticket(TICKETER, number=7, extra=b"\xbe\xef")

# Accounts get the indexes 0 to 4 in this order; Frank never registers.
ALICE, BOB, CAROL, DAVE, ERIN, FRANK = PEOPLE = [
    Person(name, seed)
    for seed, name in enumerate(["alice", "bob", "carol", "dave", "erin", "frank"], 1)
]
alice, bob, carol, dave, erin = (Index(number) for number in range(5))
eur, usd, art = (Index(number) for number in range(3))
REFERENCE = bytes(range(32))  # A memo of 32 bytes.


def at(person):
    return Address(person.hash)


@dataclass
class Step:
    """A level with one message, and what comes of it."""

    name: str
    message: dict
    code: Optional[int]  # None: no result, as the message is somebody else's.
    first: int = 0
    second: int = 0
    signed: Optional[Signed] = None
    vector: bool = True
    # Under the batch's digest: (transaction, operation, code, first, second, memo).
    lines: Optional[List[Tuple[int, int, int, int, int, bytes]]] = None
    # Under the digest of each transaction with a late signer: (code, first, second, memo) each.
    own: Dict[int, List[Tuple[int, int, int, bytes]]] = field(default_factory=dict)
    outbox: List[bytes] = ()


def pay(signer, counter, ticket, to, much, memo=None):
    return Operation(signer, counter, [Transfers(ticket, [(to, much)])], memo)


def deposit(name, person, index, content, much, branch):
    pair = f'Pair "{person.tz4}" (Pair 0x01{TICKETER.hex()}00 (Pair {content} {much}))'
    message = {"payload": branch.format(pair), "sender": kt1(TICKETER)}
    return Step(name, message, 100, index, much)


def send(name, batch, signers, late=(), *, signed_for=ROLLUP, sent_to=ROLLUP, **expected):
    signed = batch.signed_by(signed_for, signers, late)
    message = {"external": signed.external(sent_to).hex()}
    if "applied" in expected:
        expected.update(code=102, first=expected.pop("applied"), second=expected.pop("failed", 0))
        expected.setdefault("lines", [])
    return Step(name, message, signed=signed, **expected)


def story():
    NONE = b"\x00"
    steps = []
    add = steps.append

    add(deposit("deposit eur", ALICE, 0, '"eur"', 1000, "Left ({})"))
    add(deposit("deposit usd", BOB, 1, '"usd"', 12_500_000, "{}"))
    add(deposit("deposit art", CAROL, 2, "(Pair 7 (Some 0xbeef))", 500, "Right (Left ({}))"))

    # Names by place and by address, as nobody's index is final; Alice has two signings. Dave, who
    # has no key here yet, becomes account 3.
    first = Batch(
        registrations=[ALICE, BOB, CAROL],
        runs=[Run(EUR, [Row(0, 0, Place(1), 10)])],
        transactions=[
            Transaction([
                Operation(Place(0), 1, [Transfers(EUR, [(at(DAVE), 250), (Place(2), 100)])])
            ])
        ],
    )
    add(send("register and pay", first, [ALICE, ALICE], applied=2))

    # Carol has too little for the first one, which uses up her counter.
    together = Batch(
        runs=[
            Run(eur, [Row(0, 2, bob, 50), Row(2, 0, bob, 1)]),
            Run(usd, [Row(1, 0, alice, 1_000_000)]),
            Run(art, [Row(2, 1, bob, 2048)]),
            Run(art, [Row(2, 2, bob, 120)]),
        ],
        expires=1000,
    )
    add(send(
        "all sign the batch", together, [ALICE, CAROL, BOB, CAROL, CAROL],
        applied=4, failed=1, lines=[(3, 0, 7, 499 + 1, 2048, NONE)],
    ))

    one_late = Batch(
        runs=[Run(eur, [Row(0, 3, bob, 5), Row(1, 1, carol, 20)]), Run(art, [Row(2, 3, alice, 3)])]
    )
    add(send(
        "one late", one_late, [ALICE, BOB, CAROL], [1],
        applied=3, own={1: [(0, 0, 0, NONE)]},
    ))

    # Dave and Erin come in the batch; he signs his own transaction, where places are addresses.
    memo = "rent, october"
    own = Batch(
        registrations=[DAVE, ERIN],
        transactions=[Transaction([pay(Place(0), 0, eur, Place(1), 7, memo)], expires=100)],
    )
    text = b"\x01" + bytes([len(memo)]) + memo.encode()
    add(send(
        "own signature, memo and expiry", own, [DAVE], [0],
        applied=1, lines=[(0, 0, 0, 0, 0, text)], own={0: [(0, 0, 0, text)]},
    ))

    # Two of Bob's are one message, Carol's is another.
    withdraw = Batch(
        transactions=[
            Transaction([
                Operation(bob, 2, [
                    Withdrawal(usd, CONTRACT, b"burn", 2048), Withdrawal(art, CONTRACT, b"", 100),
                ]),
                Operation(carol, 4, [Withdrawal(ART, CONTRACT, b"x" * 31, 1)]),
            ])
        ]
    )
    add(send(
        "withdraw", withdraw, [BOB, CAROL], applied=1,
        outbox=[
            outbox_message([
                outbox_call(USD, 2048, CONTRACT, b"burn"), outbox_call(ART, 100, CONTRACT, b""),
            ]),
            outbox_message([outbox_call(ART, 1, CONTRACT, b"x" * 31)]),
        ],
    ))

    swap = Batch(
        transactions=[
            Transaction([
                pay(alice, 4, eur, bob, 100, REFERENCE), pay(at(BOB), 3, usd, at(ALICE), 345),
            ])
        ]
    )
    reference = (0, 0, 0, 0, 0, b"\x02" + REFERENCE)
    swapped = send("swap", swap, [ALICE, BOB], applied=1, lines=[reference])
    add(swapped)
    add(Step("replay", swapped.message, 309, signed=swapped.signed, vector=False))

    next_one = Batch(runs=[Run(eur, [Row(0, 5, bob, 1)])])
    add(send(
        "signed for another rollup", next_one, [ALICE], signed_for=OTHER_ROLLUP, code=308,
        vector=False,
    ))
    add(send(
        "sent to another rollup", next_one, [ALICE], signed_for=OTHER_ROLLUP,
        sent_to=OTHER_ROLLUP, code=None, vector=False,
    ))

    # Alice moves her counter in the first; the second has her old one, and Bob's next one beside it.
    stale = Batch(
        transactions=[
            Transaction([pay(alice, 5, eur, bob, 1)]),
            Transaction([pay(bob, 4, eur, alice, 1), pay(alice, 5, eur, bob, 1)]),
            Transaction([pay(bob, 4, eur, alice, 1)], expires=5),
            Transaction([pay(bob, 4, eur, Index(99), 1)]),
            Transaction([
                Operation(bob, 5, [Transfers(eur, [(at(FRANK), 1), (carol, 0)])]),
                Operation(alice, 6, []),
            ]),
        ]
    )
    add(send(
        "stale, expired, failed", stale, [ALICE, BOB, ALICE, BOB, BOB, BOB, ALICE], [2],
        applied=1, failed=4,
        lines=[
            (1, 0, 2, 1, 0, NONE), (1, 1, 1, 6, 5, NONE), (2, 0, 13, 5, len(steps), NONE),
            (3, 0, 12, 99, 5, NONE), (4, 0, 4, 0, 0, NONE), (4, 1, 3, 0, 0, NONE),
        ],
        own={1: [(2, 1, 0, NONE), (1, 6, 5, NONE)]},
    ))

    add(send(
        "expired batch", Batch(runs=[Run(eur, [Row(0, 7, bob, 1)])], expires=9), [ALICE],
        code=310, first=9, second=len(steps),
    ))
    add(send(
        "unknown signer",
        Batch(transactions=[
            Transaction([pay(alice, 7, eur, bob, 1)]), Transaction([pay(at(FRANK), 0, eur, bob, 1)]),
        ]),
        [ALICE, FRANK], code=305, first=1,
    ))

    # A bitmap of two bytes; gaps; all counters of everybody.
    many = Batch(
        runs=[
            Run(eur, [
                Row(0, 7, carol, 1), Row(1, 6, carol, 1), Row(3, 1, carol, 1), Row(4, 0, carol, 1),
            ]),
            Run(usd, [Row(0, 8, at(FRANK), 200_000), Row(1, 7, dave, 1_000)]),
            Run(art, [Row(0, 9, dave, 1), Row(1, 8, dave, 2)]),
        ],
        transactions=[Transaction([pay(dave, 2, art, erin, 3, "ü" * 32)])],
    )
    long = b"\x01\x40" + ("ü" * 32).encode()
    add(send(
        "two bytes of bitmap", many,
        [ALICE, BOB, DAVE, ERIN, ALICE, BOB, ALICE, BOB, DAVE], [3, 8],
        applied=9, lines=[(8, 0, 0, 0, 0, long)],
        own={3: [(0, 0, 0, NONE)], 8: [(0, 0, 0, long)]},
    ))

    # Whom the contract is to pay: a tz1, a tz5, a contract; and a bare ticket in the same message.
    tz1, tz5 = implicit(0, bytes([0x71] * 20)), implicit(4, bytes([0x75] * 20))
    other = contract(bytes([0x72] * 20))
    paid = Batch(
        transactions=[
            Transaction([
                Operation(bob, 9, [
                    Withdrawal(usd, CONTRACT, b"burn", 5, tz1),
                    Withdrawal(ART, CONTRACT, b"", 3, other), Withdrawal(art, CONTRACT, b"", 1),
                ]),
                Operation(dave, 3, [Withdrawal(usd, CONTRACT, b"withdraw", 2, tz5)]),
            ])
        ]
    )
    add(send(
        "withdraw for somebody", paid, [BOB, DAVE], [1], applied=1,
        own={0: [(0, 0, 0, NONE), (0, 0, 0, NONE)]},
        outbox=[
            outbox_message([
                outbox_call(USD, 5, CONTRACT, b"burn", tz1),
                outbox_call(ART, 3, CONTRACT, b"", other), outbox_call(ART, 1, CONTRACT, b""),
            ]),
            outbox_message([outbox_call(USD, 2, CONTRACT, b"withdraw", tz5)]),
        ],
    ))

    # Runs that expire: one in this level, one in the level before; Bob's own signatures are of rows in both.
    now = len(steps)
    runs_expire = Batch(
        runs=[
            Run(eur, [Row(0, 10, erin, 2), Row(1, 10, erin, 5)], expires=now),
            Run(eur, [Row(1, 11, erin, 7), Row(4, 1, carol, 1)], expires=now - 1),
            Run(eur, [Row(1, 11, carol, 1)]),
        ],
        expires=now + 100,
    )
    expired = (13, now - 1, now)
    add(send(
        "runs that expire", runs_expire, [ALICE, BOB, BOB, ERIN, BOB], [1, 2],
        applied=3, failed=2,
        lines=[(2, 0, *expired, NONE), (3, 0, *expired, NONE)],
        own={1: [(0, 0, 0, NONE)], 2: [(*expired, NONE)]},
    ))

    # Registrations alone have no signature. Again, they do nothing.
    alone = send("a registration alone", Batch(registrations=[FRANK]), [], applied=0)
    add(alone)
    add(Step("it again", alone.message, 102, signed=alone.signed, vector=False))
    return steps


BALANCES = {
    (ALICE, EUR): 1000 - 10 - 350 - 50 - 5 - 100 - 1 - 1 - 2,
    (BOB, EUR): 10 + 50 + 1 + 5 - 20 + 100 + 1 - 1 - 5 - 1,
    (CAROL, EUR): 100 - 1 + 20 + 4 + 1,
    (DAVE, EUR): 250 - 7 - 1,
    (ERIN, EUR): 7 - 1 + 2 + 5,
    (ALICE, USD): 1_000_000 + 345 - 200_000,
    (BOB, USD): 12_500_000 - 1_000_000 - 2048 - 345 - 1_000 - 5,
    (FRANK, USD): 200_000,
    (DAVE, USD): 1_000 - 2,
    (ALICE, ART): 3 - 1,
    (BOB, ART): 120 - 100 - 2 - 3 - 1,
    (CAROL, ART): 500 - 120 - 3 - 1,
    (ERIN, ART): 3,
}
COUNTERS = {ALICE: 11, BOB: 12, CAROL: 5, DAVE: 4, ERIN: 1, FRANK: 0}


def code_record(code, first, second):
    return code.to_bytes(2, "big") + first.to_bytes(8, "big") + second.to_bytes(8, "big")


def line(transaction, operation, code, first, second, memo):
    return u32(transaction) + u32(operation) + code_record(code, first, second) + memo


def check(steps, printed):
    """Everything that is written under a path of docs/protocol.md, and the tables of `toru run`."""
    results, place = {}, u32(2)  # Each level's own messages come after its start and its info.
    for level, step in enumerate(steps):
        found = printed["levels"][level]
        expect(f"{step.name}: outbox", [each.hex() for each in step.outbox], found["outbox"])
        shown = [each["number"] for each in found["results"] if each["hash"] is None]
        # Lines of operations come with those of messages once `toru run` shows them.
        expect(f"{step.name}: code", [step.code] if step.code is not None else [], shown[:1])
        if step.code is None:
            continue
        kind = 0 if step.code < 200 else 2
        record = kind.to_bytes(2, "big") + code_record(step.code, step.first, step.second)
        results[f"message/{level}/2"] = record
        if step.lines is None:
            continue
        head, batch = u32(level) + place, step.signed.batch
        lines = b"".join(line(*each) for each in step.lines)
        count = len(batch.all_transactions())
        if count:
            results[f"batch/{batch.digest(ROLLUP).hex()}"] = head + u32(count) + lines
        for number, operations in step.own.items():
            codes = [code_record(code, *numbers) + memo for code, *numbers, memo in operations]
            path = f"transaction/{batch.own_digest(ROLLUP, number).hex()}"
            results[path] = head + u32(number) + b"".join(codes)

    root = "/toru/state/results/0/"
    durable = printed["durable"].items()
    stored = {path[len(root):]: value for path, value in durable if path.startswith(root)}
    expect("results", {path: value.hex() for path, value in results.items()}, stored)

    balances = {
        (who.tz4, kt1(ticket.ticketer), ticket.micheline().hex()): str(much)
        for (who, ticket), much in BALANCES.items()
    }
    fields = ["account", "ticketer", "content"]
    listed = [(tuple(each[f] for f in fields), each["amount"]) for each in printed["balances"]]
    expect("balances", balances, {which: much for which, much in listed if much != "0"})
    expect("counters", {who.tz4: much for who, much in COUNTERS.items()}, printed["counters"])
    print(f"elsewhere: {len(steps)} levels, {len(results)} results, {len(balances)} balances: as expected")


def expect(what, expected, found):
    if expected == found:
        return
    if isinstance(expected, dict):
        for key in sorted(expected.keys() | found.keys(), key=str):
            if expected.get(key) != found.get(key):
                print(f"  {key}\n  expected {expected.get(key)}\n  found    {found.get(key)}")
    else:
        print(f"  expected {expected}\n  found    {found}")
    sys.exit(f"error: {what}: not as expected")


def vectors(steps):
    keys = [
        {
            "name": who.name,
            "secret": who.secret.to_bytes(32, "big").hex(),
            "public_key": who.key.hex(),
            "address": who.tz4,
            "proof": who.proof.hex(),
        }
        for who in PEOPLE
    ]
    batches = []
    for step in steps:
        if step.signed is None or not step.vector:
            continue
        batch, signings = step.signed.batch, []
        for number, (who, message, signature) in enumerate(step.signed.signatures):
            transaction = batch.signings()[number][0]
            late = number in step.signed.late
            entry = {"signer": who.name, "transaction": transaction, "late": late}
            if late:
                entry["own"] = batch.own(transaction).encode().hex()
                entry["digest"] = batch.own_digest(ROLLUP, transaction).hex()
            else:
                entry["digest"] = batch.digest(ROLLUP).hex()
            signings.append({**entry, "signed": message.hex(), "signature": signature.hex()})
        batches.append({
            "name": step.name,
            "bytes": step.signed.body().hex(),
            "content": batch.content().hex(),
            "digest": batch.digest(ROLLUP).hex(),
            "signings": signings,
            "aggregate": (step.signed.aggregate or b"").hex(),
        })
    about = "Keys, batches in wire format v2 and signatures, made by elsewhere/ with py_ecc."
    rollup = {"address": sr1(ROLLUP), "hash": ROLLUP.hex()}
    return {"about": about, "rollup": rollup, "keys": keys, "batches": batches}


def text(value):
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


INPUTS = Path("toru/demo/compact.json")


def inputs(steps):
    return text([[step.message] for step in steps])


def play(steps, toru):
    for engine in [], ["--native"]:
        command = [toru, "run", "--json", "--rollup", sr1(ROLLUP), "--inputs", INPUTS, *engine]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        check(steps, json.loads(printed))


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "write":
        steps = story()
        Path(arguments[1]).write_text(text(vectors(steps)), encoding="utf-8")
        INPUTS.write_text(inputs(steps), encoding="utf-8")
    elif len(arguments) == 3 and arguments[0] == "check":
        steps = story()
        for path, wanted in (Path(arguments[1]), text(vectors(steps))), (INPUTS, inputs(steps)):
            if path.read_text(encoding="utf-8") != wanted:
                sys.exit(f"error: {path} is old: cargo xtask elsewhere --write")
        play(steps, arguments[2])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
