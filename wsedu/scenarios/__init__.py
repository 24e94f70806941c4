"""What happens in an exchange, as data: each scenario once, for a real socket as for virtual time."""

from __future__ import annotations

from .catalogue import SCENARIOS as SCENARIOS
from .lookup import scenario as scenario
from .model import Act as Act
from .model import Scenario as Scenario
from .virtual import VIRTUAL_SCENARIOS as VIRTUAL_SCENARIOS
