"""The core on real sockets, with asyncio: `serve`, `connect`, and `record` for a whole scenario.

Its names follow the `websockets` library. What is imported here loads asyncio; `import wsedu` does not.
"""

from __future__ import annotations

import logging

from .client import connect as connect
from .endpoint import Endpoint as Endpoint
from .errors import ConnectionClosed as ConnectionClosed
from .errors import ConnectionClosedError as ConnectionClosedError
from .errors import ConnectionClosedOK as ConnectionClosedOK
from .errors import HandshakeFailed as HandshakeFailed
from .record import record as record
from .server import Server as Server
from .server import serve as serve

# A library is silent unless its user sets up logging.
logging.getLogger("wsedu").addHandler(logging.NullHandler())
