"""Which of the engine's values another hand (MIDI, OSC) has moved: those that changed there and are not a hand's own echo."""

import time
from collections.abc import Callable, Mapping

Value = float | tuple[float, float]

ECHO_S = 0.25
"""For this long after a hand moved something, the engine's own report of it is older than the hand."""


class Followed:
    """Compares readings of the engine's values with those before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[str, Value] = {}
        self._touched: dict[str, float] = {}
        self._settled = 0.0

    def touch(self, name: str) -> None:
        """A hand here moved something."""
        self._touched[name] = self._clock()

    def settle(self) -> None:
        """An engine begins: what it shows at first is nobody's hand."""
        self._settled = self._clock() + ECHO_S
        self._seen.clear()

    def news(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """What changed since the last reading, and not by a hand here. The first reading is no change."""
        now = self._clock()
        moved: dict[str, Value] = {}
        if now < self._settled:
            return moved
        for name, value in values.items():
            if self._seen.get(name) == value:
                continue
            if now - self._touched.get(name, -ECHO_S) < ECHO_S:
                continue
            if name in self._seen:
                moved[name] = value
            self._seen[name] = value
        return moved
