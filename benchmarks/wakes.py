"""How late this machine wakes a real-time thread that does nothing: no program can be more punctual.

`python -m benchmarks.wakes PERIOD_MS FILE` writes one line per late wake-up to FILE until its standard input ends:
monotonic time in s, lateness in ms. The last line is `wakes,COUNT,realtime` (1 where SCHED_FIFO was granted).
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

PRIORITY = 80
"""Above the sound server (JACK: 10) and the engine."""
LATE_MS = 1.0


@dataclass
class Lateness:
    """What a floor thread saw: wake-ups in all, and those that were later than LATE_MS as (time in s, lateness in ms)."""

    wakes: int = 0
    realtime: bool = False
    late: list[tuple[float, float]] = field(default_factory=list)

    def beyond(self, milliseconds: float) -> list[tuple[float, float]]:
        """The wake-ups that were later than that."""
        return [(at, late) for at, late in self.late if late > milliseconds]


class Floor:
    """Measures in a process of its own until closed."""

    def __init__(self, period_ms: float, path: Path) -> None:
        self._path = path
        command = [sys.executable, "-m", "benchmarks.wakes", f"{period_ms}", str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE)

    def close(self) -> Lateness:
        """End it and read what it saw."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        return read(self._path)


def read(path: Path) -> Lateness:
    """What a floor process wrote."""
    found = Lateness()
    for line in path.read_text().splitlines():
        cells = line.split(",")
        if cells[0] == "wakes":
            found.wakes, found.realtime = int(cells[1]), cells[2] == "1"
        else:
            found.late.append((float(cells[0]), float(cells[1])))
    return found


def main() -> None:
    period, path = float(sys.argv[1]) / 1000.0, Path(sys.argv[2])
    ended = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.buffer.read()
        ended.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    realtime = 0
    with contextlib.suppress(OSError, AttributeError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        realtime = 1
    gc.disable()
    wakes = 0
    with path.open("w") as stream:
        due = time.monotonic() + period
        while not ended.is_set():
            time.sleep(max(0.0, due - time.monotonic()))
            now = time.monotonic()
            wakes += 1
            if now - due > LATE_MS / 1000.0:
                stream.write(f"{now:.6f},{1000.0 * (now - due):.3f}\n")
                stream.flush()
            due += period
            if due < now:
                due = now + period
        stream.write(f"wakes,{wakes},{realtime}\n")


if __name__ == "__main__":
    main()
