"""What OSC means here: an address and its arguments -> a command. Pure.

/sirenade/note/on NOTE VELOCITY [CHANNEL]    note 0..127 (fractions allowed), velocity 0..1 (0: off), channel 0..15
/sirenade/note/off NOTE [CHANNEL]
/sirenade/bend VALUE [CHANNEL]               -1..1
/sirenade/sustain DOWN [CHANNEL]             also /sirenade/sostenuto
/sirenade/pressure VALUE [CHANNEL]           0..1; /sirenade/pressure/key NOTE VALUE [CHANNEL]
/sirenade/slide VALUE [CHANNEL]              0..1, 0.5 in the middle
/sirenade/mpe LOWER UPPER [SEMITONES]        members of the zones, and how far their wheels bend
/sirenade/bend_range SEMITONES CHANNEL       negative: as the parameter says
/sirenade/wheel VALUE                        0..1
/sirenade/pad X Y                            0..1
/sirenade/corner CORNER ANCHOR [PAD]         0..3, number of a sound, pad 0..3
/sirenade/surface PAD MODE [SPHERICAL]       corners, plane or map
/sirenade/surface PAD plane X_AXIS Y_AXIS [X_RANGE Y_RANGE]   directions by name, and how many of their units to either side
/sirenade/offset DIRECTION AMOUNT            moves every note along a direction by so many of its units
/sirenade/route ROW SOURCE TARGET DEPTH      a row 0..31 of the modulation matrix; with the row alone it is taken away
/sirenade/param NAME VALUE                   also /sirenade/param/NAME VALUE; a choice also by its word
/sirenade/load NAME                          an instrument by name, folder or .zip
/sirenade/all_notes_off, /sirenade/panic
"""

from collections.abc import Callable, Sequence

from synth.commands import (
    AllNotesOff,
    ChannelPressure,
    Command,
    KeyPressure,
    LoadInstrument,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetBendRange,
    SetCorner,
    SetMpe,
    SetOffset,
    SetParameter,
    SetRoute,
    SetSurface,
    Slide,
    Sostenuto,
    Sustain,
)
from synth.parameters import PARAMETERS
from synth.protocol.wire import WireError, check
from synth.routing import SURFACES

ROOT = "/sirenade/"
_PARAMETER = "param/"
MEMBER_SEMITONES = 48.0

Arguments = Sequence[object]


class OscError(ValueError):
    """A message that means nothing here."""


def _number(value: object) -> float:
    if not isinstance(value, (int, float)):
        raise OscError(f"{value!r} is not a number")
    return float(value)


def _whole(value: object) -> int:
    number = _number(value)
    if not number.is_integer():
        raise OscError(f"{value!r} is not a whole number")
    return int(number)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise OscError(f"{value!r} is not a text")
    return value


def _note_on(note: object, velocity: object, channel: object = 0) -> Command:
    if _number(velocity) == 0.0:
        return NoteOff(_number(note), _whole(channel))
    return NoteOn(_number(note), _number(velocity), _whole(channel))


def _parameter(name: object, value: object) -> Command:
    known = PARAMETERS.get(_text(name))
    if known is not None and isinstance(value, str) and value in known.choices:
        return SetParameter(known.name, float(known.choices.index(value)))
    return SetParameter(_text(name), _number(value))


def _surface(pad: object, mode: object, *rest: object) -> Command:
    if mode not in SURFACES:
        raise OscError(f"{mode!r} is none of {', '.join(SURFACES)}")
    number, which = _whole(pad), SURFACES.index(str(mode))
    if mode == "plane":
        return _plane(number, *rest)
    if len(rest) > 1:
        raise TypeError("too many arguments")
    return SetSurface(number, which, bool(rest) and _number(rest[0]) > 0.0)


def _plane(pad: int, x_axis: object = "pc1", y_axis: object = "pc2", x_range: object = 1.0, y_range: object = 1.0) -> Command:
    spans = _number(x_range), _number(y_range)
    return SetSurface(pad, SURFACES.index("plane"), False, _text(x_axis), _text(y_axis), *spans)


def _route(row: object, source: object = "", target: object = "", depth: object = 0.0) -> Command:
    return SetRoute(_whole(row), _number(depth), _text(source), _text(target))


ADDRESSES: dict[str, Callable[..., Command]] = {
    "note/on": _note_on,
    "note/off": lambda note, channel=0: NoteOff(_number(note), _whole(channel)),
    "bend": lambda value, channel=0: PitchBend(_number(value), _whole(channel)),
    "sustain": lambda down, channel=0: Sustain(_number(down) > 0.0, _whole(channel)),
    "wheel": lambda value: ModWheel(_number(value)),
    "pad": lambda x, y: MovePad(_number(x), _number(y)),
    "sostenuto": lambda down, channel=0: Sostenuto(_number(down) > 0.0, _whole(channel)),
    "pressure": lambda value, channel=0: ChannelPressure(_number(value), _whole(channel)),
    "pressure/key": lambda note, value, channel=0: KeyPressure(_number(note), _number(value), _whole(channel)),
    "slide": lambda value, channel=0: Slide(_number(value), _whole(channel)),
    "mpe": lambda lower, upper, semitones=MEMBER_SEMITONES: SetMpe(_whole(lower), _whole(upper), _number(semitones)),
    "bend_range": lambda semitones, channel: SetBendRange(_number(semitones), _whole(channel)),
    "corner": lambda corner, anchor, pad=0: SetCorner(_whole(corner), _whole(anchor), _whole(pad)),
    "surface": _surface,
    "offset": lambda direction, amount: SetOffset(_text(direction), _number(amount)),
    "route": _route,
    "param": _parameter,
    "load": lambda path: LoadInstrument(_text(path)),
    "all_notes_off": AllNotesOff,
    "panic": Panic,
}
"""What follows the root, and what makes its command of the arguments; TypeError: there are too many or too few."""


def command_of(address: str, arguments: Arguments) -> Command:
    """The command of a message. Raises OscError for anything else."""
    if not address.startswith(ROOT):
        raise OscError(f"{address} is not below {ROOT}")
    name = address.removeprefix(ROOT)
    if name.startswith(_PARAMETER):
        name, arguments = "param", [name.removeprefix(_PARAMETER), *arguments]
    if name not in ADDRESSES:
        raise OscError(f"{address} is not known")
    try:
        command = ADDRESSES[name](*arguments)
        check(command)
    except (TypeError, OverflowError, WireError) as error:
        raise OscError(f"{address}: {error}") from None
    return command
