"""Live views for notebooks; each is a Python class, an ES module and a stylesheet, loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .closing_machine import ClosingMachine as ClosingMachine
    from .exchange_film import ExchangeFilm as ExchangeFilm
    from .frame_builder import FrameBuilder as FrameBuilder
    from .handshake_stepper import HandshakeStepper as HandshakeStepper
    from .line_order import LineOrder as LineOrder
    from .live_exchange import LiveExchange as LiveExchange
    from .overhead_lab import OverheadLab as OverheadLab
    from .question_card import QuestionCard as QuestionCard

_HOMES = {
    "ClosingMachine": "closing_machine",
    "ExchangeFilm": "exchange_film",
    "FrameBuilder": "frame_builder",
    "HandshakeStepper": "handshake_stepper",
    "LineOrder": "line_order",
    "LiveExchange": "live_exchange",
    "OverheadLab": "overhead_lab",
    "QuestionCard": "question_card",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        from importlib import import_module

        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
