"""Signs v1 batches with py_ecc (from PyPI), by the layout in docs/protocol.md and nothing of ours.

    python make.py > inputs.json

What they imply (balances, counters, outbox) is in ../run_elsewhere.rs.
"""

import hashlib
import json
import struct

from py_ecc.bls import G2MessageAugmentation as Aug

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
TICKETER = bytes([0xCD] * 20)
DESTINATION = bytes([0x11] * 20)


def base58check(prefix, payload):
    data = bytes.fromhex(prefix) + payload
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = BASE58[digit] + text
    return text


def sized(data):
    return struct.pack(">I", len(data)) + data


def zarith(number):
    """A natural number as Micheline's integer: 6 bits, then 7 at a time."""
    digits = [number & 0x3F]
    number >>= 6
    while number:
        digits[-1] |= 0x80
        digits.append(number & 0x7F)
        number >>= 7
    return bytes(digits)


class Person:
    def __init__(self, seed):
        self.secret = Aug.KeyGen(bytes([seed] * 32))
        self.key = Aug.SkToPk(self.secret)
        self.hash = hashlib.blake2b(self.key, digest_size=20).digest()
        self.tz4 = base58check("06a1a6", self.hash)


def ticket(text, amount):
    ticketer = bytes.fromhex("07070a00000016") + b"\x01" + TICKETER + b"\x00"
    return ticketer + b"\x07\x07\x01" + sized(text) + b"\x00" + zarith(amount)


def transfer(to, text, amount):
    return b"\x01" + to.hash + ticket(text, amount)


def withdraw(text, amount, entrypoint):
    return b"\x00" + DESTINATION + ticket(text, amount) + sized(entrypoint)


def operation(person, counter, contents, by_key=True):
    signer = b"\x00" + person.key if by_key else b"\x01" + person.hash
    return signer + struct.pack(">q", counter) + sized(b"".join(contents))


def transaction(operations):
    return sized(b"".join(operations))


def batch(transactions):
    """A list of (transaction, its signers)."""
    signatures = [Aug.Sign(who.secret, tx) for tx, signers in transactions for who in signers]
    body = sized(b"".join(tx for tx, _ in transactions)) + Aug.Aggregate(signatures)
    return {"external": (b"\x00" + body).hex()}


def deposit(to, text, amount):
    content = f'(Pair 0x01{TICKETER.hex()}00 (Pair "{text}" {amount}))'
    return {"payload": f'Pair "{to.tz4}" {content}', "sender": base58check("025a79", TICKETER)}


alice, bob = Person(1), Person(2)
first = transaction([operation(alice, 0, [transfer(bob, b"eur", 300), withdraw(b"eur", 7, b"burn")])])
swap = transaction(
    [
        operation(alice, 1, [transfer(bob, b"eur", 1)], by_key=False),
        operation(bob, 0, [transfer(alice, b"usd", 2**40)]),
    ]
)
rest = [withdraw(b"usd", 2**63 + 5 - 2**40, b""), withdraw(b"eur", 301, b"x" * 31)]
last = transaction([operation(bob, 1, rest, by_key=False)])
levels = [
    [deposit(alice, "eur", 1000), deposit(bob, "usd", 2**63 + 5)],
    [batch([(first, [alice]), (swap, [alice, bob])])],
    [batch([(last, [bob])])],
]
print(json.dumps(levels, indent=1))
