"""docs/simulator.md: its examples run, and its tables name everything that there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

from wsedu import Trace
from wsedu.scenarios import SCENARIOS, VIRTUAL_SCENARIOS, scenario
from wsedu.scenarios.network import Fault, Middlebox
from wsedu.trace.worldsteps import WORLD_KINDS

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "simulator.md").read_text("utf-8")


def test_the_examples_run() -> None:
    examples = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert len(examples) == 3
    for example in examples:
        names: dict[str, Any] = {}
        exec(example, names)
        assert isinstance(names["trace"], Trace)
        assert len(names["trace"]) > 100


def test_the_scenarios_of_virtual_time_and_their_counterparts_are_named() -> None:
    rows = dict(re.findall(r"^\| `([\w-]+)` \| `([\w-]+)` \|", PAGE, re.MULTILINE))
    pairs = {name: scenario(name).beside for name in [*SCENARIOS, *VIRTUAL_SCENARIOS] if scenario(name).beside}
    assert rows
    assert pairs == rows | {other: one for one, other in rows.items()}
    assert all(f"`{name}`" in PAGE for name in VIRTUAL_SCENARIOS)


def test_every_middlebox_every_fault_and_every_step_is_named() -> None:
    rows = set(re.findall(r"^\| `(\w+)\(", PAGE, re.MULTILINE))
    classes = {*Fault.__subclasses__(), *get_args(Middlebox)}
    assert {one.__name__ for one in classes} <= rows
    assert all(f"`{kind}`" in PAGE for kind in WORLD_KINDS)
