"""Say what a flip will do before it is shown: the predictions of `FrameBuilder`, kept and counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from ..explain.catalogue import Catalogue
from ..protocol.dissection import Dissection, Verdict, dissect
from ..protocol.types import Role
from ..trace.files import write_whole
from ..views.sheet import LAID_OUT, SHOWN
from ..views.sheet_change import announced

LENGTH_FIELDS = ("mask", "payload_length", "extended_payload_length")
"""Where a flip changes what the parser takes the length for."""

_KINDS = {
    "bit": int,
    "field": str,
    "before": str,
    "after": str,
    "said": dict,
    "truth": dict,
    "right": bool,
    "skipped": bool,
}
"""What a prediction has."""

_ANSWERS = ("client", "server", "length")


class Predictions(traitlets.HasTraits):
    """The part of a widget that asks first; its bytes are its trait `value`."""

    predictions = traitlets.List(traitlets.Dict())
    """What was said, in order: `bit`, `field`, the bytes `before` and `after` (hex of the first `SHOWN`), what was
    `said` and the `truth`, both with `client` and `server` (`legal`, `illegal` or `incomplete`) and perhaps `length`;
    `right`, and `skipped` for a question that was passed over."""

    @traitlets.validate("predictions")
    def _entries(self, proposal: Any) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = proposal["value"]
        for number, entry in enumerate(entries, 1):
            if not _whole(entry):
                raise traitlets.TraitError(self._say.say("bad.predictions", number=number, keys=", ".join(_KINDS)))
        return entries

    if TYPE_CHECKING:
        value: Any
        language: str

        @property
        def _say(self) -> Catalogue: ...

        def do_flip(self, bit: int) -> None: ...

    def do_predict(
        self, bit: int, client: str = "", server: str = "", length: int | None = None, *, skipped: bool = False
    ) -> None:
        """Commit to what a flip will do, or skip the question; then flip."""
        before = self.value
        self.do_flip(bit)
        fields = dissect(before, most=LAID_OUT).fields
        names = (field.name for field in fields if field.first_bit <= bit < field.first_bit + field.bits)
        truth = _truth(dissect(self.value, most=LAID_OUT))
        said: dict[str, Any] = {} if skipped else {"client": client, "server": server}
        if not skipped and length is not None:
            said |= {"length": length}
        entry = {
            "bit": bit,
            "field": next(names, ""),
            "before": before[:SHOWN].hex(),
            "after": self.value[:SHOWN].hex(),
            "said": said,
            "truth": truth,
            "right": not skipped and all(truth[name] == answer for name, answer in said.items()),
            "skipped": skipped,
        }
        self.predictions = [*self.predictions, entry]

    def save_predictions(self, path: str | Path) -> None:
        """Write the predictions as JSON.

        Arguments:
            path: of the file; it is written whole or not at all.
        """
        write_whole(Path(path), (json.dumps(self.predictions, ensure_ascii=False, indent=1) + "\n").encode())

    def _predicted(self) -> dict[str, Any]:
        """How many there are, and what came of the last one."""
        answered = [entry for entry in self.predictions if not entry["skipped"]]
        right = sum(entry["right"] for entry in answered)
        count, skipped = len(answered), len(self.predictions) - len(answered)
        told = ""
        if self.predictions:
            told = self._say.say("predict.tally", right=right, count=count, skipped=skipped)
            if not self.predictions[-1]["skipped"]:
                told = f"{self._outcome(self.predictions[-1])} {told}"
        return {"told": told, "right": right, "count": count, "skipped": skipped}

    def _outcome(self, entry: dict[str, Any]) -> str:
        say = self._say.say
        truth = entry["truth"]
        wrong = [self._correction(name, truth[name]) for name, answer in entry["said"].items() if truth[name] != answer]
        return say("predict.wrong", parts=say("predict.join").join(wrong)) if wrong else say("predict.right")

    def _correction(self, name: str, truth: Any) -> str:
        if name == "length":
            return self._say.say("predict.wrong.length.none" if truth is None else "predict.wrong.length", truth=truth)
        return self._say.say(f"predict.wrong.{name}", truth=self._say.say(f"predict.{truth}"))


def _truth(dissection: Dissection) -> dict[str, Any]:
    length = announced(dissection.frames[0] if dissection.frames else None)
    return {role.value: verdict_name(getattr(dissection, role.value)) for role in Role} | {"length": length}


def verdict_name(verdict: Verdict) -> str:
    """`legal`, `illegal`, or `incomplete` for what is legal so far."""
    if not verdict.legal:
        return "illegal"
    return "legal" if verdict.complete else "incomplete"


def _whole(entry: dict[str, Any]) -> bool:
    """Whether something is a prediction, with all that is told of one."""
    if not all(isinstance(entry.get(key), kind) for key, kind in _KINDS.items()):
        return False
    return all(name in _ANSWERS and name in entry["truth"] for name in entry["said"])
