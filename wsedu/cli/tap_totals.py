"""What `tap` says last: how many connections there were, and which rules were broken how often, by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..protocol.steps import TransportOpened, Violation
from ..protocol.types import Role

if TYPE_CHECKING:
    from ..trace.trace import Record
    from .context import Context


class Totals:
    """Counts what passes; a subscriber of a trace.

    Attributes:
        broken: how many rules were broken, over all connections.
    """

    def __init__(self) -> None:
        self.broken = 0
        self._connections = 0
        self._rules: dict[Role, Counter[str]] = {role: Counter() for role in Role}

    def take(self, record: Record) -> None:
        """Count one record."""
        step = record.step
        if isinstance(step, TransportOpened) and step.endpoint is Role.CLIENT:
            self._connections += 1
        elif isinstance(step, Violation) and step.endpoint is not None:
            self.broken += 1
            # Whoever reads it finds it; its peer has sent it.
            self._rules[step.endpoint.peer][str(step.rule)] += 1

    def lines(self, context: Context) -> Iterator[str]:
        """The sentence, and for each endpoint that broke rules their names."""
        yield context.say("cli.tap.total", connections=self._connections, broken=self.broken)
        for role, counts in self._rules.items():
            if counts:
                names = ", ".join(name if count == 1 else f"{name} ×{count:,}" for name, count in counts.items())
                yield context.say(f"cli.tap.total.{role.value}", rules=names)
