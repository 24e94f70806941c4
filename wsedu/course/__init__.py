"""What the notebooks of the course are made with: the language, questions to answer first, the code that decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .asking import answers as answers
    from .asking import ask as ask
    from .asking import reveal as reveal
    from .code import show_code as show_code
    from .deck import quiz as quiz
    from .language import begin as begin

_HOMES = {
    "answers": "asking",
    "ask": "asking",
    "begin": "language",
    "quiz": "deck",
    "reveal": "asking",
    "show_code": "code",
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
