"""What only a browser can tell: whether pages and pictures fit, in Chromium."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("tests.browser.geometry")
