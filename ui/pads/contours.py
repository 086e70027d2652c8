"""A descriptor between the sounds of a map: a smooth surface through them, and lines of equal height on it."""

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Line = NDArray[np.float64]
"""[N, 2] places on the map, closed where the first is the last."""

NEIGHBOURS = 3
"""A sound's reach is its distance to the neighbour with this number."""
REACH_LIMITS = (0.05, 0.3)
MOST_SOUNDS = 300
"""Of more, evenly chosen ones make the surface."""
Edge = tuple[int, int, int]
Part = tuple[float, float, float, float]
"""Left, bottom, width and height of what is shown, in 0..1 of the map"""


def weights(places: Floats, at: Floats) -> Floats:
    """How much each of the sounds at `places` [K, 2] counts at the places `at` [N, 2]: [N, K], rows add up to one.

    Inverse powers of distance with a rounded top: (1 + (d / reach)^2)^-2, smooth everywhere, and near the mean far away.
    The reach follows the density of sounds, so that crowds keep their detail and lone sounds their surroundings.
    """
    ranked = np.sort(_squares(places, places), axis=1)
    reach = np.clip(np.sqrt(ranked[:, min(NEIGHBOURS, len(places) - 1)]), *REACH_LIMITS)
    rounded = 1.0 + _squares(at, places) / reach**2
    shares = 1.0 / (rounded * rounded)
    return np.asarray(shares / shares.sum(1, keepdims=True), np.float64)


def _squares(first: Floats, second: Floats) -> Floats:
    """Squared distances [N, K]; multiplied out, so that nothing three-dimensional is made."""
    lengths = (first**2).sum(1)[:, None] + (second**2).sum(1)
    return np.asarray(np.maximum(lengths - 2.0 * first @ second.T, 0.0))


def nearest(places: Floats, at: Floats) -> Floats:
    """Distance to the nearest of `places` [K, 2] from each of `at` [N, 2]: [N]."""
    return np.asarray(np.sqrt(_squares(at, places).min(1)))


def chosen(count: int) -> slice:
    """Which of `count` sounds make a surface."""
    return slice(None, None, -(-count // MOST_SOUNDS))


def grid(part: Part, side: int) -> Floats:
    """Places of a grid over a part of the map, [side * side, 2], row by row from the lower edge."""
    left, bottom, width, height = part
    steps = np.linspace(0.0, 1.0, side)
    x, y = np.meshgrid(left + width * steps, bottom + height * steps)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def levels(heights: Floats, count: int) -> Floats:
    """Heights for `count` lines, each with about as much of the map above the last."""
    return np.unique(np.quantile(heights, (np.arange(count) + 1.0) / (count + 1.0)))


def lines(heights: Floats, level: float) -> list[Line]:
    """Lines of equal height on a square grid, [side, side]: places in 0..1 of it. Marching squares, joined into lines.

    Where a square is a saddle, its mean decides which way the two lines pass.
    """
    heights = np.where(heights == level, level + 1e-12 * (1.0 + abs(level)), heights)
    above = heights > level
    mixed = above[:-1, :-1] ^ above[:-1, 1:] | above[:-1, :-1] ^ above[1:, :-1] | above[:-1, :-1] ^ above[1:, 1:]
    ways: dict[Edge, list[Edge]] = defaultdict(list)
    for row, column in zip(*np.nonzero(mixed), strict=True):
        for first, second in _crossings(above, heights, level, int(row), int(column)):
            ways[first].append(second)
            ways[second].append(first)
    return [_points(way, heights, level) for way in _joined(ways)]


def _crossings(above: NDArray[np.bool_], heights: Floats, level: float, row: int, column: int) -> list[tuple[Edge, Edge]]:
    """The one or two lines through a square, from edge to edge. An edge is (row, column, 0 to the right or 1 upwards)."""
    corners = ((row, column), (row, column + 1), (row + 1, column + 1), (row + 1, column))
    edges = ((row, column, 0), (row, column + 1, 1), (row + 1, column, 0), (row, column, 1))
    high = [bool(above[corner]) for corner in corners]
    crossed = [edge for number, edge in enumerate(edges) if high[number] != high[(number + 1) % 4]]
    if len(crossed) == 2:
        return [(crossed[0], crossed[1])]
    middle = float(np.mean([heights[corner] for corner in corners])) > level
    first = 0 if middle == high[0] else 3
    return [(edges[(first + 0) % 4], edges[(first + 1) % 4]), (edges[(first + 2) % 4], edges[(first + 3) % 4])]


def _joined(ways: dict[Edge, list[Edge]]) -> list[list[Edge]]:
    """Chains of edges: open ones from their ends first, then the rings."""
    left = set(ways)
    ends = [edge for edge, others in ways.items() if len(others) == 1]
    found = []
    for start in [*ends, *ways]:
        if start not in left:
            continue
        chain, edge = [start], start
        left.discard(start)
        while following := [other for other in ways[edge] if other in left]:
            edge = following[0]
            left.discard(edge)
            chain.append(edge)
        if len(chain) > 2 and start in ways[edge]:
            chain.append(start)
        found.append(chain)
    return found


def _points(way: list[Edge], heights: Floats, level: float) -> Line:
    side = len(heights) - 1
    points = []
    for row, column, upwards in way:
        first = heights[row, column]
        second = heights[row + upwards, column + 1 - upwards]
        share = (level - first) / (second - first)
        points.append(((column + share * (1 - upwards)) / side, (row + share * upwards) / side))
    return np.array(points)
