"""Names beside dots that do not cover one another: who fits is shown. Boxes are (left, top, width, height) in pixels."""

from collections.abc import Iterable, Sequence

Box = tuple[float, float, float, float]

GAP_PX = 8.0


def overlap(first: Box, second: Box) -> bool:
    """Whether two boxes share a point."""
    return (
        first[0] < second[0] + second[2]
        and second[0] < first[0] + first[2]
        and first[1] < second[1] + second[3]
        and second[1] < first[1] + first[3]
    )


def inside(box: Box, frame: Box) -> bool:
    """Whether a box lies in the frame."""
    return (
        box[0] >= frame[0]
        and box[1] >= frame[1]
        and box[0] + box[2] <= frame[0] + frame[2]
        and box[1] + box[3] <= frame[1] + frame[3]
    )


def candidates(x: float, y: float, width: float, height: float, gap: float = GAP_PX) -> Iterable[Box]:
    """Boxes beside the dot at (x, y), the best first: right, left, above, below."""
    yield x + gap, y - height / 2, width, height
    yield x - gap - width, y - height / 2, width, height
    yield x - width / 2, y - gap - height, width, height
    yield x - width / 2, y + gap, width, height


def arrange(
    dots: Sequence[tuple[float, float]], sizes: Sequence[tuple[float, float]], frame: Box, taken: Sequence[Box] = ()
) -> list[Box | None]:
    """A box for the name of each dot, given in order of importance, or None where it does not fit."""
    obstacles = [(x - 4.0, y - 4.0, 8.0, 8.0) for x, y in dots]
    placed: list[Box] = list(taken)
    found: list[Box | None] = []
    for number, ((x, y), (width, height)) in enumerate(zip(dots, sizes, strict=True)):
        box = next(
            (
                box
                for box in candidates(x, y, width, height)
                if inside(box, frame)
                and not any(overlap(box, other) for other in placed)
                and not any(overlap(box, dot) for other, dot in enumerate(obstacles) if other != number)
            ),
            None,
        )
        found.append(box)
        if box is not None:
            placed.append(box)
    return found
