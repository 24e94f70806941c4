"""The core in virtual time: links, middleboxes and faults, the same every time."""

from __future__ import annotations

from ..scenarios.network import EVERY_BYTE as EVERY_BYTE
from ..scenarios.network import RANDOM_CUTS as RANDOM_CUTS
from ..scenarios.network import WHOLE as WHOLE
from ..scenarios.network import BufferingProxy as BufferingProxy
from ..scenarios.network import CachingProxy as CachingProxy
from ..scenarios.network import Chunks as Chunks
from ..scenarios.network import CloseBoth as CloseBoth
from ..scenarios.network import Cut as Cut
from ..scenarios.network import Delay as Delay
from ..scenarios.network import Drop as Drop
from ..scenarios.network import Duplicate as Duplicate
from ..scenarios.network import Fault as Fault
from ..scenarios.network import Flip as Flip
from ..scenarios.network import IdleTimeout as IdleTimeout
from ..scenarios.network import Inject as Inject
from ..scenarios.network import Link as Link
from ..scenarios.network import Middlebox as Middlebox
from ..scenarios.network import Network as Network
from ..scenarios.network import PlainProxy as PlainProxy
from ..scenarios.network import Vanish as Vanish
from .agenda import TimeUp as TimeUp
from .differing import Differences as Differences
from .differing import differences as differences
from .endpoint import End as End
from .forking import ForkError as ForkError
from .forking import fork as fork
from .forking import replay as replay
from .setup import SimulatedTrace as SimulatedTrace
from .simulate import simulate as simulate
from .world import World as World
