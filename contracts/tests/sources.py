"""The contracts' SmartPy modules, from their folders. To be imported before smartpy.

SmartPy writes what it makes to the folder that is current when it is imported: here, to one that goes again. Its
own program warns of every call that fails, and of every type that is not found; that is what tests do all the time.
"""

import atexit
import os
import sys
import tempfile
from pathlib import Path

CONTRACTS = Path(__file__).resolve().parent.parent
for folder in "xtz_ticketer", "fa_ticketer", "deposit_helper", "testing":
    sys.path.insert(0, str(CONTRACTS / folder))

_folder = tempfile.TemporaryDirectory()
atexit.register(_folder.cleanup)
MADE = Path(_folder.name)
os.chdir(MADE)
sys.stderr = os.fdopen(os.dup(2), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)

from busy import busy
from deposit_helper import deposit_helper
from described import described
from fa12 import fa12
from fa2 import fa2
from fa_ticketer import fa_ticketer
from hostile import hostile
from rollup import rollup
from xtz_ticketer import xtz_ticketer
