"""Reads durable storage with storage.py, and compares it with what `toru run --json` prints.

    stored.py TORU

1. The story's messages are played into a state, and then those of crowd.py. `toru dev` serves the state, and
   all of it is read through the interface of a rollup node.
2. A state is written by the document, with a counter beyond 32 bits, a key and a level that is spent. The
   kernel is to understand it: the batch waits, and is applied a level later.

What is to come of it stands beside it, by hand, from docs/protocol.md.
"""

import json
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from py_ecc.bls.g2_primitives import pubkey_to_G1
from py_ecc.optimized_bls12_381 import field_modulus, normalize

import storage
from client import Address, Batch, Index, Ticket, Transaction, blake2b, kt1, sr1, tz4, u32
from crowd import (
    ACCOUNTS, HENRY, PROVEN, SUPPLIES, all_balances, all_counters, all_held, all_leaving, external,
    pages_and_queues, u64,
)
from storage import Kept, Key, Node, Storage
from story import ALICE, ART, BOB, EUR, INPUTS, ROLLUP, TICKETER, USD, expect, pay

SECONDS = 120  # What a process may take at most; all of it takes a few.

# Comparing


def balances_of(found):
    """All that is held, by address and ticket."""
    tickets = {index: found.ticket(index) for index in range(found.tickets)}
    balances = {}
    for account in range(found.accounts):
        for index, ticket in tickets.items():
            amount = found.balance(account, index)
            if amount:
                balances[found.address(account), ticket] = amount
    return balances


def by_place(values):
    return {place: each.hex() if isinstance(each, bytes) else each for place, each in enumerate(values)}


def as_printed(found, printed):
    """What was read is what `toru run --json` says."""
    counters = {tz4(found.address(each)): found.counter(each) for each in range(found.accounts)}
    expect("counters as toru run prints them", printed["counters"], counters)
    balances = {
        f"{tz4(who)} {kt1(ticket.ticketer)} {ticket.micheline().hex()}": str(much)
        for (who, ticket), much in balances_of(found).items()
    }
    listed = {
        f"{each['account']} {each['ticketer']} {each['content']}": each["amount"]
        for each in printed["balances"] if each["amount"] != "0"
    }
    expect("balances as toru run prints them", listed, balances)


def by_hand(found, level):
    addresses = by_place(found.address(each) for each in range(found.accounts))
    expect("accounts", by_place(ACCOUNTS), addresses)
    expect("indexes", by_place(range(len(ACCOUNTS))), by_place(found.find(who) for who in ACCOUNTS))
    expect("an address that is not there", None, found.find(bytes(20)))
    expect("tickets", [EUR, USD, ART], [found.ticket(each) for each in range(found.tickets)])
    expect("indexes of tickets", [0, 1, 2], [found.find_ticket(each) for each in (EUR, USD, ART)])
    expect("a ticket that is not there", None, found.find_ticket(Ticket(TICKETER, number=8)))
    expect("supplies", SUPPLIES, {ticket: found.supply(each) for each, ticket in enumerate(SUPPLIES)})
    expect("counters", all_counters(), {who: found.counter(each) for each, who in enumerate(ACCOUNTS)})
    expect("balances", all_balances(), balances_of(found))
    shown = {who.hash: Key(who.key, True) for who in PROVEN}
    shown[HENRY.hash] = Key(HENRY.key, False)
    keys = {who: found.key(each) for each, who in enumerate(ACCOUNTS)}
    expect("keys", {who: shown.get(who) for who in ACCOUNTS}, keys)
    expect("outbox", by_place(all_leaving()), by_place(found.outbox()))
    expect("held deposits", by_place(all_held(level)), by_place(found.held()))
    expect("batches that wait", [], found.deferred())
    expect("the level", (level, 4, 1, [0] * 11), found.level())

    # Otherwise something above was not tried.
    pages = [f"/balances/1/{page:07x}" for page in range(3)]
    expect("full pages and lists", [True, True, False], [found.pages[each] is not None for each in pages])
    expect("a list that has become a full page", None, found.value("/balances/1/few/0000000"))
    expect("a list with an entry of nothing", bytes(9), found.value("/balances/2/few/0000000")[-9:])
    folders = ["accounts", "main", "keys"]
    sizes = {each: len([path for path in found.pages if path.startswith(f"/{each}/")]) for each in folders}
    expect("pages", {"accounts": 6, "main": 5, "keys": 25}, sizes)


# Playing


def setup(values):
    """A setup file in JSON."""
    sets = [{"set": {"value": value.hex(), "to": path}} for path, value in values.items()]
    return json.dumps({"instructions": sets})


def run(toru, folder, levels, values, *options):
    """What `toru run --json` prints of these levels, over these values."""
    inputs, begin = Path(folder, "inputs.json"), Path(folder, "setup.json")
    inputs.write_text(json.dumps(levels), encoding="utf-8")
    begin.write_text(setup(values), encoding="utf-8")
    command = [toru, "run", "--json", "--rollup", sr1(ROLLUP), "--inputs", inputs, "--setup", begin, *options]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, timeout=SECONDS).stdout)


def with_node(toru, state, use):
    """Serves a state by `toru dev` while it is used; the process ends with it."""
    command = [toru, "dev", "--json", "--state", state, "--block-time", "0", "--rpc", "127.0.0.1:0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    watch = threading.Timer(SECONDS, process.kill)
    watch.start()
    try:
        banner = process.stdout.readline()
        if not banner:
            sys.exit("error: toru dev serves nothing")
        return use(Node(json.loads(banner)["endpoint"]))
    finally:
        watch.cancel()
        process.kill()
        process.wait()
        process.stdout.close()


def read_a_rollup(toru, folder):
    levels = json.loads(INPUTS.read_text(encoding="utf-8"))
    levels += pages_and_queues()
    values = {"/toru/config/accept_v1": b"\x01", f"/toru/config/exits/{TICKETER.hex()}": b"burn"}
    state = Path(folder, "state")
    printed = run(toru, folder, levels, values, "--state", state)

    def read(node):
        found = Storage(node)
        by_hand(found, len(levels) - 1)
        as_printed(found, printed)
        return node.questions

    questions = with_node(toru, state, read)
    print(f"elsewhere: {len(ACCOUNTS)} accounts read with {questions} questions of a node: as expected")


def write_a_state(toru, folder):
    first, much = 2**32 + 5, 2**63 + 5
    x, y = (int(each).to_bytes(48, "big") for each in normalize(pubkey_to_G1(ALICE.key)))
    kind = b"\x01"
    ticket = ART.ticketer + kind + ART.micheline()
    state = {
        "/version": u32(1),
        "/counts": u32(1) + u32(1),
        f"/addresses/{ALICE.hash.hex()}": u32(0),
        "/accounts/0000000": ALICE.hash,
        "/main/0000000": first.to_bytes(8, "little") + much.to_bytes(8, "little") + bytes(2032),
        "/keys/0000000": b"\x02" + x + y + bytes(20 * 97),
        f"/tickets/index/{blake2b(b'toru ticket' + ticket).hex()}": u32(0),
        "/tickets/record/0": ticket,
        "/tickets/supply/0": u64(much) + bytes(8) + u64(much) + bytes(16),
    }
    values = {storage.STATE + path: value for path, value in state.items()}
    values["/toru/level"] = u32(0) + u32(640) + bytes(48)  # Level 0 has spent all its units.
    batch = Batch(transactions=[Transaction([pay(Index(0), first, ART, Address(BOB.hash), 7)])])
    message = batch.signed_by(ROLLUP, [ALICE]).external(ROLLUP)

    def played(levels):
        printed = run(toru, folder, levels, values)
        durable = {path: bytes.fromhex(value) for path, value in printed["durable"].items()}
        found = Storage(durable.get)
        as_printed(found, printed)
        return found

    found = played([[external(message)]])
    kept = b"\x01" + message
    # Units of a batch that one signs. Its class is the power of two below its bytes for each of them.
    wait = (Kept(0, 2, kept), 4, (len(kept) // 4).bit_length() - 1)
    expect("a batch waits", [wait], found.deferred())
    expect("its signer's counter", first, found.counter(0))
    expect("its signer's key", Key(ALICE.key, True), found.key(0))

    found = played([[external(message)], []])
    expect("no batch waits", [], found.deferred())
    expect("its signer's counter afterwards", first + 1, found.counter(0))
    expect("balances", {(ALICE.hash, ART): much - 7, (BOB.hash, ART): 7}, balances_of(found))
    print("elsewhere: a state written by the document is understood")


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    assert storage.FIELD == field_modulus
    with tempfile.TemporaryDirectory() as folder:
        read_a_rollup(arguments[0], folder)
    with tempfile.TemporaryDirectory() as folder:
        write_a_state(arguments[0], folder)


if __name__ == "__main__":
    main(sys.argv[1:])
