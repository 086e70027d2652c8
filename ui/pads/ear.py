"""What a hovering pointer lets one hear: the sound under it, or the place; struck anew when it has gone far enough."""

import math

STRIDE = 0.05
"""Share of the pad after which a place is struck again."""

Heard = tuple[int, float, float]
"""Sound (or -1: the place), x, y"""


class Ear:
    """Follows one pointer."""

    def __init__(self) -> None:
        self._heard: Heard | None = None

    @property
    def hears(self) -> bool:
        """Whether something is auditioned."""
        return self._heard is not None

    def hover(self, anchor: int, x: float, y: float) -> Heard | None:
        """The pointer is at (x, y), on a sound or (-1) none: what is to be struck now, None: nothing new."""
        last = self._heard
        if last is not None and anchor == last[0] and (anchor >= 0 or math.hypot(x - last[1], y - last[2]) < STRIDE):
            return None
        self._heard = (anchor, x, y)
        return self._heard

    def leave(self) -> bool:
        """The pointer is gone: whether something is to be ended."""
        heard, self._heard = self._heard, None
        return heard is not None
