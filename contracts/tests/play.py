"""Plays the committed Michelson in pytezos, alone and with toru in the middle.

    play.py check TORU    fail where something is not as expected, or contracts/vectors.json is of other code
    play.py write TORU    write contracts/vectors.json and contracts/hashes.txt too
"""

import hashlib
import json
import sys

from places import CONTRACTS

import bridge
import bridge_others
import helper
import ticketers
from interpreter import parse
from layer1 import ROLLUP_TYPE
from played import ROLLUP, Sequence, michelson
from pytezos.crypto.encoding import base58_encode
from pytezos.michelson.forge import forge_micheline

SHIPPED = ["xtz_ticketer", "fa_ticketer", "deposit_helper"]


def script_hash(name):
    """Octez's hash of a contract's code: of all its sections, in binary."""
    code = forge_micheline(parse(michelson(f"{name}/{name}")))
    return base58_encode(hashlib.blake2b(code, digest_size=32).digest(), b"expr").decode()


def hashes():
    return "".join(f"{script_hash(name)}  {name}/{name}.tz\n" for name in SHIPPED)


def vectors():
    about = (
        "Operations on layer 1 with what comes of them: contracts/ played in pytezos. Each sequence begins with"
        " what is there before it; a step is a group of operations that one account signs, or a message of the"
        " outbox that somebody executes. See contracts/README.md."
    )
    told = [each.told() for each in Sequence.everything if each.vectors]
    sequences = [json.dumps(each, separators=(",", ":")) for each in told]
    head = json.dumps({"about": about, "rollup": ROLLUP, "rollup_type": ROLLUP_TYPE})
    return head[:-1] + ', "sequences": [\n' + ",\n".join(sequences) + "\n]}\n"


def main(mode, toru):
    ticketers.run()
    helper.run()
    bridge.run(toru)
    bridge_others.run(toru)
    stale = []
    for name, text in ("vectors.json", vectors()), ("hashes.txt", hashes()):
        path = CONTRACTS / name
        if mode == "write":
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            stale.append(f"contracts/{name}")
    if stale:
        sys.exit(
            f"error: not what the contracts do now: {', '.join(stale)}\n"
            "       write them anew: cargo xtask contracts --write"
        )
    steps = sum(len(each.steps) for each in Sequence.everything)
    print(f"contracts: {len(Sequence.everything)} sequences, {steps} steps: as expected")


main(*sys.argv[1:])
