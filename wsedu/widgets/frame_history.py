"""Undo and redo for the bytes of `FrameBuilder`."""

from __future__ import annotations

STEPS = 200
"""Changes that can be taken back."""

KEPT = 1 << 24
"""Bytes that all of them together may take; the oldest are forgotten first."""


class History:
    """What some bytes were before, and what they were before that was undone."""

    def __init__(self) -> None:
        self._before: list[bytes] = []
        self._after: list[bytes] = []
        self._typing = ""

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether something was taken back."""
        return bool(self._after)

    def note(self, value: bytes, typing: str = "") -> None:
        """The bytes are about to change.

        Arguments:
            value: as they are still.
            typing: where they are being typed; what is typed in one place without a break is one change.
        """
        self._after.clear()
        if not (typing and typing == self._typing and self._before):
            self._before.append(value)
        self._typing = typing
        while len(self._before) > STEPS or (len(self._before) > 1 and sum(map(len, self._before)) > KEPT):
            del self._before[0]

    def undo(self, value: bytes) -> bytes:
        """The bytes before the last change; `value` as they are now. There has to be one."""
        self._after.append(value)
        self._typing = ""
        return self._before.pop()

    def redo(self, value: bytes) -> bytes:
        """The bytes before the last undo; `value` as they are now. There has to be one."""
        self._before.append(value)
        return self._after.pop()
