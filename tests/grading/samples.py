"""Answers of a learner to the first exercise, and a small exercise of our own about frames."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

from wsedu.grading.exercise import Exercise, find_exercise
from wsedu.grading.gap import code_with
from wsedu.grading.steps import Step

ACCEPT = find_exercise("accept_key")

RIGHT = ACCEPT.solution
WRONG = code_with(
    ACCEPT.template,
    """
digest = hashlib.sha1((key + GUID).encode()).hexdigest()
return base64.b64encode(digest.encode()).decode()
""",
)


def accept_key_returning(expression: str) -> str:
    """A file whose function returns this."""
    return f"def accept_key(key):\n    return {expression}\n"


class Made(Exercise):
    """An exercise that is made for a test.

    Arguments:
        steps: what its checks are.
        facts: what its `exercise.toml` would say.
    """

    def __init__(self, steps: Callable[[Random], list[Step]], **facts: Any) -> None:
        self.number, self.name, self._steps = 99, "made", steps
        self.folder = ACCEPT.folder.with_name("99_made")
        texts = {"title": "Made", "steps": {"one": "the first"}, "rules": {"so": "it is so"}, "hints": [], "reason": ""}
        vars(self)["template"] = "# <gap>\n# </gap>\n"
        vars(self)["facts"] = {"names": ["made"], "rfc": ["5.2"], "en": texts, "zh": texts, **facts}

    def steps(self, seed: int) -> list[Step]:
        """The steps."""
        return self._steps(Random(seed))
