"""The pad's arithmetic: corners, their weights, and where a point belongs."""

LOWER_LEFT, LOWER_RIGHT, UPPER_LEFT, UPPER_RIGHT = range(4)
CORNER_NAMES = ("lower left", "lower right", "upper left", "upper right")

Weights = tuple[float, float, float, float]
Corners = tuple[int, int, int, int]


def weights(x: float, y: float) -> Weights:
    """Share of each corner at (x, y) in 0..1; (0, 0) is the lower left."""
    return (1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y


def nearest_corner(x: float, y: float) -> int:
    """The corner whose quarter of the pad holds (x, y)."""
    return (x >= 0.5) + 2 * (y >= 0.5)
