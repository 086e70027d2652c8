"""The modulation matrix: what moves a note, what of it can be moved, and how far. Names that commands and presets use."""

from dataclasses import dataclass

MAX_PADS = 4
MAX_ROUTES = 32
SURFACES = ("corners", "plane", "map")
"""What a pad can be."""
LATENT = "latent:"
"""Before the name of a direction of the latent space (synth.instrument.directions): a target."""
MACROS = tuple(f"macro{number}" for number in range(1, 9))


@dataclass(frozen=True)
class Source:
    """What moves a note; `bipolar` ones go from -1 to 1 around 0, the others from 0 to 1."""

    name: str
    label: str
    bipolar: bool = False


@dataclass(frozen=True)
class Target:
    """What can be moved; a depth of 1 moves it by `span` of its `unit`."""

    name: str
    label: str
    unit: str
    span: float


SOURCES: dict[str, Source] = {
    source.name: source
    for source in (
        Source("velocity", "Velocity"),
        Source("key", "Key", bipolar=True),  # octaves from C4 / 5, so that the keyboard's ends are -1 and 1
        Source("pressure", "Pressure"),  # the greater of channel's and key's
        Source("slide", "Slide", bipolar=True),  # 0 in the finger's neutral place
        Source("bend", "Bend", bipolar=True),
        Source("wheel", "Wheel"),
        Source("random", "Random", bipolar=True),  # one number for each note
        Source("lfo1", "LFO 1", bipolar=True),
        Source("lfo2", "LFO 2", bipolar=True),
        Source("env1", "Envelope 1"),
        Source("env2", "Envelope 2"),
        Source("walk_x", "Walk X", bipolar=True),
        Source("walk_y", "Walk Y", bipolar=True),
        Source("gesture_x", "Gesture X", bipolar=True),  # twice the way from the path's first point
        Source("gesture_y", "Gesture Y", bipolar=True),
        *(Source(name, f"Macro {name[-1]}") for name in MACROS),
    )
}

TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        *(Target(f"pad{pad}_{axis}", f"Pad {pad} {axis.upper()}", "share", 1.0) for pad in range(1, 5) for axis in "xy"),
        Target("pitch", "Pitch", "semitones", 12.0),
        Target("level", "Level", "dB", 48.0),
        Target("pan", "Pan", "share", 1.0),
        Target("speed", "Cursor speed", "x", 4.0),
        Target("position", "Cursor position", "share", 1.0),
        Target("filter_cutoff", "Filter cutoff", "octaves", 8.0),
        Target("filter_resonance", "Filter resonance", "share", 1.0),
    )
}
LATENT_SPAN = 2.0
"""Units of a direction that a depth of 1 moves a latent by."""


def is_target(name: str) -> bool:
    """Whether something can be moved by this name; directions depend on the instrument and are not checked here."""
    return name in TARGETS or (name.startswith(LATENT) and len(name) > len(LATENT))
