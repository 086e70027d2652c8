"""Colours of loudness: the ramp of ui.theme, whose lightness rises evenly, begun in the screen's own ground."""

from ui import theme

STEPS = 256
_GROUND = 0.1
"""Share of the scale in which the ground turns into the ramp's first colour."""


def table() -> list[int]:
    """STEPS colours (0xAARRGGBB) from silence to full scale in the present look: louder is farther from the ground."""
    return [_colour(step / (STEPS - 1)) for step in range(STEPS)]


def _colour(share: float) -> int:
    light = theme.is_light()

    def ramp(place: float) -> tuple[float, float, float]:
        return theme.parts(theme.ramp(1.0 - place if light else place))

    if share >= _GROUND:
        red, green, blue = ramp((share - _GROUND) / (1.0 - _GROUND))
    else:
        pairs = zip(theme.parts(theme.color(theme.SUNKEN)), ramp(0.0), strict=True)
        red, green, blue = (low + share / _GROUND * (high - low) for low, high in pairs)
    return 0xFF000000 | round(255 * red) << 16 | round(255 * green) << 8 | round(255 * blue)
