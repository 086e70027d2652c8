"""What OSC means here: an address and its arguments -> a command. Pure.

/sirenade/note/on NOTE VELOCITY [CHANNEL]    note 0..127 (fractions allowed), velocity 0..1 (0: off), channel 0..15
/sirenade/note/off NOTE [CHANNEL]
/sirenade/bend VALUE [CHANNEL]               -1..1
/sirenade/sustain DOWN [CHANNEL]
/sirenade/wheel VALUE                        0..1
/sirenade/pad X Y                            0..1
/sirenade/corner CORNER ANCHOR               0..3, number of a sound
/sirenade/param NAME VALUE                   also /sirenade/param/NAME VALUE; a choice also by its word
/sirenade/load NAME                          an instrument by name, folder or .zip
/sirenade/all_notes_off, /sirenade/panic
"""

from collections.abc import Callable, Sequence

from synth.commands import (
    AllNotesOff,
    Command,
    LoadInstrument,
    ModWheel,
    MovePad,
    NoteOff,
    NoteOn,
    Panic,
    PitchBend,
    SetCorner,
    SetParameter,
    Sustain,
)
from synth.parameters import PARAMETERS
from synth.protocol.wire import WireError, check

ROOT = "/sirenade/"
_PARAMETER = "param/"

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


ADDRESSES: dict[str, Callable[..., Command]] = {
    "note/on": _note_on,
    "note/off": lambda note, channel=0: NoteOff(_number(note), _whole(channel)),
    "bend": lambda value, channel=0: PitchBend(_number(value), _whole(channel)),
    "sustain": lambda down, channel=0: Sustain(_number(down) > 0.0, _whole(channel)),
    "wheel": lambda value: ModWheel(_number(value)),
    "pad": lambda x, y: MovePad(_number(x), _number(y)),
    "corner": lambda corner, anchor: SetCorner(_whole(corner), _whole(anchor)),
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
