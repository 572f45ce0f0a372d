"""Wire format v2, written from docs/protocol.md alone: encodes batches and signs them with py_ecc.

Nothing here comes from the Rust code; that is what it is for.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import List, Optional, Set, Tuple, Union

import base58
from py_ecc.bls import G2ProofOfPossession as Bls

EXPIRES, REGISTRATIONS, RUNS, TRANSACTIONS, SOME_LATE, ALL_LATE = 1, 2, 4, 8, 16, 32


def u32(number):
    return number.to_bytes(4, "big")


def blake2b(data, size=32):
    return hashlib.blake2b(data, digest_size=size).digest()


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def amount(number):
    mantissa, power = number, 0
    while mantissa and mantissa % 10 == 0:
        mantissa, power = mantissa // 10, power + 1
    if mantissa < 2**11:
        return (mantissa << 5 | power).to_bytes(2, "big")
    return b"\x00\x1f" + varint(number)


def counted(items):
    return varint(len(items)) + b"".join(items)


def base58check(prefix, payload):
    return base58.b58encode_check(bytes.fromhex(prefix) + payload).decode()


def tz4(hash):
    return base58check("06a1a6", hash)


def kt1(hash):
    return base58check("025a79", hash)


def sr1(hash):
    return base58check("067c75", hash)


class Person:
    def __init__(self, name, seed):
        self.name = name
        self.secret = Bls.KeyGen(bytes([seed] * 32))
        self.key = Bls.SkToPk(self.secret)
        self.hash = blake2b(self.key, 20)
        self.tz4 = tz4(self.hash)
        self._proof = None

    @property
    def proof(self):
        if self._proof is None:
            self._proof = Bls.PopProve(self.secret)
        return self._proof

    def sign(self, message):
        return Bls.Sign(self.secret, message)


# Names


@dataclass(frozen=True)
class Index:
    """An account or a ticket, by its index."""

    number: int

    def account(self):
        return varint(self.number + 2)

    def ticket(self):
        return varint(self.number + 1)


@dataclass(frozen=True)
class Place:
    """An account, by the place of its registration in the batch."""

    number: int

    def account(self):
        return b"\x01" + varint(self.number)


@dataclass(frozen=True)
class Address:
    hash: bytes

    def account(self):
        return b"\x00" + self.hash


@dataclass(frozen=True)
class Ticket:
    """A ticket in full: text, or a number and perhaps bytes."""

    ticketer: bytes
    text: Optional[bytes] = None
    number: int = 0
    extra: Optional[bytes] = None

    def micheline(self):
        if self.text is not None:
            return b"\x01" + u32(len(self.text)) + self.text
        option = b"\x03\x06"
        if self.extra is not None:
            option = b"\x05\x09\x0a" + u32(len(self.extra)) + self.extra
        return b"\x07\x07\x00" + zarith(self.number) + option

    def ticket(self):
        kind = b"\x00" if self.text is not None else b"\x01"
        content = self.micheline()
        return b"\x00" + self.ticketer + kind + varint(len(content)) + content


Account = Union[Index, Place, Address]
TicketName = Union[Index, Ticket]

# Contents of a batch


@dataclass(frozen=True)
class Transfers:
    ticket: TicketName
    to: List[Tuple[Account, int]]

    def encode(self):
        rows = [who.account() + amount(much) for who, much in self.to]
        return b"\x00" + self.ticket.ticket() + counted(rows)


def implicit(curve, hash):
    """Whom a contract pays, tz1 (curve 0) to tz5 (4)."""
    return bytes([0, curve]) + hash


def contract(hash):
    """Whom a contract pays, KT1."""
    return b"\x01" + hash + b"\x00"


@dataclass(frozen=True)
class Withdrawal:
    ticket: TicketName
    contract: bytes
    entrypoint: bytes
    amount: int
    receiver: Optional[bytes] = None  # `implicit` or `contract`; none is a bare ticket.

    def encode(self):
        name = bytes([len(self.entrypoint)]) + self.entrypoint
        kind = b"\x01" if self.receiver is None else b"\x02"
        to = self.contract + name + (self.receiver or b"")
        return kind + self.ticket.ticket() + to + amount(self.amount)


@dataclass(frozen=True)
class Operation:
    signer: Account
    counter: int
    moves: List[Union[Transfers, Withdrawal]]
    memo: Optional[Union[str, bytes]] = None  # Text, or 32 bytes.

    def encode_memo(self):
        if self.memo is None:
            return b"\x00"
        if isinstance(self.memo, str):
            text = self.memo.encode()
            return b"\x01" + bytes([len(text)]) + text
        assert len(self.memo) == 32
        return b"\x02" + self.memo

    def encode(self):
        head = self.signer.account() + varint(self.counter) + self.encode_memo()
        return head + counted([move.encode() for move in self.moves])


def expiry(level):
    return b"\x00" if level is None else b"\x01" + u32(level)


@dataclass(frozen=True)
class Transaction:
    operations: List[Operation]
    expires: Optional[int] = None

    def encode(self):
        return expiry(self.expires) + counted([each.encode() for each in self.operations])


@dataclass(frozen=True)
class Row:
    signer: int
    counter: int
    to: Account
    amount: int

    def encode(self, gap):
        numbers = varint(gap) + varint(self.counter)
        return numbers + self.to.account() + amount(self.amount)

    def transaction(self, run):
        move = Transfers(run.ticket, [(self.to, self.amount)])
        return Transaction([Operation(Index(self.signer), self.counter, [move])], run.expires)


@dataclass(frozen=True)
class Run:
    ticket: TicketName
    rows: List[Row]
    expires: Optional[int] = None

    def encode(self):
        encoded, before = [], -1
        for row in self.rows:
            encoded.append(row.encode(row.signer - before - 1))
            before = row.signer
        return expiry(self.expires) + self.ticket.ticket() + counted(encoded)


@dataclass(frozen=True)
class Batch:
    registrations: List[Person] = ()
    runs: List[Run] = ()
    transactions: List[Transaction] = ()
    expires: Optional[int] = None

    def all_transactions(self):
        rows = [row.transaction(run) for run in self.runs for row in run.rows]
        return rows + list(self.transactions)

    def signings(self):
        """For each signing, in order: the number of its transaction, and the operation."""
        transactions = enumerate(self.all_transactions())
        return [(number, each) for number, tx in transactions for each in tx.operations]

    def content(self):
        flags, parts = 0, []
        if self.expires is not None:
            flags |= EXPIRES
            parts.append(u32(self.expires))
        if self.registrations:
            flags |= REGISTRATIONS
            parts.append(counted([who.key + who.proof for who in self.registrations]))
        if self.runs:
            flags |= RUNS
            parts.append(counted([run.encode() for run in self.runs]))
        if self.transactions:
            flags |= TRANSACTIONS
            parts.append(counted([each.encode() for each in self.transactions]))
        return bytes([flags]) + b"".join(parts)

    def encode(self, late: Set[int], signature: Optional[bytes]):
        """The batch, without its version byte."""
        content, count = self.content(), len(self.signings())
        if not count:
            return content
        flags, bitmap = content[0], b""
        if late and len(late) == count:
            flags |= ALL_LATE
        elif late:
            flags |= SOME_LATE
            bits = bytearray((count + 7) // 8)
            for signing in late:
                bits[signing // 8] |= 1 << signing % 8
            bitmap = bytes(bits)
        return bytes([flags]) + content[1:] + bitmap + signature

    # Signing

    def digest(self, rollup):
        return blake2b(b"toru batch v2" + rollup + self.content())

    def signed(self, rollup):
        return b"toru batch v2" + self.digest(rollup)

    def own(self, number):
        """A transaction as its signers sign it by itself: names by place become addresses."""
        transaction = self.all_transactions()[number]

        def name(account):
            if isinstance(account, Place):
                return Address(self.registrations[account.number].hash)
            return account

        def move(each):
            if isinstance(each, Transfers):
                return replace(each, to=[(name(who), much) for who, much in each.to])
            return each

        def operation(each):
            return replace(each, signer=name(each.signer), moves=[move(m) for m in each.moves])

        return replace(transaction, operations=[operation(each) for each in transaction.operations])

    def own_digest(self, rollup, number):
        return blake2b(b"toru transaction v2" + rollup + self.own(number).encode())

    def own_signed(self, rollup, number):
        return b"toru transaction v2" + self.own_digest(rollup, number)

    def signed_by(self, rollup, signers, late=()):
        """The batch with everybody's signature; `signers` are those of the signings, in order."""
        late = set(late)
        cache, signatures = {}, []
        for signing, ((number, _), who) in enumerate(zip(self.signings(), signers)):
            own = signing in late
            message = self.own_signed(rollup, number) if own else self.signed(rollup)
            if (who, message) not in cache:
                cache[who, message] = who.sign(message)
            signatures.append((who, message, cache[who, message]))
        assert len(signatures) == len(signers) == len(self.signings())
        aggregate = Bls.Aggregate([each[2] for each in signatures]) if signatures else None
        return Signed(self, late, signatures, aggregate)


@dataclass(frozen=True)
class Signed:
    batch: Batch
    late: Set[int]
    signatures: List[Tuple[Person, bytes, bytes]]
    aggregate: Optional[bytes]

    def body(self):
        return self.batch.encode(self.late, self.aggregate)

    def external(self, rollup):
        """The external message, without the tag that layer 1 gives every one."""
        return b"\x00" + rollup + b"\x02" + self.body()


def zarith(number):
    """A natural number as Micheline's integer: 6 bits, then 7 at a time."""
    digits = [number & 0x3F]
    number >>= 6
    while number:
        digits[-1] |= 0x80
        digits.append(number & 0x7F)
        number >>= 7
    return bytes(digits)


def outbox_call(ticket, much, contract, entrypoint, receiver=None):
    pair = b"" if receiver is None else b"\x07\x07\x0a" + u32(22) + receiver
    ticketer = b"\x07\x07\x0a" + u32(22) + b"\x01" + ticket.ticketer + b"\x00"
    content = b"\x07\x07" + ticket.micheline() + b"\x00" + zarith(much)
    return pair + ticketer + content + b"\x01" + contract + b"\x00" + u32(len(entrypoint)) + entrypoint


def outbox_message(calls):
    calls = b"".join(calls)
    return b"\x00" + u32(len(calls)) + calls
