"""Ctrl-C and termination asked for between steps, so that a run can save before it leaves."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Whether somebody has asked the run to stop."""

    def __init__(self) -> None:
        self.asked = False


@contextmanager
def listening() -> Iterator[Interruption]:
    """Note the first SIGINT or SIGTERM instead of obeying it; a second one acts as it always did.

    Outside the main thread, where Python lets nobody listen, nothing is ever asked.
    """
    interruption = Interruption()

    def note(number: int, frame: FrameType | None) -> None:
        del number, frame
        interruption.asked = True
        restore()

    def restore() -> None:
        for each, handler in before.items():
            signal.signal(each, handler)

    before = {}
    try:
        for each in SIGNALS:
            before[each] = signal.signal(each, note)
    except ValueError:
        before.clear()
    try:
        yield interruption
    finally:
        restore()
