"""The parameters a player turns: one table of name, unit, range and default."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Parameter:
    """One knob. `unit` is s, dB, semitones or a word list index; `taper` tells a control how to spread the range."""

    name: str
    label: str
    unit: str
    low: float
    high: float
    default: float
    taper: str = "linear"
    choices: tuple[str, ...] = ()

    def clamp(self, value: float) -> float:
        """`value` limited to the range; NaN becomes the default."""
        return self.default if math.isnan(value) else min(self.high, max(self.low, value))


CURSOR_MODES = ("instrument", "one-shot", "loop", "ping-pong", "reverse", "freeze", "scrub", "stretch")
OVERSAMPLING = ("auto", "1", "2", "4", "8")
"""Largest factor by which a voice may be oversampled; auto: as much as it needs."""
GLIDE_MODES = ("always", "legato")
"""From the last note on the channel, or only while one of its keys is held."""
RELEASE_SOURCES = ("instrument", "envelope")
"""What lets a note die away where the instrument knows how to."""
MOST_COPIES = 8

PARAMETERS: dict[str, Parameter] = {
    parameter.name: parameter
    for parameter in (
        Parameter("level", "Level", "dB", -60.0, 12.0, -6.0),
        Parameter("attack", "Attack", "s", 0.0, 10.0, 0.002, "log"),
        Parameter("decay", "Decay", "s", 0.005, 20.0, 0.5, "log"),
        Parameter("sustain", "Sustain", "dB", -60.0, 0.0, 0.0),
        Parameter("release", "Release", "s", 0.005, 20.0, 0.15, "log"),
        Parameter("bend_range", "Bend range", "semitones", 0.0, 48.0, 2.0),
        Parameter("velocity_depth", "Velocity", "dB", 0.0, 60.0, 30.0),
        Parameter("width", "Width", "share", 0.0, 1.0, 0.3),
        Parameter("vibrato_rate", "Vibrato rate", "Hz", 0.1, 12.0, 5.5),
        Parameter("latent_glide", "Morph glide", "s", 0.005, 2.0, 0.03, "log"),
        Parameter("oversampling", "Oversampling", "factor", 0.0, 4.0, 0.0, choices=OVERSAMPLING),
        Parameter("cursor", "Cursor", "mode", 0.0, len(CURSOR_MODES) - 1.0, 0.0, choices=CURSOR_MODES),
        Parameter("speed", "Speed", "x", -4.0, 4.0, 1.0),
        Parameter("position", "Position", "share", 0.0, 1.0, 0.0),
        Parameter("grain", "Grain", "s", 0.02, 0.5, 0.08, "log"),
        Parameter("motion", "Motion", "x", 0.0, 2.0, 1.0),
        Parameter("release_source", "Release by", "source", 0.0, len(RELEASE_SOURCES) - 1.0, 0.0, choices=RELEASE_SOURCES),
        Parameter("glide", "Glide", "s", 0.0, 5.0, 0.0, "log"),
        Parameter("glide_mode", "Glide mode", "mode", 0.0, len(GLIDE_MODES) - 1.0, 0.0, choices=GLIDE_MODES),
        Parameter("unison", "Unison", "voices", 1.0, MOST_COPIES, 1.0),
        Parameter("detune", "Detune", "cents", 0.0, 100.0, 10.0),
    )
}
