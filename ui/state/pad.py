"""The pad's corners, and to which of them a point belongs."""

LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT = range(4)
CORNER_NAMES = ("lower left", "lower right", "upper left", "upper right")

Corners = tuple[int, int, int, int]


def nearest_corner(x: float, y: float) -> int:
    """The corner whose quarter of the pad holds (x, y)."""
    return (x >= 0.5) + 2 * (y >= 0.5)
