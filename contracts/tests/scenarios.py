"""The contracts' tests in SmartPy's scenarios, which run as they are imported."""

import scenarios_helper
import scenarios_ticketers
from scenario_kit import Chain

RUN = scenarios_helper, scenarios_ticketers

print(f"contracts: {Chain.scenarios} scenarios in SmartPy: as expected")
