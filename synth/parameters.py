"""The parameters a player turns: one table of name, unit, range and default."""

import math
from dataclasses import dataclass

LOG_STEEPNESS = math.log(1000.0)
"""A `log` taper spends the first half of its travel on the lowest thirtieth of the range."""


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

    def place(self, value: float) -> float:
        """Place in 0..1 of a control that shows `value`."""
        share = (self.clamp(value) - self.low) / (self.high - self.low)
        return math.log1p(share * math.expm1(LOG_STEEPNESS)) / LOG_STEEPNESS if self.taper == "log" else share

    def at(self, place: float) -> float:
        """Value of a control at a place in 0..1."""
        share = min(1.0, max(0.0, place))
        if self.taper == "log":
            share = math.expm1(share * LOG_STEEPNESS) / math.expm1(LOG_STEEPNESS)
        return self.low + share * (self.high - self.low)

    def value_at(self, place: float) -> float:
        """As `at`; a whole number where only these mean something."""
        value = self.clamp(self.at(place))
        return float(round(value)) if self.choices or self.unit == "voices" else value


CURSOR_MODES = ("instrument", "one-shot", "loop", "ping-pong", "reverse", "freeze", "scrub", "stretch")
OVERSAMPLING = ("auto", "1", "2", "4", "8")
"""Largest factor by which a voice may be oversampled; auto: as much as it needs."""
GLIDE_MODES = ("always", "legato")
"""From the last note on the channel, or only while one of its keys is held."""
RELEASE_SOURCES = ("instrument", "envelope")
"""What lets a note die away where the instrument knows how to."""
VOICE_MODES = ("poly", "mono", "legato", "chord")
"""Many notes; one, struck anew each time, or gliding on; one that blends the latents of all keys that are held."""
LFO_SHAPES = ("sine", "triangle", "saw up", "saw down", "square", "steps")
DIVISIONS = ("off", "4/1", "2/1", "1/1", "1/2", "1/2t", "1/4", "1/4t", "1/8", "1/8t", "1/16", "1/16t", "1/32")
"""Lengths in whole notes for what can follow the tempo (t: triplets); off: its own time."""
BEGINNINGS = ("together", "with each note")
GESTURE_MODES = ("off", "once", "loop", "to and fro")
FILTERS = ("off", "low-pass", "high-pass", "band-pass", "notch")
MOST_COPIES = 8


def _pads() -> tuple[Parameter, ...]:
    """Places of the pads after the first, and how much of each is blended over those before it."""
    return tuple(
        Parameter(f"pad{pad}_{axis}", f"Pad {pad} {label}", "share", 0.0, 1.0, default)
        for pad in (2, 3, 4)
        for axis, label, default in (("x", "X", 0.5), ("y", "Y", 0.5), ("amount", "amount", 0.0))
    )


def _lfo(number: int) -> tuple[Parameter, ...]:
    name, label = f"lfo{number}", f"LFO {number}"
    return (
        Parameter(f"{name}_rate", f"{label} rate", "Hz", 0.01, 30.0, 1.0, "log"),
        Parameter(f"{name}_division", f"{label} in tempo", "division", 0.0, len(DIVISIONS) - 1.0, 0.0, choices=DIVISIONS),
        Parameter(f"{name}_shape", f"{label} shape", "shape", 0.0, len(LFO_SHAPES) - 1.0, 0.0, choices=LFO_SHAPES),
        Parameter(f"{name}_begin", f"{label} begins", "mode", 0.0, 1.0, 0.0, choices=BEGINNINGS),
        Parameter(f"{name}_fade", f"{label} fade-in", "s", 0.0, 10.0, 0.0, "log"),
    )


def _envelope(number: int) -> tuple[Parameter, ...]:
    name, label = f"env{number}", f"Envelope {number}"
    return (
        Parameter(f"{name}_attack", f"{label} attack", "s", 0.0, 10.0, 0.05, "log"),
        Parameter(f"{name}_decay", f"{label} decay", "s", 0.005, 20.0, 0.5, "log"),
        Parameter(f"{name}_sustain", f"{label} sustain", "share", 0.0, 1.0, 0.5),
        Parameter(f"{name}_release", f"{label} release", "s", 0.005, 20.0, 0.5, "log"),
    )


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
        # shares of the duration; where the end is not after the start, the instrument's own loop
        Parameter("loop_start", "Loop start", "share", 0.0, 1.0, 0.0),
        Parameter("loop_end", "Loop end", "share", 0.0, 1.0, 0.0),
        Parameter("tune", "Tune", "cents", -100.0, 100.0, 0.0),
        Parameter("voice_mode", "Voices", "mode", 0.0, len(VOICE_MODES) - 1.0, 0.0, choices=VOICE_MODES),
        Parameter("tempo", "Tempo", "bpm", 20.0, 300.0, 120.0),
        *_pads(),
        Parameter("keymap", "Keymap", "share", 0.0, 1.0, 0.0),
        *_lfo(1),
        *_lfo(2),
        *_envelope(1),
        *_envelope(2),
        Parameter("walk_rate", "Walk rate", "Hz", 0.02, 10.0, 0.5, "log"),
        Parameter("walk_smooth", "Walk smoothness", "share", 0.0, 1.0, 1.0),
        Parameter("walk_begin", "Walk", "mode", 0.0, 1.0, 1.0, choices=BEGINNINGS),
        Parameter("gesture", "Gesture", "mode", 0.0, len(GESTURE_MODES) - 1.0, 0.0, choices=GESTURE_MODES),
        Parameter("gesture_speed", "Gesture speed", "x", 0.1, 4.0, 1.0, "log"),
        Parameter("gesture_beats", "Gesture in beats", "switch", 0.0, 1.0, 0.0, choices=("seconds", "beats")),
        Parameter("gesture_begin", "Gesture begins", "mode", 0.0, 1.0, 0.0, choices=BEGINNINGS),
        *(Parameter(f"macro{number}", f"Macro {number}", "share", 0.0, 1.0, 0.0) for number in range(1, 9)),
        Parameter("filter", "Filter", "mode", 0.0, len(FILTERS) - 1.0, 0.0, choices=FILTERS),
        Parameter("filter_cutoff", "Cutoff", "Hz", 20.0, 20000.0, 20000.0, "log"),
        Parameter("filter_resonance", "Resonance", "share", 0.0, 1.0, 0.0),
        Parameter("filter_key", "Key tracking", "share", 0.0, 1.0, 0.0),
        Parameter("drive", "Drive", "dB", 0.0, 36.0, 0.0),
        Parameter("chorus_mix", "Chorus", "share", 0.0, 1.0, 0.0),
        Parameter("chorus_rate", "Chorus rate", "Hz", 0.05, 8.0, 0.6, "log"),
        Parameter("chorus_depth", "Chorus depth", "share", 0.0, 1.0, 0.4),
        Parameter("delay_mix", "Delay", "share", 0.0, 1.0, 0.0),
        Parameter("delay_time", "Delay time", "s", 0.005, 2.0, 0.35, "log"),
        Parameter("delay_division", "Delay in tempo", "division", 0.0, len(DIVISIONS) - 1.0, 0.0, choices=DIVISIONS),
        Parameter("delay_feedback", "Feedback", "share", 0.0, 0.95, 0.35),
        Parameter("delay_tone", "Delay tone", "Hz", 200.0, 20000.0, 6000.0, "log"),
        Parameter("reverb_mix", "Reverb", "share", 0.0, 1.0, 0.0),
        Parameter("reverb_time", "Reverb time", "s", 0.2, 20.0, 2.0, "log"),
        Parameter("reverb_size", "Reverb size", "share", 0.0, 1.0, 0.5),
        Parameter("reverb_damping", "Damping", "share", 0.0, 1.0, 0.5),
    )
}
