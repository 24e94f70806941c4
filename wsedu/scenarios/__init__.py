"""What happens in an exchange, as data: each scenario once, for a real socket as for virtual time."""

from __future__ import annotations

from .catalogue import SCENARIOS as SCENARIOS
from .catalogue import scenario as scenario
from .model import Act as Act
from .model import Scenario as Scenario
