"""Durable storage, read as docs/protocol.md describes it: accounts, counters, keys, tickets, balances,
and what waits.

A `Storage` reads single values with a function from a path to bytes, or None where there is no value.
`Node` is such a function over the interface of a rollup node.
"""

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from typing import List, Optional

from client import Ticket, blake2b

LAYOUT = 1
STATE = "/toru/state"
FIELD = 0x1A0111EA397FE69A4B1BA7B6434BACD764774B84F38512BF6730D2A0F6B0F6241EABFFFEB153FFFFB9FEFFFFFFFFAAAB


class Unreadable(Exception):
    """What is there is not of this layout."""


class Node:
    """The values at the end of one block, which stays that of the first question."""

    def __init__(self, endpoint):
        host = urllib.parse.urlsplit(endpoint).netloc
        self.connection = http.client.HTTPConnection(host, timeout=30)
        self.block = self.get("/global/block/head/hash")
        self.questions = 0

    def get(self, path):
        self.connection.request("GET", path, headers={"Connection": "keep-alive"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Unreadable(f"{path}: {answer.status} {body.decode(errors='replace')}")
        return json.loads(body)

    def __call__(self, path):
        self.questions += 1
        query = urllib.parse.urlencode({"key": path})
        value = self.get(f"/global/block/{self.block}/durable/wasm_2_0_0/value?{query}")
        return None if value is None else bytes.fromhex(value)


def number(data):
    return int.from_bytes(data, "big")


def little(data):
    """Counters and balances are little-endian."""
    return int.from_bytes(data, "little")


def numbers(data, *sizes):
    """Numbers of these sizes, of which `data` must have exactly as many."""
    if data is None or len(data) != sum(sizes):
        raise Unreadable(f"{data!r}: not of {sum(sizes)} bytes")
    found = []
    for size in sizes:
        found.append(number(data[:size]))
        data = data[size:]
    return found


@dataclass(frozen=True)
class Key:
    compressed: bytes
    proven: bool


@dataclass(frozen=True)
class Supply:
    on_rollup: int
    deposited: int
    withdrawn: int


@dataclass(frozen=True)
class Call:
    contract: bytes
    receiver: Optional[bytes]
    entrypoint: bytes


@dataclass(frozen=True)
class Leaving:
    """A message that waits for the outbox: withdrawals, or a held deposit that goes back."""

    owner: object  # The index of an account, or the 20 bytes of a depositor.
    withdrawals: List  # (ticket, amount, call)
    held: Optional[int] = None
    call: Optional[Call] = None


@dataclass(frozen=True)
class Kept:
    level: int
    place: int
    message: Optional[bytes]  # None: it was cut off.


@dataclass(frozen=True)
class Held:
    kept: Kept
    code: int
    paid: bool


class Storage:
    def __init__(self, read):
        self.read, self.pages = read, {}
        version = self.value("/version")
        if version is None or numbers(version, 4) != [LAYOUT]:
            raise Unreadable(f"layout {version!r}, and not {LAYOUT}")
        self.accounts, self.tickets = numbers(self.value("/counts") or bytes(8), 4, 4)

    def value(self, path):
        return self.read(STATE + path)

    def record(self, folder, index, per_page, size):
        """One record of a page, or None where there is no such page. Pages are read once."""
        path = f"{folder}/{index // per_page:07x}"
        if path not in self.pages:
            self.pages[path] = self.value(path)
        page, start = self.pages[path], index % per_page * size
        if page is None:
            return None
        if start + size > len(page):
            raise Unreadable(f"{path}: {len(page)} bytes, too few for a record at {start}")
        return page[start:start + size]

    # Accounts

    def find(self, tz4_hash):
        """The index of an account by its address."""
        index = self.value(f"/addresses/{tz4_hash.hex()}")
        return None if index is None else numbers(index, 4)[0]

    def address(self, account):
        return self.record("/accounts", account, 102, 20)

    def counter(self, account):
        """The counter that the account's next operation carries."""
        return little(self.main(account)[:8])

    def main(self, account):
        """The account's counter, and what it holds of ticket 0."""
        return self.record("/main", account, 128, 16) or bytes(16)

    def key(self, account):
        record = self.record("/keys", account, 21, 97) or bytes(97)
        if record[0] == 0:
            return None
        if record[0] > 2:
            raise Unreadable(f"a key in state {record[0]}")
        x, y = bytearray(record[1:49]), number(record[49:])
        x[0] |= 0x80 | (0x20 if y > FIELD // 2 else 0)
        return Key(bytes(x), record[0] == 2)

    # Tickets

    def find_ticket(self, ticket):
        kind = b"\x01" if ticket.text is None else b"\x00"
        hash = blake2b(b"toru ticket" + ticket.ticketer + kind + ticket.micheline())
        index = self.value(f"/tickets/index/{hash.hex()}")
        return None if index is None else numbers(index, 4)[0]

    def ticket(self, index):
        record = self.value(f"/tickets/record/{index}")
        ticketer, kind, content = record[:20], record[20], record[21:]
        ticket = read_ticket(ticketer, content)
        if ticket.micheline() != content or (ticket.text is None) != (kind == 1):
            raise Unreadable(f"ticket {index}: {record.hex()}")
        return ticket

    def supply(self, ticket):
        return Supply(*numbers(self.value(f"/tickets/supply/{ticket}"), 8, 16, 16))

    def balance(self, account, ticket):
        if ticket == 0:
            return little(self.main(account)[8:])
        dense = self.record(f"/balances/{ticket}", account, 256, 8)
        if dense is not None:
            return little(dense)
        path = f"/balances/{ticket}/few/{account // 256:07x}"
        if path not in self.pages:
            self.pages[path] = holdings(self.value(path) or b"")
        return self.pages[path].get(account % 256, 0)

    # What waits

    def outbox(self):
        """All that waits for the outbox, lane by lane in the order of their turns."""
        ends = numbers(self.value("/outbox/ends") or bytes(40), 8, 8, 8, 8, 8)
        _, taken, given, waiting, size = ends
        found, records = [], 0
        for turn in range(taken, given):
            owner = self.value(f"/outbox/turn/{turn}")
            owner = owner if len(owner) == 20 else numbers(owner, 4)[0]
            lane = f"d{owner.hex()}" if isinstance(owner, bytes) else owner
            message, last, count = numbers(self.value(f"/outbox/lane/{lane}"), 8, 8, 8)
            before = len(found)
            while True:
                record = self.value(f"/outbox/message/{message}")
                records += len(record)
                found.append(leaving(owner, record))
                if message == last:
                    break
                message = numbers(self.value(f"/outbox/next/{message}"), 8)[0]
            if len(found) - before != count:
                raise Unreadable(f"lane {lane} has {len(found) - before} messages, and not {count}")
        if (len(found), records) != (waiting, size):
            raise Unreadable(f"{len(found)} messages of {records} bytes wait, and not {ends}")
        return found

    def deferred(self):
        """The batches that wait for a later level: the message, units and class of each."""
        data, size = self.value("/deferred") or b"", 13
        entries = [numbers(data[at:at + size], 8, 4, 1) for at in range(0, len(data), size)]
        kept = [kept_message(self.read(f"/toru/inbox/batches/{entry[0]}")) for entry in entries]
        return [(message, *entry[1:]) for message, entry in zip(kept, entries)]

    def held(self):
        _, _, _, count = numbers(self.value("/cursors") or bytes(32), 8, 8, 8, 8)
        found = []
        for deposit in range(count):
            kept = kept_message(self.value(f"/held/{deposit}/message"))
            _, code, _, _ = numbers(self.value(f"/held/{deposit}/reason"), 2, 2, 8, 8)
            found.append(Held(kept, code, self.value(f"/held/{deposit}/paid") is not None))
        return found

    def level(self):
        """The last level, units spent, messages that were not ours, and what is asked for by class."""
        level, spent, not_ours, *asked = numbers(self.read("/toru/level"), *[4] * 14)
        return level, spent, not_ours, asked


def read_ticket(ticketer, content):
    if content[0] == 1:
        return Ticket(ticketer, text=content[5:])
    # 0707 00, the number in 6 bits and then 7 at a time, the option.
    at, shift, natural = 3, 6, content[3] & 0x3F
    while content[at] & 0x80:
        at += 1
        natural |= (content[at] & 0x7F) << shift
        shift += 7
    option = content[at + 1:]
    return Ticket(ticketer, number=natural, extra=None if option == b"\x03\x06" else option[7:])


def holdings(data):
    """A list of few holders: entries of nothing mean nothing."""
    if len(data) % 9:
        raise Unreadable(f"a list of {len(data)} bytes")
    entries = [(data[at], little(data[at + 1:at + 9])) for at in range(0, len(data), 9)]
    return {place: amount for place, amount in entries if amount}


def read_call(data):
    """A call, and what follows it."""
    contract, named, data = data[:20], data[20], data[21:]
    receiver, data = (data[:22], data[22:]) if named else (None, data)
    size, data = data[0], data[1:]
    return Call(contract, receiver, data[:size]), data[size:]


def leaving(owner, record):
    kind, data = record[0], record[1:]
    if kind == 1:
        call, rest = read_call(data[8:])
        message = Leaving(owner, [], number(data[:8]), call)
    elif kind == 0:
        withdrawals, rest = [], data
        while not withdrawals or rest:
            ticket, amount = numbers(rest[:12], 4, 8)
            call, rest = read_call(rest[12:])
            withdrawals.append((ticket, amount, call))
        message = Leaving(owner, withdrawals)
    else:
        raise Unreadable(f"a record of kind {kind}")
    if rest:
        raise Unreadable(f"{rest.hex()} after a record of the queue")
    return message


def kept_message(data):
    level, place, size = numbers(data[:12], 4, 4, 4)
    return Kept(level, place, data[12:] if len(data) == 12 + size else None)
