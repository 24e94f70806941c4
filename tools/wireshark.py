"""Write docs/wireshark.md: where Wireshark agrees with wsedu on the frames of a capture that `--save` writes.

python tools/wireshark.py [--seed N]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

HOUSE = Path(__file__).parents[1]
sys.path.insert(0, str(HOUSE))

from tests.captures.exchange import random_exchange, sent_frames  # noqa: E402
from tests.captures.wireshark import as_frame, tshark, websocket_layers  # noqa: E402
from wsedu.protocol.frame import Frame  # noqa: E402
from wsedu.protocol.types import Direction, Opcode  # noqa: E402
from wsedu.trace.pcapwrite import write_pcapng  # noqa: E402

PAGE = HOUSE / "docs" / "wireshark.md"
FRAMES = 1000
SEED = 1

FIELDS: dict[str, Callable[[Frame], object]] = {
    "FIN": lambda frame: frame.fin,
    "RSV1, RSV2, RSV3": lambda frame: (frame.rsv1, frame.rsv2, frame.rsv3),
    "opcode": lambda frame: int(frame.opcode),
    "MASK": lambda frame: frame.masking_key is not None,
    "payload length": lambda frame: len(frame.payload),
    "form of the length (7, 16 or 64 bits)": lambda frame: frame.form,
    "masking key": lambda frame: frame.masking_key,
    "payload, unmasked": lambda frame: frame.payload,
}
"""What is compared of each frame."""


@dataclass(frozen=True)
class Agreement:
    """What came of comparing.

    Arguments:
        version: of tshark, such as `TShark 4.4.0`.
        seed: of the exchange.
        compared: how many frames each field was compared in, those included that only one side has.
        differing: in how many of them it differs.
        opcodes: how many frames of each opcode were sent.
        forms: how many frames have a length in so many bits.
        payload: bytes of payload in all.
        complaints: packets that Wireshark finds fault with: TCP's order, checksums, what is malformed.
    """

    version: str
    seed: int
    compared: int
    differing: Counter[str]
    opcodes: Counter[str]
    forms: Counter[int]
    payload: int
    complaints: int

    @property
    def disagreements(self) -> int:
        """All of them."""
        return self.differing.total() + self.complaints


WRONG = "tcp.analysis.flags || tcp.checksum.status == Bad || ip.checksum.status == Bad || _ws.malformed"


def agreement(seed: int) -> Agreement:
    """Write a random legal exchange as a capture, have tshark dissect it, and compare."""
    trace = random_exchange(seed, FRAMES)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "random.pcapng"
        write_pcapng(trace, path, start=1_700_000_000.0)
        layers = websocket_layers(path)
        server = int(tshark(path, "-c", "1", "-T", "fields", "-e", "tcp.dstport"))
        complaints = len(tshark(path, "-Y", WRONG).splitlines())
    differing: Counter[str] = Counter()
    compared = 0
    for direction in Direction:
        ours = sent_frames(trace, direction)
        judged = [as_frame(layer) for port, layer in layers if (port == server) is (direction is Direction.TO_CLIENT)]
        compared += max(len(ours), len(judged))
        differing.update(
            name
            for one, other in zip(ours, judged, strict=False)
            for name, of in FIELDS.items()
            if of(one) != of(other)
        )
        differing.update(dict.fromkeys(FIELDS, abs(len(ours) - len(judged))))
    sent = sent_frames(trace)
    return Agreement(
        _version(),
        seed,
        compared,
        differing,
        Counter(Opcode(frame.opcode).name.lower() for frame in sent),
        Counter(frame.form for frame in sent),
        sum(len(frame.payload) for frame in sent),
        complaints,
    )


def _version() -> str:
    done = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True)
    return " ".join(done.stdout.replace("(Wireshark) ", "").split()[:2])


def text(found: Agreement) -> str:
    """The page."""
    opcodes = ", ".join(f"{count} {name}" for name, count in sorted(found.opcodes.items()))
    forms = ", ".join(f"{count} with {bits} bits" for bits, count in sorted(found.forms.items()))
    rows = [f"| {name} | {found.compared:,} | {found.differing[name]} |" for name in FIELDS]
    return "\n".join(
        (
            "# Wireshark as a judge",
            "",
            "<!-- Written by tools/wireshark.py from a run. -->",
            "",
            f"A random legal exchange of {found.compared:,} frames in both directions (seed {found.seed}) is written",
            "as `--save FILE.pcapng` writes it, dissected by tshark, and compared with the frames that were sent:",
            "",
            "```",
            f"python tools/wireshark.py --seed {found.seed}",
            "```",
            "",
            "| field | frames compared | disagreements |",
            "| --- | ---: | ---: |",
            *rows,
            "",
            f"The frames are {opcodes};",
            f"{forms} of length; {found.payload:,} bytes of payload in all.",
            "Packets in which Wireshark finds fault with TCP (order, acknowledgments, checksums of TCP and IP), or",
            f"with what is malformed: {found.complaints}. Judged by {found.version}.",
            "",
        )
    )


def main() -> int:
    """Write the page; 1 if anything differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=SEED)
    found = agreement(parser.parse_args().seed)
    PAGE.write_text(text(found), encoding="utf-8")
    return 1 if found.disagreements else 0


if __name__ == "__main__":
    sys.exit(main())
