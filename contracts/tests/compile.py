"""Makes Michelson of the contracts.

    compile.py check    fail where a committed .tz is not what its source makes
    compile.py write    write the .tz
"""

import re
import sys

from sources import (
    CONTRACTS, MADE, deposit_helper, described, fa12, fa2, fa_ticketer, hostile, xtz_ticketer,
)

import smartpy as sp

SOMEWHERE = "KT18amZmM5W7qDWVt2pH6uj7sCEd3kbzLrHT"  # A contract's code does not depend on its storage.


def instances():
    """For each file without its ending, the contract that is in it."""
    somewhere = sp.address(SOMEWHERE)
    return {
        "xtz_ticketer/xtz_ticketer": xtz_ticketer.XtzTicketer(),
        "fa_ticketer/fa_ticketer": fa_ticketer.FaTicketer(sp.variant.fa12(somewhere), (0, None)),
        "deposit_helper/deposit_helper": deposit_helper.DepositHelper(),
        "testing/exchanger": described.Exchanger(),
        "testing/tzel": described.Tzel(),
        "testing/demo": described.Demo(),
        "testing/taker": described.Taker(),
        "testing/fa12": fa12.Fa12(),
        "testing/fa2": fa2.Fa2(),
        "testing/hostile_ticketer": hostile.HostileTicketer("", somewhere, somewhere, None),
        "testing/hostile_token": hostile.HostileToken("", somewhere, somewhere, 0),
    }


def without_comments(michelson):
    """SmartPy comments every line with its source and its stack."""
    plain = re.compile(r'("[^"]*")|#.*')
    lines = (plain.sub(r"\1", line).rstrip() for line in michelson.splitlines())
    return "".join(f"{line}\n" for line in lines if line)


made = {}


@sp.add_test()
def test():
    scenario = sp.test_scenario("contracts")
    # Otherwise what fails without a word of ours says its line, and a moved line is other code.
    scenario.add_flag("exceptions", "default-unit")
    for number, (name, instance) in enumerate(instances().items()):
        scenario += instance
        (path,) = MADE.rglob(f"*_cont_{number}_contract.tz")
        made[name] = without_comments(path.read_text())


stale = []
for name, michelson in made.items():
    path = CONTRACTS / f"{name}.tz"
    if sys.argv[1:] == ["write"]:
        path.write_text(michelson)
    elif not path.exists() or path.read_text() != michelson:
        stale.append(f"contracts/{name}.tz")
if stale:
    sys.exit(
        f"error: not what the source makes: {', '.join(stale)}\n"
        "       write them anew: cargo xtask contracts --write"
    )
print(f"contracts: {len(made)} sources make the committed Michelson")
