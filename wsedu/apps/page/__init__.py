"""`page`: a page that speaks WebSocket with its server, and shows what the server traced."""

from __future__ import annotations

from .application import Application as Application
