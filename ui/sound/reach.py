"""How far the matrix moves what a knob shows, and what a mapping is called: values in, values out."""

from collections.abc import Sequence

from synth.parameters import Parameter
from synth.presets.patch import Route
from synth.routing import LATENT_SPAN, MAX_ROUTES, SOURCES, TARGETS
from ui.state.midi_map import Mapping
from ui.text import tr


def controller_text(mapping: Mapping) -> str:
    """`CC 21`, or `CC 21 on channel 3`, as players count channels."""
    if mapping.channel < 0:
        return tr("CC {number}").format(number=mapping.controller)
    return tr("CC {number} on channel {channel}").format(number=mapping.controller, channel=mapping.channel + 1)


def free_row(routes: Sequence[Route | None]) -> int:
    """The first row that is free; MAX_ROUTES where all are taken."""
    return next((row for row, route in enumerate(routes) if route is None), min(len(routes), MAX_ROUTES))


def arc(parameter: Parameter, value: float, routes: Sequence[Route | None]) -> tuple[float, float] | None:
    """Lowest and highest place (0..1 of the knob's travel) to which the rows move a parameter; None: it is not moved."""
    low = high = 0.0
    span = TARGETS[parameter.name].span
    for route in routes:
        if route is not None and route.target == parameter.name:
            reached = route.depth * span
            ends = (-abs(reached), abs(reached)) if SOURCES[route.source].bipolar else (min(0.0, reached), max(0.0, reached))
            low, high = low + ends[0], high + ends[1]
    if low == high:
        return None
    in_octaves = TARGETS[parameter.name].unit == "octaves"
    moved = [value * 2.0**by if in_octaves else value + by for by in (low, high)]
    return parameter.place(moved[0]), parameter.place(moved[1])


def depth_text(target: str, depth: float) -> str:
    """A depth in the target's unit: `+6.0 st`, `-12 dB`, `+25 %`, `+1.0 sd`."""
    known = TARGETS.get(target)
    span, unit = (known.span, known.unit) if known else (LATENT_SPAN, "sd")
    reached = depth * span
    if unit == "share":
        text = f"{100 * reached:+.0f} %"
    else:
        text = f"{reached:+.1f} " + {"semitones": "st", "octaves": "oct"}.get(unit, unit)
    return text.replace("-", "\u2212")
