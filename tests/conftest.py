"""The seed of a run, hypothesis without surprises, and components that must be there."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Callable

import hypothesis
import pytest

DEFAULT_SEED = 6455

hypothesis.settings.register_profile(
    "wsedu",
    # No database: a run depends on its seed alone, and leaves nothing behind.
    database=None,
    deadline=None,
    print_blob=True,
    max_examples=100,
)
hypothesis.settings.load_profile("wsedu")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=DEFAULT_SEED, help=f"of everything random; default {DEFAULT_SEED}")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "component(name, hint): needs a program or a module that is not Python's own")
    config.addinivalue_line("markers", "own_page: needs a page of the browser that no other test has")
    # Hypothesis takes the seed from its own option, unless that was given.
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(config.getoption("--seed"))


def pytest_report_header(config: pytest.Config) -> str:
    return f"seed: {config.getoption('--seed')} (repeat this run with --seed {config.getoption('--seed')})"


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of this run, for whatever is random in a test."""
    value: int = request.config.getoption("--seed")
    return value


def require_component(name: str, hint: str) -> None:
    """Fail, with CI and without, where a program or a module is missing, and say how to get it: nothing is skipped."""
    if shutil.which(name) is None and importlib.util.find_spec(name) is None:
        pytest.fail(f"this test needs {name}, which is not there. To get it: {hint}", pytrace=False)


@pytest.fixture
def component() -> Callable[[str, str], None]:
    """`component(name, hint)` fails the test unless that program or module is there; `hint` says how to get it."""
    return require_component


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("component"):
        require_component(*marker.args, **marker.kwargs)
