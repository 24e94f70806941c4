"""What `again` has to do."""

from random import Random

from wsedu.grading.steps import Step, call, gives, step


def steps(random: Random) -> list[Step]:
    """Three lists of words."""
    return [
        step("two", gives(call("again", ["b", "a"]), ["hv", "6d"])),
        step("none", gives(call("again", []), [])),
        step("one", gives(call("again", ["ab"]), ["2"])),
    ]
