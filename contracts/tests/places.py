"""Where things are."""

import sys
from pathlib import Path

CONTRACTS = Path(__file__).resolve().parent.parent
# The client that was written from the protocol alone.
sys.path.insert(0, str(CONTRACTS.parent / "testing" / "elsewhere"))
