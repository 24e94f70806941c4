"""The faults that a fork offers, each with the few values that can be chosen, and why some fork cannot be made."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..explain.catalogue import Catalogue
from ..explain.shown import printable
from ..protocol.frame import Frame
from ..protocol.types import Role
from ..scenarios.network import CloseBoth, Cut, Delay, Drop, Fault, Flip, Inject, Vanish
from ..simulator import ForkError, SimulatedTrace
from ..simulator.faults import NAMES, OF_BYTES
from ..trace.worldsteps import FaultHappened

NEXT = "next"
"""Whose bytes: of whoever sends next."""

PING_MOST = 125
"""Bytes of payload that a control frame holds (RFC 6455 §5.5)."""

MASK = b"\x37\xfa\x21\x3d"
"""What a frame that nobody sent is masked with on its way to the server: the key of the RFC's examples."""

Values = Mapping[str, Any]


class BadValue(ValueError):
    """A value that a fault cannot have; its text is one line for the user."""


@dataclass(frozen=True)
class Parameter:
    """One value of a fault that can be chosen.

    Arguments:
        name: of the value.
        default: what it is if nobody chooses.
        options: the values that there are; none for a number or a text.
        least: of a number.
        most: of a number; of a text, bytes.
        whole: only whole numbers.
    """

    name: str
    default: str
    options: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    whole: bool = True

    @property
    def kind(self) -> str:
        """`choice`, `text` or `number`."""
        return "choice" if self.options else "number" if self.default.isdecimal() else "text"


WHOSE = Parameter("whose", NEXT, (NEXT, *(role.value for role in Role)))

PARAMETERS: dict[str, tuple[Parameter, ...]] = {
    "drop": (WHOSE,),
    "cut": (),
    "delay": (Parameter("seconds", "3", most=3600, whole=False), WHOSE),
    "flip": (Parameter("byte", "0", most=(1 << 20) - 1), Parameter("bit", "0", most=7), WHOSE),
    "inject": (
        Parameter("to", Role.CLIENT.value, tuple(role.value for role in Role)),
        Parameter("payload", "?", most=PING_MOST),
    ),
    "vanish": (Parameter("who", Role.SERVER.value, tuple(role.value for role in reversed(Role))),),
    "close-both": (),
}
"""The faults of the menu, by name, with what can be chosen."""


def fault_menu(words: Catalogue) -> list[dict[str, Any]]:
    """The faults as a page offers them: each with `name`, `label` and its `parameters`."""

    def shown(one: Parameter) -> dict[str, Any]:
        options = [[option, words.say(f"fork.{one.name}.{option}")] for option in one.options]
        label = words.say(f"fork.value.{one.name}")
        return {"name": one.name, "kind": one.kind, "label": label, "value": one.default, "options": options}

    return [
        {"name": name, "label": words.say(f"fork.{name}"), "parameters": [shown(one) for one in parameters]}
        for name, parameters in PARAMETERS.items()
    ]


def checked(name: str, given: Values, words: Catalogue) -> dict[str, Any]:
    """The values of a fault: those that were given, and the defaults of the others.

    Arguments:
        name: of a fault of the menu.
        given: by the name of the parameter; numbers may be texts.
        words: of the panels.

    Raises:
        BadValue: there is no such fault or parameter, or it cannot have that value.
    """
    if name not in PARAMETERS:
        raise BadValue(words.say("fork.unknown", name=name, known=", ".join(PARAMETERS)))
    parameters = {one.name: one for one in PARAMETERS[name]}
    for key in given:
        if key not in parameters:
            raise BadValue(words.say("fork.no_value", value=printable(key), fault=name))
    return {key: _value(one, given.get(key, one.default), words) for key, one in parameters.items()}


def _value(one: Parameter, given: Any, words: Catalogue) -> Any:
    text = str(given)
    label = words.say(f"fork.value.{one.name}")
    if one.options:
        if text not in one.options:
            raise BadValue(
                words.say("fork.bad.choice", label=label, text=printable(text), known=", ".join(one.options))
            )
        return text
    if one.kind == "text":
        size = len(text.encode("utf-8", "replace"))
        if size > one.most:
            raise BadValue(words.say("fork.bad.text", label=label, size=size, most=one.most))
        return text
    number = _number(text.strip(), one.whole)
    if number is None or not one.least <= number <= one.most:
        key = "fork.bad.whole" if one.whole else "fork.bad.number"
        raise BadValue(words.say(key, label=label, text=printable(text), least=one.least, most=f"{one.most:,}"))
    return number


def _number(text: str, whole: bool) -> float | None:
    try:
        number = int(text) if whole else float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def made(name: str, values: Values) -> Fault:
    """The fault of a name with values that `checked` gave."""
    return _MAKERS[name](values)


def _direction(values: Values) -> dict[str, Any]:
    whose = values["whose"]
    return {} if whose == NEXT else {"direction": Role(whose).sends}


def _inject(values: Values) -> Fault:
    to = Role(values["to"])
    key = MASK if to is Role.SERVER else None
    return Inject(frame=Frame.ping(values["payload"].encode("utf-8", "replace"), masking_key=key), to=to)


_MAKERS: dict[str, Callable[[Values], Fault]] = {
    "drop": lambda values: Drop(**_direction(values)),
    "cut": lambda values: Cut(),
    "delay": lambda values: Delay(seconds=float(values["seconds"]), **_direction(values)),
    "flip": lambda values: Flip(bit=8 * values["byte"] + values["bit"], **_direction(values)),
    "inject": _inject,
    "vanish": lambda values: Vanish(who=Role(values["who"])),
    "close-both": lambda values: CloseBoth(),
}


def told(name: str, values: Values, words: Catalogue) -> str:
    """What goes wrong, in words, with the values that were chosen."""
    facts = {key: words.say(f"fork.{key}.{value}") if _is_choice(name, key) else value for key, value in values.items()}
    facts |= {"seconds": f"{values.get('seconds', 0):g}", "payload": printable(str(values.get("payload", "")))}
    return words.say(f"fork.told.{name}", **facts)


def _is_choice(name: str, key: str) -> bool:
    return any(one.name == key and one.options for one in PARAMETERS[name])


def nothing_happened(forked: SimulatedTrace, fault: Fault, words: Catalogue) -> str:
    """Why a fault of a fork has changed nothing: there were no bytes, or not so many; empty if it has."""
    if not isinstance(fault, OF_BYTES):
        return ""
    name, first = NAMES[type(fault)], forked.forked_at or 0
    steps = (record.step for record in forked.records if record.n > first)
    step = next((one for one in steps if isinstance(one, FaultHappened) and one.fault == name), None)
    if step is None:
        return words.say("fork.no_bytes" if fault.direction is None else "fork.no_bytes.whose", n=first)
    size = 0 if step.span is None else step.span.bits // 8
    if isinstance(fault, Flip) and fault.bit >= 8 * size:
        return words.say("fork.few_bytes", size=size, last=size - 1, byte=fault.bit // 8)
    return ""


def refused(fault: Fault, words: Catalogue) -> str:
    """Why a fault cannot happen at a step of a fork; empty if it can."""
    conditions = (fault.opcode, fault.min_size, fault.text)
    return "" if conditions == (None, None, None) else words.say("fork.failed.fault")


def failure_sentence(error: ForkError, words: Catalogue) -> str:
    """Why a film cannot be forked, and what to do, in one line."""
    return words.say(f"fork.failed.{error.problem}", **error.facts)
