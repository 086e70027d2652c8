"""The one command vocabulary. It has two sinks: the live engine, and a timeline (offline render, takes, replay).

Commands are plain values without a time of their own; whoever sends one says when it is meant for.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class NoteOn:
    """Start a note: MIDI note number (fractional allowed), velocity in (0, 1], channel 0..15."""

    note: float
    velocity: float
    channel: int = 0


@dataclass(frozen=True)
class NoteOff:
    """Release the note that was started with this note number and channel."""

    note: float
    channel: int = 0


@dataclass(frozen=True)
class Sustain:
    """Press or lift the sustain pedal."""

    down: bool
    channel: int = 0


@dataclass(frozen=True)
class PitchBend:
    """Bend in -1..1 of the bend range."""

    value: float
    channel: int = 0


@dataclass(frozen=True)
class Sostenuto:
    """Press or lift the sostenuto pedal: it holds the notes whose keys are down when it is pressed."""

    down: bool
    channel: int = 0


@dataclass(frozen=True)
class ChannelPressure:
    """Aftertouch of a channel, 0..1."""

    value: float
    channel: int = 0


@dataclass(frozen=True)
class KeyPressure:
    """Aftertouch of one key (MIDI note number), 0..1."""

    note: float
    value: float
    channel: int = 0


@dataclass(frozen=True)
class Slide:
    """Place along the key of a channel's finger (MPE: controller 74), 0..1; 0.5 is neutral."""

    value: float
    channel: int = 0


@dataclass(frozen=True)
class SetBendRange:
    """Semitones of a full pitch bend of one channel; negative: those of the parameter `bend_range`."""

    semitones: float
    channel: int


FINGERS, OTHERS = 16, -1
"""Instead of a channel of SetInputRange: those that carry one finger each (MPE), and all that were not set."""


@dataclass(frozen=True)
class SetInputRange:
    """How far the pitch wheels of one MIDI input bend, whatever others do; negative: as those of all inputs."""

    input: str
    semitones: float
    channel: int = OTHERS
    """0..15, FINGERS or OTHERS"""


@dataclass(frozen=True)
class SetMpe:
    """MPE zones: how many member channels the lower zone (from channel 1 up) and the upper one (from 14 down) have, 0: none.

    `semitones` is the bend range of the members.
    """

    lower: int
    upper: int
    semitones: float = 48.0


@dataclass(frozen=True)
class ModWheel:
    """Modulation wheel in 0..1: depth of the vibrato."""

    value: float


@dataclass(frozen=True)
class StartBeat:
    """The beat begins here: LFOs and a gesture that follow the tempo, and not each note, begin their turn."""


@dataclass(frozen=True)
class AllNotesOff:
    """Release every note; the pedal is lifted."""


@dataclass(frozen=True)
class Panic:
    """Silence everything at once (within a few milliseconds)."""


@dataclass(frozen=True)
class MovePad:
    """Move the XY pad to (x, y) in 0..1; (0, 0) is the lower left corner."""

    x: float
    y: float


@dataclass(frozen=True)
class SetCorner:
    """Put an anchor on a corner of pad 0..3: 0 lower left, 1 lower right, 2 upper left, 3 upper right."""

    corner: int
    anchor: int
    pad: int = 0


@dataclass(frozen=True)
class SetSurface:
    """What pad 0..3 is: an index of synth.routing.SURFACES.

    Corners blend four anchors (bilinear, or `spherical`). A plane leads from `origin` [D] (its middle; empty: the anchors'
    mean) along the directions called `x_axis`, `y_axis` (synth.instrument.directions), so many of their units to either side.
    A map blends the anchors that are near on the instrument's 2-D embedding; on a dot it is that anchor.
    """

    pad: int
    mode: int
    spherical: bool = False
    x_axis: str = "pc1"
    y_axis: str = "pc2"
    x_range: float = 1.0
    y_range: float = 1.0
    origin: tuple[float, ...] = ()


@dataclass(frozen=True)
class SetAnchor:
    """An anchor of the player's own, numbered after the instrument's: latent [D], root pitch (MIDI note), times in s.

    An empty latent takes it away.
    """

    index: int
    pitch: float = 60.0
    duration: float = 1.0
    loop_start: float = 0.0
    loop_end: float = 0.0
    latent: tuple[float, ...] = ()


@dataclass(frozen=True)
class SetOffset:
    """Move every note along a direction of the latent space (see synth.instrument.directions) by so many of its units."""

    direction: str
    amount: float


@dataclass(frozen=True)
class SetKeymap:
    """Latents of keys: MIDI note, anchor, MIDI note, anchor ... in rising order; between two of them they are blended."""

    zones: tuple[float, ...] = ()


@dataclass(frozen=True)
class SetRoute:
    """A row of the modulation matrix: how far a source (synth.routing.SOURCES) moves a target, -1..1 of the target's span.

    An empty source takes the row away.
    """

    row: int
    depth: float
    source: str
    target: str


@dataclass(frozen=True)
class SetGesture:
    """The path the gesture looper plays: time, x, y, time, x, y ...; times from 0 in s (or beats), x and y in 0..1."""

    points: tuple[float, ...] = ()


@dataclass(frozen=True)
class SetTuning:
    """The pitch of each of the 128 keys as a (fractional) MIDI note number, negative: silent; empty: equal temperament."""

    notes: tuple[float, ...] = ()


@dataclass(frozen=True)
class MapController:
    """MIDI learn: a controller (channel -1: any) sets a target (a parameter's name, or pad_x, pad_y) from `low` to `high`.

    Both are shares of the control's travel, 0..1. An empty target takes the entry away. With `pickup` nothing moves before the
    controller has met the present value (soft takeover).
    """

    controller: int
    channel: int
    low: float
    high: float
    pickup: bool
    target: str


@dataclass(frozen=True)
class SetParameter:
    """Set a parameter of synth.parameters by name, in its own unit."""

    name: str
    value: float


@dataclass(frozen=True)
class Audition:
    """Let a sound be heard beside all that plays: an anchor, or (anchor -1) a place (x, y) of a pad, on a MIDI note.

    A velocity of 0 ends it; another audition ends the one before it.
    """

    anchor: int
    pad: int
    x: float
    y: float
    note: float
    velocity: float


@dataclass(frozen=True)
class LoadInstrument:
    """Load an instrument folder or .zip. Handled by the host, which hands the loaded instrument to the engine."""

    path: str


Setup = (
    SetSurface
    | SetAnchor
    | SetOffset
    | SetKeymap
    | SetRoute
    | SetGesture
    | SetTuning
    | SetMpe
    | SetBendRange
    | SetInputRange
    | MapController
)
"""Commands that set how an instrument is played: whoever sets them remembers the newest of each `setup_key`."""

OfInstrument = SetCorner | SetSurface | SetAnchor | SetOffset | SetKeymap
"""What is set of one instrument, and lost when another comes."""


def setup_key(command: Setup) -> tuple[object, ...]:
    """What a later command must share with `command` to replace it."""
    match command:
        case SetSurface(pad):
            return (SetSurface, pad)
        case SetAnchor(index):
            return (SetAnchor, index)
        case SetOffset(direction):
            return (SetOffset, direction)
        case SetRoute(row):
            return (SetRoute, row)
        case SetBendRange(_, channel):
            return (SetBendRange, channel)
        case SetInputRange(source, _, channel):
            return (SetInputRange, source, channel)
        case MapController(controller, channel):
            return (MapController, controller, channel)
        case _:
            return (type(command),)


Command = (
    NoteOn
    | NoteOff
    | Sustain
    | Sostenuto
    | PitchBend
    | ChannelPressure
    | KeyPressure
    | Slide
    | ModWheel
    | StartBeat
    | AllNotesOff
    | Panic
    | MovePad
    | SetCorner
    | Setup
    | Audition
    | SetParameter
    | LoadInstrument
)
"""All that an engine is told."""
