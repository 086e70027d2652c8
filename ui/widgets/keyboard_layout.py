"""Where piano keys lie: notes to rectangles and points to notes. Pure arithmetic."""

from dataclasses import dataclass

BLACK_STEPS = frozenset({1, 3, 6, 8, 10})
BLACK_WIDTH, BLACK_HEIGHT = 0.60, 0.62
"""Of a white key's width, and of the keyboard's height."""
# Real black keys do not sit in the middle of their gap; shares of a white key's width to the right of it.
BLACK_SHIFT = {1: -0.10, 3: 0.10, 6: -0.13, 8: 0.0, 10: 0.13}
SOFTEST = 0.25


def is_black(note: int) -> bool:
    """Whether a MIDI note is a black key."""
    return note % 12 in BLACK_STEPS


@dataclass(frozen=True)
class Key:
    """A key's rectangle in pixels."""

    note: int
    left: float
    top: float
    width: float
    height: float

    def holds(self, x: float, y: float) -> bool:
        """Whether a point lies on it."""
        return self.left <= x < self.left + self.width and self.top <= y < self.top + self.height

    def velocity(self, y: float) -> float:
        """Velocity in 0..1 of a stroke at height y: soft at the top, full near the front edge."""
        depth = (y - self.top) / (0.92 * self.height)
        return min(1.0, max(SOFTEST, SOFTEST + (1.0 - SOFTEST) * depth))


class KeyboardLayout:
    """Keys from `low` to `high` (white notes, both included) over a width and a height in pixels."""

    def __init__(self, low: int, high: int, width: float, height: float) -> None:
        whites = [note for note in range(low, high + 1) if not is_black(note)]
        self.white_width = width / len(whites)
        self.white = [Key(note, i * self.white_width, 0.0, self.white_width, height) for i, note in enumerate(whites)]
        edges = {key.note: key.left for key in self.white}
        self.black = [self._black(note, edges[note + 1], height) for note in range(low, high) if is_black(note)]

    def _black(self, note: int, edge: float, height: float) -> Key:
        width = BLACK_WIDTH * self.white_width
        centre = edge + BLACK_SHIFT[note % 12] * self.white_width
        return Key(note, centre - width / 2, 0.0, width, BLACK_HEIGHT * height)

    def at(self, x: float, y: float) -> Key | None:
        """The key under a point; black keys lie on top."""
        return next((key for key in (*self.black, *self.white) if key.holds(x, y)), None)
