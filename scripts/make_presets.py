"""Write the presets that ship with the program: presets/BANK/NAME.sirenade-preset. The table below is their source."""

import math
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from synth.parameters import PARAMETERS
from synth.presets import edits
from synth.presets.bank import path_for
from synth.presets.patch import PadState, Patch, Route, Zone
from synth.presets.preset import Preset, write_preset

TARGET = Path(__file__).resolve().parent.parent / "presets"
Routes = list[tuple[str, str, float]]


@dataclass
class Sketch:
    """A preset as it stands in the table: parameters by name, choices by their words, corners from the lower left up."""

    name: str
    tags: str
    comment: str
    corners: tuple[str, str, str, str]
    place: tuple[float, float] = (0.5, 0.5)
    values: dict[str, float | str] = field(default_factory=dict)
    routes: Routes = field(default_factory=list)
    pad: dict[str, object] = field(default_factory=dict)
    offsets: dict[str, float] = field(default_factory=dict)
    keymap: list[tuple[float, str]] = field(default_factory=list)
    gesture: tuple[float, ...] = ()


def circle(beats: float, points: int = 48) -> tuple[float, ...]:
    """A round path that ends where it began, so long in beats."""
    turns = [step / points for step in range(points + 1)]
    rows = [(beats * turn, 0.5 - 0.4 * math.cos(math.tau * turn), 0.5 + 0.4 * math.sin(math.tau * turn)) for turn in turns]
    return tuple(round(value, 6) for row in rows for value in row)


def drift(x: float, y: float) -> Routes:
    """Two slow waves that never meet in the same place."""
    return [("lfo1", "pad1_x", x), ("lfo2", "pad1_y", y)]


ORCHESTRA = [
    Sketch(
        "Slow dawn", "pad, slow, strings", "Strings, choir, horn and flute wander through each other. Hold chords.",
        ("String ensemble 1", "Choir aahs", "French horn", "Flute"), (0.45, 0.4),
        {"attack": 0.7, "release": 2.2, "reverb_mix": 0.3, "reverb_time": 4.0, "width": 0.7,
         "lfo1_rate": 0.07, "lfo2_rate": 0.053}, drift(0.3, 0.3),
    ),
    Sketch(
        "Quartet by the keys", "strings, keys split", "The key chooses the player: contrabass below, violin above.",
        ("Contrabass", "Cello", "Viola", "Violin"), (0.5, 0.5),
        {"attack": 0.02, "release": 0.3, "reverb_mix": 0.18, "width": 0.5}, [("key", "pad1_x", 0.9), ("key", "pad1_y", 0.9)],
    ),
    Sketch(
        "Brass swell", "brass, swell", "Horns open into the full section while a key is held; play hard for more edge.",
        ("French horn", "Trombone", "Brass section", "Trumpet"), (0.2, 0.05),
        {"attack": 0.06, "release": 0.4, "env1_attack": 0.9, "env1_decay": 2.0, "env1_sustain": 0.7, "reverb_mix": 0.2},
        [("env1", "pad1_y", 0.85), ("velocity", "pad1_x", 0.5)],
    ),
    Sketch(
        "Tremolo sea", "pad, restless", "A slow walk between shivering strings, choir and far bells.",
        ("Tremolo strings", "String ensemble 2", "Choir aahs", "Tubular bells"), (0.35, 0.35),
        {"attack": 0.3, "release": 1.8, "walk_rate": 0.35, "reverb_mix": 0.4, "reverb_time": 5.0, "width": 0.8},
        [("walk_x", "pad1_x", 0.5), ("walk_y", "pad1_y", 0.45)],
    ),
    Sketch(
        "All desks", "orchestra, keymap", "A sound for each part of the keyboard, blended in between.",
        ("Cello", "Violin", "Clarinet", "Flute"), values={"keymap": 1.0, "release": 0.35, "reverb_mix": 0.22, "width": 0.6},
        keymap=[(33, "Contrabass"), (45, "Cello"), (55, "Bassoon"), (64, "Viola"), (72, "Clarinet"), (82, "Flute"),
                (94, "Piccolo")],
    ),
    Sketch(
        "Pizzicato rain", "plucked, delay, random", "Each note falls between plucked strings, harp and mallets.",
        ("Pizzicato strings", "Orchestral harp", "Xylophone", "Celesta"), (0.5, 0.5),
        {"tempo": 96, "delay_mix": 0.28, "delay_division": "1/8", "delay_feedback": 0.45, "reverb_mix": 0.2, "release": 0.6},
        [("random", "pad1_x", 0.9), ("key", "pad1_y", 0.6)],
    ),
]  # fmt: skip

KEYS = [
    Sketch(
        "Soft grand", "piano", "A piano that turns brighter, and a little electric, under heavier hands.",
        ("Acoustic grand piano", "Bright acoustic piano", "Electric piano 1", "Electric grand piano"), (0.05, 0.1),
        {"velocity_depth": 34, "reverb_mix": 0.14, "width": 0.4}, [("velocity", "pad1_x", 0.7)],
    ),
    Sketch(
        "Glass keys", "electric piano, chorus, bells", "Electric piano with glass on top.",
        ("Electric piano 2", "Vibraphone", "Music box", "Glockenspiel"), (0.3, 0.3),
        {"chorus_mix": 0.45, "reverb_mix": 0.25, "lfo1_rate": 0.2, "lfo2_rate": 0.13, "release": 0.6}, drift(0.2, 0.25),
    ),
    Sketch(
        "Plucked wires", "plucked, bright", "Harpsichord, clavinet, koto and dulcimer, never twice alike.",
        ("Harpsichord", "Clavinet", "Koto", "Dulcimer"), (0.4, 0.5),
        {"delay_mix": 0.14, "delay_time": 0.24, "release": 0.4}, [("random", "pad1_y", 0.8), ("velocity", "pad1_x", 0.4)],
    ),
    Sketch(
        "Bell tower", "bells, long", "Bells of all sizes in a tall room.",
        ("Tubular bells", "Steel drums", "Tinkle bell", "Glockenspiel"), (0.2, 0.4),
        {"release": 5.0, "reverb_mix": 0.4, "reverb_time": 8.0, "reverb_size": 0.9, "width": 0.8}, [("key", "pad1_y", 0.5)],
    ),
    Sketch(
        "Marimba walk", "mallets, delay", "Wooden bars that wander as you play.",
        ("Marimba", "Xylophone", "Kalimba", "Vibraphone"), (0.4, 0.4),
        {"tempo": 110, "delay_mix": 0.22, "delay_division": "1/8t", "walk_rate": 0.6, "walk_begin": "together",
         "reverb_mix": 0.15}, [("walk_x", "pad1_x", 0.6), ("walk_y", "pad1_y", 0.6)],
    ),
    Sketch(
        "Still vibes", "pad, frozen", "One moment of a struck bar, held as long as you like. The position knob chooses which.",
        ("Vibraphone", "Celesta", "Electric piano 1", "Music box"), (0.4, 0.4),
        {"cursor": "freeze", "position": 0.01, "attack": 0.4, "release": 1.8, "chorus_mix": 0.3, "reverb_mix": 0.35,
         "lfo1_rate": 0.09, "lfo2_rate": 0.06}, drift(0.3, 0.3),
    ),
]  # fmt: skip

WINDS = [
    Sketch(
        "Breath choir", "choir, mpe, pressure", "Pressure blows air into the voices; slide moves from aah to ooh.",
        ("Choir aahs", "Voice oohs", "Pan flute", "Blown bottle"), (0.4, 0.15),
        {"attack": 0.2, "release": 0.9, "reverb_mix": 0.32, "reverb_time": 3.5, "width": 0.7},
        [("pressure", "pad1_y", 0.7), ("slide", "pad1_x", 0.5)],
    ),
    Sketch(
        "Four saxophones", "reeds, mono, legato", "From baritone to soprano along the keys; a new note goes on from the last.",
        ("Baritone sax", "Tenor sax", "Alto sax", "Soprano sax"), (0.5, 0.5),
        {"voice_mode": "legato", "glide": 0.05, "glide_mode": "legato", "reverb_mix": 0.18, "delay_mix": 0.1},
        [("key", "pad1_x", 1.0), ("key", "pad1_y", 1.0)],
    ),
    Sketch(
        "Shakuhachi garden", "flutes, legato, echo", "A flute whose breath and pitch are alive; let the echoes answer.",
        ("Shakuhachi", "Recorder", "Flute", "Ocarina"), (0.2, 0.2),
        {"voice_mode": "legato", "glide": 0.08, "motion": 1.3, "delay_mix": 0.24, "delay_time": 0.46, "delay_tone": 2800,
         "reverb_mix": 0.3, "reverb_time": 3.0}, [("velocity", "pad1_x", 0.3), ("wheel", "pad1_y", 0.7)],
    ),
    Sketch(
        "Fiddle and drone", "folk, unison", "Three of each, a little apart.",
        ("Fiddle", "Violin", "Bagpipe", "Accordion"), (0.3, 0.35),
        {"unison": 3, "detune": 9, "width": 0.8, "release": 0.25, "reverb_mix": 0.16}, [("wheel", "pad1_y", 0.6)],
    ),
    Sketch(
        "Whistler", "lead, glide", "Slides from note to note; macro 1 leans from whistle to voice.",
        ("Whistle", "Synth voice", "Flute", "Recorder"), (0.1, 0.1),
        {"voice_mode": "legato", "glide": 0.11, "delay_mix": 0.2, "delay_time": 0.33, "reverb_mix": 0.2, "vibrato_rate": 5.0,
         "motion": 0.7},
        [("macro1", "pad1_x", 0.8), ("macro2", "pad1_y", 0.8)],
    ),
    Sketch(
        "Vowel machine", "rhythmic, filter", "Vowels in time. Change the tempo, or send a MIDI clock.",
        ("Voice oohs", "Choir aahs", "Harmonica", "Synth voice"), (0.5, 0.4),
        {"tempo": 112, "lfo1_division": "1/8", "lfo1_shape": "square", "lfo2_division": "1/1", "lfo2_shape": "triangle",
         "filter": "low-pass", "filter_cutoff": 3500, "filter_resonance": 0.25, "drive": 3, "delay_mix": 0.15,
         "delay_division": "1/4", "release": 0.3},
        [("lfo1", "pad1_x", 0.5), ("lfo2", "pad1_y", 0.4), ("lfo2", "filter_cutoff", 0.12)],
    ),
]  # fmt: skip

SMALL = [
    Sketch(
        "Talking marimba", "speech, mallets", "Strike softly for wood, hard for words.",
        ("marimba-060-100", "speech/one", "kalimba-072-100", "speech/two"), (0.08, 0.3),
        {"velocity_depth": 20, "reverb_mix": 0.12}, [("velocity", "pad1_x", 0.8), ("random", "pad1_y", 0.3)],
    ),
    Sketch(
        "Grain cloud", "pad, grains", "Struck and plucked things, stretched to four times their length.",
        ("vibraphone-072-100", "nylon_guitar-055-100", "tubular_bells-060-100", "orchestral_harp-060-100"), (0.4, 0.5),
        {"cursor": "stretch", "speed": 0.25, "grain": 0.14, "attack": 0.08, "release": 1.5, "reverb_mix": 0.4,
         "reverb_time": 5.0, "walk_rate": 0.4, "width": 0.8}, [("walk_x", "pad1_x", 0.5), ("walk_y", "pad1_y", 0.5)],
    ),
    Sketch(
        "Words under the wheel", "speech, scrub", "The modulation wheel winds through the words; the pad says which.",
        ("speech/one", "speech/two", "speech/three", "speech/four"), (0.1, 0.1),
        {"cursor": "scrub", "position": 0.25, "grain": 0.06, "release": 0.3}, [("wheel", "position", 0.7)],
    ),
    Sketch(
        "Tin carousel", "gesture, loop", "A gesture goes round once in four beats, from drum to bell and back.",
        ("steel_drums-064-100", "kalimba-072-100", "vibraphone-072-100", "tubular_bells-060-100"), (0.1, 0.5),
        {"gesture": "loop", "gesture_beats": "beats", "tempo": 100, "release": 0.8, "delay_mix": 0.2, "delay_division": "1/8"},
        [("gesture_x", "pad1_x", 0.5), ("gesture_y", "pad1_y", 0.5)], gesture=circle(4.0),
    ),
]  # fmt: skip

KIT = (
    "bass_drum", "acoustic_snare", "hand_clap", "closed_hi_hat", "low_tom", "high_mid_tom", "cowbell", "high_bongo",
    "low_conga", "short_guiro", "claves", "high_woodblock", "mute_cuica",
)  # fmt: skip
HITS = [
    Sketch(
        "Kit round middle C", "drums, keymap", "A taiko on A2, a synth drum on C3, and thirteen hits from F#3 upwards.",
        ("bass_drum-060-100", "acoustic_snare-060-100", "closed_hi_hat-060-100", "cowbell-060-100"),
        values={"keymap": 1.0, "velocity_depth": 36},
        keymap=[(45, "taiko_drum-045-100"), (48, "synth_drum-045-100")]
        + [(54 + key, f"{hit}-060-100") for key, hit in enumerate(KIT)],
    ),
    Sketch(
        "Dice", "drums, random", "Every stroke lands somewhere else between drum, snare, hat and bell.",
        ("bass_drum-060-100", "acoustic_snare-060-100", "closed_hi_hat-060-100", "cowbell-060-100"), (0.5, 0.5),
        {"drive": 4, "reverb_mix": 0.1, "reverb_time": 0.8},
        [("random", "pad1_x", 0.5), ("walk_y", "pad1_y", 0.5)],
    ),
    Sketch(
        "Taiko room", "drums, room, drive", "Large drums in a dark room.",
        ("taiko_drum-045-100", "low_tom-060-100", "synth_drum-045-100", "bass_drum-060-100"), (0.1, 0.3),
        {"drive": 7, "filter": "low-pass", "filter_cutoff": 2600, "reverb_mix": 0.3, "reverb_time": 2.2,
         "reverb_size": 0.8},
        [("velocity", "pad1_x", 0.5), ("velocity", "filter_cutoff", 0.2)],
    ),
]  # fmt: skip

BANKS = {
    "Orchestra": ("Orchestra", ORCHESTRA),
    "Keys and Mallets": ("Keys and Mallets", KEYS),
    "Voices and Winds": ("Voices and Winds", WINDS),
    "Small Objects": ("Small Objects", SMALL),
    "Hits": ("Hits", HITS),
}
"""Bank: its instrument and its presets."""

LEVELS = {
    "Slow dawn": -8, "Quartet by the keys": -8, "Brass swell": -9, "All desks": -8, "Pizzicato rain": -4, "Glass keys": -8,
    "Still vibes": -8, "Whistler": -4, "Shakuhachi garden": -4, "Grain cloud": -11, "Words under the wheel": -7,
    "Tin carousel": -8, "Dice": -2, "Taiko room": -2,
}  # fmt: skip
"""dB where that of other presets would be too much or too little: melodies, two chords and hard strokes at -23 to -18 LUFS"""


def patch_of(sketch: Sketch, instrument: str) -> Patch:
    """The patch that a sketch means."""
    pad = PadState(corners=sketch.corners, **sketch.pad)  # type: ignore[arg-type]
    patch = Patch(
        instrument=instrument,
        pads=(pad, PadState(), PadState(), PadState()),
        position=sketch.place,
        offsets=sketch.offsets,
        routes=tuple(Route(source=source, target=target, depth=depth) for source, target, depth in sketch.routes),
        keymap=tuple(Zone(note=note, anchor=anchor) for note, anchor in sketch.keymap),
        gesture=sketch.gesture,
    )
    level = {"level": LEVELS[sketch.name]} if sketch.name in LEVELS else {}
    for name, value in (sketch.values | level).items():
        number = PARAMETERS[name].choices.index(value) if isinstance(value, str) else value
        patch = edits.with_parameter(patch, name, float(number))
    return patch


def main() -> None:
    """Write all banks anew."""
    shutil.rmtree(TARGET, ignore_errors=True)
    for bank, (instrument, sketches) in BANKS.items():
        for sketch in sketches:
            tags = tuple(sketch.tags.split(", "))
            preset = Preset(
                name=sketch.name, author="Sirenade", tags=tags, comment=sketch.comment, patch=patch_of(sketch, instrument)
            )
            write_preset(preset, path_for(sketch.name, bank, TARGET))


if __name__ == "__main__":
    main()
