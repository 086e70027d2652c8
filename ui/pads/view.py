"""Which part of a map is shown: zoom and scroll. Plain numbers, no widget."""

from dataclasses import dataclass

LEAST_SPAN = 0.04
"""Side of the smallest part that can be shown."""


@dataclass(frozen=True)
class View:
    """A square of the map: (left, bottom) and its side, in 0..1. Pictures are shares of the pad's area, 0..1, too."""

    left: float = 0.0
    bottom: float = 0.0
    span: float = 1.0

    @property
    def whole(self) -> bool:
        """Whether everything is shown."""
        return self.span >= 1.0

    def picture(self, x: float, y: float) -> tuple[float, float]:
        """Where the place (x, y) is shown; beyond 0..1 it is out of sight."""
        return (x - self.left) / self.span, (y - self.bottom) / self.span

    def place(self, across: float, up: float) -> tuple[float, float]:
        """The place that is shown at (across, up)."""
        return self.left + across * self.span, self.bottom + up * self.span

    def zoomed(self, factor: float, across: float, up: float) -> "View":
        """`factor` times as near; what is shown at (across, up) stays there."""
        x, y = self.place(across, up)
        span = min(1.0, max(LEAST_SPAN, self.span / factor))
        return _inside(x - across * span, y - up * span, span)

    def scrolled(self, across: float, up: float) -> "View":
        """Moved by shares of what is shown."""
        return _inside(self.left + across * self.span, self.bottom + up * self.span, self.span)

    def showing(self, x: float, y: float, margin: float = 0.08) -> "View":
        """Moved as little as it takes to bring (x, y) into sight."""
        across, up = self.picture(x, y)
        return self.scrolled(_beyond(across, margin), _beyond(up, margin))


def _inside(left: float, bottom: float, span: float) -> View:
    return View(min(1.0 - span, max(0.0, left)), min(1.0 - span, max(0.0, bottom)), span)


def _beyond(share: float, margin: float) -> float:
    return min(0.0, share - margin) + max(0.0, share - 1.0 + margin)
